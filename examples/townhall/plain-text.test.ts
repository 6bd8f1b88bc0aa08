import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { toPlainText } from "./plain-text.ts";

describe("toPlainText()", () => {
  it("keeps the scripts of the world, and emoji", () => {
    for (const text of ["Grüße", "你好,世界", "مرحبا", "नमस्ते", "👩‍👩‍👧", "ni\u200dño"]) {
      assert.equal(toPlainText(Buffer.from(text)), text);
    }
  });

  it("takes out what a terminal obeys", () => {
    assert.equal(toPlainText(Buffer.from("a\u001b[2Jb\u0007\u009bc\r\u0000d\u007f")), "a[2Jbcd");
    assert.equal(toPlainText(Buffer.from("\ufeffa\u202eb\u2028c\u2066d")), "abcd");
    assert.equal(toPlainText(Buffer.from("a\tb")), "a b");
  });

  it("replaces what is no UTF-8", () => {
    assert.equal(toPlainText(Buffer.from([0x61, 0xc3, 0x28, 0xff, 0x62])), "a\ufffd(\ufffdb");
  });

  it("takes off spaces at both ends", () => {
    assert.equal(toPlainText(Buffer.from("  a b  ")), "a b");
    assert.equal(toPlainText(Buffer.from(" \t\r")), "");
  });

  it("gives one line without control characters for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.notMatch(toPlainText(Buffer.from(bytes)), /\p{Cc}/u);
      }),
    );
  });
});
