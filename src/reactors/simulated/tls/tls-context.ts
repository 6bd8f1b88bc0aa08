/**
 * From TLS settings to what a handshake needs of them.
 *
 * @module
 */
import { createPrivateKey } from "node:crypto";
import type { TLSSettings } from "../../../internet/interfaces-tls.ts";
import type { TLSVersion } from "../../../internet/tls/tls-version.ts";
import type { World } from "../world.ts";
import { chosenSuites, type CipherSuite } from "./cipher-suites.ts";
import { type KnownCertificate, knownCertificates } from "./known-certificate.ts";
import { WireVersion } from "./wire/records.ts";

const VERSIONS: Readonly<Record<TLSVersion, number>> = {
  TLSv1: 0x0301,
  "TLSv1.1": 0x0302,
  "TLSv1.2": WireVersion.TLS1_2,
  "TLSv1.3": WireVersion.TLS1_3,
};
const VERSION_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(VERSIONS).map(([name, version]) => [version, name]),
);

/** As `TLSSession.version` has it. */
export function versionName(version: number): string {
  return VERSION_NAMES.get(version) ?? "unknown";
}

/** A chain of certificates that was shown: what travels is its number. */
export class ShownChain {
  /** The peer's own first. */
  readonly certificates: readonly KnownCertificate[];

  constructor(certificates: readonly KnownCertificate[]) {
    this.certificates = certificates;
  }
}

/** See the top of this file. */
export class TLSContext {
  readonly settings: TLSSettings;
  /** What we show; `undefined` without a certificate, or without its key. */
  readonly shown: ShownChain | undefined;
  readonly suites: readonly CipherSuite[];
  readonly oldest: number;
  readonly newest: number;
  #trusted: readonly KnownCertificate[] | "platform" | undefined;
  readonly #numbers = new WeakMap<World, number>();

  /** @throws {Error} As OpenSSL does, for keys that do not fit and ciphers that are none. */
  constructor(settings: TLSSettings) {
    this.settings = settings;
    this.shown = shownChain(settings);
    const { suites, isModernOnly } = chosenSuites(settings.ciphers);
    this.suites = suites;
    this.oldest = isModernOnly ? WireVersion.TLS1_3 : VERSIONS[settings.minimum];
    this.newest = VERSIONS[settings.maximum];
  }

  /** Whose signature counts; `undefined`: nobody is asked. */
  get trusted(): readonly KnownCertificate[] | "platform" | undefined {
    const { trustRoot } = this.settings;
    if (trustRoot === undefined || trustRoot === "platform") return trustRoot;
    this.#trusted ??= trustRoot.flatMap(knownCertificates);
    return this.#trusted;
  }

  /** What clients must show; sessions are taken up again only where that is the same. */
  get demand(): string {
    const { trustRoot, requireCertificate } = this.settings;
    return JSON.stringify([trustRoot ?? "nobody", requireCertificate]);
  }

  /** The number of {@link TLSContext.shown} in that world: the same each time. */
  shownNumber(world: World): number | undefined {
    if (this.shown === undefined) return undefined;
    const known = this.#numbers.get(world);
    if (known !== undefined) return known;
    const number = world.register(this.shown);
    this.#numbers.set(world, number);
    return number;
  }
}

function shownChain({ privateKey, certificate }: TLSSettings): ShownChain | undefined {
  const chain = certificate === undefined ? [] : knownCertificates(certificate);
  const key = privateKey === undefined ? undefined : createPrivateKey(privateKey);
  const [own] = chain;
  if (own === undefined || key === undefined) return undefined;
  if (own.x509.checkPrivateKey(key)) return new ShownChain(chain);
  const message = "error:05800074:x509 certificate routines::key values mismatch";
  throw Object.assign(new Error(message), { code: "ERR_OSSL_X509_KEY_VALUES_MISMATCH" });
}

/** Settings never change, so that what is made of them can be kept. */
const contexts = new WeakMap<TLSSettings, TLSContext>();

/** What a handshake needs of `settings`. @throws {Error} As {@link TLSContext} does. */
export function contextOf(settings: TLSSettings): TLSContext {
  const known = contexts.get(settings);
  if (known !== undefined) return known;
  const context = new TLSContext(settings);
  contexts.set(settings, context);
  return context;
}

/** For clients that do not say what name they want, where there is nothing for them. */
export const NO_CERTIFICATE: TLSSettings = Object.freeze({
  trustRoot: undefined,
  requireCertificate: false,
  minimum: "TLSv1.2",
  maximum: "TLSv1.3",
  ciphers: undefined,
  acceptableProtocols: [],
  dhParameters: undefined,
  sessions: true,
});
