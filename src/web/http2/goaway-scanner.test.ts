/**
 * GOAWAY among frames.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { frame, TYPE, word } from "../../../test/fixtures/web/http2-frames.ts";
import { GoawayScanner } from "./goaway-scanner.ts";

function goaway(code: number, text = ""): Buffer {
  return frame(TYPE.goaway, 0, 0, Buffer.concat([word(7), word(code), Buffer.from(text)]));
}

const FRAMES = Buffer.concat([
  frame(TYPE.settings, 0, 0, Buffer.alloc(18)),
  frame(TYPE.settings, 1, 0),
  // Looks like one, and is a body.
  frame(TYPE.data, 0, 1, goaway(1)),
  goaway(0, "goodbye"),
  frame(TYPE.data, 1, 1, Buffer.alloc(300)),
]);

describe("GoawayScanner", () => {
  it("finds one with an error, however the frames are cut (RFC 9113 §6.8)", () => {
    const bytes = Buffer.concat([FRAMES, goaway(11, "too much")]);
    for (let size = 1; size <= bytes.length; size += 1) {
      const scanner = new GoawayScanner();
      let found = -1;
      for (let at = 0; at < bytes.length && found < 0; at += size) {
        if (scanner.scan(bytes.subarray(at, at + size))) found = at;
      }
      assert.isAtLeast(found + size, FRAMES.length + 17, `cut into ${String(size)}`);
      assert.isAtMost(found, FRAMES.length + 16, `cut into ${String(size)}`);
    }
  });

  it("finds none that says goodbye, nor in a body", () => {
    assert.isFalse(new GoawayScanner().scan(FRAMES));
  });
});
