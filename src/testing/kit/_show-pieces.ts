/**
 * Pieces of bytes as people read them.
 *
 * @module
 */

/** Longer pieces are shown by both ends: what matters is where they were cut. */
const SHOWN_MAX = 40;
const END_BYTES = 16;
/** More pieces are counted, not shown. */
const PIECES_MAX = 40;
// oxlint-disable-next-line no-control-regex -- what cannot be read as text
const BINARY = /[^\t\n\r\u0020-\u007e]/u;

/** `"PING\r" + "\n"`, or in hexadecimal where they are no text. */
export function showPieces(pieces: readonly Buffer[]): string {
  const isText = !pieces.some((piece) => BINARY.test(piece.toString("latin1")));
  const shown = pieces.slice(0, PIECES_MAX).map((piece) => showPiece(piece, isText));
  const rest = pieces.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${String(rest)} more`] : [])].join(" + ");
}

function showPiece(piece: Buffer, isText: boolean): string {
  const show = (bytes: Buffer): string =>
    isText ? JSON.stringify(bytes.toString("latin1")) : `<${bytes.toString("hex")}>`;
  if (piece.length <= SHOWN_MAX) return show(piece);
  const start = show(piece.subarray(0, END_BYTES));
  const end = show(piece.subarray(-END_BYTES));
  return `${start} … ${end} (${String(piece.length)} bytes)`;
}
