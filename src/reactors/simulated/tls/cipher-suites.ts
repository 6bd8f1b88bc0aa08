/**
 * Cipher suites, and OpenSSL's language to choose among them. No cipher is behind them here: two
 * ends agree on one, or do not.
 *
 * Differs: of OpenSSL's suites those are known that somebody uses today, and of its words those
 * that choose among them; others choose nothing.
 *
 * Spec: openssl-ciphers(1); RFC 8446 §B.4, RFC 5289, RFC 7905.
 *
 * @module
 */
import { WireVersion } from "./wire/records.ts";

/** One suite. */
export interface CipherSuite {
  readonly id: number;
  /** IANA's name. */
  readonly name: string;
  /** OpenSSL's. */
  readonly alias: string;
  /** The oldest version that has it. */
  readonly since: number;
  /** What chooses it in OpenSSL's language. */
  readonly words: ReadonlySet<string>;
}

/** In TLS 1.3, in the order in which they are preferred. */
const MODERN = [
  [0x1302, "TLS_AES_256_GCM_SHA384"],
  [0x1303, "TLS_CHACHA20_POLY1305_SHA256"],
  [0x1301, "TLS_AES_128_GCM_SHA256"],
] as const;

/** Kinds of cipher and digest, in OpenSSL's order, and what they are called. */
const KINDS = [
  ["AES256-GCM-SHA384", "AES_256_GCM_SHA384", "AESGCM AES256 AES AEAD"],
  ["CHACHA20-POLY1305", "CHACHA20_POLY1305_SHA256", "CHACHA20 AEAD"],
  ["AES128-GCM-SHA256", "AES_128_GCM_SHA256", "AESGCM AES128 AES AEAD"],
  ["AES256-SHA384", "AES_256_CBC_SHA384", "AES256 AES SHA384"],
  ["AES256-SHA256", "AES_256_CBC_SHA256", "AES256 AES SHA256"],
  ["AES128-SHA256", "AES_128_CBC_SHA256", "AES128 AES SHA256"],
  ["AES256-SHA", "AES_256_CBC_SHA", "AES256 AES SHA SHA1"],
  ["AES128-SHA", "AES_128_CBC_SHA", "AES128 AES SHA SHA1"],
] as const;

/** Ways to agree on a key, and their suites' numbers, in the order of {@link KINDS}. 0: none. */
const EXCHANGES = [
  [
    "ECDHE-ECDSA-",
    "TLS_ECDHE_ECDSA_WITH_",
    "ECDHE EECDH kECDHE kEECDH ECDSA aECDSA",
    [0xc02c, 0xcca9, 0xc02b, 0xc024, 0, 0xc023, 0xc00a, 0xc009],
  ],
  [
    "ECDHE-RSA-",
    "TLS_ECDHE_RSA_WITH_",
    "ECDHE EECDH kECDHE kEECDH aRSA",
    [0xc030, 0xcca8, 0xc02f, 0xc028, 0, 0xc027, 0xc014, 0xc013],
  ],
  [
    "DHE-RSA-",
    "TLS_DHE_RSA_WITH_",
    "DHE EDH kDHE kEDH aRSA",
    [0x009f, 0xccaa, 0x009e, 0, 0x006b, 0x0067, 0x0039, 0x0033],
  ],
  ["", "TLS_RSA_WITH_", "RSA kRSA aRSA", [0x009d, 0, 0x009c, 0, 0x003d, 0x003c, 0x0035, 0x002f]],
] as const;

/** The suites of TLS 1.3. */
const MODERN_SUITES: readonly CipherSuite[] = MODERN.map(([id, name]) => ({
  id,
  name,
  alias: name,
  since: WireVersion.TLS1_3,
  words: new Set(),
}));

/** Those before it, in OpenSSL's order: keys that last no longer than a connection come first. */
const OLD_SUITES: readonly CipherSuite[] = [EXCHANGES.slice(0, 3), EXCHANGES.slice(3)].flatMap(
  (exchanges) =>
    KINDS.flatMap(([kind, name, words], at) =>
      exchanges.flatMap(([prefix, start, how, ids]) => {
        const id = ids[at] ?? 0;
        if (id === 0) return [];
        const since = kind.endsWith("-SHA") ? WireVersion.TLS1_0 : WireVersion.TLS1_2;
        const all = ["ALL", "HIGH", "DEFAULT", ...words.split(" "), ...how.split(" ")];
        if (since === WireVersion.TLS1_2) all.push("TLSv1.2");
        const alias = `${prefix}${kind}`;
        return { id, name: `${start}${name}`, alias, since, words: new Set([...all, alias]) };
      }),
    ),
);

/** `tls.DEFAULT_CIPHERS` of Node. */
const DEFAULT =
  "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:" +
  "ECDHE-ECDSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:" +
  "DHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:DHE-RSA-AES256-SHA256:HIGH";

/** What a string has chosen. */
export interface ChosenSuites {
  /** Best first. */
  readonly suites: readonly CipherSuite[];
  /** It names suites of TLS 1.3 and no others: that is the only version. */
  readonly isModernOnly: boolean;
}

/**
 * The suites of a cipher string; `undefined` is Node's default.
 *
 * @throws {Error} There are none, as OpenSSL says it.
 */
export function chosenSuites(ciphers: string = DEFAULT): ChosenSuites {
  const words = ciphers.split(/[:, ]/u).filter((word) => word !== "");
  const modern = words.filter((word) => word.startsWith("TLS_"));
  const old = words.filter((word) => !word.startsWith("TLS_"));
  const chosen = choose(old);
  if (old.length > 0 && chosen.length === 0) throw noMatch();
  const named = modern.flatMap((word) => MODERN_SUITES.filter(({ name }) => name === word));
  if (modern.length > 0 && named.length === 0) throw noMatch();
  const suites = [...(modern.length === 0 ? MODERN_SUITES : named), ...chosen];
  return { suites, isModernOnly: old.length === 0 };
}

/** Each word adds suites behind those that are chosen, or moves them there, or takes them out. */
function choose(words: readonly string[]): readonly CipherSuite[] {
  const banned = new Set<CipherSuite>();
  let chosen: CipherSuite[] = [];
  for (const word of words) {
    const [sign = ""] = /^[-+!]/u.exec(word) ?? [];
    const tags = word.slice(sign.length).split("+");
    const isMeant = ({ words: own }: CipherSuite): boolean => tags.every((tag) => own.has(tag));
    const others = chosen.filter((suite) => !isMeant(suite));
    if (sign === "") {
      const isNew = (suite: CipherSuite): boolean => !chosen.includes(suite) && !banned.has(suite);
      chosen.push(...OLD_SUITES.filter((suite) => isMeant(suite) && isNew(suite)));
    } else chosen = sign === "+" ? others.concat(chosen.filter(isMeant)) : others;
    if (sign === "!") for (const suite of OLD_SUITES.filter(isMeant)) banned.add(suite);
  }
  return chosen;
}

function noMatch(): Error {
  const message = "error:0A0000B9:SSL routines::no cipher match";
  return Object.assign(new Error(message), { code: "ERR_SSL_NO_CIPHER_MATCH" });
}
