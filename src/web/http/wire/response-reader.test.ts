/**
 * The reader of answers: the four things that a wire machine owes, how long an answer is, and what
 * is refused.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import {
  ANSWERS,
  anything,
  bytesOf,
  cut,
  cuts,
  lines,
  readAnswers,
  single,
  SMALL,
} from "../../../../test/fixtures/web/http-transcripts.ts";
import { formatChunkSize, formatLastChunk, formatResponseHead } from "./head-writer.ts";
import { HTTP_LIMITS } from "./limits.ts";
import { ResponseReader } from "./response-reader.ts";

const TRANSCRIPTS = Object.values(ANSWERS).map(({ bytes }) => bytes);
const methods = fc.array(fc.constantFrom("GET", "GET", "HEAD", "CONNECT"), {
  minLength: 1,
  maxLength: 4,
});

/** What is read of one answer to a GET, or to another method: without its head. */
function bodyOf(bytes: string, method = "GET"): readonly string[] {
  return readAnswers([method], [bytes]).slice(1);
}

/** The fault in an answer. */
function faultIn(bytes: string, asked: readonly string[] = ["GET"]): string | undefined {
  return readAnswers(asked, [bytes]).find((line) => line.startsWith("fault"));
}

describe("ResponseReader: what a wire machine owes", () => {
  for (const [name, { asked, bytes }] of Object.entries(ANSWERS)) {
    it(`gives the same events wherever the bytes are cut: ${name}`, () => {
      const whole = readAnswers(asked, [bytes]);
      assert.notInclude(whole.join("\n"), "fault");
      for (let at = 1; at < bytes.length; at += 1) {
        assert.deepEqual(readAnswers(asked, cut(bytes, [at])), whole, `cut at ${String(at)}`);
      }
      assert.deepEqual(readAnswers(asked, single(bytes)), whole);
    });

    it(`is not content with a part of it: ${name}`, () => {
      const whole = readAnswers(asked, [bytes]);
      for (let at = 1; at < bytes.length; at += 1) {
        const part = readAnswers(asked, [bytes.slice(0, at)]);
        assert.notDeepEqual(part, whole, `${String(at)} bytes`);
      }
    });
  }

  for (const [name, limits] of Object.entries({ usual: HTTP_LIMITS, small: SMALL })) {
    it(`gives the same events and the same fault for any cut, ${name} limits`, () => {
      fc.assert(
        fc.property(anything(TRANSCRIPTS), methods, cuts, (text, asked, at) => {
          const whole = readAnswers(asked, [text], limits);
          assert.deepEqual(readAnswers(asked, cut(text, at), limits), whole);
          assert.deepEqual(readAnswers(asked, single(text), limits), whole);
        }),
        { numRuns: 1500 },
      );
    });
  }

  it("reads what was written", () => {
    const status = fc
      .integer({ min: 200, max: 999 })
      .filter((code) => code !== 204 && code !== 304);
    const phrase = fc.string({ unit: fc.constantFrom(..."aZ \t\u00ff!".split("")), maxLength: 9 });
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 });
    fc.assert(
      fc.property(
        status,
        phrase,
        chunks,
        fc.boolean(),
        cuts,
        (code, said, parts, isChunked, at) => {
          const body = Buffer.concat(parts).toString("latin1");
          const framing = isChunked
            ? ["transfer-encoding", "chunked"]
            : ["content-length", String(body.length)];
          const pieces = parts.map((part) => {
            return `${formatChunkSize(part.length)}${Buffer.from(part).toString("latin1")}\r\n`;
          });
          const sent = isChunked ? pieces.join("") + formatLastChunk(["x-sum", "1"]) : body;
          const text = formatResponseHead(code, said, ["server", "x", ...framing]) + sent;
          const [head = "", ...rest] = readAnswers(["GET"], cut(text, at));
          assert.include(head, `"status":${String(code)},"phrase":${JSON.stringify(said)}`);
          assert.include(head, ` server|x|${framing.join("|")}`);
          const end = isChunked ? "end x-sum|1" : "end";
          assert.deepEqual(rest, body === "" ? [end] : [`body ${body}`, end]);
        },
      ),
    );
  });

  it("keeps no more than a line in its bounds, whatever comes", () => {
    fc.assert(
      fc.property(anything(TRANSCRIPTS), methods, cuts, (text, asked, at) => {
        readAnswers(asked, cut(text.repeat(3), at), SMALL, (reader) => {
          assert.isAtMost(reader.unreadBytes, SMALL.maxLineBytes + 1);
        });
      }),
      { numRuns: 1000 },
    );
  });
});

describe("ResponseReader", () => {
  it("knows how long an answer is (RFC 9112 §6.3)", () => {
    const ok = "HTTP/1.1 200 OK";
    const length = "Content-Length: 3";
    const chunked = "Transfer-Encoding: chunked";
    assert.deepEqual(bodyOf(`${lines(ok, length, "")}abc`), ["body abc", "end"]);
    assert.deepEqual(bodyOf(lines(ok, length, ""), "HEAD"), ["end"]);
    assert.deepEqual(bodyOf(lines(ok, chunked, ""), "HEAD"), ["end"]);
    assert.deepEqual(bodyOf(lines("HTTP/1.1 204 No", length, "")), ["end"]);
    assert.deepEqual(bodyOf(lines("HTTP/1.1 304 Not", chunked, "")), ["end"]);
    assert.deepEqual(bodyOf(`${lines(ok, "")}abc`), ["body abc", "end"]);
    assert.deepEqual(bodyOf(lines("HTTP/1.1 403 No", "Content-Length: 0", ""), "CONNECT"), ["end"]);
  });

  it("is not content with a body that is cut off", () => {
    const ok = "HTTP/1.1 200 OK";
    assert.equal(faultIn(`${lines(ok, "Content-Length: 3", "")}ab`), "fault truncated");
    assert.equal(faultIn(lines(ok, "Transfer-Encoding: chunked", "", "1", "a")), "fault truncated");
    assert.equal(faultIn(lines(ok, "Transfer-Encoding: chunked", "", "0")), "fault truncated");
    assert.equal(faultIn("HTTP/1.1 200 OK\r\nA:"), "fault truncated");
    assert.equal(faultIn(lines(ok)), "fault truncated");
    assert.equal(faultIn(""), undefined, "nothing at all: whether that is right, the client knows");
  });

  it("refuses what frames a body in two ways, and codings it does not know", () => {
    const ok = "HTTP/1.1 200 OK";
    const faults: Record<string, readonly string[]> = {
      "coding-with-length": ["Content-Length: 3", "Transfer-Encoding: chunked"],
      "length-repeated": ["Content-Length: 3", "Content-Length: 3"],
      "length-invalid": ["Content-Length: 3, 3"],
      "coding-repeated": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
      "coding-unknown": ["Transfer-Encoding: gzip, chunked"],
      "coding-not-chunked": ["Transfer-Encoding: chunked, gzip"],
    };
    for (const [fault, fields] of Object.entries(faults)) {
      assert.equal(faultIn(`${lines(ok, ...fields, "")}abc`), `fault ${fault}`);
    }
    const old = lines("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", "", "0", "");
    assert.equal(faultIn(old), "fault coding-in-http-1.0");
  });

  it("refuses a status line that is none", () => {
    for (const line of [
      "",
      "HTTP/1.1",
      "HTTP/1.1 ",
      "HTTP/1.1 20 OK",
      "HTTP/1.1 2000 OK",
      "HTTP/1.1 099 OK",
      "HTTP/1.1  200 OK",
      " HTTP/1.1 200 OK",
      "HTTP/1.1\t200 OK",
      "HTTP/11 200 OK",
      "http/1.1 200 OK",
      "ICY 200 OK",
      "HTTP/1.1 200 O\u0000K",
      "HTTP/1.1 200OK",
    ]) {
      assert.equal(faultIn(lines(line, "")), "fault status-line", line);
    }
    assert.equal(faultIn(lines("HTTP/2.0 200 OK", "")), "fault version-unsupported");
    assert.include(readAnswers(["GET"], [lines("HTTP/1.9 299 ", "")])[0], '"version":"1.1"');
  });

  it("refuses an answer that nobody asked for: it would be taken for the next one's", () => {
    const answer = lines("HTTP/1.1 200 OK", "Content-Length: 0", "");
    const seen = readAnswers(["GET"], [answer + answer]);
    assert.deepEqual(seen.slice(1), ["end", "fault status-line"]);
    assert.deepEqual(readAnswers([], ["x"]), ["fault status-line"]);
  });

  it("bounds interim answers", () => {
    const interim = lines("HTTP/1.1 102 Processing", "");
    const answer = lines("HTTP/1.1 200 OK", "Content-Length: 0", "");
    assert.isUndefined(faultIn(interim.repeat(100) + answer));
    assert.equal(faultIn(interim.repeat(101) + answer), "fault status-line");
    const twice = interim.repeat(60) + answer + interim.repeat(60) + answer;
    assert.isUndefined(faultIn(twice, ["GET", "GET"]), "they are counted for each answer");
  });

  it("bounds a body that ends with the connection", () => {
    const limits = { ...HTTP_LIMITS, maxBodyBytes: 3 };
    const head = lines("HTTP/1.1 200 OK", "");
    assert.deepEqual(readAnswers(["GET"], [`${head}abc`], limits).slice(1), ["body abc", "end"]);
    const seen = ["body abc", "fault body-too-large"];
    assert.deepEqual(readAnswers(["GET"], [`${head}abcd`], limits).slice(1), seen);
    assert.deepEqual(readAnswers(["GET"], single(`${head}abcd`), limits).slice(1), seen);
  });

  it("says whether another answer may follow (RFC 9112 §9.3)", () => {
    const keeps = (...head: string[]): boolean => {
      const seen = readAnswers(["GET"], [lines(...head, "Content-Length: 0", "")]);
      return (seen[0] ?? "").includes('"keepAlive":true');
    };
    assert.isTrue(keeps("HTTP/1.1 200 OK"));
    assert.isFalse(keeps("HTTP/1.1 200 OK", "Connection: x, CLOSE"));
    assert.isFalse(keeps("HTTP/1.0 200 OK"));
    assert.isTrue(keeps("HTTP/1.0 200 OK", "Connection: keep-alive"));
    assert.isFalse(keeps("HTTP/1.0 200 OK", "Connection: keep-alive", "Connection: close"));
    const untilClose = readAnswers(["GET"], [lines("HTTP/1.1 200 OK", "")]);
    assert.include(untilClose[0], '"keepAlive":false');
  });

  it("expected counts what is not answered", () => {
    const reader = new ResponseReader();
    reader.expect("GET");
    reader.expect("HEAD");
    assert.equal(reader.expected, 2);
    reader.receive(bytesOf(lines("HTTP/1.1 200 OK", "Content-Length: 1", "")));
    reader.next();
    assert.equal(reader.expected, 2);
    reader.receive(bytesOf("a"));
    reader.next();
    reader.next();
    assert.equal(reader.expected, 1);
  });

  it("says nothing after a fault, a switch or the end", () => {
    const answer = lines("HTTP/1.1 200 OK", "Content-Length: 0", "");
    for (const first of ["x\r\n", lines("HTTP/1.1 101 Go", "")]) {
      const reader = new ResponseReader();
      reader.expect("GET");
      reader.expect("GET");
      reader.receive(bytesOf(first));
      try {
        reader.next();
      } catch {
        // The fault is what is wanted.
      }
      reader.receive(bytesOf(answer));
      assert.isUndefined(reader.next());
      assert.isUndefined(reader.receiveEnd());
    }
  });
});
