import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { TelnetFilter } from "./telnet-filter.ts";

function textOf(...chunks: (readonly number[] | string)[]): string {
  const filter = new TelnetFilter();
  return chunks.map((chunk) => filter.receive(Buffer.from(chunk)).toString("latin1")).join("");
}

describe("TelnetFilter", () => {
  it("receive() gives text back as the same bytes", () => {
    const text = Buffer.from("Grüße\r\n");
    assert.strictEqual(new TelnetFilter().receive(text), text);
  });

  it("receive() drops WILL, WONT, DO and DONT with their option, a line feed too (RFC 854)", () => {
    for (const verb of [0xfb, 0xfc, 0xfd, 0xfe]) {
      assert.equal(textOf("a", [0xff, verb, 0x0a], "b\n"), "ab\n");
    }
  });

  it("receive() drops commands of two bytes, and the byte FF sent as data", () => {
    assert.equal(textOf([0xff, 0xf4, 0xff, 0xfd, 0x06], "x", [0xff, 0xff], "y"), "xy");
  });

  it("receive() drops a subnegotiation with everything in it (RFC 855)", () => {
    assert.equal(
      textOf("a", [0xff, 0xfa, 0x18, 0x00], "xterm\n", [0xff, 0xff, 0xff, 0xf0], "b"),
      "ab",
    );
  });

  it("receive() gives up a subnegotiation that does not end", () => {
    const text = textOf([0xff, 0xfa], "x".repeat(600), "\nhello\n");
    assert.equal(text, `${"x".repeat(88)}\nhello\n`);
  });

  it("receive() gives the same text however the bytes are cut", () => {
    const byte = fc.oneof(fc.constantFrom(0xff, 0xfa, 0xf0, 0xfb, 0x0a), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), fc.nat(60), (bytes, cut) => {
        assert.equal(textOf(bytes.slice(0, cut), bytes.slice(cut)), textOf(bytes));
      }),
    );
  });

  it("receive() leaves every text in UTF-8 as it is", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0x10_ffff)), (codePoints) => {
        const bytes = Buffer.from(String.fromCodePoint(...codePoints));
        assert.deepEqual(new TelnetFilter().receive(bytes), bytes);
      }),
    );
  });
});
