/**
 * Received bytes as lines and as they are, however they were cut.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { bytesOf, cut, cuts, single } from "../../../../test/fixtures/web/http-transcripts.ts";
import { Inbox, type LineLimit } from "./inbox.ts";
import { HTTPMessageError } from "./message-error.ts";

const LIMIT: LineLimit = { bytes: 8, fault: "line-too-long" };

/** All lines of bytes in these pieces, and the fault. */
function linesOf(pieces: readonly string[], limit = LIMIT, inbox = new Inbox()): string[] {
  const seen: string[] = [];
  try {
    for (const piece of pieces) {
      inbox.receive(bytesOf(piece));
      for (let line = inbox.line(limit); line !== undefined; line = inbox.line(limit))
        seen.push(line);
      assert.isAtMost(inbox.length, limit.bytes + 1, "a line in its bounds, and a CR");
    }
  } catch (error) {
    if (!(error instanceof HTTPMessageError)) throw error;
    seen.push(`!${error.fault}`);
  }
  return seen;
}

describe("Inbox", () => {
  it("line() ends a line at CR LF and nothing else", () => {
    assert.deepEqual(linesOf(["ab\r\n\r\ncd\r\nef"]), ["ab", "", "cd"]);
    assert.deepEqual(linesOf(["ab\ncd\r\n"]), ["!bare-lf"]);
    assert.deepEqual(linesOf(["ab\rcd\r\n"]), ["!bare-cr"]);
    assert.deepEqual(linesOf(["ab\r\r\n"]), ["!bare-cr"]);
    assert.deepEqual(linesOf(["\n"]), ["!bare-lf"]);
    assert.deepEqual(linesOf(["ab\r"]), []);
  });

  it("line() bounds a line", () => {
    assert.deepEqual(linesOf(["12345678\r\n"]), ["12345678"]);
    assert.deepEqual(linesOf(["123456789\r\n"]), ["!line-too-long"]);
    assert.deepEqual(linesOf(["123456789"]), ["!line-too-long"]);
    assert.deepEqual(linesOf(["12345678\n"]), ["!bare-lf"]);
    assert.deepEqual(linesOf(["123456789\n"]), ["!line-too-long"]);
    assert.deepEqual(linesOf(["\r\n", "x"], { bytes: 0, fault: "chunk-end" }), ["", "!chunk-end"]);
  });

  it("line() finds the same lines and the same fault for any cut", () => {
    const text = fc
      .array(fc.constantFrom("\r\n", "\r\n", "\r", "\n", "a", "bcd", "\u00ff\u0000"), {
        maxLength: 40,
      })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, cuts, (bytes, at) => {
        const whole = linesOf([bytes]);
        assert.deepEqual(linesOf(cut(bytes, at)), whole);
        assert.deepEqual(linesOf(single(bytes)), whole);
      }),
      { numRuns: 1000 },
    );
  });

  it("line() finds lines that lie across what is decoded at a time", () => {
    const limit: LineLimit = { bytes: 10_000, fault: "line-too-long" };
    for (let size = 4090; size < 4100; size += 1) {
      const long = "x".repeat(size);
      const expected = [long, "y", long];
      const text = `${long}\r\ny\r\n${long}\r\n`;
      assert.deepEqual(linesOf([text], limit), expected);
      assert.deepEqual(linesOf([text.slice(0, 4096), text.slice(4096)], limit), expected);
    }
  });

  it("lines and bytes taken in turn are what came, for any cut", () => {
    const part = fc.oneof(
      fc.record({ isLine: fc.constant(true), text: fc.constantFrom("", "ab", "x".repeat(5000)) }),
      fc.record({
        isLine: fc.constant(false),
        text: fc.constantFrom("\r\n", "\n", "y".repeat(9000)),
      }),
    );
    const many = fc.array(fc.nat(20_000), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), many, (parts, at) => {
        const text = parts.map((one) => (one.isLine ? `${one.text}\r\n` : one.text)).join("");
        const inbox = new Inbox();
        const seen: string[] = [];
        let next = 0;
        let taken = "";
        for (const piece of text === "" ? [] : cut(text, at)) {
          inbox.receive(bytesOf(piece));
          for (let one = parts[next]; one !== undefined; one = parts[next]) {
            if (one.isLine) {
              const line = inbox.line({ bytes: 5000, fault: "line-too-long" });
              if (line === undefined) break;
              seen.push(line);
            } else {
              const bytes = inbox.bytes(one.text.length - taken.length);
              if (bytes === undefined) break;
              taken += bytes.toString("latin1");
              if (taken.length < one.text.length) continue;
              seen.push(taken);
              taken = "";
            }
            next += 1;
          }
        }
        assert.deepEqual(
          seen,
          parts.map((one) => one.text),
        );
        assert.equal(inbox.length, 0);
      }),
    );
  });

  it("bytes() gives what is there, at most so many, and never nothing", () => {
    const inbox = new Inbox();
    assert.isUndefined(inbox.bytes(5));
    inbox.receive(bytesOf("hello"));
    assert.equal(inbox.bytes(3)?.toString(), "hel");
    assert.equal(inbox.bytes(3)?.toString(), "lo");
    assert.isUndefined(inbox.bytes(3));
  });

  it("bytes() copies nothing of a piece of which lines were taken", () => {
    const inbox = new Inbox();
    const piece = bytesOf("line\r\nbody");
    inbox.receive(piece);
    inbox.line(LIMIT);
    assert.equal(inbox.bytes(4)?.buffer, piece.buffer);
  });

  it("length counts what was not taken", () => {
    const inbox = new Inbox();
    const lengths: number[] = [];
    inbox.receive(bytesOf("ab\r\ncd"));
    lengths.push(inbox.length);
    inbox.line(LIMIT);
    lengths.push(inbox.length);
    inbox.line(LIMIT);
    inbox.receive(bytesOf("ef\r\n"));
    lengths.push(inbox.length);
    inbox.bytes(1);
    lengths.push(inbox.length);
    inbox.takeAll();
    lengths.push(inbox.length);
    assert.deepEqual(lengths, [6, 2, 6, 5, 0]);
  });

  it("takeAll() gives everything in order, whatever was looked at", () => {
    const inbox = new Inbox();
    inbox.receive(bytesOf("ab\r\ncd"));
    inbox.line(LIMIT);
    inbox.line(LIMIT);
    inbox.receive(bytesOf("ef"));
    assert.equal(inbox.takeAll().toString(), "cdef");
    assert.equal(inbox.takeAll().length, 0);
    inbox.receive(bytesOf("gh"));
    assert.equal(inbox.takeAll().toString(), "gh");
  });

  it("skip() takes what comes next if it is that", () => {
    const inbox = new Inbox();
    inbox.receive(bytesOf("a\r\nb\r\nc"));
    inbox.line(LIMIT);
    assert.isFalse(inbox.skip("c"));
    assert.isFalse(inbox.skip("b\r\nc\r\n"));
    assert.isTrue(inbox.skip("b\r\n"));
    assert.equal(inbox.takeAll().toString(), "c");
  });

  it("skipHead() takes a head if it comes next, and leaves the body as it came", () => {
    const inbox = new Inbox();
    const head = "a\r\nb\r\n\r\n";
    const piece = bytesOf(`${head}body`);
    inbox.receive(piece);
    assert.isFalse(inbox.skipHead("a\r\n\r\n"));
    assert.isFalse(inbox.skipHead("a\r\nc\r\n\r\n"));
    assert.equal(inbox.length, piece.length);
    assert.isTrue(inbox.skipHead(head));
    assert.equal(inbox.bytes(4)?.buffer, piece.buffer);
    assert.isFalse(inbox.skipHead(head));
    inbox.receive(bytesOf("a\r\nb\r\n"));
    assert.isFalse(inbox.skipHead(head)); // Not whole yet.
    assert.equal(inbox.line(LIMIT), "a");
    inbox.receive(bytesOf(`\r\n${head}`));
    assert.equal(inbox.line(LIMIT), "b");
    assert.equal(inbox.line(LIMIT), "");
    assert.isTrue(inbox.skipHead(head));
    assert.equal(inbox.length, 0);
  });

  it("recorded() is what was taken since record(), if that came in one piece", () => {
    const inbox = new Inbox();
    inbox.receive(bytesOf("a\r\nb\r\nc\r\nd"));
    assert.isUndefined(inbox.recorded());
    inbox.line(LIMIT);
    inbox.record();
    inbox.line(LIMIT);
    inbox.line(LIMIT);
    assert.equal(inbox.recorded(), "b\r\nc\r\n");
    inbox.line(LIMIT);
    inbox.receive(bytesOf("\r\n"));
    inbox.line(LIMIT);
    assert.isUndefined(inbox.recorded());
  });
});
