/**
 * Contracts of attempts to connect: how they end, and how they are begun again.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import {
  ConnectionRefusedError,
  ConnectionResetError,
  TimeoutError,
} from "../../internet/errors.ts";
import type { IConnector } from "../../internet/interfaces-factory.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import type { Contracts } from "./trial.ts";
import { WitnessClientFactory } from "./witness-factories.ts";

/** By name. */
export const attemptContracts: Contracts = {
  "an attempt fails at its timeout, with TimeoutError": async (trial) => {
    const place = await trial.silentPort();
    const begun = trial.reactor.seconds();
    const { clientFactory, connector } = trial.dial(place, { connect: { timeout: 0.05 } });
    await trial.settle(() => connector.state === "disconnected");
    assert(trial.isPast(begun, 0.05), "Expected it not to fail early");
    const error = expectReason(clientFactory.reasons[0], TimeoutError);
    expectEqual([error.seconds, error.phase], [0.05, "connect"]);
    assert(error.destination?.equals(connector.getDestination()) === true, "Expected where to");
    expectEqual(clientFactory.asked, ["start", "connecting", "failed", "stop"]);
  },

  "the timeout is gone when the connection is there": async (trial) => {
    await trial.pair();
    // At once, or as soon as a handshake is done: its deadline is as long as the timeout.
    await trial.settle(() => trial.reactor.getDelayedCalls().length === 0);
  },

  "timeouts that are none are refused, and nothing is begun": async (trial) => {
    const { place, factory } = await trial.listen(() => trial.witness());
    for (const timeout of [-1, Number.NaN]) {
      const clientFactory = new WitnessClientFactory(() => trial.witness());
      expectThrown(() => trial.connect(place, clientFactory, { timeout }), RangeError);
      expectEqual(clientFactory.asked, []);
    }
    await trial.passes();
    expectEqual(factory.asked, ["start"], "what the server's factory was asked");
  },

  "connect() from inside clientConnectionFailed() tries again, factory unstopped": async (
    trial,
  ) => {
    const place = await trial.refusingPort();
    let left = 3;
    const { clientFactory, connector } = trial.dial(place, {
      factory: {
        failed: (one) => {
          left -= 1;
          if (left > 0) one.connect();
        },
      },
    });
    await trial.settle(() => connector.state === "disconnected" && left === 0);
    const attempt = ["connecting", "failed"];
    expectEqual(clientFactory.asked, ["start", ...attempt, ...attempt, ...attempt, "stop"]);
    expectReason(clientFactory.reasons[2], ConnectionRefusedError);
  },

  "connect() from inside clientConnectionLost() connects again, factory unstopped": async (
    trial,
  ) => {
    const { place } = await trial.listen(() => trial.witness({ made: (one) => one.lose() }));
    let left = 3;
    const factory = new WitnessClientFactory(() => trial.witness(), {
      lost: (one) => {
        left -= 1;
        if (left > 0) one.connect();
      },
    });
    trial.connect(place, factory);
    await trial.settle(() => factory.count("stop") > 0);
    expectEqual(
      ["start", "build", "made", "lost", "stop"].map((what) => factory.count(what)),
      [1, 3, 3, 3, 1],
    );
  },

  "connect() long after the end starts the factory again": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const factory = new WitnessClientFactory(() => trial.witness(), {
      made: (one) => one.disconnect(),
    });
    const connector = trial.connect(place, factory);
    await trial.settle(() => factory.count("stop") === 1);
    connector.connect();
    await trial.settle(() => factory.count("stop") === 2);
    expectEqual([factory.count("start"), factory.count("made")], [2, 2]);
  },

  "connect() after stopConnecting() is one attempt": async (trial) => {
    const servers: unknown[] = [];
    const { place } = await trial.listen(() => {
      const server = trial.witness();
      servers.push(server);
      return server;
    });
    const client = trial.witness();
    const factory = new WitnessClientFactory(() => client, {
      failed: (one: IConnector) => one.connect(),
    });
    trial.connect(place, factory).stopConnecting();
    await trial.settle(() => client.made);
    await trial.passes();
    expectEqual([factory.count("build"), factory.count("failed")], [1, 1]);
  },

  "what the factory throws is logged, and goes no further": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    for (const hook of ["connecting", "made", "lost"] as const) {
      const boom = new Error(`boom in ${hook}`);
      const throwing = {
        [hook]: () => {
          throw boom;
        },
      };
      const { client, connector } = trial.dial(place, { factory: throwing });
      await trial.settle(() => client.made);
      client.lose();
      await trial.settle(() => connector.state === "disconnected");
      trial.expectLogged(boom);
    }
  },

  "what clientConnectionFailed() throws is logged, and goes no further": async (trial) => {
    const boom = new Error("boom");
    const place = await trial.refusingPort();
    const { clientFactory } = trial.dial(place, {
      factory: {
        failed: () => {
          throw boom;
        },
      },
    });
    await trial.settle(() => clientFactory.count("stop") === 1);
    trial.expectLogged(boom);
  },

  "a peer that resets at once: one end, of the attempt or of the connection": async (trial) => {
    const { place } = await trial.listen(() => trial.witness({ made: (one) => one.abort() }));
    const { client, clientFactory, connector } = trial.dial(place);
    await trial.settle(() => connector.state === "disconnected");
    await trial.passes();
    expectEqual(clientFactory.count("failed") + clientFactory.count("lost"), 1, "ends told");
    expectEqual(clientFactory.asked.at(-1), "stop");
    if (client.made) trial.expectReset(client.reason);
    else expectReason(clientFactory.reasons[0], ConnectionResetError);
  },
};
