/**
 * Heads of answers: framing, what is said about the connection, and the standing fields.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Headers, type HeadersInit } from "../http/headers.ts";
import { type AnswerSetting, formatAnswerHead, type FormattedHead } from "./answer-head.ts";

const STANDING = "Server: s\r\nDate: d\r\n";

interface Case extends Partial<AnswerSetting> {
  readonly code?: number;
  readonly phrase?: string;
  readonly headers?: HeadersInit;
  readonly bodiless?: boolean;
}

/** The head of an answer to HTTP/1.1 that is written bit by bit, unless said otherwise. */
function format({
  code = 200,
  phrase = "OK",
  headers = {},
  bodiless,
  ...setting
}: Case): FormattedHead {
  return formatAnswerHead(
    { code, phrase, headers: new Headers(headers), bodiless: bodiless ?? false },
    { version: "1.1", length: undefined, standing: STANDING, closing: false, ...setting },
  );
}

/** The lines of its fields, but for the standing ones. */
function fields(about: Case): string[] {
  return format({ ...about, standing: "" })
    .text.split("\r\n")
    .slice(1, -2);
}

describe("formatAnswerHead()", () => {
  it("writes status line, standing fields, fields in order, and an empty line", () => {
    const { text } = format({ headers: { "X-B": "1", ETag: '"a"' }, length: 3 });
    assert.equal(
      text,
      `HTTP/1.1 200 OK\r\n${STANDING}X-B: 1\r\nETag: "a"\r\nContent-Length: 3\r\n\r\n`,
    );
    assert.include(format({ code: 299, phrase: "Own" }).text, "HTTP/1.1 299 Own\r\n");
    assert.include(format({ code: 404, phrase: "Gone fishing" }).text, " 404 Gone fishing\r\n");
  });

  it("leaves out a standing field that the answer has itself", () => {
    const { text } = format({ headers: { date: "x", server: "y" } });
    assert.notInclude(text, "Server: s");
    assert.notInclude(text, "Date: d");
    assert.include(format({ headers: { date: "x" } }).text, "Server: s");
  });

  it("frames a body that is there whole by its length, whatever was declared", () => {
    const headers = { "content-length": "9", "transfer-encoding": "chunked" };
    assert.deepEqual(fields({ length: 5, headers }), ["Content-Length: 5"]);
    assert.deepEqual(fields({ length: 0 }), ["Content-Length: 0"]);
    const { framing, length, closes } = format({ length: 5 });
    assert.deepEqual([framing, length, closes], ["length", 5, false]);
  });

  it("frames a body that is written bit by bit as declared, in chunks, or to the end", () => {
    assert.deepEqual(fields({}), ["Transfer-Encoding: chunked"]);
    assert.deepEqual(fields({ headers: { "content-length": "9" } }), ["Content-Length: 9"]);
    for (const bad of ["", "+9", "9, 9", "9".repeat(16)]) {
      const headers = { "content-length": bad };
      assert.deepEqual(fields({ headers }), ["Transfer-Encoding: chunked"], bad);
    }
    assert.deepEqual(fields({ version: "1.0" }), ["Connection: close"]);
    const { framing, closes } = format({ version: "1.0" });
    assert.deepEqual([framing, closes], ["until-close", true]);
  });

  it("says the length that a body would have to HEAD and with 304, and none with 204", () => {
    const bodiless = { bodiless: true };
    assert.deepEqual(fields({ ...bodiless, length: 5 }), ["Content-Length: 5"]);
    assert.deepEqual(fields({ ...bodiless, headers: { "content-length": "7" } }), [
      "Content-Length: 7",
    ]);
    assert.deepEqual(fields(bodiless), []);
    assert.deepEqual(fields({ ...bodiless, code: 304, length: 5 }), []);
    assert.deepEqual(fields({ ...bodiless, code: 304, headers: { "content-length": "7" } }), [
      "Content-Length: 7",
    ]);
    assert.deepEqual(fields({ ...bodiless, code: 204, length: 5 }), []);
    assert.deepEqual(fields({ ...bodiless, code: 204, headers: { "content-length": "7" } }), []);
    assert.deepEqual(fields({ ...bodiless, version: "1.0" }), ["Connection: keep-alive"]);
  });

  it("says what becomes of the connection (RFC 9112 §9.6)", () => {
    const length = 1;
    const connection = (about: Case): string | undefined =>
      fields({ length, ...about }).find((line) => line.startsWith("Connection"));
    assert.isUndefined(connection({}));
    assert.equal(connection({ closing: true }), "Connection: close");
    assert.equal(connection({ version: "1.0" }), "Connection: keep-alive");
    assert.equal(connection({ version: "1.0", closing: true }), "Connection: close");
    assert.equal(
      connection({ headers: { connection: "x" }, closing: true }),
      "Connection: x, close",
    );
    for (const value of ["close", "x,CLOSE", "Close, x", "x\tclose"]) {
      assert.isTrue(format({ length, headers: { connection: value } }).closes, value);
      assert.equal(connection({ headers: { connection: value } }), `Connection: ${value}`);
    }
    for (const value of ["closed", "x-close", "enclose, x"]) {
      assert.isFalse(format({ length, headers: { connection: value } }).closes, value);
    }
    const twice: HeadersInit = [
      ["connection", "x"],
      ["connection", "close"],
    ];
    assert.equal(connection({ headers: twice }), "Connection: x, close");
  });
});
