/**
 * The splitter by itself: what a wire machine owes, and what this one promises.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { encodeLine } from "./encode-line.ts";
import { LineSplitter, type LineSplitterEvent, type LineSplitterOptions } from "./line-splitter.ts";

type Seen = readonly [LineSplitterEvent["type"], string];

/** Everything that is ready. Binary text, so that a difference can be read. */
function drain(splitter: LineSplitter): Seen[] {
  const seen: Seen[] = [];
  for (let event = splitter.next(); event !== undefined; event = splitter.next()) {
    seen.push([event.type, event.bytes.toString("latin1")]);
  }
  return seen;
}

/** What comes of `chunks`, up to and including a line that is too long. */
function split(options: LineSplitterOptions, chunks: readonly Uint8Array[]): Seen[] {
  const splitter = new LineSplitter(options);
  const seen: Seen[] = [];
  for (const chunk of chunks) {
    splitter.receive(chunk);
    seen.push(...drain(splitter));
    if (seen.at(-1)?.[0] === "too-long") return seen;
  }
  return seen;
}

/** `bytes`, cut behind each index of `cuts` that lies inside. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const inside = cuts.filter((at) => at < bytes.length).sort((a, b) => a - b);
  const borders = [0, ...inside, bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

/** A too-long line shows as much as had come, which the cuts decide: compare that it came. */
function comparable(seen: readonly Seen[]): string[] {
  return seen.map(([type, text]) => (type === "too-long" ? type : `${type} ${text}`));
}

/** Few letters, all of them in some delimiter, so that parts of delimiters are everywhere. */
const stream = fc
  .array(fc.constantFrom("\r", "\n", "a", "b", "\r\n", "aab", "xyz"), { maxLength: 80 })
  .map((parts) => Buffer.from(parts.join("")));
const delimiters = fc.constantFrom("\r\n", "\n", "ab", "aa", "aab", "abab");
const lineBytesMax = fc.integer({ min: 0, max: 20 });
const cuts = fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 40 });

describe("LineSplitter: what a wire machine owes", () => {
  it("gives the same events for any cut of the bytes", () => {
    fc.assert(
      fc.property(stream, delimiters, lineBytesMax, cuts, (bytes, delimiter, max, at) => {
        const options = { delimiter, lineBytesMax: max };
        const whole = comparable(split(options, [bytes]));
        assert.deepEqual(comparable(split(options, cut(bytes, at))), whole);
        assert.deepEqual(comparable(split(options, cut(bytes, [...bytes.keys()]))), whole);
      }),
      { numRuns: 500 },
    );
  });

  it("reads what encodeLine() made of lines without a delimiter", () => {
    const lines = fc.array(fc.constantFrom("", "a", "b", "x\r", "\nba", "xyz"), { maxLength: 30 });
    fc.assert(
      fc.property(lines, delimiters, cuts, (candidates, delimiter, at) => {
        const sent = candidates.filter(
          (line) => (line + delimiter).indexOf(delimiter) === line.length,
        );
        const bytes = Buffer.concat(sent.map((line) => Buffer.from(encodeLine(line, delimiter))));
        const read = split({ delimiter }, cut(bytes, at));
        assert.deepEqual(
          read,
          sent.map((line) => ["line", line]),
        );
      }),
    );
  });

  it("makes of random bytes lines that fit and nothing else, or gives up", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }),
        lineBytesMax,
        (chunks, max) => {
          const seen = split({ delimiter: "\n", lineBytesMax: max }, chunks);
          for (const [index, [type, text]] of seen.entries()) {
            if (type === "line") assert.isAtMost(text.length, max);
            else assert.deepEqual([type, index], ["too-long", seen.length - 1]);
          }
        },
      ),
    );
  });

  it("keeps less than a line and a delimiter", () => {
    fc.assert(
      fc.property(stream, delimiters, lineBytesMax, cuts, (bytes, delimiter, max, at) => {
        const splitter = new LineSplitter({ delimiter, lineBytesMax: max });
        for (const chunk of cut(bytes, at)) {
          splitter.receive(chunk);
          drain(splitter);
          assert.isBelow(splitter.bufferedBytes, max + delimiter.length);
        }
      }),
    );
  });
});

describe("LineSplitter: linear work", () => {
  const MEGABYTE = 1_048_576;

  it("for a long line that comes one byte at a time", () => {
    const splitter = new LineSplitter({ lineBytesMax: MEGABYTE });
    const byte = Buffer.from("x");
    let events = 0;
    for (let sent = 0; sent < MEGABYTE; sent += 1) {
      splitter.receive(byte);
      if (splitter.next() !== undefined) events += 1;
    }
    assert.equal(events, 0);
    splitter.receive(Buffer.from("\r\n"));
    assert.equal(splitter.next()?.bytes.length, MEGABYTE);
    // One look, one copy, and less than two for growing.
    assert.isBelow(splitter.workBytes, 4 * MEGABYTE);
  });

  it("for 100,000 empty lines in one chunk", () => {
    const splitter = new LineSplitter();
    splitter.receive(Buffer.from("\r\n".repeat(100_000)));
    assert.equal(drain(splitter).length, 100_000);
    assert.equal(splitter.workBytes, 200_000);
  });

  it("for parts of a delimiter in their thousands", () => {
    const splitter = new LineSplitter({ lineBytesMax: MEGABYTE });
    const flood = Buffer.from(`${"\r".repeat(100_000)}\n`);
    for (const byte of flood) splitter.receive(Uint8Array.of(byte));
    assert.deepEqual(
      drain(splitter).map(([type, text]) => [type, text.length]),
      [["line", 99_999]],
    );
    assert.isBelow(splitter.workBytes, 4 * flood.length);
  });

  it("for chunks that come back while others wait", () => {
    const splitter = new LineSplitter({ delimiter: "\n" });
    const chunk = Buffer.from("1\n2\n3\n");
    let events = 0;
    splitter.receive(chunk);
    for (let event = splitter.next(); event !== undefined; event = splitter.next()) {
      events += 1;
      if (events <= 10_000) splitter.receive(chunk);
    }
    assert.equal(events, 30_003);
    assert.isBelow(splitter.workBytes, 4 * 10_001 * chunk.length);
  });
});

describe("LineSplitter", () => {
  it("next() takes a line of the greatest length and refuses the next greater", () => {
    const options = { delimiter: "\r\n", lineBytesMax: 4 };
    assert.deepEqual(split(options, [Buffer.from("1234\r\n")]), [["line", "1234"]]);
    assert.deepEqual(split(options, [Buffer.from("1234\r"), Buffer.from("\n")]), [
      ["line", "1234"],
    ]);
    assert.deepEqual(split(options, [Buffer.from("12345\r\nrest")]), [
      ["too-long", "12345\r\nrest"],
    ]);
    assert.deepEqual(split(options, [Buffer.from("12345")]), []);
    assert.deepEqual(split(options, [Buffer.from("123456")]), [["too-long", "123456"]]);
  });

  it("next() refuses a line that grew across chunks, with all that came", () => {
    const options = { delimiter: "abc", lineBytesMax: 2 };
    const chunks = ["1234", "abc", "5"].map((text) => Buffer.from(text));
    const splitter = new LineSplitter(options);
    splitter.receive(Buffer.concat(chunks.slice(0, 1)));
    assert.isUndefined(splitter.next());
    for (const chunk of chunks.slice(1)) splitter.receive(chunk);
    assert.deepEqual(drain(splitter), [["too-long", "1234abc5"]]);
    assert.equal(splitter.bufferedBytes, 0);
  });

  it("mode holds from the next event on, inside a chunk", () => {
    const splitter = new LineSplitter({ delimiter: "\n" });
    splitter.receive(Buffer.from("one\ntwo\nthr"));
    assert.equal(splitter.next()?.bytes.toString(), "one");
    splitter.mode = "raw";
    assert.deepEqual(drain(splitter), [["raw", "two\nthr"]]);
    splitter.mode = "line";
    splitter.receive(Buffer.from("ee\n"));
    assert.deepEqual(drain(splitter), [["line", "ee"]]);
  });

  it("raw mode gives the start of a line too, as one piece with what followed", () => {
    const splitter = new LineSplitter({ delimiter: "\n" });
    splitter.receive(Buffer.from("star"));
    assert.deepEqual(drain(splitter), []);
    splitter.mode = "raw";
    splitter.receive(Buffer.from("t\n"));
    splitter.receive(Buffer.from("more"));
    assert.deepEqual(drain(splitter), [["raw", "start\nmore"]]);
  });

  it("delimiter holds from the next event on, and for the start of a line too", () => {
    const splitter = new LineSplitter({ delimiter: "\r\n" });
    splitter.receive(Buffer.from("one;two"));
    assert.deepEqual(drain(splitter), []);
    splitter.delimiter = ";";
    assert.deepEqual(drain(splitter), [["line", "one"]]);
    assert.equal(splitter.bufferedBytes, 3);
    assert.equal(splitter.delimiter, ";");
  });

  it("receive() keeps the order of what waits", () => {
    const splitter = new LineSplitter({ delimiter: "\n" });
    splitter.receive(Buffer.from("1\n2\n"));
    splitter.receive(Buffer.from("3\n4"));
    assert.equal(splitter.next()?.bytes.toString(), "1");
    assert.equal(splitter.next()?.bytes.toString(), "2");
    splitter.receive(Buffer.from("5\n"));
    assert.deepEqual(drain(splitter), [
      ["line", "3"],
      ["line", "45"],
    ]);
  });

  it("a line that lay in one chunk is a view of it; others are not", () => {
    const splitter = new LineSplitter({ delimiter: "\n" });
    const chunk = Buffer.from("one\ntwo");
    splitter.receive(chunk);
    assert.equal(splitter.next()?.bytes.buffer, chunk.buffer);
    assert.isUndefined(splitter.next());
    chunk.fill(0);
    splitter.receive(Buffer.from("\n"));
    assert.equal(splitter.next()?.bytes.toString(), "two");
  });

  it("take() gives everything once", () => {
    const splitter = new LineSplitter({ delimiter: "\n" });
    splitter.receive(Buffer.from("a"));
    splitter.next();
    splitter.receive(Uint8Array.of(98, 10, 99));
    splitter.receive(Buffer.from("d"));
    assert.equal(splitter.bufferedBytes, 5);
    assert.equal(splitter.take().toString(), "ab\ncd");
    assert.equal(splitter.bufferedBytes, 0);
    assert.equal(splitter.take().length, 0);
  });

  it("refuses an empty delimiter, at once", () => {
    assert.throws(() => new LineSplitter({ delimiter: "" }), RangeError);
    const splitter = new LineSplitter();
    assert.throws(() => {
      splitter.delimiter = new Uint8Array(0);
    }, RangeError);
    assert.equal(splitter.delimiter, "\r\n");
  });
});

describe("encodeLine", () => {
  it("joins text to text, and everything else to bytes", () => {
    assert.equal(encodeLine("one", "\r\n"), "one\r\n");
    assert.deepEqual(encodeLine(Buffer.from("one"), "\r\n"), Buffer.from("one\r\n"));
    assert.deepEqual(encodeLine("é", Uint8Array.of(0)), Buffer.from([0xc3, 0xa9, 0]));
  });
});
