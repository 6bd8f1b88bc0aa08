import { AsyncLocalStorage } from "node:async_hooks";
import { assert, describe, it } from "vitest";
import { succeed } from "../../defer/combinators.ts";
import { trackContext } from "../../defer/context.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { openLedger } from "../../defer/unhandled.ts";
import { Failure } from "../../defer/failure.ts";
import { NodeReactor } from "../../reactors/node/node-reactor.ts";
import { Clock } from "../../testing/clock.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import { IPv4Address } from "../addresses.ts";
import { ClientFactory, Factory } from "../factory.ts";
import { Protocol } from "../protocol.ts";
import { LoopingCallAlreadyRunning, LoopingCallNotRunning } from "./errors.ts";
import { LoopingCall } from "./looping-call.ts";

/** A loop that notes when it was called, and with what count. */
function notingLoop(f: () => unknown = () => undefined) {
  const clock = new Clock();
  const calls: [seconds: number, count: number][] = [];
  const loop = LoopingCall.withCount(
    (count) => {
      calls.push([clock.seconds(), count]);
      return f();
    },
    { clock },
  );
  return { clock, calls, loop };
}

/** Seconds for which a call takes its time, by the clock. */
function takes(clock: Clock, seconds: number): Deferred<void> {
  const done = new Deferred<void>();
  clock.callLater(seconds, () => done.callback());
  return done;
}

describe("LoopingCall.start()", () => {
  it("calls at once, then at each interval", () => {
    const { clock, calls, loop } = notingLoop();
    void loop.start(2);
    clock.pump([1, 1, 1, 1, 1]);
    assert.deepEqual(calls, [
      [0, 1],
      [2, 1],
      [4, 1],
    ]);
  });

  it("with now: false, calls after one interval for the first time", () => {
    const { clock, calls, loop } = notingLoop();
    void loop.start(2, { now: false });
    assert.deepEqual(calls, []);
    clock.pump([1, 1, 1, 1]);
    assert.deepEqual(calls, [
      [2, 1],
      [4, 1],
    ]);
  });

  it("keeps to the start: what comes late does not put off what follows", () => {
    const { clock, calls, loop } = notingLoop();
    clock.advance(0.25);
    void loop.start(1);
    clock.pump([1.375, 0.875, 0.5, 1]);
    assert.deepEqual(
      calls.map(([seconds]) => seconds),
      [0.25, 1.625, 2.5, 4],
    );
  });

  it("waits for a Deferred: 2.5 s of work in a loop of 1 s go on at 3, with a count of 3", () => {
    const { clock, calls, loop } = notingLoop(() =>
      calls.length === 1 ? takes(clock, 2.5) : undefined,
    );
    void loop.start(1);
    clock.pump([1, 1, 0.5, 0.5, 1]);
    assert.deepEqual(calls, [
      [0, 1],
      [3, 3],
      [4, 1],
    ]);
  });

  it("waits for a promise", async () => {
    let finish = (): void => {};
    const { clock, calls, loop } = notingLoop(
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    void loop.start(1);
    clock.pump([1, 1]);
    assert.equal(calls.length, 1);
    finish();
    await Promise.resolve();
    clock.advance(1);
    assert.deepEqual(calls, [
      [0, 1],
      [3, 3],
    ]);
  });

  it("takes no notice of other values, Deferreds that have fired among them", () => {
    const values = [1, "text", {}, [], succeed(1), null];
    const { clock, calls, loop } = notingLoop(() => values[calls.length - 1]);
    void loop.start(1);
    clock.pump([1, 1, 1, 1, 1, 1]);
    assert.equal(calls.length, 7);
  });

  it("fails with what the function throws, and calls no more", () => {
    const { clock, calls, loop } = notingLoop(() => {
      if (calls.length === 2) throw new RangeError("enough");
    });
    const over = loop.start(1);
    clock.pump([1, 1]);
    failureResultOf(over, RangeError);
    assert.equal(calls.length, 2);
    assert.isFalse(loop.running);
    assert.isUndefined(loop.deferred);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("fails with the failure of a first call, of a Deferred, or of a promise", async () => {
    const fail = (): never => {
      throw new RangeError("no");
    };
    const bad: (() => unknown)[] = [
      fail,
      () => new Failure(new RangeError("no")),
      () => succeed(1).addCallback(fail),
      // oxlint-disable-next-line typescript/require-await -- what an async function is.
      async () => fail(),
    ];
    for (const f of bad) {
      const { loop } = notingLoop(f);
      const over = loop.start(1);
      await Promise.resolve();
      failureResultOf(over, RangeError);
    }
  });

  it("refuses a negative interval, and what is no number", () => {
    const { loop } = notingLoop();
    for (const interval of [-1, -0.001, Number.NaN, Infinity]) {
      assert.throws(() => void loop.start(interval), RangeError, "expected an interval");
    }
    assert.isFalse(loop.running);
  });

  it("refuses a second start, also while the last call is not done", () => {
    const wait = new Deferred<void>();
    const { loop } = notingLoop(() => wait);
    void loop.start(1);
    assert.throws(() => void loop.start(1), LoopingCallAlreadyRunning, "it is running");
    loop.stop();
    assert.throws(() => void loop.start(1), LoopingCallAlreadyRunning, "not done");
    wait.callback();
    void loop.start(1);
    assert.isTrue(loop.running);
  });

  it("starts anew: from now, and with counts from 1", () => {
    const { clock, calls, loop } = notingLoop();
    void loop.start(1);
    clock.advance(1);
    loop.stop();
    clock.advance(7.5);
    void loop.start(2, { now: false });
    clock.advance(2);
    assert.deepEqual(calls, [
      [0, 1],
      [1, 1],
      [10.5, 1],
    ]);
  });

  it("can start again from the callback of its end", () => {
    const { clock, calls, loop } = notingLoop();
    void loop.start(1).addCallback((same) => {
      assert.strictEqual(same, loop);
      void loop.start(5);
    });
    clock.advance(1);
    loop.stop();
    clock.advance(5);
    assert.deepEqual(
      calls.map(([seconds]) => seconds),
      [0, 1, 1, 6],
    );
  });
});

describe("LoopingCall.start() in floating point", () => {
  // 0.1 is no binary number: 3 × 0.1 is 0.30000000000000004, and ten of them added are less than 1.
  // Goal: each tick exactly once, whatever way the clock comes to its time.
  it("makes each tick of 0.1 once, and the counts add up", () => {
    for (const step of [0.1, 0.05, 0.01, 0.3, 0.7, 1 / 3]) {
      const { clock, calls, loop } = notingLoop();
      void loop.start(0.1, { now: false });
      const steps = Math.round(700 / step / 10);
      clock.pump(Array.from({ length: steps }, () => step));
      clock.advance(0.05);
      const ticks = calls.reduce((sum, [, count]) => sum + count, 0);
      assert.equal(ticks, Math.floor(clock.seconds() / 0.1), `in steps of ${String(step)}`);
      assert.isTrue(calls.every(([, count]) => count >= 1));
    }
  });

  it("runs at the very times that it asks for, once each", () => {
    for (const interval of [0.1, 0.3, 1 / 3, 0.7, 1e-3]) {
      const { clock, calls, loop } = notingLoop();
      clock.advance(1e6 + 0.1);
      void loop.start(interval, { now: false });
      for (let n = 0; n < 1000; n += 1) {
        const due = clock.getDelayedCalls()[0]?.getTime() ?? Number.NaN;
        clock.advance(Math.max(0, due - clock.seconds()));
        if (clock.seconds() < due) clock.advance(1e-9);
      }
      assert.deepEqual([...new Set(calls.map(([, count]) => count))], [1]);
      const drift = clock.seconds() - (1e6 + 0.1 + calls.length * interval);
      assert.isBelow(Math.abs(drift), 1e-8);
    }
  });

  it("does not run wild when the interval is below what the clock can tell", () => {
    const { clock, calls, loop } = notingLoop();
    clock.advance(1e9);
    void loop.start(1e-9, { now: false });
    clock.pump([0, 0, 1]);
    assert.isAtMost(calls.length, 3);
  });
});

describe("LoopingCall.stop()", () => {
  it("fires the Deferred with the loop, at once", () => {
    const { clock, calls, loop } = notingLoop();
    const over = loop.start(1);
    assert.strictEqual(loop.deferred, over);
    assertNoResult(over);
    loop.stop();
    assert.strictEqual(successResultOf(over), loop);
    clock.advance(5);
    assert.equal(calls.length, 1);
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("called by the function, fires the Deferred when that has returned", () => {
    const { clock, calls, loop } = notingLoop(() => {
      if (calls.length === 2) loop.stop();
    });
    const over = loop.start(1);
    clock.pump([1, 1]);
    assert.strictEqual(successResultOf(over), loop);
    assert.equal(calls.length, 2);
  });

  it("waits for the call under way, and fails if that does", () => {
    for (const fails of [false, true]) {
      const wait = new Deferred<void>();
      const { loop } = notingLoop(() => wait);
      const over = loop.start(1);
      loop.stop();
      assert.isFalse(loop.running);
      assertNoResult(over);
      if (fails) {
        wait.errback(new RangeError("no"));
        failureResultOf(over, RangeError);
      } else {
        wait.callback();
        assert.strictEqual(successResultOf(over), loop);
      }
    }
  });

  it("refuses when it is not running", () => {
    const { loop } = notingLoop();
    assert.throws(() => loop.stop(), LoopingCallNotRunning);
    assert.throws(() => loop.reset(), LoopingCallNotRunning);
  });

  it("by [Symbol.asyncDispose]() waits too, and leaves the result to the Deferred", async () => {
    const wait = new Deferred<void>();
    const { loop } = notingLoop(() => wait);
    const over = loop.start(1);
    const disposed = loop[Symbol.asyncDispose]();
    assert.isFalse(loop.running);
    wait.errback(new RangeError("no"));
    await disposed;
    failureResultOf(over, RangeError);
    await loop[Symbol.asyncDispose]();
  });
});

describe("LoopingCall.reset()", () => {
  it("counts from now", () => {
    const { clock, calls, loop } = notingLoop();
    void loop.start(1);
    clock.pump([1, 0.75]);
    loop.reset();
    clock.pump([0.5, 0.5, 1]);
    assert.deepEqual(calls, [
      [0, 1],
      [1, 1],
      [2.75, 1],
      [3.75, 1],
    ]);
  });

  it("keeps the count of ticks that were missed", () => {
    const { clock, calls, loop } = notingLoop(() =>
      calls.length === 1 ? takes(clock, 2.5) : undefined,
    );
    void loop.start(1);
    clock.advance(2.25);
    loop.reset();
    clock.pump([0.25, 0.75]);
    assert.deepEqual(calls, [
      [0, 1],
      [3.25, 3],
    ]);
  });
});

describe("LoopingCall, cancelled,", () => {
  it("stops", () => {
    const { clock, calls, loop } = notingLoop();
    const over = loop.start(1);
    over.cancel();
    failureResultOf(over, CancelledError);
    clock.advance(5);
    assert.equal(calls.length, 1);
    assert.isFalse(loop.running);
    void loop.start(1);
    assert.isTrue(loop.running);
  });

  it("cancels what it waits for, which may give the result", () => {
    for (const answers of [false, true]) {
      const wait = new Deferred<void>((d) => {
        if (answers) d.callback();
      });
      const { loop } = notingLoop(() => wait);
      const over = loop.start(1);
      over.cancel();
      if (answers) assert.strictEqual(successResultOf(over), loop);
      else failureResultOf(over, CancelledError);
      assert.isUndefined(loop.deferred);
    }
  });

  it("by its own function, is over, and a failure of that call is reported", () => {
    using ledger = openLedger();
    const { clock, loop } = notingLoop(() => {
      loop.deferred?.cancel();
      throw new RangeError("no");
    });
    const over = loop.start(1);
    failureResultOf(over, CancelledError);
    assert.deepEqual(
      ledger.flush().map(({ type }) => type),
      ["RangeError"],
    );
    assert.deepEqual(clock.getDelayedCalls(), []);
  });

  it("by its own function, and started again, has one timer", () => {
    let again: Deferred<LoopingCall> | undefined;
    const { clock, calls, loop } = notingLoop(() => {
      if (calls.length !== 1) return;
      loop.deferred?.cancel();
      again = loop.start(2, { now: false });
    });
    failureResultOf(loop.start(1), CancelledError);
    clock.pump([1, 1, 1, 1]);
    assert.deepEqual(
      calls.map(([seconds]) => seconds),
      [0, 2, 4],
    );
    assert.strictEqual(loop.deferred, again);
  });

  it("by a signal, says why", () => {
    const { calls, loop } = notingLoop();
    const controller = new AbortController();
    const over = loop.start(1, { signal: controller.signal });
    controller.abort();
    failureResultOf(over, CancelledError);
    const late = failureResultOf(loop.start(1, { signal: controller.signal }), CancelledError);
    assert.strictEqual(late.value.cause, controller.signal.reason);
    assert.equal(calls.length, 1);
    assert.isFalse(loop.running);
  });
});

describe("LoopingCall with interval 0", () => {
  it("calls once in each pass, with a count of 1", () => {
    const { clock, calls, loop } = notingLoop();
    void loop.start(0);
    clock.pump([0, 0, 1.5]);
    assert.deepEqual(calls, [
      [0, 1],
      [0, 1],
      [0, 1],
      [1.5, 1],
    ]);
    loop.reset();
    clock.advance(0);
    assert.equal(calls.length, 5);
  });

  // Goal: a loop that never rests starves nobody. Method: bytes go round between two ends of a real
  // connection while it spins; each round needs several passes of the loop's own.
  it("lets I/O have its turn", async () => {
    const rounds = 20;
    const done = new Deferred<void>();
    class Echo extends Protocol {
      override dataReceived(data: Buffer): void {
        this.transport.write(data);
      }
    }
    let left = rounds;
    class Player extends Protocol {
      override connectionMade(): void {
        this.transport.write("x");
      }
      override dataReceived(data: Buffer): void {
        left -= 1;
        if (left === 0) done.callback();
        else this.transport.write(data);
      }
    }
    await using reactor = new NodeReactor();
    const port = await reactor.listenTCP(0, Factory.forProtocol(Echo), { interface: "127.0.0.1" })
      .listening;
    const host = port.getHost();
    assert(host instanceof IPv4Address);
    let passes = 0;
    const loop = new LoopingCall(
      () => {
        passes += 1;
      },
      { clock: reactor },
    );
    const over = loop.start(0);
    reactor.connectTCP("127.0.0.1", host.port, ClientFactory.forProtocol(Player));
    await done;
    loop.stop();
    await over;
    assert.isAbove(passes, rounds);
  });
});

it("LoopingCall calls in the context of start(), when contexts are tracked", () => {
  const user = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { clock, loop } = notingLoop(() => {
    seen.push(user.getStore());
    return takes(clock, 0.25);
  });
  trackContext();
  try {
    user.run("ada", () => void loop.start(1));
    clock.pump([0.25, 0.75]);
    user.run("bob", () => loop.reset());
    clock.pump([0.25, 0.75, 1]);
  } finally {
    trackContext(false);
  }
  assert.deepEqual(seen, ["ada", "ada", "ada"]);
});

describe("LoopingCall in words", () => {
  it("says its interval and state", () => {
    const wait = new Deferred<void>();
    const { loop } = notingLoop(() => wait);
    assert.equal(String(loop), "LoopingCall(not running)");
    assert.isUndefined(loop.interval);
    void loop.start(0.5);
    assert.equal(String(loop), "LoopingCall(every 0.5 s, running)");
    assert.equal(loop.interval, 0.5);
    loop.stop();
    assert.equal(String(loop), "LoopingCall(every 0.5 s, stopping)");
  });
});
