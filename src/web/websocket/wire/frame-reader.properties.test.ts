/**
 * What a wire machine owes, of the reader of frames.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { WebSocketProtocolError } from "./errors.ts";
import type { WebSocketEvent } from "./events.ts";
import { FrameReader, type FrameReaderOptions } from "./frame-reader.ts";
import { closePayload, writeFrame } from "./frame-writer.ts";

const KEY = Buffer.from("37fa213d", "hex");
const SERVER: FrameReaderOptions = { role: "server" };

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** An event or error as something that can be compared and read. */
function shown(event: WebSocketEvent): string {
  if (event.type === "close") return `close ${String(event.code)} ${event.reason}`;
  if (event.type === "text") return `text ${event.data}`;
  const data = event.data.toString("latin1");
  return event.type === "compressed" ? `compressed ${event.of} ${data}` : `${event.type} ${data}`;
}

/** Everything that is ready; an error is the last of it, by its close code. */
function drain(reader: FrameReader): string[] {
  const seen: string[] = [];
  try {
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      seen.push(shown(event));
    }
  } catch (error) {
    if (!(error instanceof WebSocketProtocolError)) throw error;
    seen.push(`error ${String(error.closeCode)}`);
  }
  return seen;
}

/** What comes of `chunks`. They are copied: a reader changes what it is given. */
function read(options: FrameReaderOptions, chunks: readonly Uint8Array[]): string[] {
  const reader = new FrameReader(options);
  const seen: string[] = [];
  for (const chunk of chunks) {
    reader.receive(Buffer.from(chunk));
    if (reader.state !== "spent") seen.push(...drain(reader));
  }
  return seen;
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const inside = cuts.filter((at) => at < bytes.length).sort((a, b) => a - b);
  const borders = [0, ...inside, bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

const sometimes = fc.boolean();
const mask = fc.uint8Array({ minLength: 4, maxLength: 4 });
const cuts = fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 30 });
/** Now and then as long as the longer forms of the length ask for, and now and then no UTF-8. */
const payload = fc
  .oneof(
    { weight: 12, arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
    { weight: 1, arbitrary: fc.string({ minLength: 120, maxLength: 140 }) },
    { weight: 1, arbitrary: fc.string({ minLength: 300, maxLength: 700 }) },
  )
  .map((content) => Buffer.from(content));
const drawn = fc.record({
  kind: fc.constantFrom("data", "data", "data", "data", "ping", "pong"),
  type: fc.constantFrom("text", "binary"),
  payload,
  fin: sometimes,
  compressed: fc.constantFrom(false, false, true),
  mask,
  flaw: fc.option(fc.nat({ max: 200 }), { freq: 30 }),
});

/** A client's stream that is mostly in order: a bit is wrong here and there. */
const stream = fc.tuple(fc.array(drawn, { maxLength: 15 }), sometimes).map(([frames, closes]) => {
  let isOpen = false;
  const written = frames.map(({ kind, type, payload, fin, compressed, mask, flaw }) => {
    const isData = kind === "data";
    const options = { fin: fin || !isData, compressed: compressed && isData && !isOpen, mask };
    const first = type === "text" ? "text" : "binary";
    const control = kind === "ping" ? "ping" : "pong";
    const bytes = Buffer.concat(
      isData
        ? writeFrame(isOpen ? "continuation" : first, payload, options)
        : writeFrame(control, payload.subarray(0, 125), options),
    );
    if (isData) isOpen = !fin;
    if (flaw !== null && flaw < bytes.length) bytes[flaw] = (bytes[flaw] ?? 0) ^ (1 << (flaw % 8));
    return bytes;
  });
  const close = closes ? writeFrame("close", closePayload(1000, "bye"), { mask: KEY }) : [];
  return Buffer.concat([...written, ...close]);
});

describe("FrameReader: what a wire machine owes", () => {
  it("gives the same events for any cut of the bytes", () => {
    fc.assert(
      fc.property(stream, cuts, fc.integer({ min: 1, max: 900 }), (bytes, at, most) => {
        const options = { ...SERVER, mayCompress: true, maxMessageBytes: most, maxFragments: 4 };
        const whole = read(options, [bytes]);
        assert.deepEqual(read(options, cut(bytes, at)), whole);
        assert.deepEqual(read(options, cut(bytes, [...bytes.keys()])), whole);
      }),
      { numRuns: 500 },
    );
  });

  it("reads what writeFrame() wrote, in any number of frames, with pings between them", () => {
    const messages = fc.array(
      fc.record({
        type: fc.constantFrom("text", "binary"),
        text: fc.string({ unit: "grapheme", maxLength: 300 }),
        cuts: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 4 }),
        compressed: sometimes,
        ping: fc.option(fc.uint8Array({ maxLength: 125 })),
      }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(messages, cuts, sometimes, (sent, at, isMasked) => {
        const mask = isMasked ? KEY : undefined;
        const expected: string[] = [];
        const frames = sent.flatMap(({ type, text, cuts, compressed, ping }) => {
          const kind = type === "text" ? "text" : "binary";
          const body = Buffer.from(text);
          const parts = cut(body, cuts);
          const pieces = parts.flatMap((part, index) =>
            writeFrame(index === 0 ? kind : "continuation", part, {
              fin: index === parts.length - 1,
              compressed: compressed && index === 0,
              mask,
            }),
          );
          const pinged = ping === null ? [] : writeFrame("ping", ping, { mask });
          if (ping !== null) expected.push(`ping ${Buffer.from(ping).toString("latin1")}`);
          const isPlain = kind === "text" && !compressed;
          const data = isPlain ? text : body.toString("latin1");
          expected.push(compressed ? `compressed ${kind} ${data}` : `${kind} ${data}`);
          return parts.length === 1
            ? [...pinged, ...pieces]
            : [...pieces.slice(0, 1), ...pinged, ...pieces.slice(1)];
        });
        const options = { role: isMasked ? "server" : "client", mayCompress: true } as const;
        assert.deepEqual(read(options, cut(Buffer.concat(frames), at)), expected);
      }),
    );
  });

  it("makes of random bytes events or a WebSocketProtocolError, and nothing else", () => {
    const opening = fc.constantFrom("", "8100", "0100", "0180", "8180", "827f", "82fe", "88");
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }),
        opening,
        sometimes,
        sometimes,
        (chunks, start, isServer, mayCompress) => {
          const role = isServer ? "server" : "client";
          read({ role, mayCompress, maxMessageBytes: 100 }, [hex(start), ...chunks]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("keeps no more than a message and a control frame", () => {
    fc.assert(
      fc.property(stream, cuts, fc.integer({ min: 1, max: 300 }), (bytes, at, most) => {
        const reader = new FrameReader({ ...SERVER, maxMessageBytes: most, mayCompress: true });
        for (const chunk of cut(bytes, at)) {
          reader.receive(Buffer.from(chunk));
          if (reader.state !== "spent") drain(reader);
          assert.isAtMost(reader.bufferedBytes, most + 125);
        }
      }),
    );
  });
});
