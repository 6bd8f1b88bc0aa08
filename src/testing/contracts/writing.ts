/**
 * Contracts of `write`: what is sent, when, and what is dropped.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionDone, ConnectionLost } from "../../internet/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import type { Contracts } from "./trial.ts";

/** Every byte there is, in an order that shows a slip. */
const PATTERN = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7 + (at >> 8)) & 0xff));

/** By name. */
export const writingContracts: Contracts = {
  "write() from inside connectionMade() arrives": async (trial) => {
    const { client } = await trial.pair({ server: { made: (one) => one.write("hello") } });
    await trial.settle(() => client.text === "hello");
  },

  "nothing is sent before write() returns": async (trial) => {
    const { client, server } = await trial.pair();
    client.write("held");
    expectEqual(client.transport.bufferedBytes, 4, "bytes held");
    await trial.settle(() => server.text === "held");
    expectEqual(client.transport.bufferedBytes, 0, "bytes held in the end");
  },

  "the writes of one turn arrive together": async (trial) => {
    trial.needsWholeReads();
    const { client, server } = await trial.pair();
    for (const letter of "together") client.write(letter);
    client.transport.writeSequence([" ", "now"]);
    await trial.settle(() => server.bytes === 12);
    expectEqual(server.pieces.length, 1, "pieces");
    expectEqual(server.text, "together now");
  },

  "order is kept, whatever the sizes": async (trial) => {
    const { client, server } = await trial.pair();
    const sizes = [1, 4095, 70_000, 0, 3, 131_072, 131_073, 12, 300_000, 65_536, 5];
    const whole = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0));
    for (let at = 0; at < whole.length; at += 1) whole[at] = (at * 31 + (at >> 9)) & 0xff;
    let from = 0;
    for (const size of sizes) {
      client.write(whole.subarray(from, from + size));
      from += size;
    }
    await trial.settle(() => server.bytes === whole.length);
    assert(Buffer.concat(server.pieces).equals(whole), "Expected the bytes as written");
  },

  "10 MB arrive whole": async (trial) => {
    const { client, server } = await trial.pair();
    const whole = Buffer.alloc(10_000_000, PATTERN);
    client.write(whole);
    await trial.settle(() => server.bytes === whole.length);
    assert(Buffer.concat(server.pieces).equals(whole), "Expected the bytes as written");
  },

  "both directions at once keep their bytes apart": async (trial) => {
    const { client, server } = await trial.pair();
    const [there, back] = [Buffer.alloc(3_000_000, PATTERN), Buffer.alloc(3_000_000, "back ")];
    client.write(there);
    server.write(back);
    await trial.settle(() => server.bytes === there.length && client.bytes === back.length);
    assert(Buffer.concat(server.pieces).equals(there), "Expected the bytes there");
    assert(Buffer.concat(client.pieces).equals(back), "Expected the bytes back");
  },

  "text is UTF-8, and counted in bytes": async (trial) => {
    const { client, server } = await trial.pair();
    const text = "naïve ☃ 𝄞";
    client.write(text);
    expectEqual(client.transport.bufferedBytes, Buffer.byteLength(text), "bytes held");
    await trial.settle(() => server.bytes === Buffer.byteLength(text));
    expectEqual(server.text, text);
  },

  "any Uint8Array is bytes": async (trial) => {
    const { client, server } = await trial.pair();
    client.write(new Uint8Array(new TextEncoder().encode("[bytes]").buffer, 1, 5));
    await trial.settle(() => server.bytes === 5);
    expectEqual(server.text, "bytes");
  },

  "what is neither bytes nor text is a TypeError": async (trial) => {
    const { client, server } = await trial.pair();
    // A plain JavaScript caller has no types to hold it back.
    const others: readonly string[] = JSON.parse('[1, null, true, {"length": 3}, ["a"]]');
    for (const other of others) expectThrown(() => client.transport.write(other), TypeError);
    client.write("fine");
    await trial.settle(() => server.bytes === 4);
    expectEqual(server.text, "fine");
  },

  "an empty write sends nothing, and does no harm": async (trial) => {
    const { client, server } = await trial.pair();
    client.write("");
    client.write(Buffer.alloc(0));
    expectEqual(client.transport.bufferedBytes, 0, "bytes held");
    await trial.passes();
    expectEqual(server.calls, ["connectionMade"]);
    client.write("x");
    await trial.settle(() => server.text === "x");
  },

  "writeSequence() writes each, in order": async (trial) => {
    const { client, server } = await trial.pair();
    client.transport.writeSequence(["a", Buffer.from("b"), "", "c"]);
    client.transport.writeSequence(new Set(["d", "e"]));
    await trial.settle(() => server.bytes === 5);
    expectEqual(server.text, "abcde");
  },

  "write() after loseConnection() is dropped and counted": async (trial) => {
    const { client, server } = await trial.pair();
    client.write("sent");
    client.lose();
    client.write("too late");
    client.write("☃");
    expectEqual(client.transport.droppedBytes, 11, "bytes dropped");
    await trial.settle(() => server.reason !== undefined && client.reason !== undefined);
    expectEqual(server.text, "sent");
    client.write("far too late");
    expectEqual(client.transport.droppedBytes, 23, "bytes dropped in the end");
    expectEqual(client.transport.bufferedBytes, 0, "bytes held in the end");
  },

  "write() after the peer has closed is dropped and counted": async (trial) => {
    const { client, server } = await trial.pair();
    client.lose();
    await trial.settle(() => server.reason !== undefined);
    server.write("nobody");
    expectEqual(server.transport.droppedBytes, 6, "bytes dropped");
  },

  "nothing is dropped from a connection in good order": async (trial) => {
    const { client, server } = await trial.pair();
    client.write(Buffer.alloc(300_000));
    client.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual([client.transport.droppedBytes, server.bytes], [0, 300_000]);
  },

  "drained() fires at once when nothing waits": async (trial) => {
    const { client } = await trial.pair();
    expectEqual(client.transport.drained().called, true);
  },

  "drained() fires when all that was written is handed over, never inside write()": async (
    trial,
  ) => {
    const { client } = await trial.pair();
    client.write("x");
    const [first, second] = [client.transport.drained(), client.transport.drained()];
    client.write("y");
    expectEqual([first.called, second.called], [false, false]);
    await trial.fired(first);
    await trial.fired(second);
    expectEqual(client.transport.bufferedBytes, 0, "bytes held");
  },

  "drained() waits while the peer does not read": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    await trial.stall(client);
    const drained = client.transport.drained();
    await trial.passes();
    expectEqual(drained.called, false, "drained while stalled");
    server.resume();
    await trial.fired(drained);
  },

  "await drained() in a loop sends everything, and holds little": async (trial) => {
    const { client, server } = await trial.pair();
    const pieces = 200;
    let most = 0;
    const writeAll = async (): Promise<void> => {
      for (let at = 0; at < pieces; at += 1) {
        client.write(Buffer.alloc(50_000, PATTERN));
        most = Math.max(most, client.transport.bufferedBytes);
        await client.transport.drained();
      }
      client.lose();
    };
    const written = writeAll();
    await trial.settle(() => server.reason !== undefined);
    await written;
    expectEqual(server.bytes, pieces * 50_000);
    expectEqual(most, 50_000, "the most that was held");
  },

  "drained() fails with the reason when the connection ends first": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    await trial.stall(client);
    const drained = client.transport.drained();
    server.abort();
    const why = await trial.outcome(drained);
    expectReason(why, ConnectionLost);
    expectEqual(why instanceof Failure && why.value, client.reason?.value);
    expectReason(await trial.outcome(client.transport.drained()), ConnectionLost);
  },

  "writing from inside what drained() called goes on": async (trial) => {
    const { client, server } = await trial.pair();
    client.write("first ");
    void client.transport.drained().addCallback(() => {
      client.write("second");
      client.lose();
    });
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.text, "first second");
    expectReason(server.reason, ConnectionDone);
  },
};
