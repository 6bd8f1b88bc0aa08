/**
 * Contracts of `IDelayedCall`: calls that are moved, cancelled, and over.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { AlreadyCalled, AlreadyCancelled } from "../../internet/errors.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import { expectEqual, expectThrown } from "./expect.ts";
import type { Contracts } from "./trial.ts";

/** Longer than any trial lasts. */
const NEVER = 1000;

function nothing(): void {}

/** By name. */
export const delayedCallContracts: Contracts = {
  "active says whether it still waits, also from inside the call": async ({ reactor, settle }) => {
    let during: boolean | undefined;
    const call: IDelayedCall = reactor.callLater(0, () => {
      during = call.active;
    });
    assert(call.active, "Expected it to be active while it waits");
    await settle(() => during !== undefined);
    expectEqual(during, false, "active during the call");
  },

  "reset() counts from now": async ({ reactor, settle }) => {
    let called = false;
    const call = reactor.callLater(NEVER, () => {
      called = true;
    });
    call.reset(0.01);
    const left = call.getTime() - reactor.seconds();
    assert(left <= 0.01, `Expected at most 0.01 seconds to be left, there are ${String(left)}`);
    await settle(() => called);
  },

  "reset() to a later time puts the call off": async ({ reactor, settle }) => {
    const seen: string[] = [];
    const call = reactor.callLater(0, () => seen.push("put off"));
    reactor.callLater(0.01, () => seen.push("between"));
    call.reset(0.02);
    await settle(() => seen.length === 2);
    expectEqual(seen, ["between", "put off"]);
  },

  "delay() adds to the time that was planned, and may be negative": ({ reactor }) => {
    const call = reactor.callLater(10, nothing);
    const planned = call.getTime();
    call.delay(5);
    const later = call.getTime();
    expectEqual(later, planned + 5);
    call.delay(-7);
    expectEqual(call.getTime(), later - 7);
  },

  "delay() below now makes the call due": async ({ reactor, settle }) => {
    let called = false;
    reactor
      .callLater(NEVER, () => {
        called = true;
      })
      .delay(-2 * NEVER);
    await settle(() => called);
  },

  "cancel() keeps the call from coming": async (trial) => {
    let called = false;
    const call = trial.reactor.callLater(0, () => {
      called = true;
    });
    call.cancel();
    expectEqual(call.active, false, "active");
    await trial.passes();
    expectEqual(called, false, "called");
  },

  "cancel() from inside another call of the same pass is in time": async (trial) => {
    const seen: string[] = [];
    trial.reactor.callLater(0, () => {
      seen.push("first");
      second.cancel();
    });
    const second = trial.reactor.callLater(0, () => seen.push("second"));
    await trial.passes();
    expectEqual(seen, ["first"]);
  },

  "reset() and delay() from inside another call of the same pass are in time": async (trial) => {
    const seen: string[] = [];
    trial.reactor.callLater(0, () => {
      seen.push("first");
      second.reset(NEVER);
      third.delay(NEVER);
    });
    const second = trial.reactor.callLater(0, () => seen.push("second"));
    const third = trial.reactor.callLater(0, () => seen.push("third"));
    await trial.passes();
    expectEqual(seen, ["first"]);
    expectEqual([second.active, third.active], [true, true], "active");
  },

  "a cancelled call refuses cancel(), reset() and delay()": ({ reactor }) => {
    const call = reactor.callLater(NEVER, nothing);
    call.cancel();
    expectThrown(() => call.cancel(), AlreadyCancelled);
    expectThrown(() => call.reset(1), AlreadyCancelled);
    expectThrown(() => call.delay(1), AlreadyCancelled);
  },

  "a call that has been called refuses cancel(), reset() and delay()": async (trial) => {
    const call = trial.reactor.callLater(0, nothing);
    await trial.settle(() => !call.active);
    expectThrown(() => call.cancel(), AlreadyCalled);
    expectThrown(() => call.reset(1), AlreadyCalled);
    expectThrown(() => call.delay(1), AlreadyCalled);
  },

  "delays that are negative or no numbers are refused": ({ reactor }) => {
    for (const delay of [-1, -Number.MIN_VALUE, Number.NaN]) {
      expectThrown(() => reactor.callLater(delay, nothing), RangeError);
    }
    const call = reactor.callLater(NEVER, nothing);
    const planned = call.getTime();
    expectThrown(() => call.reset(-1), RangeError);
    expectThrown(() => call.reset(Number.NaN), RangeError);
    expectThrown(() => call.delay(Number.NaN), RangeError);
    expectEqual(call.getTime(), planned, "the time after refusals");
    expectEqual(reactor.getDelayedCalls().length, 1, "the number of calls");
  },

  "a call for ever later may come sooner, and never has no time": async ({ reactor, settle }) => {
    let called = false;
    const call = reactor.callLater(Number.POSITIVE_INFINITY, () => {
      called = true;
    });
    expectThrown(() => call.delay(Number.NEGATIVE_INFINITY), RangeError);
    call.reset(0);
    await settle(() => called);
  },
};
