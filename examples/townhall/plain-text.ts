/**
 * Bytes of a peer as text that can be shown to others.
 *
 * @module
 */

/**
 * What a terminal would obey instead of show: control characters (escape sequences begin with one),
 * line and paragraph separators, the marks that turn the direction of writing, byte order marks.
 * Joiners stay: some scripts and many emoji are written with them.
 */
const UNSHOWABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * `bytes` as UTF-8 without anything that a terminal obeys. What is no UTF-8 becomes U+FFFD, a tab a
 * space; spaces at both ends go.
 */
export function toPlainText(bytes: Buffer): string {
  return bytes.toString("utf8").replaceAll("\t", " ").replace(UNSHOWABLE, "").trim();
}
