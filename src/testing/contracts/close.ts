/**
 * Contracts of `loseConnection`, on both sides of the connection.
 *
 * @module
 */
import { ConnectionDone, ConnectionLost } from "../../internet/errors.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { Source } from "./sources.ts";
import type { Contracts } from "./trial.ts";

/** By name. */
export const closeContracts: Contracts = {
  "loseConnection() is ConnectionDone on both sides, in a later turn": async (trial) => {
    const { client, server } = await trial.pair();
    client.lose();
    expectEqual(client.reason, undefined, "the reason inside the call");
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    expectReason(server.reason, ConnectionDone);
  },

  "loseConnection() twice is once": async (trial) => {
    const { client, server } = await trial.pair();
    client.lose();
    client.lose();
    client.transport.stopProducing();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.calls, ["connectionMade", "connectionLost"]);
    expectReason(client.reason, ConnectionDone);
  },

  "loseConnection() from inside connectionMade()": async (trial) => {
    const { client, server } = await trial.pair({ server: { made: (one) => one.lose() } });
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    expectReason(server.reason, ConnectionDone);
  },

  "write() and loseConnection() from inside connectionMade() deliver": async (trial) => {
    const { client } = await trial.pair({
      server: {
        made: (one) => {
          one.write("hello, goodbye");
          one.lose();
        },
      },
    });
    await trial.settle(() => client.reason !== undefined);
    expectEqual(client.text, "hello, goodbye");
    expectReason(client.reason, ConnectionDone);
  },

  "loseConnection() from inside dataReceived(): no more data": async (trial) => {
    const { client, server } = await trial.pair({ server: { data: (one) => one.lose() } });
    for (let at = 0; at < 10; at += 1) {
      client.write(Buffer.alloc(100_000, "x"));
      await trial.passes(2);
    }
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.pieces.length, 1, "pieces");
    expectReason(server.reason, ConnectionDone);
  },

  "after loseConnection() nothing is received, also while it still sends": async (trial) => {
    const { client, server } = await trial.pair();
    client.pause();
    await trial.stall(server);
    server.lose();
    client.write("unheard");
    await trial.passes();
    server.resume();
    await trial.passes();
    expectEqual(server.text, "");
    client.resume();
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.text, "");
  },

  "write(a), write(b), loseConnection(): the peer reads a and b, then the end": async (trial) => {
    const { client, server } = await trial.pair();
    client.write("a");
    client.write("b");
    client.lose();
    await trial.settle(() => server.reason !== undefined && client.reason !== undefined);
    expectEqual(server.text, "ab");
    expectEqual(server.life, ["connectionMade", "dataReceived", "connectionLost"]);
  },

  "loseConnection() sends 8 MB that wait, to a peer that reads late": async (trial) => {
    const { client, server } = await trial.pair();
    client.pause();
    server.write(Buffer.alloc(8_000_000, "x"));
    server.lose();
    await trial.passes();
    client.resume();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.bytes, 8_000_000);
    expectReason(client.reason, ConnectionDone);
    expectReason(server.reason, ConnectionDone);
  },

  "loseConnection() with bytes of the peer unread still delivers": async (trial) => {
    const { client, server } = await trial.pair({ server: { made: (one) => one.pause() } });
    client.write(Buffer.alloc(200_000, "unread"));
    await trial.passes();
    server.write("the last word");
    server.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.text, "the last word");
    expectReason(client.reason, ConnectionDone);
  },

  "a peer that goes on sending does not spoil what we say last": async (trial) => {
    const { client, server } = await trial.pair({
      server: {
        data: (one) => {
          one.write("enough");
          one.lose();
        },
      },
    });
    const more = (): void => {
      if (client.reason !== undefined) return;
      client.write(Buffer.alloc(10_000, "x"));
      trial.reactor.callLater(0, more);
    };
    more();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.text, "enough");
  },

  "loseConnection() waits for a registered producer": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source();
    server.transport.registerProducer(source, true);
    server.lose();
    server.write("one ");
    await trial.passes();
    expectEqual([server.reason, client.reason], [undefined, undefined]);
    server.write("two");
    server.transport.unregisterProducer();
    server.write("too late");
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.text, "one two");
    expectReason(server.reason, ConnectionDone);
    expectEqual(server.transport.droppedBytes, 8, "bytes dropped");
    expectEqual(source.asked, []);
  },

  "the peer's end closes, after what was written before is sent": async (trial) => {
    const { client, server } = await trial.pair({ client: trial.halfCloseWitness() });
    client.pause();
    await trial.stall(server);
    client.loseWrite();
    await trial.passes();
    expectEqual(server.reason, undefined, "the reason while bytes wait");
    const before = server.transport.droppedBytes;
    server.write("too late");
    expectEqual(server.transport.droppedBytes, before + 8, "bytes dropped");
    client.resume();
    await trial.settle(() => server.reason !== undefined);
    await trial.settle(() => client.calls.includes("readConnectionLost"));
    expectReason(server.reason, ConnectionDone);
    expectEqual(client.bytes % (1 << 20), 0, "bytes of a piece cut off");
  },

  "what is written in answer to the last bytes arrives": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: {
        data: (one) => {
          if (one.text === "question") one.write("answer");
        },
      },
    });
    client.write("question");
    client.loseWrite();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.text, "answer");
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
  },

  "a reset while we send what waits is ConnectionLost, never ConnectionDone": async (trial) => {
    const { client, server } = await trial.pair();
    client.pause();
    await trial.stall(server);
    server.lose();
    await trial.passes(3);
    client.abort();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionLost);
  },

  "a reset after the peer's end, while we send what waits, is ConnectionLost": async (trial) => {
    const { client, server } = await trial.pair({ client: trial.halfCloseWitness() });
    client.pause();
    await trial.stall(server);
    client.loseWrite();
    await trial.passes();
    client.abort();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionLost);
  },

  "a reset that was not noticed makes the last words ConnectionLost": async (trial) => {
    const { client, server } = await trial.pair({ server: { made: (one) => one.pause() } });
    client.abort();
    await trial.settle(() => client.reason !== undefined);
    await trial.passes();
    server.write("last words");
    server.lose();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionLost);
  },
};
