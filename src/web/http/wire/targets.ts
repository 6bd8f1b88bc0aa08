/**
 * Request targets and authorities.
 *
 *     /path?query              origin-form
 *     http://host/path?query   absolute-form: to a proxy, and to anybody who must take it
 *     host:port                authority-form: CONNECT alone
 *     *                        asterisk-form: OPTIONS alone
 *
 * Spec: RFC 9112 §3.2, RFC 9110 §7.1, §7.2, RFC 3986 §3.2. Differs: no user information, no
 * fragment, and no byte above 126: what is not ASCII is to be percent-encoded.
 *
 * @module
 */
import { parseIPv6 } from "../../../core/ip-address.ts";

/** What a target says. */
export interface Target {
  /** `/path?query`; `*` as it is; `""` for CONNECT. */
  readonly path: string;
  /** Host and port, if the target has them. */
  readonly authority: string | undefined;
}

/** Visible ASCII, and no fragment. */
const NOT_IN_TARGET = /[^!"$-~]/u;
const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\/([^/?]*)(.*)$/iu;
/** A name, an address, a port. Percent-encoding is allowed in names, and kept. */
const AUTHORITY = /^(?:\[[\da-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})+)(?::\d{0,5})?$/iu;
const WITH_PORT = /:\d{1,5}$/u;

/** Is it what may stand in Host, `""` included (RFC 9110 §7.2)? */
export function isAuthority(text: string): boolean {
  return text === "" || hasHost(text);
}

function hasHost(text: string): boolean {
  if (!AUTHORITY.test(text)) return false;
  return !text.startsWith("[") || parseIPv6(text.slice(1, text.indexOf("]"))) !== undefined;
}

/** Read a target; `undefined` if the method cannot have it. */
export function readTarget(method: string, target: string): Target | undefined {
  if (NOT_IN_TARGET.test(target)) return undefined;
  if (method === "CONNECT") {
    const isGood = hasHost(target) && WITH_PORT.test(target);
    return isGood ? { path: "", authority: target } : undefined;
  }
  if (target.startsWith("/")) return { path: target, authority: undefined };
  if (target === "*") return method === "OPTIONS" ? { path: "*", authority: undefined } : undefined;
  const [, authority = "", rest = ""] = ABSOLUTE.exec(target) ?? [];
  if (!hasHost(authority)) return undefined;
  // "OPTIONS http://host" means the host itself (RFC 9112 §3.2.4).
  if (rest === "" && method === "OPTIONS") return { path: "*", authority };
  return { path: rest.startsWith("/") ? rest : `/${rest}`, authority };
}
