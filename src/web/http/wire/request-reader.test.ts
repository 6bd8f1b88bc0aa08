/**
 * The reader of requests: the four things that a wire machine owes, and what is special about it.
 * What it refuses, and how, is in test/conformance/http.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import {
  anything,
  bytesOf,
  cut,
  cuts,
  lines,
  readRequests,
  readRequestsSlowly,
  REQUESTS,
  single,
  SMALL,
} from "../../../../test/fixtures/web/http-transcripts.ts";
import { formatChunkSize, formatLastChunk, formatRequestHead } from "./head-writer.ts";
import { HTTP_LIMITS } from "./limits.ts";
import { RequestReader } from "./request-reader.ts";

const TRANSCRIPTS = Object.values(REQUESTS);
const GET = lines("GET / HTTP/1.1", "Host: a", "");

describe("RequestReader: what a wire machine owes", () => {
  for (const [name, text] of Object.entries(REQUESTS)) {
    it(`gives the same events wherever the bytes are cut: ${name}`, () => {
      const whole = readRequests([text]);
      assert.notInclude(whole.at(-1) ?? "", "fault");
      assert.match(whole.at(-1) ?? "", /^end/u);
      for (let at = 1; at < text.length; at += 1) {
        assert.deepEqual(readRequests(cut(text, [at])), whole, `cut at ${String(at)}`);
      }
      assert.deepEqual(readRequests(single(text)), whole);
      assert.deepEqual(readRequestsSlowly(single(text)), whole);
    });
  }

  for (const [name, limits] of Object.entries({ usual: HTTP_LIMITS, small: SMALL })) {
    it(`gives the same events and the same fault for any cut, ${name} limits`, () => {
      fc.assert(
        fc.property(anything(TRANSCRIPTS), cuts, (text, at) => {
          const whole = readRequests([text], limits);
          assert.deepEqual(readRequests(cut(text, at), limits), whole);
          assert.deepEqual(readRequests(single(text), limits), whole);
          assert.deepEqual(readRequestsSlowly(cut(text, at), limits), whole);
        }),
        { numRuns: 1500 },
      );
    });
  }

  it("reads what was written: heads, bodies with a length and in chunks, trailers", () => {
    const name = fc.constantFrom("x-one", "accept", "etag", "www-authenticate", "a!#$%&'*+.^_`|~");
    const value = fc
      .string({ unit: fc.constantFrom(...'azAZ09 \t\u00ff!:;,="\\()'.split("")), maxLength: 12 })
      .map((text) => text.replaceAll(/^[\t ]+|[\t ]+$/gu, ""));
    const fields = fc
      .array(fc.tuple(name, value), { maxLength: 5 })
      .map((pairs) => ["host", "a"].concat(pairs.flat()));
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 });
    const message = fc.record({ fields, chunks, isChunked: fc.boolean(), trailers: fields });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), cuts, (messages, at) => {
        let text = "";
        const expected: string[] = [];
        for (const { fields: own, chunks: parts, isChunked, trailers } of messages) {
          const body = Buffer.concat(parts).toString("latin1");
          const after = isChunked ? trailers.slice(2) : [];
          const framing = isChunked
            ? ["transfer-encoding", "chunked"]
            : ["content-length", String(body.length)];
          const all = [...own, ...framing];
          text += formatRequestHead("POST", "/p", all);
          if (isChunked) {
            for (const part of parts) {
              text += `${formatChunkSize(part.length)}${Buffer.from(part).toString("latin1")}\r\n`;
            }
            text += formatLastChunk(after);
          } else text += body;
          expected.push(`"POST" ${all.join("|")}`);
          if (body !== "") expected.push(`body ${body}`);
          expected.push(`end ${after.join("|")}`.trimEnd());
        }
        const seen = readRequests(cut(text, at)).map((line) =>
          line.replace(/^request \{"method":("POST").*?\} /u, "$1 "),
        );
        assert.deepEqual(seen, expected);
      }),
    );
  });

  it("reads a request behind a like one as it reads it alone", () => {
    const like = fc.record({
      text: fc.constantFrom(...TRANSCRIPTS),
      at: fc.nat(),
      by: fc.constantFrom("", "x", "0", " ", ":", "\r", "\n", "\r\n", "\r\n\r\n"),
      keeps: fc.boolean(),
    });
    fc.assert(
      fc.property(like, cuts, ({ text, at, by, keeps }, cutsAt) => {
        const place = at % text.length;
        const other = keeps ? text : text.slice(0, place) + by + text.slice(place + 1);
        const apart = [...readRequests([text]), ...readRequests([other])];
        assert.deepEqual(readRequests([text, other]), apart);
        assert.deepEqual(readRequests([text, ...cut(other, cutsAt)]), apart);
      }),
      { numRuns: 2000 },
    );
  });

  it("allows one empty line before each of many like requests (RFC 9112 §2.2)", () => {
    const one = readRequests([GET]);
    const pieces = [GET, "\r\n", GET, "\r\n", GET];
    assert.deepEqual(readRequests(pieces), [...one, ...one, ...one]);
  });

  it("keeps no more than a line in its bounds, whatever comes", () => {
    // A line, its CR, and what a whole line of the head may be: see RequestReader's constructor.
    const most = Math.max(SMALL.maxLineBytes, SMALL.maxTargetBytes + 64 + " HTTP/1.1 ".length) + 1;
    fc.assert(
      fc.property(anything(TRANSCRIPTS), cuts, (text, at) => {
        readRequests(cut(text.repeat(3), at), SMALL, (reader) => {
          assert.isAtMost(reader.unreadBytes, most);
        });
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps no more than a line in its bounds of a part that never ends", () => {
    const starts = {
      line: ["", "A"],
      target: ["GET /", "a"],
      field: ["GET / HTTP/1.1\r\n", "A"],
      value: ["GET / HTTP/1.1\r\nA: ", "b"],
      fields: ["GET / HTTP/1.1\r\n", "A: b\r\n"],
      "chunk size": [lines("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", ""), "0"],
      trailers: [
        lines("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", "", "0"),
        "A: b\r\n",
      ],
    };
    for (const [name, [start = "", more = ""]] of Object.entries(starts)) {
      const pieces = [start, ...Array.from({ length: 20_000 }, () => more)];
      let most = 0;
      const seen = readRequests(pieces, HTTP_LIMITS, (reader) => {
        most = Math.max(most, reader.unreadBytes);
      });
      assert.match(seen.at(-1) ?? "", /^fault .*(?:too-long|too-large|too-many-fields)$/u, name);
      assert.isAtMost(most, HTTP_LIMITS.maxTargetBytes + 64 + " HTTP/1.1 ".length + 1, name);
    }
  });
});

describe("RequestReader", () => {
  it("next() gives nothing of the next request before proceed()", () => {
    const reader = new RequestReader();
    reader.receive(bytesOf(GET + GET));
    assert.equal(reader.next()?.type, "request");
    assert.equal(reader.next()?.type, "end");
    assert.isUndefined(reader.next());
    assert.equal(reader.unreadBytes, GET.length);
    reader.proceed();
    assert.equal(reader.next()?.type, "request");
  });

  it("proceed() does nothing before the end of the request", () => {
    const reader = new RequestReader();
    reader.receive(bytesOf(lines("POST / HTTP/1.1", "Host: a", "Content-Length: 3", "")));
    reader.next();
    reader.proceed();
    reader.receive(bytesOf("abc"));
    assert.equal(reader.next()?.type, "data");
    assert.equal(reader.next()?.type, "end");
  });

  it("idle is true between requests alone", () => {
    const reader = new RequestReader();
    const idle: boolean[] = [reader.idle];
    for (const part of ["\r\n", "G", GET.slice(1)]) {
      reader.receive(bytesOf(part));
      reader.next();
      idle.push(reader.idle);
    }
    reader.next();
    idle.push(reader.idle);
    reader.proceed();
    idle.push(reader.idle);
    assert.deepEqual(idle, [true, true, false, false, false, true]);
  });

  it("bodyLeft counts down; it is not known of a body in chunks", () => {
    const reader = new RequestReader();
    assert.equal(reader.bodyLeft, 0);
    reader.receive(bytesOf(`${lines("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "")}abc`));
    reader.next();
    assert.equal(reader.bodyLeft, 5);
    reader.next();
    assert.equal(reader.bodyLeft, 2);
    reader.receive(bytesOf("de"));
    reader.next();
    assert.equal(reader.bodyLeft, 0);
    const other = new RequestReader();
    other.receive(bytesOf(lines("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", "")));
    other.next();
    assert.isUndefined(other.bodyLeft);
  });

  it("takeRest() gives what came behind a request, and ends the reading", () => {
    const reader = new RequestReader();
    reader.receive(bytesOf(`${GET}\u0081\u0005hello`));
    reader.next();
    assert.equal(reader.takeRest().toString("latin1"), "\u0081\u0005hello");
    assert.isUndefined(reader.next());
    assert.equal(reader.unreadBytes, 0);
  });

  it("gives views of what was received, not copies, when a piece holds a whole body", () => {
    const reader = new RequestReader();
    const bytes = bytesOf(`${lines("POST / HTTP/1.1", "Host: a", "Content-Length: 5", "")}hello`);
    reader.receive(bytes);
    reader.next();
    const event = reader.next();
    assert.equal(event?.type === "data" ? event.data.buffer : undefined, bytes.buffer);
  });

  it("shares the fields of requests that send the same ones", () => {
    const reader = new RequestReader();
    reader.receive(bytesOf(GET + GET));
    const [first, , second] = [reader.next(), reader.next(), (reader.proceed(), reader.next())];
    assert.isTrue(first?.type === "request" && second?.type === "request");
    if (first?.type === "request" && second?.type === "request") {
      assert.strictEqual(first.fields, second.fields);
    }
  });

  it("bounds a head that is the same as the one before, too", () => {
    const limits = { ...HTTP_LIMITS, maxHeadBytes: 60 };
    const short = lines("GET / HTTP/1.1", "Host: a", `X: ${"x".repeat(20)}`, "");
    const long = short.replace("/", `/${"y".repeat(30)}`);
    const [, , ...seen] = readRequests([short + long], limits);
    assert.deepEqual(seen, ["fault head-too-large"]);
    assert.deepEqual(readRequests([long], limits), seen);
  });
});
