/**
 * @module
 */
import * as fc from "fast-check";
import { assert, it } from "vitest";
import { applyMask } from "./mask.ts";

/** As RFC 6455 §5.3 says it. */
function masked(bytes: Uint8Array, mask: Uint8Array, turn: number): Uint8Array {
  return bytes.map((byte, at) => byte ^ (mask[(at + turn) % 4] ?? 0));
}

it("applyMask() masks wherever the bytes lie, and nothing beside them (RFC 6455 §5.3)", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 700 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat({ max: 7 }),
      fc.nat({ max: 7 }),
      fc.nat({ max: 2 ** 31 }),
      (bytes, mask, before, after, turn) => {
        const room = Buffer.alloc(before + bytes.length + after, 0xa5);
        room.set(bytes, before);
        applyMask(room, before, before + bytes.length, mask, turn);
        const expected = Buffer.alloc(room.length, 0xa5);
        expected.set(masked(bytes, mask, turn), before);
        assert.isTrue(room.equals(expected));
      },
    ),
    { numRuns: 500 },
  );
});

it("applyMask() of two parts is applyMask() of both", () => {
  fc.assert(
    fc.property(fc.nat({ max: 1200 }), (border) => {
      const bytes = Buffer.alloc(1200, "abcdefg");
      const mask = Buffer.from("37fa213d", "hex");
      const whole = Buffer.from(bytes);
      applyMask(whole, 0, whole.length, mask);
      applyMask(bytes, 0, border, mask);
      applyMask(bytes, border, bytes.length, mask, border);
      assert.isTrue(bytes.equals(whole));
    }),
  );
});
