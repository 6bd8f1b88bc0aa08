/**
 * @module
 */
import { assert, it } from "vitest";
import { acceptKey, handshakeKey } from "./accept-key.ts";

it("acceptKey() makes the RFC's answer of the RFC's key (RFC 6455 §1.3)", () => {
  assert.equal(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

it("handshakeKey() is 16 bytes in base64 (RFC 6455 §4.1)", () => {
  assert.equal(handshakeKey(Buffer.from("the sample nonce")), "dGhlIHNhbXBsZSBub25jZQ==");
  assert.throws(() => handshakeKey(Buffer.alloc(15)), RangeError, "expected 16 bytes, got 15");
});
