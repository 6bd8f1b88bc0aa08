/**
 * @module
 */
import * as fc from "fast-check";
import { assert, it } from "vitest";
import { WebSocketProtocolError } from "./errors.ts";
import { decodeText, Utf8Check } from "./utf8.ts";

/** The text of it, or the error's close code. */
function outcome(decode: () => string | undefined): string | number | undefined {
  try {
    return decode();
  } catch (error) {
    assert.instanceOf(error, WebSocketProtocolError);
    return error.closeCode;
  }
}

/** Bytes that are nearly UTF-8: whole characters, parts of some, and bytes that are in none. */
const nearly = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 3 }),
      fc.constantFrom("\u{fffd}", "\u{feff}", "\u{10ffff}"),
      fc.uint8Array({ maxLength: 2 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));

it("decodeText() takes what encodes back to the same bytes, and refuses the rest (§8.1)", () => {
  fc.assert(
    fc.property(nearly, (bytes) => {
      const lenient = bytes.toString();
      const expected = Buffer.from(lenient).equals(bytes) ? lenient : 1007;
      assert.equal(
        outcome(() => decodeText(bytes)),
        expected,
      );
    }),
    { numRuns: 1000 },
  );
});

it("decodeText() reads a part of the bytes", () => {
  const bytes = Buffer.from("\u00ffaκό\u00ff");
  assert.equal(decodeText(bytes, 2, 7), "aκό");
  assert.equal(
    outcome(() => decodeText(bytes, 2, 6)),
    1007,
  );
  assert.equal(decodeText(bytes, 2), "aκό\u00ff");
});

it("Utf8Check refuses a text at the first byte that nothing could make good (§8.1)", () => {
  fc.assert(
    fc.property(nearly, fc.array(fc.nat({ max: 30 })), (bytes, cuts) => {
      const borders = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const check = new Utf8Check();
      let refusedAt: number | undefined;
      for (const [at, end] of borders.slice(1).entries()) {
        if (outcome(() => (check.receive(bytes.subarray(borders[at], end)), "good")) === 1007) {
          refusedAt = Math.min(end, bytes.length);
          break;
        }
      }
      assert.equal(refusedAt !== undefined, !canBegin(bytes));
      // Not too early: what came up to the piece before could still have become a text.
      const before = borders.findLast((border) => border < (refusedAt ?? 0)) ?? 0;
      assert.isTrue(canBegin(bytes.subarray(0, before)));
    }),
  );
});

/** Can a text begin with these bytes? With some ending of at most three bytes, it is one. */
function canBegin(bytes: Buffer): boolean {
  const endings = ["", "80", "8080", "808080", "bf", "bfbf", "bf80", "bfbfbf", "9080", "908080"];
  return endings.some(
    (ending) =>
      outcome(() => decodeText(Buffer.concat([bytes, Buffer.from(ending, "hex")]))) !== 1007,
  );
}
