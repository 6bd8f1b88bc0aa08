/**
 * Contracts of the bounds on a connection: deadlines, caps, and the figures that can be read.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionDone, ConnectionTimedOut, SendBufferFullError } from "../../internet/errors.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { Faucet, Source } from "./sources.ts";
import type { Contracts } from "./trial.ts";

const CLOSE_TIMEOUT = 0.05;
const SIP_BYTES = 1 << 19;

/** By name. */
export const boundContracts: Contracts = {
  "a peer that never reads while we close is dropped at closeTimeout": async (trial) => {
    const { client, server } = await trial.pair({ listen: { closeTimeout: CLOSE_TIMEOUT } });
    client.pause();
    await trial.stall(server);
    const begun = trial.reactor.seconds();
    server.lose();
    await trial.settle(() => server.reason !== undefined);
    const error = expectReason(server.reason, ConnectionTimedOut);
    expectEqual([error.phase, error.seconds], ["close", CLOSE_TIMEOUT]);
    assert(trial.isPast(begun, CLOSE_TIMEOUT), "Expected it not to come early");
    client.resume();
    await trial.settle(() => client.reason !== undefined);
  },

  "a client has its closeTimeout too": async (trial) => {
    const { client, server } = await trial.pair({ connect: { closeTimeout: CLOSE_TIMEOUT } });
    server.pause();
    await trial.stall(client);
    client.lose();
    await trial.settle(() => client.reason !== undefined);
    expectReason(client.reason, ConnectionTimedOut);
  },

  "a peer that ended its half and never reads is dropped at closeTimeout": async (trial) => {
    const { client, server } = await trial.pair({
      client: trial.halfCloseWitness(),
      listen: { closeTimeout: CLOSE_TIMEOUT },
    });
    client.pause();
    await trial.stall(server);
    client.loseWrite();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionTimedOut);
  },

  "closeTimeout with a producer that waits for the peer": async (trial) => {
    const { client, server } = await trial.pair({ listen: { closeTimeout: CLOSE_TIMEOUT } });
    const source = new Source();
    client.pause();
    await trial.stall(server);
    server.transport.registerProducer(source, true);
    server.lose();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionTimedOut);
    expectEqual(source.asked, ["pause", "stop"]);
  },

  "closeTimeout starts again with each progress": async (trial) => {
    const closeTimeout = 0.4;
    // Reads a little, then pauses: longer than the deadline in all, never long without progress.
    let sips = 0;
    const { client, server } = await trial.pair({
      listen: { closeTimeout },
      client: {
        data: (one) => {
          if (one.bytes < sips * SIP_BYTES) return;
          sips += 1;
          one.pause();
          trial.reactor.callLater(0.03, () => one.resume());
        },
      },
    });
    client.pause();
    await trial.stall(server, 10 << 20);
    const begun = trial.reactor.seconds();
    server.lose();
    client.resume();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionDone);
    const took = trial.reactor.seconds() - begun;
    assert(took > closeTimeout, `Expected the peer to take longer, it took ${String(took)}`);
  },

  "a close in good order leaves no timer behind": async (trial) => {
    const { client, server } = await trial.pair();
    client.write("x");
    client.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    await trial.settle(() => trial.reactor.getDelayedCalls().length === 0);
  },

  "a write beyond maxBufferedBytes ends the connection, later, with SendBufferFullError": async (
    trial,
  ) => {
    const { client, server } = await trial.pair({ listen: { maxBufferedBytes: 1_000_000 } });
    server.write(Buffer.alloc(1_000_000));
    server.write("x");
    server.write("y");
    expectEqual(server.transport.connected, true, "connected inside write");
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    const { message } = expectReason(server.reason, SendBufferFullError);
    assert(message.includes("maxBufferedBytes"), `Expected the option's name in ${message}`);
    expectEqual(server.transport.bufferedBytes, 0, "bytes held");
    expectEqual(server.transport.droppedBytes, 1_000_002, "bytes dropped");
  },

  "a write at maxBufferedBytes is the last that is taken": async (trial) => {
    const { client, server } = await trial.pair({ listen: { maxBufferedBytes: 1000 } });
    server.write(Buffer.alloc(1000));
    server.write("x");
    await trial.settle(() => client.bytes === 1001);
    expectEqual(server.reason, undefined);
  },

  "maxBufferedBytes is no bound for one large write, nor for a peer that reads": async (trial) => {
    const { client, server } = await trial.pair({ listen: { maxBufferedBytes: 100_000 } });
    for (let at = 1; at <= 3; at += 1) {
      server.write(Buffer.alloc(2_000_000));
      await trial.settle(() => client.bytes === at * 2_000_000);
    }
    expectEqual(server.reason, undefined);
  },

  "a client has its maxBufferedBytes too": async (trial) => {
    const { client, server } = await trial.pair({ connect: { maxBufferedBytes: 10 } });
    client.write("eleven bytes");
    client.write("x");
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, SendBufferFullError);
  },

  "a stalled reader with a producer costs the threshold and one chunk": async (trial) => {
    const { client, server } = await trial.pair();
    client.pause();
    const faucet = new Faucet(server.transport);
    faucet.open();
    // Until the platform has taken all that it takes on its own account.
    for (let seen = -1; seen < faucet.count("resume"); ) {
      seen = faucet.count("resume");
      await trial.passes();
    }
    assert(faucet.most <= 65_536 + 16_384, `Expected a bound, held ${String(faucet.most)}`);
    expectEqual(faucet.isPaused, true, "paused in the end");
    server.abort();
    await trial.settle(() => server.reason !== undefined);
  },

  "bufferedBytes counts what waits, and nothing that is gone": async (trial) => {
    const { client, server } = await trial.pair();
    client.pause();
    expectEqual(server.transport.bufferedBytes, 0, "at first");
    server.write("12345");
    server.write("67890");
    expectEqual(server.transport.bufferedBytes, 10, "when written");
    await trial.stall(server);
    client.resume();
    await trial.settle(() => server.transport.bufferedBytes === 0);
  },
};
