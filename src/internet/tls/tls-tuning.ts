/**
 * The knobs that servers and clients have in common: versions, ciphers, ALPN, sessions.
 *
 * After: the arguments of twisted.internet.ssl.CertificateOptions. Differs: TLS 1.2 is the oldest
 * version by default; whatever is older takes a word with `insecurely` in it, so that
 * `lowerMaximumSecurityTo` alone never pulls the minimum down.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { TLSSettings } from "../interfaces-tls.ts";
import type { AcceptableCiphers } from "./acceptable-ciphers.ts";
import { compareTLSVersions, TLSVersion } from "./tls-version.ts";

/** What can be set for either side. */
export interface TLSTuning {
  /**
   * The oldest version to speak. Below the default, `TLSv1.2`, it has no effect: it can only make
   * things safer.
   */
  readonly raiseMinimumTo?: TLSVersion;
  /**
   * The oldest version to speak, be it an unsafe one, for peers that know no better. Not together
   * with `raiseMinimumTo`.
   */
  readonly insecurelyLowerMinimumTo?: TLSVersion;
  /** The newest version to speak, for peers that fail at newer ones. Default: `TLSv1.3`. */
  readonly lowerMaximumSecurityTo?: TLSVersion;
  /** Default: Node's list (`tls.DEFAULT_CIPHERS`). */
  readonly acceptableCiphers?: AcceptableCiphers;
  /**
   * May a session be taken up again, with a shorter handshake, in which no certificates are shown?
   * Default: false.
   */
  readonly enableSessions?: boolean;
}

/** The part of the settings that {@link TLSTuning} and ALPN decide. */
export type TunedSettings = Pick<
  TLSSettings,
  "minimum" | "maximum" | "ciphers" | "acceptableProtocols" | "sessions"
>;

const MINIMUM: TLSVersion = TLSVersion.TLSv1_2;
const MAXIMUM: TLSVersion = TLSVersion.TLSv1_3;
/** RFC 7301 §3.1: a length of one byte. */
const PROTOCOL_BYTES_MAX = 255;

/**
 * The settings that come of it.
 *
 * @throws {TypeError} Versions that contradict each other or do not exist, or a protocol that ALPN
 * cannot say.
 */
export function tunedSettings(
  tuning: TLSTuning,
  acceptableProtocols: readonly string[],
): TunedSettings {
  return {
    ...versionRange(tuning),
    ciphers: tuning.acceptableCiphers?.cipherString,
    acceptableProtocols: Object.freeze(acceptableProtocols.map(checkedProtocol)),
    sessions: tuning.enableSessions ?? false,
  };
}

function versionRange(tuning: TLSTuning): Pick<TLSSettings, "minimum" | "maximum"> {
  const { raiseMinimumTo: raised, insecurelyLowerMinimumTo: lowered } = tuning;
  const maximum = tuning.lowerMaximumSecurityTo ?? MAXIMUM;
  if (raised !== undefined && lowered !== undefined) {
    throw contradiction("raiseMinimumTo and insecurelyLowerMinimumTo exclude each other");
  }
  if (lowered !== undefined && compareTLSVersions(lowered, MINIMUM) > 0) {
    throw contradiction(`${lowered} is not lower than ${MINIMUM}, use raiseMinimumTo`);
  }
  const atLeast =
    raised !== undefined && compareTLSVersions(raised, MINIMUM) > 0 ? raised : MINIMUM;
  const minimum = lowered ?? atLeast;
  if (compareTLSVersions(minimum, maximum) > 0) {
    throw contradiction(
      `the newest version, ${maximum}, is older than the oldest, ${minimum}; ` +
        "who means that, sets insecurelyLowerMinimumTo",
    );
  }
  return { minimum, maximum };
}

function checkedProtocol(protocol: string): string {
  const length = Buffer.byteLength(protocol);
  if (length >= 1 && length <= PROTOCOL_BYTES_MAX) return protocol;
  throw new TypeError(
    `Cannot offer protocol ${quote(protocol)}: ` +
      `expected 1 to ${String(PROTOCOL_BYTES_MAX)} bytes, got ${String(length)}`,
  );
}

function contradiction(problem: string): TypeError {
  return new TypeError(`Cannot choose versions of TLS: ${problem}`);
}
