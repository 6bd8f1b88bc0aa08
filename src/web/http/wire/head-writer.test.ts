/**
 * Heads and chunks as text. That they are read as they were written is tested with the readers.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import {
  checkField,
  formatChunkSize,
  formatFields,
  formatLastChunk,
  formatRequestHead,
  formatResponseHead,
} from "./head-writer.ts";

describe("head-writer", () => {
  it("formatFields() writes names as people know them, in order", () => {
    const fields = ["host", "a", "etag", '"x"', "x-two", "", "host", "b"];
    assert.equal(formatFields(fields), 'Host: a\r\nETag: "x"\r\nX-Two: \r\nHost: b\r\n');
    assert.equal(formatFields([]), "");
  });

  it("formatRequestHead() and formatResponseHead() go to the empty line", () => {
    assert.equal(formatRequestHead("GET", "/", ["host", "a"]), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(formatResponseHead(204, "No Content", []), "HTTP/1.1 204 No Content\r\n\r\n");
    assert.equal(formatResponseHead(299, "", []), "HTTP/1.1 299 \r\n\r\n");
  });

  it("formatChunkSize() and formatLastChunk() frame a body (RFC 9112 §7.1)", () => {
    assert.equal(formatChunkSize(1), "1\r\n");
    assert.equal(formatChunkSize(255), "ff\r\n");
    assert.equal(formatLastChunk(), "0\r\n\r\n");
    assert.equal(formatLastChunk(["x-sum", "1"]), "0\r\nX-Sum: 1\r\n\r\n");
  });

  it("checkField() lets nothing out of its line", () => {
    assert.equal(checkField("X-A", "b\tc \u00e9"), "x-a");
    for (const name of ["", "a b", "a:", "a\r\nb", "a\u0000", "\u00e9"]) {
      assert.throws(() => checkField(name, ""), TypeError, "expected a token");
    }
    for (const value of ["a\r\nb: c", "\n", "\r", "\u0000", "\u007f", "a\u000b"]) {
      assert.throws(() => checkField("a", value), TypeError, "without control characters");
    }
  });
});
