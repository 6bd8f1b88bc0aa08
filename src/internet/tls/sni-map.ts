/**
 * A certificate for each name of a server, which may come and go while it runs.
 *
 *     example.com      that name alone
 *     *.example.com    each name with one label more: a.example.com, not a.b.example.com
 *     the default      whoever asks for no name, or for another one
 *
 * Spec: RFC 6066 §3. After: txsni's SNIMap, twisted.protocols._sni.SNIConnectionCreator. Differs:
 * names are set and deleted while it runs; without a default, other names are refused.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { plural } from "../../core/text.ts";
import type { ITLSServerOptions, TLSSettings } from "../interfaces-tls.ts";
import { CertificateOptions, type ServerTLSPolicy } from "./certificate-options.ts";
import { normalizeServerName, parseNamePattern } from "./hostname.ts";
import type { PrivateCertificate } from "./private-certificate.ts";

/** A certificate, which gets the map's policy, or options with a policy of their own. */
export type NamedCertificate = PrivateCertificate | CertificateOptions;

/** What an {@link SNIMap} serves. */
export interface SNIMapContent {
  /** Certificates by name: `example.com`, `*.example.com`. */
  readonly names?: Readonly<Record<string, NamedCertificate>>;
  /**
   * For clients that ask for no name, or for one that is not among `names`. Default: those without
   * a name get the first certificate, and other names are refused.
   */
  readonly default?: NamedCertificate;
}

/**
 * The parts of the settings that TLS settles before it hears the name. If names differed in them,
 * one that asks for client certificates would let in clients without, and nobody would notice.
 */
const SETTLED = [
  "trustRoot",
  "requireCertificate",
  "minimum",
  "maximum",
  "dhParameters",
  "sessions",
] as const;

/**
 * The server's side of TLS with many certificates.
 *
 * Connections that exist are not touched by changes; those that begin afterwards see them.
 *
 * @example
 * ```ts
 * import { selfSignedCertificate, SNIMap } from "sennit/tls";
 *
 * const one = await selfSignedCertificate({ names: ["one.example"] });
 * const all = await selfSignedCertificate({ names: ["*.all.example"] });
 * const options = new SNIMap({ names: { "one.example": one, "*.all.example": all } });
 *
 * console.log(options.settingsFor("ONE.example") !== undefined); // true
 * options.delete("one.example");
 * console.log(options.settingsFor("one.example") !== undefined); // false
 * ```
 */
export class SNIMap implements ITLSServerOptions {
  readonly role = "server";
  readonly #policy: ServerTLSPolicy;
  #names: ReadonlyMap<string, TLSSettings> = new Map();
  #default: TLSSettings | undefined;

  /**
   * @param policy For the certificates that are given without one.
   * @throws {TLSHostnameError} A name that is none, or an address.
   * @throws {TypeError} The names differ in what is settled before a name is known: trust root,
   * versions, sessions, Diffie-Hellman.
   */
  constructor(content: SNIMapContent = {}, policy: ServerTLSPolicy = {}) {
    this.#policy = policy;
    this.reload(content);
  }

  /** Serve a name, from now on. @throws As the constructor; then nothing has changed. */
  set(name: string, certificate: NamedCertificate): void {
    const settings = this.#settingsOf(certificate);
    this.#replace(new Map([...this.#names, [parseNamePattern(name), settings]]), this.#default);
  }

  /** Serve a name no more. @returns Was it there? @throws {TLSHostnameError} It is no name. */
  delete(name: string): boolean {
    const names = new Map(this.#names);
    const wasThere = names.delete(parseNamePattern(name));
    this.#names = names;
    return wasThere;
  }

  /** Serve exactly this, from now on. @throws As the constructor; then nothing has changed. */
  reload(content: SNIMapContent): void {
    const names = Object.entries(content.names ?? {}).map(
      ([name, certificate]) => [parseNamePattern(name), this.#settingsOf(certificate)] as const,
    );
    this.#replace(new Map(names), content.default && this.#settingsOf(content.default));
  }

  #replace(names: ReadonlyMap<string, TLSSettings>, fallback: TLSSettings | undefined): void {
    checkAgreement(names, fallback);
    this.#names = names;
    this.#default = fallback;
  }

  #settingsOf(certificate: NamedCertificate): TLSSettings {
    if (certificate instanceof CertificateOptions) return certificate.settings;
    const { certificate: own, chain } = certificate;
    return new CertificateOptions({
      ...this.#policy,
      privateKey: certificate,
      certificate: own,
      extraCertChain: chain,
    }).settings;
  }

  /** The names that are served, in the form in which they are compared. */
  get names(): readonly string[] {
    return [...this.#names.keys()];
  }

  /**
   * @param serverName As it came over the wire: whatever it is, this does not throw.
   * @returns For a name that is not served, and for `""` if nothing is: `undefined`.
   */
  settingsFor(serverName: string): TLSSettings | undefined {
    if (serverName === "") return this.#default ?? this.#names.values().next().value;
    const name = normalizeServerName(serverName);
    const dot = name.indexOf(".");
    const wildcard = dot > 0 ? this.#names.get(`*${name.slice(dot)}`) : undefined;
    return this.#names.get(name) ?? wildcard ?? this.#default;
  }

  /** `SNIMap(2 names, and a default)`. */
  toString(): string {
    const fallback = this.#default === undefined ? "" : ", and a default";
    return `SNIMap(${plural(this.#names.size, "name")}${fallback})`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

function checkAgreement(
  names: ReadonlyMap<string, TLSSettings>,
  fallback: TLSSettings | undefined,
): void {
  const all: readonly (readonly [string, TLSSettings])[] = [
    ...(fallback === undefined ? [] : [["the default", fallback] as const]),
    ...names,
  ];
  const [first, ...others] = all;
  if (first === undefined) return;
  for (const other of others) {
    const part = SETTLED.find((part) => !isSame(first[1][part], other[1][part]));
    if (part !== undefined) {
      throw new TypeError(
        `Cannot serve ${first[0]} and ${other[0]} together: expected the same ${part}, ` +
          "which TLS settles before it hears the name",
      );
    }
  }
}

function isSame(one: TLSSettings[(typeof SETTLED)[number]], other: typeof one): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((value, at) => value === other[at]);
}
