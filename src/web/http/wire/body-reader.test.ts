/**
 * Bodies: how they are framed, what may stand between chunks, and their bounds. What every wire
 * machine owes is tested through the readers of requests and answers.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { bytesOf, lines, single } from "../../../../test/fixtures/web/http-transcripts.ts";
import { BodyReader } from "./body-reader.ts";
import type { Framing } from "./events.ts";
import { Inbox } from "./inbox.ts";
import { type CompleteLimits, HTTP_LIMITS } from "./limits.ts";
import { HTTPMessageError } from "./message-error.ts";

const CHUNKED: Framing = { kind: "chunked" };

/** What is read of a body: its bytes and trailers, or the fault. Whole, and byte by byte. */
function read(text: string, limits: Partial<CompleteLimits> = {}, framing = CHUNKED): string {
  const whole = readPieces([text], limits, framing);
  assert.equal(readPieces(single(text), limits, framing), whole, "byte by byte");
  return whole;
}

function readPieces(
  pieces: readonly string[],
  limits: Partial<CompleteLimits>,
  framing: Framing,
): string {
  const inbox = new Inbox();
  const reader = new BodyReader({ ...HTTP_LIMITS, ...limits });
  let seen = "";
  try {
    reader.begin(framing);
    for (const piece of pieces) {
      inbox.receive(bytesOf(piece));
      for (let event = reader.next(inbox); event !== undefined; event = reader.next(inbox)) {
        if (event.type === "data") seen += event.data.toString("latin1");
        else seen += ["$", ...event.trailers].join("|");
      }
    }
  } catch (error) {
    if (!(error instanceof HTTPMessageError)) throw error;
    return `${seen}!${error.fault}`;
  }
  return inbox.length === 0 ? seen : `${seen}, left: ${inbox.takeAll().toString("latin1")}`;
}

describe("BodyReader", () => {
  it("reads as many bytes as were announced, and no more", () => {
    const framing: Framing = { kind: "length", length: 5 };
    assert.equal(read("hello", {}, framing), "hello$");
    assert.equal(read("hel", {}, framing), "hel");
    assert.equal(readPieces(["hello\r\nGET"], {}, framing), "hello$, left: \r\nGET");
    assert.equal(readPieces([""], {}, { kind: "none" }), "$");
    assert.equal(readPieces(["GET"], {}, { kind: "none" }), "$, left: GET");
  });

  it("reads chunks (RFC 9112 §7.1)", () => {
    assert.equal(read(lines("5", "hello", "0", "")), "hello$");
    assert.equal(read(lines("5", "hello", "6", " world", "0", "")), "hello world$");
    assert.equal(
      read(lines("A", "0123456789", "a", "0123456789", "000", "")),
      "01234567890123456789$",
    );
    assert.equal(read(lines("4", "\r\n\r\n", "3", "0\r\n", "0", "")), "\r\n\r\n0\r\n$");
    assert.equal(read(lines("0", "")), "$");
    assert.equal(readPieces([lines("0", "", "GET")], {}, CHUNKED), "$, left: GET\r\n");
  });

  it("reads trailers, and refuses those that say how a message is framed or routed", () => {
    assert.equal(read(lines("0", "X-A: 1", "x-b:\t2 ", "")), "$|x-a|1|x-b|2");
    for (const name of ["Content-Length", "transfer-encoding", "Host", "Set-Cookie", "Expect"]) {
      assert.equal(read(lines("1", "a", "0", `${name}: 1`, "")), "a!trailer-forbidden", name);
    }
  });

  it("drops extensions (RFC 9112 §7.1.1)", () => {
    for (const extension of [";a", ";a=b", ' ; a = "b c\\"d;e" ;\tf', ';a="";b=!#$', ";a\t"]) {
      const whole = read(lines(`1${extension}`, "x", `0${extension}`, ""));
      assert.equal(whole, extension.endsWith("\t") ? "!chunk-extension" : "x$", extension);
    }
  });

  it("refuses extensions that are none", () => {
    for (const extension of [
      ";",
      " ",
      ";a=",
      ";=b",
      ";a;",
      ';a="b',
      ';a="b"c',
      ";a b",
      ";\u00e9",
    ]) {
      assert.equal(read(lines(`1${extension}`, "x", "0", "")), "!chunk-extension", extension);
    }
    assert.equal(read(lines('1;a="\u0000"', "x", "0", "")), "!chunk-extension");
    assert.equal(read('1;a="\n"\r\nx\r\n0\r\n\r\n'), "!bare-lf");
    assert.equal(read("1;a\nx\r\n0\r\n\r\n"), "!bare-lf");
    assert.equal(read("1;a\rx\r\n0\r\n\r\n"), "!bare-cr");
  });

  it("refuses a size that is none", () => {
    for (const size of ["", "+1", "-1", "0x1", "1_0", "g", "1g", " 1", "\t1", "1,1", "\u00b2"]) {
      assert.equal(read(lines(size, "x", "0", "")), "!chunk-size", size);
    }
    assert.equal(read(lines("00000000000001", "x", "0", "")), "!chunk-size", "14 digits");
    assert.equal(read(lines("0000000000001", "x", "0", "")), "x$", "13 digits");
    assert.equal(read(`${lines("fffffffffffff")}x`), "x", "the largest there can be");
    assert.equal(read(lines("10000000000000000", "x")), "!chunk-size", "2^64");
  });

  it("refuses a chunk that does not end where it should", () => {
    assert.equal(read(lines("1", "xy", "0", "")), "x!chunk-end");
    assert.equal(read("1\r\nx0\r\n\r\n"), "x!chunk-end");
    assert.equal(read("1\r\nx\n0\r\n\r\n"), "x!bare-lf");
    assert.equal(read("1\r\nx\r0\r\n\r\n"), "x!bare-cr");
    assert.equal(read(lines("2", "x", "", "0", "")), "x\r!bare-lf");
    assert.equal(read(lines("3", "x", "0", "")), "x\r\n!chunk-end");
    assert.equal(read("1\nx\r\n0\r\n\r\n"), "!bare-lf");
    assert.equal(read("1\r\nx\r\n0\n\n"), "x!bare-lf");
    assert.equal(read("1\r\nx\r\n0\r\nA: b\n\r\n"), "x!bare-lf");
    assert.equal(read("1\r\nx\r\n0\r\nA: b\rc: d\r\n\r\n"), "x!bare-cr");
  });

  it("bounds each line and all extensions", () => {
    assert.equal(read(lines(`1;${"a".repeat(1022)}`, "x", "0", "")), "x$");
    assert.equal(read(lines(`1;${"a".repeat(1023)}`, "x")), "!chunk-line-too-long");
    const chunks = (count: number): string => lines("1;a", "x").repeat(count) + lines("0", "");
    assert.equal(read(chunks(5), { maxChunkExtensionBytes: 10 }), "xxxxx$");
    const limits = { maxChunkExtensionBytes: 9 };
    assert.equal(read(chunks(5), limits), "xxxx!chunk-extensions-too-large");
  });

  it("bounds the body: before the first byte where its length was announced", () => {
    const limits = { maxBodyBytes: 5 };
    assert.equal(read("hello", limits, { kind: "length", length: 5 }), "hello$");
    assert.equal(read("hello!", limits, { kind: "length", length: 6 }), "!body-too-large");
    assert.equal(read(lines("3", "abc", "2", "de", "0", ""), limits), "abcde$");
    assert.equal(read(lines("3", "abc", "3", "def", "0", ""), limits), "abc!body-too-large");
    const most = lines("1fffffffffffff");
    assert.equal(read(`${most}x`), "!chunk-size");
    assert.equal(read("abcdef", limits, { kind: "until-close" }), "abcde!body-too-large");
  });

  it("bounds trailers", () => {
    const limits = { maxTrailerBytes: 12, maxFields: 2 };
    assert.equal(read(lines("0", "A: 1", "B: 2", ""), limits), "$|a|1|b|2");
    assert.equal(read(lines("0", "A: 1", "B: 22", ""), limits), "!trailers-too-large");
    assert.equal(read(lines("0", "A:", "B:", "C:", ""), limits), "!too-many-fields");
    const long = lines("0", `A: ${"x".repeat(HTTP_LIMITS.maxLineBytes)}`, "");
    assert.equal(read(long), "!line-too-long");
  });

  it("reads one body after the other: nothing of the last one counts", () => {
    const inbox = new Inbox();
    const limits = { ...HTTP_LIMITS, maxBodyBytes: 3, maxChunkExtensionBytes: 2 };
    const reader = new BodyReader(limits);
    for (let count = 0; count < 3; count += 1) {
      reader.begin(CHUNKED);
      inbox.receive(bytesOf(lines("3;a", "abc", "0", "X: y", "")));
      assert.equal(reader.next(inbox)?.type, "data");
      assert.equal(reader.next(inbox)?.type, "end");
      assert.isUndefined(reader.next(inbox));
      assert.equal(reader.left, 0);
    }
  });

  it("end() is the end of a body without a length, and of no other that is not whole", () => {
    const ended = (framing: Framing): string => {
      const reader = new BodyReader(HTTP_LIMITS);
      reader.begin(framing);
      return reader.end()?.type ?? "";
    };
    assert.equal(ended({ kind: "until-close" }), "end");
    assert.equal(ended({ kind: "none" }), "end");
    assert.throws(() => ended({ kind: "length", length: 1 }), HTTPMessageError, "got the end");
    assert.throws(() => ended(CHUNKED), HTTPMessageError, "got the end");
    assert.isUndefined(new BodyReader(HTTP_LIMITS).end());
  });
});
