/**
 * The versions of TLS, by name and in order.
 *
 * After: twisted.internet.ssl.TLSVersion. Differs: the constants are strings, those that
 * `TLSSettings` holds; SSLv3 is no more.
 *
 * @module
 */
import { quote } from "../../core/text.ts";

/** A version of the protocol, as it is written. */
export type TLSVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/**
 * The versions of TLS, oldest first: `TLSVersion.TLSv1_2` is `"TLSv1.2"`, and either will do where
 * a version is asked for.
 */
export const TLSVersion: {
  /** RFC 2246; RFC 8996 says not to use it. */
  readonly TLSv1_0: "TLSv1";
  /** RFC 4346; RFC 8996 says not to use it. */
  readonly TLSv1_1: "TLSv1.1";
  /** RFC 5246. The oldest that is spoken by default. */
  readonly TLSv1_2: "TLSv1.2";
  /** RFC 8446. The newest there is. */
  readonly TLSv1_3: "TLSv1.3";
} = Object.freeze({
  TLSv1_0: "TLSv1",
  TLSv1_1: "TLSv1.1",
  TLSv1_2: "TLSv1.2",
  TLSv1_3: "TLSv1.3",
});

const IN_ORDER: readonly string[] = Object.values(TLSVersion);

/** For sorting: negative if `one` is older than `other`, 0 if they are the same. */
export function compareTLSVersions(one: TLSVersion, other: TLSVersion): number {
  return ageOf(one) - ageOf(other);
}

/** @throws {TypeError} No such version: plain JavaScript has no type that would tell. */
function ageOf(version: TLSVersion): number {
  const at = IN_ORDER.indexOf(version);
  if (at >= 0) return at;
  throw new TypeError(
    `Cannot use ${quote(version)} as a version of TLS: expected one of ${IN_ORDER.join(", ")}`,
  );
}
