/**
 * Contracts of `run()`: the life of a reactor from its start, and the lives after.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import { ReactorAlreadyRunning, ReactorNotRunning } from "../../internet/errors.ts";
import { expectEqual, expectThrown } from "./expect.ts";
import type { Contracts } from "./trial.ts";

/** Signals are the process's, and these trials share one. */
const NO_SIGNALS = { installSignalHandlers: false };

/** By name. */
export const runContracts: Contracts = {
  "running tells, and run() fires when all is over": async ({ reactor, fired }) => {
    expectEqual(reactor.running, false, "running before");
    const over = reactor.run(NO_SIGNALS);
    expectEqual(reactor.running, true, "running");
    reactor.stop();
    expectEqual(over.called, false, "over from inside stop()");
    await fired(over);
    expectEqual(reactor.running, false, "running after");
  },

  "run() while running is refused, and changes nothing": async ({ reactor, fired }) => {
    const over = reactor.run(NO_SIGNALS);
    expectThrown(() => reactor.run(NO_SIGNALS), ReactorAlreadyRunning);
    reactor.stop();
    expectThrown(() => reactor.run(NO_SIGNALS), ReactorAlreadyRunning);
    await fired(over);
  },

  "run() fires startup in three phases": async ({ reactor, settle }) => {
    const seen: string[] = [];
    for (const phase of ["after", "during", "before"] as const) {
      reactor.addSystemEventTrigger(phase, "startup", () => seen.push(phase));
    }
    void reactor.run(NO_SIGNALS);
    await settle(() => seen.length === 3);
    expectEqual(seen, ["before", "during", "after"]);
  },

  "callWhenRunning() before run() calls once, when it has started": async (trial) => {
    const { reactor } = trial;
    const seen: unknown[] = [];
    reactor.callWhenRunning((value: string) => seen.push(value, reactor.running), "argument");
    reactor.callWhenRunning(() => seen.push("next"));
    expectEqual(seen, [], "what was called before");
    const first = reactor.run(NO_SIGNALS);
    await trial.settle(() => seen.length === 3);
    reactor.stop();
    await trial.fired(first);
    void reactor.run(NO_SIGNALS);
    await trial.passes(3);
    expectEqual(seen, ["argument", true, "next"]);
  },

  "callWhenRunning() waits for startup triggers": async ({ reactor, settle, passes }) => {
    const gate = new Deferred<void>();
    const seen: string[] = [];
    reactor.callWhenRunning(() => seen.push("running"));
    reactor.addSystemEventTrigger("before", "startup", () => gate);
    void reactor.run(NO_SIGNALS);
    await passes(3);
    expectEqual(seen, [], "what ran while startup was held up");
    gate.callback();
    await settle(() => seen.length === 1);
  },

  "callWhenRunning() calls at once while running": ({ reactor }) => {
    void reactor.run(NO_SIGNALS);
    let called = false;
    reactor.callWhenRunning(() => {
      called = true;
    });
    expectEqual(called, true, "called");
  },

  "timers asked for before run() come without it": async ({ reactor, settle }) => {
    let called = false;
    reactor.callLater(0, () => {
      called = true;
    });
    await settle(() => called);
    expectEqual(reactor.running, false, "running");
  },

  "connections asked for before run() come without it": async (trial) => {
    const { server, client } = await trial.pair();
    client.write("early");
    await trial.settle(() => server.text === "early");
    expectEqual(trial.reactor.running, false, "running");
  },

  "connections made before run() live on when it runs": async (trial) => {
    const { server, client } = await trial.pair();
    void trial.reactor.run(NO_SIGNALS);
    client.write("later");
    await trial.settle(() => server.text === "later");
  },

  "stop() and crash() are refused while it is not running": async ({ reactor, fired }) => {
    expectThrown(() => reactor.stop(), ReactorNotRunning);
    expectThrown(() => reactor.crash(), ReactorNotRunning);
    const over = reactor.run(NO_SIGNALS);
    reactor.stop();
    await fired(over);
    expectThrown(() => reactor.stop(), ReactorNotRunning);
    expectThrown(() => reactor.crash(), ReactorNotRunning);
  },

  "a stopped reactor runs again, and again": async ({ reactor, fired, settle }) => {
    for (let life = 1; life <= 3; life += 1) {
      let started = false;
      let timer = false;
      reactor.callWhenRunning(() => {
        started = true;
      });
      const over = reactor.run(NO_SIGNALS);
      reactor.callLater(0, () => {
        timer = true;
      });
      await settle(() => started && timer);
      reactor.stop();
      await fired(over);
    }
  },

  "it may run again from inside what waits for its end": async ({ reactor, fired, settle }) => {
    const first = reactor.run(NO_SIGNALS);
    let second: Deferred<void> | undefined;
    void first.addCallback(() => {
      second = reactor.run(NO_SIGNALS);
    });
    reactor.stop();
    await settle(() => second !== undefined);
    expectEqual(reactor.running, true, "running");
    reactor.stop();
    if (second !== undefined) await fired(second);
  },

  "ports and connections work in the second life": async (trial) => {
    const first = trial.reactor.run(NO_SIGNALS);
    await trial.pair();
    trial.reactor.stop();
    await trial.fired(first);
    void trial.reactor.run(NO_SIGNALS);
    const { server, client } = await trial.pair();
    client.write("again");
    await trial.settle(() => server.text === "again");
  },

  "stop() from inside startup is in time": async ({ reactor, fired }) => {
    reactor.addSystemEventTrigger("before", "startup", () => reactor.stop());
    await fired(reactor.run(NO_SIGNALS));
    expectEqual(reactor.running, false, "running");
  },

  "startup that is held up at the end does not go on afterwards": async (trial) => {
    const { reactor, passes } = trial;
    const gate = new Deferred<void>();
    let late = false;
    reactor.addSystemEventTrigger("before", "startup", () => gate);
    reactor.callWhenRunning(() => {
      late = true;
    });
    const over = reactor.run(NO_SIGNALS);
    reactor.stop();
    await trial.fired(over);
    gate.callback();
    await passes(3);
    expectEqual(late, false, "whether it went on");
  },

  "disposing of a reactor closes what is open and calls no timer any more": async (trial) => {
    const { reactor, settle } = trial;
    const { server, client, port } = await trial.pair();
    let disposed = false;
    let late = 0;
    for (const delay of [0.001, 0.01, 0.02]) {
      reactor.callLater(delay, () => {
        if (disposed) late += 1;
      });
    }
    const disposal = reactor[Symbol.asyncDispose]();
    const seen = disposal.then(() => {
      disposed = true;
    });
    await settle(() => disposed);
    await seen;
    expectEqual([server.made, client.made], [true, true], "made");
    expectEqual(
      [server, client].map((one) => one.reason?.type),
      ["ConnectionLost", "ConnectionLost"],
    );
    expectEqual(port.connections.size, 0, "connections");
    let later = false;
    reactor.callLater(0.03, () => {
      later = true;
    });
    await settle(() => later);
    expectEqual(late, 0, "calls after the disposal");
  },

  "disposing of a running reactor stops it; twice is as good as once": async (trial) => {
    const { reactor } = trial;
    const over = reactor.run(NO_SIGNALS);
    let disposals = 0;
    for (const disposal of [reactor[Symbol.asyncDispose](), reactor[Symbol.asyncDispose]()]) {
      disposal.then(
        () => (disposals += 1),
        () => undefined,
      );
    }
    await trial.settle(() => disposals === 2);
    expectEqual(over.called, true, "over");
    expectEqual(reactor.running, false, "running");
  },
};
