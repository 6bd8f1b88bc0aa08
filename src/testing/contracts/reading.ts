/**
 * Contracts of the reading side: what is delivered, how, and how to make it wait.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionDone, ConnectionLost } from "../../internet/errors.ts";
import { expectEqual, expectReason } from "./expect.ts";
import type { Contracts } from "./trial.ts";

/** By name. */
export const readingContracts: Contracts = {
  "dataReceived() is given Buffers of its own, to keep": async (trial) => {
    const { client, server } = await trial.pair();
    const kept: Buffer[] = [];
    const texts: string[] = [];
    for (let at = 0; at < 50; at += 1) {
      const text = `piece ${String(at)}.`;
      const due = server.bytes + text.length;
      client.write(text);
      await trial.settle(() => server.bytes === due);
    }
    for (const piece of server.pieces) {
      assert(Buffer.isBuffer(piece), "Expected a Buffer");
      kept.push(piece);
      texts.push(piece.toString());
    }
    client.write(Buffer.alloc(500_000, "overwrite"));
    const due = server.bytes + 500_000;
    await trial.settle(() => server.bytes === due);
    expectEqual(
      kept.map((piece) => piece.toString()),
      texts,
    );
    kept[0]?.fill(0);
    expectEqual(kept[1]?.toString(), texts[1], "the next piece after one was changed");
  },

  "dataReceived() is not re-entered by what it asks for": async (trial) => {
    // A witness counts a callback from inside another as a violation.
    const { client, server } = await trial.pair({
      server: {
        data: (one, data) => {
          one.write(data);
          one.pause();
          one.resume();
        },
      },
    });
    for (let at = 0; at < 20; at += 1) client.write(Buffer.alloc(20_000, "x"));
    await trial.settle(() => client.bytes === 400_000);
    expectEqual(server.bytes, 400_000);
  },

  "no data while paused; then all of it, in order": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    client.write("one ");
    await trial.passes();
    client.write("two");
    await trial.passes();
    expectEqual(server.text, "", "what came while paused");
    server.resume();
    expectEqual(server.text, "", "what came from inside resumeProducing()");
    await trial.settle(() => server.bytes === 7);
    expectEqual(server.text, "one two");
  },

  "no data after pauseProducing() in connectionMade()": async (trial) => {
    const { client, server } = await trial.pair({ server: { made: (one) => one.pause() } });
    client.write("early");
    await trial.passes();
    expectEqual(server.text, "", "what came while paused");
    server.resume();
    await trial.settle(() => server.text === "early");
  },

  "no data after pause, resume, pause in connectionMade()": async (trial) => {
    const { client, server } = await trial.pair({
      server: {
        made: (one) => {
          one.pause();
          one.resume();
          one.pause();
        },
      },
    });
    client.write("early");
    await trial.passes();
    expectEqual(server.text, "", "what came while paused");
    server.resume();
    await trial.settle(() => server.text === "early");
  },

  "no data after pauseProducing() in clientConnectionMade()": async (trial) => {
    const client = trial.witness();
    await trial.pair({
      server: { made: (one) => one.write("early") },
      client,
      factory: { made: () => client.pause() },
    });
    await trial.passes();
    expectEqual(client.text, "", "what came while paused");
    client.resume();
    await trial.settle(() => client.text === "early");
  },

  "pause and resume in connectionMade() leave it reading": async (trial) => {
    const { client, server } = await trial.pair({
      server: {
        made: (one) => {
          one.pause();
          one.resume();
        },
      },
    });
    client.write("through");
    await trial.settle(() => server.text === "through");
  },

  "pauseProducing() from inside dataReceived() holds back the rest": async (trial) => {
    const { client, server } = await trial.pair({ server: { data: (one) => one.pause() } });
    client.write(Buffer.alloc(2_000_000, "x"));
    for (let piece = 1; server.bytes < 2_000_000; piece += 1) {
      await trial.settle(() => server.pieces.length === piece);
      await trial.passes(3);
      expectEqual(server.pieces.length, piece, "pieces while paused");
      server.resume();
    }
    expectEqual(server.bytes, 2_000_000);
  },

  "resume and pause in one turn leave it paused": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    client.write("x");
    await trial.passes();
    server.resume();
    server.pause();
    await trial.passes();
    expectEqual(server.text, "", "what came while paused");
    server.resume();
    await trial.settle(() => server.text === "x");
  },

  "pausing and resuming do not count": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    server.pause();
    server.resume();
    client.write("x");
    await trial.settle(() => server.text === "x");
    server.resume();
    client.write("y");
    await trial.settle(() => server.text === "xy");
  },

  "a close of the peer is not noticed while paused, and no byte before it lost": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    client.write("last words");
    client.lose();
    await trial.settle(() => client.reason !== undefined);
    await trial.passes();
    expectEqual(server.calls, ["connectionMade"], "calls while paused");
    server.resume();
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.text, "last words");
    expectReason(server.reason, ConnectionDone);
  },

  "a close of the peer is not noticed while paused, with nothing before it": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    client.lose();
    await trial.settle(() => client.reason !== undefined);
    await trial.passes();
    expectEqual(server.calls, ["connectionMade"], "calls while paused");
    server.resume();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionDone);
  },

  "pausing after the last bytes puts off the end": async (trial) => {
    const { client, server } = await trial.pair({
      server: {
        data: (one) => {
          if (one.text === "last words") one.pause();
        },
      },
    });
    client.write("last words");
    client.lose();
    await trial.settle(() => server.text === "last words" && client.reason !== undefined);
    await trial.passes();
    expectEqual(server.reason, undefined, "the reason while paused");
    server.resume();
    await trial.settle(() => server.reason !== undefined);
  },

  "bytes with a reset behind them are not a whole stream": async (trial) => {
    trial.needsResets();
    const { client, server } = await trial.pair();
    server.pause();
    client.write("partial");
    await trial.passes();
    client.abort();
    await trial.settle(() => client.reason !== undefined);
    await trial.passes();
    server.resume();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionLost);
  },

  "one may write while reading is paused": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    server.write("deaf, not dumb");
    await trial.settle(() => client.text === "deaf, not dumb");
  },

  "a paused side can close, and be heard": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    client.write("unread");
    await trial.passes();
    server.write("bye");
    server.lose();
    await trial.settle(() => server.reason !== undefined && client.reason !== undefined);
    expectReason(server.reason, ConnectionDone);
    expectEqual([client.text, server.text], ["bye", ""]);
  },

  "a paused reader makes the writer wait": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    await trial.stall(client, 4 << 20);
    const held = client.transport.bufferedBytes;
    await trial.passes();
    expectEqual(client.transport.bufferedBytes, held, "bytes held");
    server.resume();
    await trial.settle(() => client.transport.bufferedBytes === 0);
  },

  "one connection's pause does not touch another": async (trial) => {
    const servers = [trial.witness(), trial.witness()];
    let next = 0;
    const { place } = await trial.listen(() => {
      next += 1;
      return servers[next - 1];
    });
    const clients = servers.map(() => trial.dial(place).client);
    await trial.settle(() => [...servers, ...clients].every((one) => one.made));
    servers[0]?.pause();
    for (const one of clients) one.write("x");
    await trial.settle(() => servers.some((one) => one.text === "x"));
    await trial.passes();
    expectEqual(
      servers.map((one) => one.text),
      ["", "x"],
    );
  },
};
