/**
 * @module
 */
import { assert, it } from "vitest";
import { CLOSE_CODE, isSendableCloseCode } from "./close-codes.ts";

it("isSendableCloseCode() knows what may stand in a frame (RFC 6455 §7.4)", () => {
  const ranges = [
    [1000, 1003],
    [1007, 1014],
    [3000, 4999],
  ] as const;
  for (let code = -1; code <= 70_000; code += 1) {
    const expected = ranges.some(([from, to]) => code >= from && code <= to);
    if (isSendableCloseCode(code) !== expected) assert.fail(`${String(code)} is wrong`);
  }
  for (const code of [1000.5, Number.NaN, Infinity]) assert.isFalse(isSendableCloseCode(code));
});

it("CLOSE_CODE holds three that are never sent", () => {
  const unsent = Object.values(CLOSE_CODE).filter((code) => !isSendableCloseCode(code));
  assert.deepEqual(unsent, [1005, 1006, 1015]);
});
