/**
 * Names as they are sent to resolvers: letters, digits, hyphens, dots, and nothing that could mean
 * something else to anybody on the way.
 *
 * Spec: UTS 46 by `node:url` (non-transitional, as browsers do); RFC 1035 §2.3.4 (lengths). The
 * underscore is let through: many hosts have one.
 *
 * After: `_idnaBytes` of twisted.internet._idna.
 *
 * @module
 */
import { domainToASCII } from "node:url";

/** 255 octets on the wire (RFC 1035 §2.3.4): in text two fewer, without the dot at the end. */
const NAME_LENGTH_MAX = 253;
/** Of what stands between two dots (RFC 1035 §2.3.4). */
const LABEL = /^.{1,63}$/u;
const ASCII = /^[\p{ASCII}]*$/u;
/** What a name has of ASCII. `domainToASCII` would cut others off, or drop them. */
const NAME_CHARACTERS = /^[\w.\-\P{ASCII}]+$/u;

/** A name, ready for resolvers, or the reason why it is none. */
export type CheckedHostName = { readonly name: string } | { readonly problem: string };

/** Why no resolver need be asked for that: empty, too long, or with a NUL. `undefined`: ask. */
export function unresolvableBecause(name: string): string | undefined {
  if (name === "") return "the name is empty";
  // The system's resolver would look up what stands before the NUL.
  if (name.includes("\0")) return "a NUL is no part of a name";
  const length = name.endsWith(".") ? name.length - 1 : name.length;
  if (length <= NAME_LENGTH_MAX) return undefined;
  return `expected at most ${String(NAME_LENGTH_MAX)} characters, got ${String(length)}`;
}

/** The name in ASCII: `bücher.example` becomes `xn--bcher-kva.example`. */
export function toHostName(text: string): CheckedHostName {
  const problem = unresolvableBecause(text);
  if (problem !== undefined) return { problem };
  if (!NAME_CHARACTERS.test(text)) {
    return { problem: "expected letters, digits, hyphens and dots" };
  }
  const name = ASCII.test(text) ? text : domainToASCII(text);
  if (name === "") return { problem: "it is no internationalized name (UTS 46)" };
  const longer = unresolvableBecause(name);
  if (longer !== undefined) return { problem: longer };
  const labels = (name.endsWith(".") ? name.slice(0, -1) : name).split(".");
  if (labels.every((label) => LABEL.test(label))) return { name };
  return { problem: "expected 1 to 63 characters between dots" };
}
