/**
 * Contracts of `stop()` and `crash()`: how a reactor ends, and what it leaves.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import { ConnectionLost, ReactorNotRunning } from "../../internet/errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import type { Contracts, Trial } from "./trial.ts";
import { WitnessClientFactory, WitnessFactory } from "./witness-factories.ts";

const NO_SIGNALS = { installSignalHandlers: false };

/** Run, stop, and wait for the end. */
async function runAndStop({ reactor, fired }: Trial): Promise<void> {
  const over = reactor.run(NO_SIGNALS);
  reactor.stop();
  await fired(over);
}

/** By name. */
export const stopContracts: Contracts = {
  "stop() twice is refused": async ({ reactor, fired }) => {
    const over = reactor.run(NO_SIGNALS);
    reactor.stop();
    expectThrown(() => reactor.stop(), ReactorNotRunning);
    await fired(over);
  },

  "shutdown comes in a later pass, in three phases, while running": async (trial) => {
    const { reactor } = trial;
    const seen: string[] = [];
    for (const phase of ["after", "during", "before"] as const) {
      reactor.addSystemEventTrigger(phase, "shutdown", () => {
        seen.push(`${phase} ${String(reactor.running)}`);
      });
    }
    const over = reactor.run(NO_SIGNALS);
    reactor.stop();
    expectEqual(seen, [], "what came from inside stop()");
    await trial.fired(over);
    expectEqual(seen, ["before true", "during true", "after true"]);
  },

  "a before trigger's Deferred holds the stop, with everything at work": async (trial) => {
    const { reactor, settle } = trial;
    const gate = new Deferred<void>();
    const over = reactor.run(NO_SIGNALS);
    const { server, client } = await trial.pair();
    reactor.addSystemEventTrigger("before", "shutdown", () => gate);
    reactor.stop();
    await trial.passes();
    client.write("goodbye");
    await settle(() => server.text === "goodbye");
    let timer = false;
    reactor.callLater(0, () => {
      timer = true;
    });
    await settle(() => timer);
    expectEqual(over.called, false, "over");
    gate.callback();
    await trial.fired(over);
    expectReason(server.reason, ConnectionLost);
  },

  "every connection is lost, with ConnectionLost, before run() fires": async (trial) => {
    const over = trial.reactor.run(NO_SIGNALS);
    const { server, client, port, connector } = await trial.pair();
    let open: number | undefined;
    void over.addBoth(() => {
      open = [server, client].filter((one) => one.reason === undefined).length;
    });
    trial.reactor.stop();
    await trial.fired(over);
    expectEqual(open, 0, "connections open at the end");
    expectReason(server.reason, ConnectionLost);
    expectReason(client.reason, ConnectionLost);
    expectEqual(port.connections.size, 0, "connections of the port");
    expectEqual(connector.state, "disconnected");
  },

  "every port is closed, and its factory stopped, before run() fires": async (trial) => {
    const over = trial.reactor.run(NO_SIGNALS);
    const { factory, place } = await trial.listen(() => trial.witness());
    trial.reactor.stop();
    await trial.fired(over);
    expectEqual(factory.asked, ["start", "stop"]);
    await trial.listen(() => trial.witness(), {});
    // The place is free again: a port that were still open would have it.
    const again = trial.listenNow(new WitnessFactory(() => trial.witness()), {}, place);
    await trial.fired(again.listening);
  },

  "a port that is being bound is closed": async (trial) => {
    const over = trial.reactor.run(NO_SIGNALS);
    const factory = new WitnessFactory(() => trial.witness());
    void trial.listenNow(factory).listening.addErrback(() => undefined);
    trial.reactor.stop();
    await trial.fired(over);
    expectEqual(factory.asked, ["start", "stop"]);
  },

  "an attempt to connect fails with ConnectionLost": async (trial) => {
    const place = await trial.silentPort();
    const over = trial.reactor.run(NO_SIGNALS);
    const { clientFactory, connector } = trial.dial(place);
    await trial.passes(3);
    trial.reactor.stop();
    await trial.fired(over);
    expectEqual(clientFactory.asked, ["start", "connecting", "failed", "stop"]);
    expectReason(clientFactory.reasons[0], ConnectionLost);
    expectEqual(connector.state, "disconnected");
  },

  "a client that connects again whenever it is lost does not hold the stop": async (trial) => {
    const over = trial.reactor.run(NO_SIGNALS);
    const { clientFactory } = await trial.pair({
      factory: {
        failed: (connector) => connector.connect(),
        lost: (connector) => connector.connect(),
      },
    });
    trial.reactor.stop();
    await trial.fired(over);
    await trial.passes();
    expectEqual(clientFactory.asked.at(-1), "stop", "the last that its factory was asked");
  },

  "new attempts at each failure do not hold the stop": async (trial) => {
    const place = await trial.silentPort();
    const over = trial.reactor.run(NO_SIGNALS);
    const again = new WitnessClientFactory(() => trial.witness(), {
      failed: () => {
        if (!over.called) trial.connect(place, again);
      },
    });
    trial.connect(place, again);
    await trial.passes(3);
    trial.reactor.stop();
    await trial.fired(over);
    await trial.settle(() => again.count("start") === again.count("stop"));
    expectEqual(again.count("connecting"), again.count("failed"), "attempts that were told of");
    expectReason(again.reasons.at(-1), ConnectionLost);
  },

  "a factory that cannot start does not hold the stop": async (trial) => {
    const over = trial.reactor.run(NO_SIGNALS);
    const factory = new WitnessFactory(() => trial.witness());
    factory.startFactory = () => {
      throw new Error("no file");
    };
    expectThrown(() => trial.listenNow(factory), Error);
    trial.reactor.stop();
    await trial.fired(over);
  },

  "connections that are closing are over as well": async (trial) => {
    const over = trial.reactor.run(NO_SIGNALS);
    const { server, client } = await trial.pair();
    client.pause();
    await trial.stall(server);
    server.lose();
    trial.reactor.stop();
    await trial.fired(over);
    expectReason(server.reason, ConnectionLost);
    expectReason(client.reason, ConnectionLost);
  },

  "what opens during the shutdown is closed too": async (trial) => {
    const { reactor } = trial;
    const factory = new WitnessFactory(() => trial.witness());
    reactor.addSystemEventTrigger("during", "shutdown", () => {
      void trial.listenNow(factory).listening.addErrback(() => undefined);
    });
    await runAndStop(trial);
    expectEqual(factory.asked, ["start", "stop"]);
  },

  "calls that wait are set aside, and come back with the next run": async (trial) => {
    const { reactor, fired, settle } = trial;
    const seen: number[] = [];
    const over = reactor.run(NO_SIGNALS);
    const calls = [1, 2, 3].map((one) => reactor.callLater(one / 1000, () => seen.push(one)));
    reactor.stop();
    await fired(over);
    const already = seen.length;
    await trial.passes();
    let passed = false;
    reactor.callLater(0.01, () => {
      passed = true;
    });
    await settle(() => passed);
    expectEqual(seen.length, already, "calls made while stopped");
    const waiting = reactor.getDelayedCalls();
    expectEqual(
      calls.filter((one) => one.active).every((one) => waiting.includes(one)),
      true,
      "whether getDelayedCalls() names them",
    );
    void reactor.run(NO_SIGNALS);
    await settle(() => seen.length === 3);
    expectEqual(seen, [1, 2, 3]);
  },

  "calls that are set aside can be cancelled and moved": async (trial) => {
    const { reactor, fired, settle } = trial;
    const seen: string[] = [];
    const over = reactor.run(NO_SIGNALS);
    const cancelled = reactor.callLater(1000, () => seen.push("cancelled"));
    const moved = reactor.callLater(1000, () => seen.push("moved"));
    const delayed = reactor.callLater(1000, () => seen.push("delayed"));
    reactor.stop();
    await fired(over);
    cancelled.cancel();
    moved.reset(0);
    delayed.delay(-2000);
    expectEqual(reactor.getDelayedCalls().includes(cancelled), false, "cancelled is named");
    void reactor.run(NO_SIGNALS);
    await settle(() => seen.length === 2);
    expectEqual(seen, ["delayed", "moved"]);
  },

  "crash() ends without shutdown, and closes what is open": async (trial) => {
    const { reactor } = trial;
    const seen: string[] = [];
    reactor.addSystemEventTrigger("before", "shutdown", () => seen.push("shutdown"));
    const over = reactor.run(NO_SIGNALS);
    const { server, client } = await trial.pair();
    reactor.crash();
    await trial.fired(over);
    expectEqual(seen, []);
    expectReason(server.reason, ConnectionLost);
    expectReason(client.reason, ConnectionLost);
  },

  "crash() ends a shutdown that hangs, for good": async (trial) => {
    const { reactor } = trial;
    const gate = new Deferred<void>();
    reactor.addSystemEventTrigger("before", "shutdown", () => gate);
    const first = reactor.run(NO_SIGNALS);
    reactor.stop();
    await trial.passes(3);
    reactor.crash();
    await trial.fired(first);
    // The next life is not touched when what hung comes loose.
    const second = reactor.run(NO_SIGNALS);
    const { server, client } = await trial.pair();
    gate.callback();
    await trial.passes();
    expectEqual(second.called, false, "whether the second life is over");
    client.write("alive");
    await trial.settle(() => server.text === "alive");
  },

  "a stop() that a crash overtook does not touch the next life": async (trial) => {
    const { reactor } = trial;
    let shutdowns = 0;
    void reactor.run(NO_SIGNALS);
    reactor.stop();
    reactor.crash();
    const second = reactor.run(NO_SIGNALS);
    reactor.addSystemEventTrigger("before", "shutdown", () => {
      shutdowns += 1;
    });
    await trial.passes(3);
    expectEqual([shutdowns, reactor.running], [0, true], "shutdowns, and whether it runs");
    reactor.stop();
    await trial.fired(second);
    expectEqual(shutdowns, 1);
  },

  "crash() from inside a call leaves no call behind": async (trial) => {
    const { reactor } = trial;
    const late: string[] = [];
    const over = reactor.run(NO_SIGNALS);
    reactor.callLater(0, () => {
      reactor.callLater(1000, () => late.push("staged")).delay(-2000);
    });
    reactor.callLater(0, () => reactor.crash());
    reactor.callLater(0, () => late.push("due"));
    await trial.fired(over);
    await trial.passes();
    expectEqual(late, [], "calls made after the crash");
    void reactor.run(NO_SIGNALS);
    await trial.settle(() => late.length === 2);
  },
};
