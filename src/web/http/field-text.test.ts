import { assert, describe, it } from "vitest";
import { bytesOfText, textOfBytes } from "./field-text.ts";

const bytes = (text: string): string => Buffer.from(text).toString("latin1");

describe("textOfBytes()", () => {
  it("gives text that is sent as the same bytes", () => {
    assert.equal(textOfBytes(bytes("naïve.txt; 日本")), "naïve.txt; 日本");
    assert.equal(textOfBytes("plain"), "plain");
  });

  it("takes what is not UTF-8 for Latin-1", () => {
    assert.equal(textOfBytes("caf\u00e9"), "café");
  });
});

describe("bytesOfText()", () => {
  it("gives a character for each byte", () => {
    assert.equal(bytesOfText("日本"), bytes("日本"));
    assert.equal(bytesOfText("plain"), "plain");
  });
});
