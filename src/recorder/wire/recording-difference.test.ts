/**
 * Where two streams part, and how that is told.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { RecordedEvent, Recording } from "./recorded-event.ts";
import { compareWithRecording, formatDifference } from "./recording-difference.ts";
import { compareStreams } from "./stream-difference.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

describe("compareStreams()", () => {
  it("finds nothing where there is nothing", () => {
    assert.isUndefined(compareStreams(bytes(""), bytes("")));
    assert.isUndefined(compareStreams(bytes("same"), bytes("same")));
  });

  it("finds the first byte that is different, whatever the streams", () => {
    const small = fc.uint8Array({ maxLength: 20 }).map((data) => Buffer.from(data));
    fc.assert(
      fc.property(small, small, (one, other) => {
        const found = compareStreams(one, other);
        if (found === undefined) assert.isTrue(one.equals(other));
        else {
          const { offset } = found;
          assert.isTrue(one.subarray(0, offset).equals(other.subarray(0, offset)));
          assert.notEqual(one[offset], other[offset]);
        }
      }),
    );
  });

  it("tells what is missing, what is too much, and what is other", () => {
    const kinds = [
      ["abc", "ab", "missing", 2],
      ["ab", "abc", "extra", 2],
      ["abc", "axc", "changed", 1],
      ["", "a", "extra", 0],
    ] as const;
    for (const [one, other, kind, offset] of kinds) {
      const found = compareStreams(bytes(one), bytes(other));
      assert.deepEqual([found?.kind, found?.offset], [kind, offset]);
    }
  });

  it("does not look at what is ignored, and counts it all the same", () => {
    const recorded = bytes("Date: Monday\r\nX: 1\r\nTag: abc\r\nbody");
    const now = bytes("Date: Tue\r\nX: 1\r\nTag: 0\r\nBODY");
    const ignore = [/^Date: .*$/mu, /Tag: \w+/u];
    const found = compareStreams(recorded, now, { ignore });
    assert.equal(found?.offset, recorded.indexOf("body"));
    assert.equal(found?.actual.toString(), "BODY");
    assert.isUndefined(compareStreams(recorded, now, { ignore: [...ignore, /body/iu] }));
  });

  it("what is ignored is not what stands in its place", () => {
    const found = compareStreams(bytes("a1b"), bytes("ab"), { ignore: [/\d/u] });
    assert.equal(found?.offset, 1);
  });

  it("patterns may overlap, match nothing, be sticky or global", () => {
    const ignore = [/bc/gu, /cd/u, /x*/u, /a/y];
    assert.isUndefined(compareStreams(bytes("abcde"), bytes("abcde"), { ignore }));
    assert.equal(compareStreams(bytes("abcde"), bytes("abcdf"), { ignore })?.offset, 4);
  });
});

function recordingOf(some: readonly RecordedEvent[]): Recording {
  const end = { type: "closed", time: 2, reason: "", message: "", failed: false } as const;
  const events = [...some, end];
  const header = {
    role: "server",
    time: undefined,
    date: undefined,
    place: "",
    protocol: "",
    host: "",
    peer: "",
    tls: "none",
  } as const;
  return { header, events, cutOff: false };
}

const RECORDING = recordingOf([
  { type: "out", time: 0, data: Buffer.from("Welcome\r\n") },
  { type: "in", time: 1, data: Buffer.from("Ada\r\n") },
  { type: "out", time: 1.5, data: Buffer.from("Hello, ") },
  { type: "out", time: 1.5, data: Buffer.from("Ada\r\n\u0007") },
]);

describe("compareWithRecording()", () => {
  it("knows the line of the byte", () => {
    const places = [
      ["welcome", 2, 0],
      ["Welcome\r\nhello", 4, 1.5],
      ["Welcome\r\nHello, ada", 5, 1.5],
      ["Welcome\r\nHello, Ada\r\n\u0007!", 5, 1.5],
    ] as const;
    for (const [actual, line, time] of places) {
      const found = compareWithRecording(RECORDING, "out", Buffer.from(actual));
      assert.deepEqual([found?.line, found?.time], [line, time], actual);
    }
    assert.isUndefined(compareWithRecording(RECORDING, "in", Buffer.from("Ada\r\n")));
  });

  it("formatDifference() shows both sides, as text and as bytes", () => {
    const found = compareWithRecording(RECORDING, "out", Buffer.from("Welcome\r\nHello, Ada\r\n"));
    assert.exists(found);
    assert.equal(
      formatDifference(found),
      [
        "Different at byte 21, line 5 of the recording, after 1.5 s:",
        '  after     "Welcome\\r\\nHello, Ada\\r\\n"  57 65 6c 63 6f 6d 65 0d 0a ' +
          "48 65 6c 6c 6f 2c 20 41 64 61 0d 0a",
        '  expected  "\\u0007"  07',
        "  got       nothing",
      ].join("\n"),
    );
  });

  it("does not know what came after the end of a recording that is not whole", () => {
    const more = Buffer.from("Welcome\r\nHello, Ada\r\n\u0007!");
    const cut = [
      { ...RECORDING, cutOff: true },
      { ...RECORDING, events: RECORDING.events.slice(0, 4) },
    ];
    for (const one of cut) {
      assert.isUndefined(compareWithRecording(one, "out", more));
      assert.exists(compareWithRecording(one, "out", more.subarray(0, 10)));
    }
  });

  it("has no line where nothing was recorded", () => {
    const found = compareWithRecording(recordingOf([]), "out", Buffer.from("\xFF", "latin1"));
    assert.exists(found);
    assert.equal(formatDifference(found).split("\n").at(-1), '  got       "\\u00ff"  ff');
  });
});
