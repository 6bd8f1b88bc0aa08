/**
 * UTF-8 that must be right.
 *
 * @module
 */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of these bytes; `undefined` if they are not UTF-8. */
export function decodeUTF8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    // It is the client's, and the caller says so.
    return undefined;
  }
}
