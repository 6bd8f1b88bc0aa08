/**
 * Contracts of `IReactorTime`: what is called, when, and in which order.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { type IDelayedCall, IReactorWallClock } from "../../internet/interfaces-reactor.ts";
import { expectEqual } from "./expect.ts";
import type { Contracts } from "./trial.ts";

/** Longer than any trial lasts. */
const NEVER = 1000;

function nothing(): void {}

/** Seconds between 1970 and 2000. */
const YEAR_2000 = 946_684_800;

/** By name. */
export const timeContracts: Contracts = {
  "callLater() passes its arguments on": async ({ reactor, settle }) => {
    const seen: unknown[] = [];
    reactor.callLater(0, (...args: readonly unknown[]) => seen.push(...args), 1, "two");
    await settle(() => seen.length > 0);
    expectEqual(seen, [1, "two"]);
  },

  "wallClock() tells seconds since 1970, and moves with seconds()": async (trial) => {
    const reactor = trial.needs(IReactorWallClock);
    const [day, since] = [reactor.wallClock(), reactor.seconds()];
    assert(day > YEAR_2000 && day < 10 * YEAR_2000, `Expected a time of day: ${String(day)}`);
    let isLater = false;
    reactor.callLater(0.05, () => {
      isLater = true;
    });
    await trial.settle(() => isLater);
    const [passed, moved] = [reactor.seconds() - since, reactor.wallClock() - day];
    // A machine that sets its clock moves it by milliseconds in so short a time.
    const gap = Math.abs(moved - passed);
    assert(gap < 0.03, `Expected ${String(passed)} seconds to pass: ${String(moved)}`);
  },

  "callLater() calls nothing before it returns, even with a delay of 0": ({ reactor }) => {
    let called = false;
    const call = reactor.callLater(0, () => {
      called = true;
    });
    assert(!called, "Expected no call from inside callLater");
    call.cancel();
  },

  "callLater() calls nothing before its time": async ({ reactor, settle }) => {
    let at = 0;
    const asked = reactor.seconds();
    const call = reactor.callLater(0.02, () => {
      at = reactor.seconds();
    });
    await settle(() => at > 0);
    assert(at >= call.getTime(), `Expected a call at ${String(call.getTime())}: ${String(at)}`);
    assert(call.getTime() >= asked + 0.02, "Expected the time to be now and the delay");
  },

  "calls come in the order of their times, whatever the order of asking": async (trial) => {
    const seen: IDelayedCall[] = [];
    const calls = [0.03, 0.01, 0.02, 0].map((delay) => {
      const call: IDelayedCall = trial.reactor.callLater(delay, () => seen.push(call));
      return call;
    });
    // Not by the delays: asking takes time as well.
    const due = calls.toSorted((one, other) => one.getTime() - other.getTime());
    await trial.settle(() => seen.length === 4);
    expectEqual(seen, due);
  },

  "ties come first in, first out": async ({ reactor, settle }) => {
    const seen: number[] = [];
    const delays = Array.from({ length: 200 }, (_, at) => at);
    for (const one of delays) reactor.callLater(0, () => seen.push(one));
    await settle(() => seen.length === delays.length);
    expectEqual(seen, delays);
  },

  "ten thousand calls asked for in disorder come in order": async ({ reactor, settle }) => {
    const seen: number[] = [];
    const count = 10_000;
    const calls = Array.from({ length: count }, (_, at) => {
      const call: IDelayedCall = reactor.callLater(((at * 7919) % count) / 1e6, () => {
        seen.push(call.getTime());
      });
      return call;
    });
    // A third moves, a third goes, wherever they stand: the order must survive that.
    for (const [at, call] of calls.entries()) {
      if (at % 3 === 1) call.reset(((at * 104_729) % count) / 1e6);
      else if (at % 3 === 2) call.cancel();
    }
    const expected = reactor.getDelayedCalls().length;
    await settle(() => seen.length === expected);
    const unordered = seen.findIndex((time, at) => at > 0 && time < (seen[at - 1] ?? 0));
    expectEqual(unordered, -1, "the first call out of order");
  },

  "callLater(0) from inside a call runs in a later pass": async ({ reactor, settle }) => {
    const seen: string[] = [];
    reactor.callLater(0, () => {
      seen.push("first");
      reactor.callLater(0, () => seen.push("from the first"));
    });
    reactor.callLater(0, () => seen.push("second"));
    await settle(() => seen.length === 3);
    expectEqual(seen, ["first", "second", "from the first"]);
  },

  "a chain of callLater(0) does not keep I/O waiting": async (trial) => {
    const { server, client } = await trial.pair();
    let links = 0;
    const link = (): void => {
      links += 1;
      if (links === 1) client.write("here");
      if (links < 100_000 && server.text === "") trial.reactor.callLater(0, link);
    };
    trial.reactor.callLater(0, link);
    await trial.settle(() => server.text === "here");
    assert(links < 1000, `Expected I/O between the links, there were ${String(links)}`);
  },

  "a call put before the present pass waits for the next one": async ({ reactor, settle }) => {
    const seen: string[] = [];
    reactor.callLater(0, () => {
      seen.push("first");
      reactor.callLater(NEVER, () => seen.push("moved")).delay(-2 * NEVER);
    });
    reactor.callLater(0, () => seen.push("second"));
    await settle(() => seen.length === 3);
    expectEqual(seen, ["first", "second", "moved"]);
  },

  "getDelayedCalls() names calls that wait for the next pass": async ({ reactor, settle }) => {
    let seen: readonly IDelayedCall[] | undefined;
    let staged: IDelayedCall | undefined;
    reactor.callLater(0, () => {
      staged = reactor.callLater(NEVER, nothing);
      staged.delay(-2 * NEVER);
    });
    reactor.callLater(0, () => {
      seen = reactor.getDelayedCalls();
    });
    await settle(() => seen !== undefined);
    assert(staged !== undefined && seen?.includes(staged) === true, "Expected it to be named");
  },

  "getDelayedCalls() names what waits, and nothing else": async ({ reactor, settle }) => {
    let called = false;
    const over = reactor.callLater(0, () => {
      called = true;
    });
    const cancelled = reactor.callLater(NEVER, nothing);
    const waiting = reactor.callLater(NEVER, nothing);
    cancelled.cancel();
    await settle(() => called);
    const calls = reactor.getDelayedCalls();
    expectEqual(
      [over, cancelled, waiting].map((one) => calls.includes(one)),
      [false, false, true],
    );
  },

  "a call that throws is logged, and the others still come": async (trial) => {
    const boom = new Error("boom");
    let next = false;
    trial.reactor.callLater(0, () => {
      throw boom;
    });
    trial.reactor.callLater(0, () => {
      next = true;
    });
    await trial.settle(() => next);
    trial.expectLogged(boom);
  },

  "a call beyond the platform's longest timer does not come early": async (trial) => {
    const early: number[] = [];
    for (const seconds of [2 ** 31 / 1000, 2 ** 32 / 1000, 1e12]) {
      trial.reactor.callLater(seconds, () => early.push(seconds));
    }
    let shortly = false;
    trial.reactor.callLater(0.02, () => {
      shortly = true;
    });
    await trial.settle(() => shortly);
    expectEqual(early, []);
  },

  "seconds() never goes backwards, and moves on": async ({ reactor, settle }) => {
    const seen = [reactor.seconds()];
    for (const delay of [0, 0.005, 0.01]) {
      reactor.callLater(delay, () => seen.push(reactor.seconds()));
    }
    await settle(() => seen.length === 4);
    expectEqual(
      seen,
      seen.toSorted((a, b) => a - b),
      "the times",
    );
    assert((seen[3] ?? 0) >= (seen[0] ?? 0) + 0.01, "Expected time to move on");
  },
};
