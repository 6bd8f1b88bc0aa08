/**
 * Contracts of the life of a connection: what is called, in which order, and what it tells.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionDone } from "../../internet/errors.ts";
import { providesTCP } from "../../internet/interfaces-transport.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { type Contracts, DoesNotApply } from "./trial.ts";

/** By name. */
export const lifeContracts: Contracts = {
  "connectionMade, dataReceived, connectionLost: each side in order": async (trial) => {
    const { server, client } = await trial.pair();
    client.write("question");
    await trial.settle(() => server.text === "question");
    server.write("answer");
    await trial.settle(() => client.text === "answer");
    client.lose();
    await trial.settle(() => server.reason !== undefined && client.reason !== undefined);
    const life = ["connectionMade", "dataReceived", "connectionLost"];
    expectEqual(server.life, life);
    expectEqual(client.life, life);
  },

  "the transport is set, connected and known before connectionMade()": async (trial) => {
    const seen: unknown[] = [];
    const { server } = await trial.pair({
      server: {
        made: (one) => {
          const { connected, disconnecting, disconnected, protocol } = one.transport;
          seen.push(connected, disconnecting, disconnected, protocol === one);
        },
      },
    });
    expectEqual(seen, [true, false, false, true]);
    expectEqual(server.transport.protocol, server);
  },

  "connected, disconnecting, disconnected: at each step": async (trial) => {
    const seen: boolean[] = [];
    const { client } = await trial.pair({
      client: {
        lost: (one) => {
          const { connected, disconnecting, disconnected } = one.transport;
          seen.push(connected, disconnecting, disconnected);
        },
      },
    });
    client.lose();
    const { connected, disconnecting, disconnected } = client.transport;
    expectEqual([connected, disconnecting, disconnected], [true, true, false]);
    await trial.settle(() => client.reason !== undefined);
    expectEqual([seen[0], seen[2]], [false, true], "connected and disconnected at the end");
  },

  "addresses are known after the end": async (trial) => {
    const { client, server } = await trial.pair();
    const [peer, host] = [client.transport.getPeer(), client.transport.getHost()];
    client.abort();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    assert(client.transport.getPeer().equals(peer), "Expected the peer to be known");
    assert(client.transport.getHost().equals(host), "Expected the host to be known");
    assert(server.transport.getPeer().equals(host), "Expected the client to be known");
  },

  "nothing is called after connectionLost(), whatever is asked": async (trial) => {
    const { client, server } = await trial.pair();
    client.write("x");
    client.lose();
    await trial.settle(() => server.reason !== undefined && client.reason !== undefined);
    for (const one of [client, server]) {
      one.write("late");
      one.pause();
      one.resume();
      one.loseWrite();
      one.lose();
      one.abort();
      one.transport.stopProducing();
    }
    await trial.passes();
    // A witness counts what comes after the end as a violation.
    expectEqual(client.calls.at(-1), "connectionLost");
  },

  "requests from inside connectionLost() do nothing": async (trial) => {
    const { client, server } = await trial.pair({
      client: {
        lost: (one) => {
          one.write("late");
          one.lose();
          one.abort();
          one.resume();
        },
      },
    });
    server.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    await trial.passes();
    expectReason(client.reason, ConnectionDone);
    expectEqual(server.bytes, 0, "bytes received");
  },

  "TCP's switches read as they were set": async (trial) => {
    const { client } = await trial.pair();
    const { transport } = client;
    if (!providesTCP(transport)) throw new DoesNotApply("about TCP's switches");
    expectEqual([transport.getTcpNoDelay(), transport.getTcpKeepAlive()], [true, false]);
    transport.setTcpNoDelay(false);
    transport.setTcpKeepAlive(true, 30);
    expectEqual([transport.getTcpNoDelay(), transport.getTcpKeepAlive()], [false, true]);
  },

  "both sides closing at once is ConnectionDone for both": async (trial) => {
    const { client, server } = await trial.pair();
    client.lose();
    server.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    expectReason(server.reason, ConnectionDone);
  },

  "a hundred connections made and lost leave nothing behind": async (trial) => {
    let ended = 0;
    const { port, place } = await trial.listen(
      () => trial.witness({ data: (one) => one.lose(), lost: () => (ended += 1) }),
      { backlog: 200 },
    );
    for (let at = 0; at < 100; at += 1) {
      trial.dial(place, {
        client: { made: (one) => one.write("bye"), lost: () => (ended += 1) },
      });
    }
    await trial.settle(() => ended === 200);
    expectEqual(port.connections.size, 0, "connections");
    await trial.settle(() => trial.reactor.getDelayedCalls().length === 0);
  },
};
