/**
 * Contracts of `abortConnection`.
 *
 * @module
 */
import { ConnectionAborted } from "../../internet/errors.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { Source } from "./sources.ts";
import type { Contracts } from "./trial.ts";

/** By name. */
export const abortContracts: Contracts = {
  "abortConnection(): ConnectionAborted here, later; ConnectionLost there": async (trial) => {
    const { client, server } = await trial.pair();
    client.abort();
    expectEqual(client.reason, undefined, "the reason inside the call");
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionAborted);
    trial.expectReset(server.reason);
  },

  "abortConnection() with 10 MB waiting drops them": async (trial) => {
    const { client, server } = await trial.pair();
    client.pause();
    await trial.stall(server, 10_000_000);
    const held = server.transport.bufferedBytes;
    server.abort();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionAborted);
    expectEqual(server.transport.bufferedBytes, 0, "bytes held");
    // What the platform had been given and had not confirmed counts as sent.
    const dropped = server.transport.droppedBytes;
    expectEqual(dropped > held - 200_000 && dropped <= held, true, `dropped: ${String(dropped)}`);
    client.resume();
    await trial.settle(() => client.reason !== undefined);
    trial.expectReset(client.reason);
  },

  "abortConnection() twice, and after loseConnection()": async (trial) => {
    const { client, server } = await trial.pair();
    client.lose();
    client.abort();
    client.abort();
    client.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionAborted);
  },

  "abortConnection() wins over a close that waits for the peer": async (trial) => {
    const { client, server } = await trial.pair();
    client.pause();
    await trial.stall(server);
    server.lose();
    await trial.passes(3);
    server.abort();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionAborted);
  },

  "abortConnection() wins over a close that waits for a producer, and stops it": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source();
    server.transport.registerProducer(source, true);
    server.lose();
    server.abort();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(server.reason, ConnectionAborted);
    expectEqual(source.asked, ["stop"]);
  },

  "abortConnection() from inside connectionMade()": async (trial) => {
    const { client, server, connector, clientFactory } = await trial.pair({
      client: { made: (one) => one.abort() },
    });
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    await trial.settle(() => connector.state === "disconnected");
    expectReason(client.reason, ConnectionAborted);
    expectReason(clientFactory.reasons[0], ConnectionAborted);
  },

  "abortConnection() from inside dataReceived(): no more data": async (trial) => {
    const { client, server } = await trial.pair({ server: { data: (one) => one.abort() } });
    client.write(Buffer.alloc(1_000_000, "x"));
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(server.pieces.length, 1, "pieces");
    expectReason(server.reason, ConnectionAborted);
  },

  "abortConnection() from inside writeConnectionLost() reaches the peer": async (trial) => {
    const { client, server } = await trial.pair({
      server: trial.halfCloseWitness({ writeLost: (one) => one.abort() }),
      client: trial.halfCloseWitness(),
    });
    server.loseWrite();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionAborted);
    // If our end were still open, the peer could go on for ever.
    const more = (): void => {
      client.write("x");
      if (client.reason === undefined) trial.reactor.callLater(0.001, more);
    };
    more();
    await trial.settle(() => client.reason !== undefined);
  },

  "abortConnection() while reading is paused": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    client.write("unread");
    await trial.passes();
    server.abort();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(server.reason, ConnectionAborted);
    trial.expectReset(client.reason);
  },

  "both sides aborting at once end once each": async (trial) => {
    const { client, server } = await trial.pair();
    client.abort();
    server.abort();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionAborted);
    expectReason(server.reason, ConnectionAborted);
  },
};
