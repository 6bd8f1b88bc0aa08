/**
 * The format of recordings: what is written is read again, and what is wrong is told with its line.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { RecordedEvent, RecordingHeader } from "./recorded-event.ts";
import { RecordingFormatError } from "./recording-error.ts";
import { readRecording } from "./recording-reader.ts";
import { encodeEvent, encodeHeader } from "./recording-writer.ts";

const HEADER: RecordingHeader = {
  role: "server",
  time: 1_795_252_326.25,
  date: "2026-11-21T09:12:06.250Z",
  place: "tcp:8023",
  protocol: "Echo",
  host: "IPv4 127.0.0.1:8023",
  peer: "IPv4 127.0.0.1:50000",
  tls: "none",
};

function textOf(events: readonly RecordedEvent[]): string {
  return encodeHeader(HEADER) + events.map(encodeEvent).join("");
}

const time = fc.integer({ min: 0, max: 1e9 }).map((micros) => micros / 1e6);
const data = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => Buffer.from(text, "utf8")),
);
const count = fc.nat();
const name = fc.option(fc.string(), { nil: undefined });
const event: fc.Arbitrary<RecordedEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom("in", "out"), time, data }),
  fc.record({ type: fc.constantFrom("in-end", "out-end", "close", "abort"), time }),
  fc.record({ type: fc.constant("start-tls"), time, unread: count }),
  fc.record({
    type: fc.constant("handshake"),
    time,
    session: fc.record({
      version: fc.string(),
      cipher: fc.string(),
      negotiatedProtocol: name,
      serverName: fc.string(),
      resumed: fc.boolean(),
      peerCertificate: fc.option(data, { nil: undefined }),
    }),
  }),
  fc.record({
    type: fc.constant("closed"),
    time,
    reason: fc.string(),
    message: fc.string(),
    failed: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("dropped"),
    time,
    events: count,
    bytesIn: count,
    bytesOut: count,
  }),
  fc.record({ type: fc.constant("stopped"), time, why: fc.string() }),
);
const eventsInOrder = fc
  .array(event)
  .map((events) => events.toSorted((one, other) => one.time - other.time));

describe("encodeEvent() and readRecording()", () => {
  it("are the inverse of each other", () => {
    fc.assert(
      fc.property(eventsInOrder, (events) => {
        assert.deepEqual(readRecording(textOf(events)), { header: HEADER, events, cutOff: false });
      }),
    );
  });

  it("one event is one line, and readable where its bytes are", () => {
    assert.equal(
      encodeEvent({ type: "in", time: 0.1234567, data: Buffer.from('é "x"\r\n\tend') }),
      '{"t":0.123457,"type":"in","text":"é \\"x\\"\\r\\n\\tend"}\n',
    );
    assert.equal(
      encodeEvent({ type: "out", time: 2, data: Buffer.from([0, 255]) }),
      '{"t":2,"type":"out","base64":"AP8="}\n',
    );
  });

  it("bytes with control characters, or cut inside of a character, are base64", () => {
    for (const bytes of ["\u001B[2J", "a\0b", "\u0085", Buffer.from("é").subarray(1)]) {
      const line = encodeEvent({ type: "in", time: 0, data: Buffer.from(bytes) });
      assert.include(line, '"base64"', line);
    }
  });

  it("a byte order mark is a character like others", () => {
    const bytes = Buffer.from("\uFEFFa");
    const text = textOf([{ type: "in", time: 0, data: bytes }]);
    assert.include(text, '"text"');
    const [event] = readRecording(text).events;
    assert.deepEqual(event?.type === "in" && event.data, bytes);
  });

  it("what is not known is not in the header", () => {
    const line = encodeHeader({ ...HEADER, time: undefined, date: undefined });
    assert.notInclude(line, "time");
    assert.deepEqual(readRecording(line).header, { ...HEADER, time: undefined, date: undefined });
  });
});

describe("readRecording()", () => {
  it("reads every whole beginning of a file, and says that the rest was cut off", () => {
    const text = textOf([
      { type: "in", time: 1, data: Buffer.from("one") },
      { type: "out", time: 1, data: Buffer.from([1, 2, 3]) },
      { type: "closed", time: 2, reason: "ConnectionDone", message: "", failed: false },
    ]);
    const header = encodeHeader(HEADER).length;
    for (let end = header; end <= text.length; end += 1) {
      const { events, cutOff } = readRecording(text.slice(0, end));
      const whole = text.slice(header, end).split("\n").length - 1;
      // A line may be whole and lack nothing but its end.
      const isAtEnd = text[end - 1] === "\n" || text[end] === "\n";
      assert.equal(cutOff, !isAtEnd, `at ${String(end)}`);
      assert.lengthOf(events, text[end - 1] !== "\n" && isAtEnd ? whole + 1 : whole);
    }
  });

  const header = encodeHeader(HEADER);
  const wrong: readonly (readonly [string, number, string])[] = [
    ["", 1, "expected a header, got nothing whole"],
    ['{"sennit-rec', 1, "expected a header, got nothing whole"],
    ["hello\n", 1, 'expected JSON, got "hello"'],
    ["[]\n", 1, 'expected an object, got "[]"'],
    ["{}\n", 1, 'expected a number, at least 0 in "sennit-recording", got nothing'],
    [header.replace(":1,", ":2,"), 1, 'expected version 1 in "sennit-recording", got "2"'],
    [header.replace("server", "host"), 1, 'expected one of server, client in "role", got "host"'],
    [`${header}{"t":1,"type":"in"}\n`, 2, 'expected a text in "base64", got nothing'],
    [`${header}{"t":1,"type":"in","base64":"?"}\n`, 2, 'expected base64 in "base64", got "?"'],
    [
      `${header}{"t":1,"type":"in","text":"","base64":""}\n`,
      2,
      'expected nothing beside "text" in "base64", got ""',
    ],
    [`${header}{"t":1,"type":"i"}\n`, 2, "expected one of in, out, "],
    [`${header}{"t":1,"type":"close"}\n\n`, 3, 'expected JSON, got ""'],
    [
      `${header}{"t":2,"type":"close"}\n{"t":1,"type":"close"}\n`,
      3,
      'expected a number, at least 2 in "t", got "1"',
    ],
    [`${header}{"t":1,"type":"start-tls","unread":0.5}\n`, 2, "expected a whole number"],
    [`${header}{"t":1,"type":"handshake","session":3}\n`, 2, 'expected an object, got "3"'],
  ];
  for (const [text, line, problem] of wrong) {
    it(`refuses line ${String(line)}: ${problem}`, () => {
      try {
        readRecording(text);
        assert.fail("it was read");
      } catch (error) {
        assert.instanceOf(error, RecordingFormatError);
        assert.equal(error.line, line);
        assert.include(error.message, `Cannot read line ${String(line)} of a recording: `);
        assert.include(error.message, problem);
      }
    });
  }

  it("random text is a recording or a RecordingFormatError", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) => {
        try {
          readRecording(header + lines.join("\n"));
        } catch (error) {
          assert.instanceOf(error, RecordingFormatError);
        }
      }),
    );
  });
});
