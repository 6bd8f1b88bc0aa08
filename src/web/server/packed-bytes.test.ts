/**
 * Pieces that are kept in few buffers.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { PackedBytes } from "./packed-bytes.ts";

describe("PackedBytes", () => {
  it("gives back what was put, in order, and then nothing", () => {
    const packed = new PackedBytes();
    const pieces = ["a", "bc", "d".repeat(2000), "e", "f".repeat(1024), "", "g"];
    for (const piece of pieces) packed.put(Buffer.from(piece));
    assert.equal(Buffer.concat(packed.take()).toString(), pieces.join(""));
    assert.deepEqual(packed.take(), []);
  });

  it("keeps small pieces together, and does not copy the others", () => {
    const packed = new PackedBytes();
    for (let n = 0; n < 100_000; n += 1) packed.put(Buffer.from("x"));
    const large = Buffer.alloc(5000);
    packed.put(large);
    const buffers = packed.take();
    assert.isBelow(buffers.length, 400);
    assert.isTrue(buffers.at(-1) === large);
  });
});
