/**
 * A line and what ends it, as one piece.
 *
 * @module
 */

/**
 * `line` and `delimiter` joined: text when both are text, otherwise new bytes (text as UTF-8). A
 * delimiter inside `line` is not looked for: the peer would read two lines.
 */
export function encodeLine(
  line: Uint8Array | string,
  delimiter: Uint8Array | string,
): Uint8Array | string {
  if (typeof line === "string" && typeof delimiter === "string") return line + delimiter;
  return Buffer.concat([toBytes(line), toBytes(delimiter)]);
}

function toBytes(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? Buffer.from(data) : data;
}
