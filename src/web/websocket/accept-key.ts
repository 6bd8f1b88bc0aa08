/**
 * The two values by which the sides of a handshake know that the other speaks WebSocket.
 *
 * Spec: RFC 6455 §1.3, §4.1 (key), §4.2.2 (accept).
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The RFC's: nobody but a WebSocket server appends it. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const NONCE_BYTES = 16;

/** What a server answers to `key` in `Sec-WebSocket-Accept`, and what a client expects. */
export function acceptKey(key: string): string {
  return createHash("sha1")
    .update(key + GUID)
    .digest("base64");
}

/**
 * What a client sends in `Sec-WebSocket-Key`.
 *
 * @param nonce 16 random bytes, new ones for each connection.
 * @throws {RangeError} They are not 16.
 */
export function handshakeKey(nonce: Uint8Array): string {
  if (nonce.length === NONCE_BYTES) return Buffer.from(nonce).toString("base64");
  throw new RangeError(
    `Cannot make a WebSocket's key: expected 16 bytes, got ${String(nonce.length)}`,
  );
}
