/**
 * The name or address that a certificate is for, in the one form in which it is compared.
 *
 *     Bücher.Example.   xn--bcher-kva.example
 *     2001:DB8::0:1     2001:db8::1
 *
 * Spec: RFC 9525 §4 (what is compared), RFC 6066 §3 (no dot at the end, no address as a name),
 * RFC 5890 (A-labels), RFC 1035 §2.3.4 (sizes). After: twisted.internet._sslverify._idnaBytes.
 *
 * @module
 */
import { domainToASCII } from "node:url";
import { quote } from "../../core/text.ts";
import { ipFamily } from "../ip-family.ts";
import { TLSHostnameError } from "./errors.ts";

/** A name or an address, normalized. */
export interface TLSHostname {
  readonly kind: "name" | "address";
  /** Lower case, A-labels, no dot at the end; an address without brackets and zone. */
  readonly ascii: string;
}

const NAME_LENGTH_MAX = 253;
const LABEL_LENGTH_MAX = 63;
const LABEL = /^[a-z\d_-]+$/u;
/**
 * What `domainToASCII` would take for other parts of a URL, or drop without a word: "a.example/b"
 * must not become "a.example".
 */
// oxlint-disable-next-line no-control-regex -- controls are what it looks for
const NOT_IN_NAMES = /[\u0000-\u0020\u007F/\\?#@:%[\]<>^|]/u;
const DIGITS = /^\d+$/u;

/**
 * Normalize `text`.
 *
 * @throws {TLSHostnameError} Empty, too long, or neither a name nor an address.
 */
export function parseHostname(text: string): TLSHostname {
  if (ipFamily(text) === 4) return { kind: "address", ascii: text };
  // As an address stands in a URL.
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (ipFamily(bare) === 6) return { kind: "address", ascii: canonicalIPv6(bare) };
  return { kind: "name", ascii: toASCIIName(text) };
}

/**
 * Normalize a name of a server, which may be `*.` and a name.
 *
 * @throws {TLSHostnameError} Not a name; addresses are none.
 */
export function parseNamePattern(text: string): string {
  const wildcard = text.startsWith("*.") ? "*." : "";
  const { kind, ascii } = parseHostname(text.slice(wildcard.length));
  if (kind === "address") throw refused(text, "a name, got an address: no client asks for one");
  return `${wildcard}${ascii}`;
}

/** A name as it came over the wire: compared as it is, but for case and a dot at the end. */
export function normalizeServerName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

function canonicalIPv6(text: string): string {
  const [host = ""] = text.split("%");
  return new URL(`http://[${host}]/`).hostname.slice(1, -1);
}

function toASCIIName(text: string): string {
  if (text === "") throw refused(text, "a name or an address, got none");
  const bad = NOT_IN_NAMES.exec(text)?.[0];
  if (bad !== undefined) throw refused(text, `a name or an address, got ${quote(bad)} in it`);
  const ascii = domainToASCII(text);
  const name = ascii.endsWith(".") ? ascii.slice(0, -1) : ascii;
  const labels = name.split(".");
  if (!labels.every((label) => LABEL.test(label) && label.length <= LABEL_LENGTH_MAX)) {
    throw refused(text, "labels of 1 to 63 letters, digits and hyphens");
  }
  if (name.length > NAME_LENGTH_MAX) throw refused(text, "at most 253 characters");
  // "127.1" and "0x7f.1" are addresses to URLs, and names to nobody.
  if (DIGITS.test(labels.at(-1) ?? "")) throw refused(text, "four numbers from 0 to 255");
  return name;
}

function refused(text: string, expected: string): TLSHostnameError {
  return new TLSHostnameError(`Cannot use ${quote(text)} as a hostname: expected ${expected}`);
}
