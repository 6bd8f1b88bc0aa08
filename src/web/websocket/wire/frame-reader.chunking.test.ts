/**
 * The reader of frames, with every way to cut what is short enough. It unmasks the bytes that it is
 * given where they are.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { everyChunking } from "../../../testing/kit/every-chunking.ts";
import { WebSocketProtocolError } from "./errors.ts";
import type { WebSocketEvent } from "./events.ts";
import { FrameReader, type FrameReaderOptions } from "./frame-reader.ts";

function shown(event: WebSocketEvent): string {
  if (event.type === "close") return `close ${String(event.code)} ${event.reason}`;
  if (event.type === "text") return `text ${event.data}`;
  if (event.type === "compressed") return `compressed ${event.data.toString("hex")}`;
  return `${event.type} ${event.data.toString("latin1")}`;
}

/** The events, or those before an error, and its close code. */
function read(pieces: readonly Buffer[], options: FrameReaderOptions): string[] {
  const reader = new FrameReader(options);
  const seen: string[] = [];
  try {
    for (const piece of pieces) {
      reader.receive(piece);
      for (let event = reader.next(); event !== undefined; event = reader.next()) {
        seen.push(shown(event));
      }
    }
  } catch (error) {
    if (!(error instanceof WebSocketProtocolError)) throw error;
    seen.push(`error ${String(error.closeCode)}`);
  }
  return seen;
}

const CLIENT: FrameReaderOptions = { role: "client" };
const SERVER: FrameReaderOptions = { role: "server" };

describe("FrameReader gives the same events for every way to cut", () => {
  const compressed = { ...CLIENT, mayCompress: true };
  const vectors: readonly (readonly [string, string, FrameReaderOptions, readonly string[]])[] = [
    ["masked frames", "818537fa213d7f9f4d5158 898000000000", SERVER, ["text Hello", "ping "]],
    ["a pong between fragments", "010348656c 8a0161 80026c6f", CLIENT, ["pong a", "text Hello"]],
    ["a message within a message", "0102c3a9 0101e2 8002 82ac", CLIENT, ["error 1002"]],
    ["UTF-8 across fragments", "0103c3a9e2 800282ac 8100", CLIENT, ["text é€", "text "]],
    ["UTF-8 that is none", "0102c3a9 8001e2 8100", CLIENT, ["error 1007"]],
    ["the longer form of a length", "827e007e", CLIENT, []],
    ["a close, and bytes behind it", "880503e8627965 810161", CLIENT, ["close 1000 bye"]],
    ["a frame without a mask", "810161 8100", SERVER, ["error 1002"]],
    [
      "too long a message",
      "0102616280036364658100",
      { ...CLIENT, maxMessageBytes: 4 },
      ["error 1009"],
    ],
    [
      "a compressed message",
      "c107f248cdc9c90700 820161",
      compressed,
      ["compressed f248cdc9c90700", "binary a"],
    ],
  ];
  for (const [name, hex, options, events] of vectors) {
    it(name, () => {
      const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
      everyChunking(bytes, (pieces) => read(pieces, options));
      assert.deepEqual(read([bytes], options), events);
    });
  }
});
