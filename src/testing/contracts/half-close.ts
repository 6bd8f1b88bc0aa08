/**
 * Contracts of `loseWriteConnection` and `IHalfCloseableProtocol`.
 *
 * @module
 */
import { ConnectionDone } from "../../internet/errors.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { Source } from "./sources.ts";
import type { Contracts } from "./trial.ts";

/** By name. */
export const halfCloseContracts: Contracts = {
  "the peer's end is readConnectionLost(), and one may go on writing": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: trial.halfCloseWitness(),
    });
    client.write("question");
    client.loseWrite();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    expectEqual(server.text, "question");
    await trial.passes();
    expectEqual([server.reason, client.reason], [undefined, undefined]);
    server.write("answer");
    await trial.settle(() => client.text === "answer");
  },

  "writeConnectionLost() comes later, when all is sent": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: trial.halfCloseWitness(),
    });
    server.pause();
    await trial.stall(client);
    client.loseWrite();
    await trial.passes();
    expectEqual(client.calls, ["connectionMade"], "calls while bytes wait");
    server.resume();
    await trial.settle(() => client.calls.includes("writeConnectionLost"));
    expectEqual(client.transport.bufferedBytes, 0, "bytes held");
    expectEqual(client.calls, ["connectionMade", "writeConnectionLost"]);
  },

  "when each side has ended its half, it is ConnectionDone for both": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: trial.halfCloseWitness(),
    });
    client.loseWrite();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    server.write("the end");
    server.loseWrite();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.text, "the end");
    expectReason(client.reason, ConnectionDone);
    expectReason(server.reason, ConnectionDone);
    expectEqual(server.calls, [
      "connectionMade",
      "readConnectionLost",
      "writeConnectionLost",
      "connectionLost",
    ]);
  },

  "both halves at once": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: trial.halfCloseWitness(),
    });
    client.loseWrite();
    server.loseWrite();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    expectReason(server.reason, ConnectionDone);
  },

  "a protocol without halves closes at the peer's end": async (trial) => {
    const { client, server } = await trial.pair({ client: trial.halfCloseWitness() });
    client.loseWrite();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(server.reason, ConnectionDone);
    expectEqual(server.calls, ["connectionMade", "connectionLost"]);
  },

  "a protocol without halves may end its own, and reads on": async (trial) => {
    const { client, server } = await trial.pair({ server: trial.halfCloseWitness() });
    client.loseWrite();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    server.write("still heard");
    await trial.settle(() => client.text === "still heard");
    expectEqual(client.reason, undefined);
    server.lose();
    await trial.settle(() => client.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
  },

  "write() after loseWriteConnection() is dropped and counted": async (trial) => {
    const { client, server } = await trial.pair({ server: trial.halfCloseWitness() });
    client.write("sent");
    client.loseWrite();
    client.write("late");
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    client.write("later");
    expectEqual(server.text, "sent");
    expectEqual(client.transport.droppedBytes, 9, "bytes dropped");
  },

  "loseWriteConnection() twice is once": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: trial.halfCloseWitness(),
    });
    client.loseWrite();
    client.loseWrite();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    client.loseWrite();
    await trial.passes();
    expectEqual(client.calls, ["connectionMade", "writeConnectionLost"]);
    expectEqual(server.calls, ["connectionMade", "readConnectionLost"]);
  },

  "loseWriteConnection() waits for a registered producer": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: trial.halfCloseWitness(),
    });
    client.transport.registerProducer(new Source(), true);
    client.loseWrite();
    client.write("from the producer");
    await trial.passes();
    expectEqual(client.calls, ["connectionMade"]);
    client.transport.unregisterProducer();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    expectEqual(server.text, "from the producer");
  },

  "loseConnection() after loseWriteConnection() closes": async (trial) => {
    const { client, server } = await trial.pair({ server: trial.halfCloseWitness() });
    client.write("x");
    client.loseWrite();
    client.lose();
    await trial.settle(() => client.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    expectEqual(server.text, "x");
  },

  "loseConnection() right after loseWriteConnection() is one end": async (trial) => {
    const { client, server } = await trial.pair({ client: trial.halfCloseWitness() });
    client.loseWrite();
    client.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.calls, ["connectionMade", "connectionLost"]);
    expectReason(server.reason, ConnectionDone);
  },

  "unregisterProducer() does not end our half twice": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: trial.halfCloseWitness(),
    });
    client.loseWrite();
    client.transport.unregisterProducer();
    client.transport.unregisterProducer();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    client.transport.unregisterProducer();
    await trial.passes();
    expectEqual(client.calls, ["connectionMade", "writeConnectionLost"]);
  },

  "loseConnection() from inside readConnectionLost() and writeConnectionLost()": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness({ writeLost: (one) => one.lose() }),
      server: trial.halfCloseWitness({ readLost: (one) => one.lose() }),
    });
    client.loseWrite();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    expectReason(server.reason, ConnectionDone);
  },

  "loseWriteConnection() from inside connectionMade()": async (trial) => {
    const { client, server } = await trial.pair({
      server: trial.halfCloseWitness({
        made: (one) => {
          one.write("all I know");
          one.loseWrite();
        },
      }),
      client: trial.halfCloseWitness(),
    });
    await trial.settle(() => client.calls.includes("readConnectionLost"));
    expectEqual(client.text, "all I know");
    client.write("thanks");
    await trial.settle(() => server.text === "thanks");
  },

  "an end is not told while reading is paused": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      server: trial.halfCloseWitness(),
    });
    server.pause();
    client.loseWrite();
    await trial.settle(() => client.calls.includes("writeConnectionLost"));
    await trial.passes();
    expectEqual(server.calls, ["connectionMade"]);
    server.resume();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    expectEqual(server.calls, ["connectionMade", "readConnectionLost"]);
  },
};
