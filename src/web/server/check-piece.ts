/**
 * What the pieces of a body may be. A stream that a program has made may hold anything, and what
 * has no length would be missing in an answer that looks whole.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { Request } from "./request.ts";

/** @throws {TypeError} It is neither text nor bytes. */
export function checkPiece(request: Request, piece: unknown): void {
  if (typeof piece === "string" || piece instanceof Uint8Array) return;
  throw new TypeError(
    `Cannot answer ${request.toString()}: expected pieces of text or bytes, got ${quote(piece)}`,
  );
}
