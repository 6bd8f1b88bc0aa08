/**
 * @module
 */
import * as fc from "fast-check";
import { assert, it } from "vitest";
import { GrowingBytes } from "./growing-bytes.ts";

it("take() gives what append() took, and then there is nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (pieces) => {
      const bytes = new GrowingBytes();
      const whole = Buffer.concat(pieces);
      for (const piece of pieces) {
        bytes.append(Buffer.from([1, ...piece, 2]), 1, 1 + piece.length, 10_000);
      }
      assert.equal(bytes.length, whole.length);
      assert.isTrue(bytes.take().equals(whole));
      assert.equal(bytes.length, 0);
      assert.equal(bytes.take().length, 0);
    }),
  );
});

it("append() reserves no more than it is told, or needs", () => {
  const bytes = new GrowingBytes();
  const chunk = Buffer.alloc(9000);
  bytes.append(chunk, 0, 6000, 7000);
  bytes.append(chunk, 0, 500, 7000);
  assert.equal(bytes.take().buffer.byteLength, 7000);
});

it("what take() gave is not written to again", () => {
  const bytes = new GrowingBytes();
  bytes.append(Buffer.from("abc"), 0, 3, 100);
  const first = bytes.take();
  bytes.append(Buffer.from("xyz"), 0, 3, 100);
  assert.equal(first.toString(), "abc");
});
