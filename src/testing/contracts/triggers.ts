/**
 * Contracts of system events: three phases, each awaited.
 *
 * @module
 */
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import type { TriggerPhase } from "../../internet/interfaces-reactor.ts";
import { expectEqual, expectThrown } from "./expect.ts";
import type { Contracts } from "./trial.ts";

const PHASES: readonly TriggerPhase[] = ["before", "during", "after"];

/** By name. */
export const triggerContracts: Contracts = {
  "phases come in order, triggers in the order added, with arguments": async (trial) => {
    const seen: string[] = [];
    for (const phase of PHASES.toReversed()) {
      for (const name of ["1", "2"]) {
        const note = (what: string): number => seen.push(what);
        trial.reactor.addSystemEventTrigger(phase, "event", note, `${phase} ${name}`);
      }
    }
    await trial.fired(trial.reactor.fireSystemEvent("event"));
    expectEqual(
      seen,
      PHASES.flatMap((phase) => [`${phase} 1`, `${phase} 2`]),
    );
  },

  "a Deferred or promise from one phase holds up the next": async ({ reactor, passes, fired }) => {
    const seen: string[] = [];
    const before = new Deferred<void>();
    let during: (() => void) | undefined;
    reactor.addSystemEventTrigger("before", "event", () => before);
    reactor.addSystemEventTrigger("during", "event", () => {
      seen.push("during");
      return new Promise<void>((resolve) => {
        during = resolve;
      });
    });
    reactor.addSystemEventTrigger("after", "event", () => seen.push("after"));
    const over = reactor.fireSystemEvent("event");
    await passes(3);
    expectEqual(seen, [], "what came while the Deferred was open");
    before.callback();
    await passes(3);
    expectEqual(seen, ["during"], "what came while the promise was open");
    during?.();
    await fired(over);
    expectEqual(seen, ["during", "after"]);
  },

  "all triggers of a phase begin; all of them are awaited": async ({ reactor, passes, fired }) => {
    const waiting = [new Deferred<void>(), new Deferred<void>()];
    let begun = 0;
    let next = false;
    for (const one of waiting) {
      reactor.addSystemEventTrigger("before", "event", () => {
        begun += 1;
        return one;
      });
    }
    reactor.addSystemEventTrigger("during", "event", () => {
      next = true;
    });
    const over = reactor.fireSystemEvent("event");
    expectEqual(begun, 2, "the triggers that have begun");
    waiting[1]?.callback();
    await passes(3);
    expectEqual(next, false, "whether the next phase began too early");
    waiting[0]?.callback();
    await fired(over);
    expectEqual(next, true, "whether the next phase began");
  },

  "a trigger that throws is logged, and the event goes on": async (trial) => {
    const boom = new Error("boom");
    const seen: string[] = [];
    trial.reactor.addSystemEventTrigger("before", "event", () => {
      throw boom;
    });
    trial.reactor.addSystemEventTrigger("before", "event", () => seen.push("before"));
    trial.reactor.addSystemEventTrigger("after", "event", () => seen.push("after"));
    await trial.fired(trial.reactor.fireSystemEvent("event"));
    trial.expectLogged(boom);
    expectEqual(seen, ["before", "after"]);
  },

  "a trigger whose Deferred fails is logged, and the event goes on": async (trial) => {
    const boom = new Error("boom");
    const deferred = new Deferred<void>();
    trial.reactor.addSystemEventTrigger("before", "event", () => deferred);
    const over = trial.reactor.fireSystemEvent("event");
    deferred.errback(boom);
    await trial.fired(over);
    trial.expectLogged(boom);
  },

  "the Deferred of a trigger keeps its value for others": async ({ reactor, fired }) => {
    const shared = succeed("a value");
    reactor.addSystemEventTrigger("before", "event", () => shared);
    await fired(reactor.fireSystemEvent("event"));
    expectEqual(await fired(shared), "a value");
  },

  "a trigger runs once": async ({ reactor, fired }) => {
    let runs = 0;
    reactor.addSystemEventTrigger("during", "event", () => {
      runs += 1;
    });
    await fired(reactor.fireSystemEvent("event"));
    await fired(reactor.fireSystemEvent("event"));
    expectEqual(runs, 1);
  },

  "removeSystemEventTrigger() takes a trigger out, once": async ({ reactor, fired }) => {
    const seen: string[] = [];
    const trigger = reactor.addSystemEventTrigger("before", "event", () => seen.push("removed"));
    reactor.addSystemEventTrigger("before", "event", () => seen.push("kept"));
    reactor.removeSystemEventTrigger(trigger);
    expectThrown(() => reactor.removeSystemEventTrigger(trigger), RangeError);
    await fired(reactor.fireSystemEvent("event"));
    expectEqual(seen, ["kept"]);
  },

  "a trigger that has run cannot be removed": async ({ reactor, fired }) => {
    const trigger = reactor.addSystemEventTrigger("after", "event", () => undefined);
    await fired(reactor.fireSystemEvent("event"));
    expectThrown(() => reactor.removeSystemEventTrigger(trigger), RangeError);
  },

  "a trigger may remove one that has not run": async ({ reactor, fired }) => {
    const seen: string[] = [];
    reactor.addSystemEventTrigger("before", "event", () => {
      seen.push("first");
      reactor.removeSystemEventTrigger(second);
      reactor.removeSystemEventTrigger(last);
    });
    const second = reactor.addSystemEventTrigger("before", "event", () => seen.push("second"));
    const last = reactor.addSystemEventTrigger("after", "event", () => seen.push("last"));
    await fired(reactor.fireSystemEvent("event"));
    expectEqual(seen, ["first"]);
  },

  "a trigger added from inside the event still runs in it": async ({ reactor, fired }) => {
    const seen: string[] = [];
    reactor.addSystemEventTrigger("before", "event", () => {
      for (const phase of PHASES) {
        reactor.addSystemEventTrigger(phase, "event", () => seen.push(phase));
      }
    });
    await fired(reactor.fireSystemEvent("event"));
    expectEqual(seen, PHASES);
  },

  "events do not touch each other": async ({ reactor, fired }) => {
    const seen: string[] = [];
    reactor.addSystemEventTrigger("during", "one", () => seen.push("one"));
    reactor.addSystemEventTrigger("during", "other", () => seen.push("other"));
    await fired(reactor.fireSystemEvent("other"));
    expectEqual(seen, ["other"]);
  },

  "an event without triggers is over at once": ({ reactor }) => {
    expectEqual(reactor.fireSystemEvent("nobody waits for this").called, true);
  },

  "a phase that there is not is refused": ({ reactor }) => {
    // A plain JavaScript caller has no types to hold it back.
    const phase: TriggerPhase = JSON.parse('"meanwhile"');
    expectThrown(() => reactor.addSystemEventTrigger(phase, "event", () => undefined), RangeError);
  },
};
