/**
 * Any cuts, sizes and pauses give the same bytes, by every way to read and write.
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { allowNoErrors, settled } from "../../test/streams/scene.ts";
import { connect } from "../testing/connect.ts";
import { StreamProtocol } from "./stream-protocol.ts";

allowNoErrors();

/** What is written, piece by piece, and how the wire and the reader treat it. */
const script = fc.record({
  sizes: fc.array(fc.oneof(fc.nat(3), fc.nat(5000), fc.nat(100_000)), { maxLength: 12 }),
  chunkBytes: fc.oneof(fc.integer({ min: 50, max: 500 }), fc.integer({ min: 5000, max: 200_000 })),
  highWaterMark: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(65_536)),
  /** How often the wire moves between two turns of the promises. */
  rhythm: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
});

type Script = typeof script extends fc.Arbitrary<infer S> ? S : never;

/** Bytes that say where they belong. */
function piecesOf(sizes: readonly number[]): Buffer[] {
  let next = 0;
  return sizes.map((size) => Buffer.from(Array.from({ length: size }, () => (next += 7) % 251)));
}

type Send = (stream: StreamProtocol, pieces: readonly Buffer[]) => Promise<void>;
type Receive = (stream: StreamProtocol, onData: (data: Uint8Array) => void) => Promise<void>;

const SEND: Readonly<Record<string, Send>> = {
  async duplex({ duplex }, pieces) {
    for (const piece of pieces) duplex.write(piece);
    await new Promise((resolve) => {
      duplex.end(resolve);
    });
  },
  async writable({ writable }, pieces) {
    const writer = writable.getWriter();
    for (const piece of pieces) await writer.write(piece);
    await writer.close();
  },
  async "write()"(stream, pieces) {
    for (const piece of pieces) await stream.write(piece);
    await stream.end();
  },
};

const RECEIVE: Readonly<Record<string, Receive>> = {
  async "duplex, flowing"({ duplex }, onData) {
    duplex.on("data", onData);
    await new Promise((resolve) => {
      duplex.on("end", resolve);
    });
  },
  async "duplex, for await"({ duplex }, onData) {
    for await (const chunk of duplex.iterator({ destroyOnReturn: false })) onData(chunk);
  },
  async readable({ readable }, onData) {
    const reader = readable.getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read()) onData(step.value);
  },
  async "for await"(stream, onData) {
    for await (const chunk of stream) onData(chunk);
  },
};

async function carried(given: Script, send: Send, receive: Receive): Promise<void> {
  const { sizes, chunkBytes, highWaterMark, rhythm } = given;
  const client = new StreamProtocol({ highWaterMark });
  const server = new StreamProtocol({ highWaterMark });
  const { reactor } = connect(client, server, { chunkBytes });
  const pieces = piecesOf(sizes);
  const received: Uint8Array[] = [];
  const sending = send(client, pieces);
  const receiving = receive(server, (data) => received.push(data));
  let step = 0;
  const flush = (): void => {
    step += 1;
    for (let turns = rhythm[step % rhythm.length] ?? 1; turns > 0; turns -= 1) reactor.turn();
  };
  await settled({ flush }, Promise.all([sending, receiving]), 100_000);
  assert.isTrue(Buffer.concat(received).equals(Buffer.concat(pieces)), "the same bytes");
}

describe("any cuts, sizes and pauses give the same bytes", () => {
  for (const [sender, send] of Object.entries(SEND)) {
    for (const [receiver, receive] of Object.entries(RECEIVE)) {
      it(`from ${sender} to ${receiver}`, async () => {
        const property = fc.asyncProperty(script, (given) => carried(given, send, receive));
        await fc.assert(property, { numRuns: 20 });
      });
    }
  }
});
