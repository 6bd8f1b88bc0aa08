/**
 * `Forwarded`: whom a request comes from, as the proxies on its way say.
 *
 *     Forwarded: for=192.0.2.43;proto=https, for="[2001:db8::17]:4711";by=_edge
 *                the first proxy             the last one: what it says, it has seen
 *
 * Anybody can write such a field: only the elements of proxies that are trusted mean anything.
 * Count them from the end.
 *
 * Spec: RFC 7239 §4, §5, §6. Differs: whitespace around a semicolon is read over, as it is in other
 * fields.
 *
 * @module
 */
import { formatIPv6, parseIPv4, parseIPv6 } from "../../core/ip-address.ts";
import { quote } from "../../core/text.ts";
import { ValueReader } from "./value-reader.ts";
import { formatValue } from "./quoted-string.ts";

/** One party, as far as the proxy says. */
export interface ForwardedNode {
  /** An IP address (IPv6 without brackets), `unknown`, or a made-up name that begins with `_`. */
  readonly name: string;
  /** 0 to 65535, or a made-up name that begins with `_`. */
  readonly port?: number | string;
}

/** What one proxy says. */
export interface ForwardedElement {
  /** Whom it got the request from. */
  readonly for?: ForwardedNode;
  /** Where it got the request. */
  readonly by?: ForwardedNode;
  /** The `Host` of the request that it got. */
  readonly host?: string;
  /** The scheme of the request that it got, in lower case: `https`. */
  readonly proto?: string;
}

// No flag "i": it would let "\u212a" through, which is a "k" to nobody else.
const NODE = /^(?:\[(?<ipv6>[\dA-Fa-f:.]+)\]|(?<name>[\w.-]+))(?::(?<port>[\w.-]+))?$/u;
const MADE_UP = /^_[\w.-]+$/u;
const PORT = /^\d{1,5}$/u;
const PORT_MAX = 65_535;
/** RFC 3986 §3.2.2, without user and slash: it ends in links. */
const HOST = /^(?:\[[\dA-Fa-f:.]+\]|[\w\-.~!$&'()*+,;=%]+)(?::\d{1,5})?$/u;
const SCHEME = /^[A-Za-z][A-Za-z\d+.-]*$/u;

/**
 * Read the value of `Forwarded`, the lines of several joined with a comma.
 *
 * @returns One element for each proxy, the nearest to us last; parameters that are not in RFC 7239
 * are left out. `undefined` if any part is wrong: then nothing of it is to be believed.
 *
 * @example
 * ```ts
 * import { parseForwarded } from "sennit/http";
 *
 * const last = parseForwarded('for=_x, for="[2001:DB8::1]:80";proto=https')?.at(-1);
 * console.log(last?.for, last?.proto); // { name: '2001:db8::1', port: 80 } https
 * ```
 */
export function parseForwarded(value: string): readonly ForwardedElement[] | undefined {
  const reader = new ValueReader(value);
  const elements = reader.list(() => readElement(reader));
  return elements?.length === 0 ? undefined : elements;
}

function readElement(reader: ValueReader): ForwardedElement | undefined {
  const parameters = reader.parameters();
  if (parameters === undefined) return undefined;
  const element: { -readonly [Key in keyof ForwardedElement]: ForwardedElement[Key] } = {};
  for (const [name, value] of parameters) {
    if (name === "for" || name === "by") {
      const node = parseNode(value);
      if (node === undefined) return undefined;
      element[name] = node;
    } else if (name === "host") {
      if (!HOST.test(value)) return undefined;
      element.host = value;
    } else if (name === "proto") {
      if (!SCHEME.test(value)) return undefined;
      element.proto = value.toLowerCase();
    }
  }
  return element;
}

function parseNode(text: string): ForwardedNode | undefined {
  const { ipv6, name = "", port } = NODE.exec(text)?.groups ?? {};
  const known = ipv6 === undefined ? knownName(name) : knownIPv6(ipv6);
  if (known === undefined) return undefined;
  if (port === undefined) return { name: known };
  if (MADE_UP.test(port)) return { name: known, port };
  if (!PORT.test(port) || Number(port) > PORT_MAX) return undefined;
  return { name: known, port: Number(port) };
}

function knownName(name: string): string | undefined {
  if (name.toLowerCase() === "unknown") return "unknown";
  return MADE_UP.test(name) || parseIPv4(name) !== undefined ? name : undefined;
}

/** One way to write an address, so that addresses can be compared. */
function knownIPv6(text: string): string | undefined {
  const bytes = parseIPv6(text);
  return bytes && formatIPv6(bytes);
}

/**
 * The value of `Forwarded`.
 *
 * @throws {TypeError} A part is not what RFC 7239 has in its place.
 */
export function formatForwarded(elements: readonly ForwardedElement[]): string {
  return elements.map(formatElement).join(", ");
}

function formatElement(element: ForwardedElement): string {
  const { for: from, by, host, proto } = element;
  const pairs = [
    from === undefined ? "" : `for=${formatNode(from)}`,
    by === undefined ? "" : `by=${formatNode(by)}`,
    host === undefined ? "" : `host=${checked("host", host, HOST)}`,
    proto === undefined ? "" : `proto=${checked("proto", proto, SCHEME)}`,
  ].filter((pair) => pair !== "");
  if (pairs.length > 0) return pairs.join(";");
  throw new TypeError("Cannot write Forwarded: expected an element that says something");
}

function formatNode({ name, port }: ForwardedNode): string {
  const host = name.includes(":") ? `[${name}]` : name;
  const text = port === undefined ? host : `${host}:${String(port)}`;
  if (parseNode(text) !== undefined) return formatValue(text);
  throw new TypeError(
    `Cannot write Forwarded: expected an IP address, "unknown" or "_name", got ${quote(text)}`,
  );
}

function checked(what: string, text: string, pattern: RegExp): string {
  if (pattern.test(text)) return formatValue(text);
  throw new TypeError(`Cannot write Forwarded: expected another ${what}, got ${quote(text)}`);
}
