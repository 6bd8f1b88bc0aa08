/**
 * Is it an IP address, and of which family?
 *
 * Spec: RFC 4291 §2.2 (IPv6 in text), RFC 4007 §11 (zones). After:
 * twisted.internet.abstract.isIPAddress. Differs: one function for both families.
 *
 * @module
 */

const IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/u;
const GROUP = /^[\da-f]{1,4}$/iu;
const ZONE = /^[\w.:~-]+$/u;
const GROUPS = 8;

/**
 * The family of an address in text: 4 or 6, and 0 if it is none. An IPv6 address may have a zone
 * (`fe80::1%eth0`) but no brackets; an IPv4 address has four decimal parts without leading zeros.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  if (IPV4.test(text)) return 4;
  return text.includes(":") && isIPv6(text) ? 6 : 0;
}

function isIPv6(text: string): boolean {
  const percent = text.indexOf("%");
  if (percent >= 0 && !ZONE.test(text.slice(percent + 1))) return false;
  const host = percent < 0 ? text : text.slice(0, percent);
  const [head = "", tail, ...more] = host.split("::");
  if (more.length > 0) return false;
  // The dotted part of `::ffff:192.0.2.1` can only be the last one.
  if (tail === undefined) return groupsIn(head, true) === GROUPS;
  return groupsIn(head, false) + groupsIn(tail, true) < GROUPS;
}

/** How many groups of 16 bits; infinitely many if it is something else. */
function groupsIn(text: string, isLast: boolean): number {
  if (text === "") return 0;
  const groups = text.split(":");
  const last = groups.at(-1) ?? "";
  const isDotted = isLast && IPV4.test(last);
  if (isDotted) groups.pop();
  if (!groups.every((group) => GROUP.test(group))) return Number.POSITIVE_INFINITY;
  return groups.length + (isDotted ? 2 : 0);
}
