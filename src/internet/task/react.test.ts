import { assert, describe, it } from "vitest";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { captureLogs } from "../../logger/capture.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../../testing/results.ts";
import type { Capability } from "../capabilities.ts";
import { ReactorAlreadyRunning } from "../errors.ts";
import { IReactorSignals, type RunOptions } from "../interfaces-reactor.ts";
import { sleep } from "./defer-later.ts";
import { react, type ReactMain, type ReactOptions } from "./react.ts";
import { SystemExit } from "./system-exit.ts";

/** A reactor that hears of signals when the test says so. */
class SignalledReactor extends MemoryReactor implements IReactorSignals {
  stopSignal: NodeJS.Signals | undefined;
  handlesSignals: boolean | undefined;

  protected override capabilities(): readonly Capability<unknown>[] {
    return [...super.capabilities(), IReactorSignals];
  }
  override run(options: RunOptions = {}): Deferred<void> {
    this.handlesSignals = options.installSignalHandlers;
    return super.run(options);
  }
  addSignalHandler(): void {}
  removeSignalHandler(): void {}
  signal(signal: NodeJS.Signals): void {
    this.stopSignal = signal;
    this.stop();
  }
}

/** Run `main`; note each call of `exit`. */
function scene(main: ReactMain<SignalledReactor>, options: ReactOptions = {}) {
  const reactor = new SignalledReactor();
  const exits: [status: number, signal: NodeJS.Signals | undefined][] = [];
  const exit = (status: number, signal: NodeJS.Signals | undefined): void => {
    exits.push([status, signal]);
  };
  const status = react(reactor, main, { exit, ...options });
  reactor.flush();
  return { reactor, exits, status };
}

/** Let promises have their turn, and the reactor after them. */
async function settle(reactor: MemoryReactor): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  reactor.flush();
}

/** What was logged as a failure. */
function failuresIn(logs: ReturnType<typeof captureLogs>): unknown[] {
  return logs
    .flush(({ log_failure }) => log_failure !== undefined)
    .map((event) => event.log_failure?.value);
}

describe("react(), when main ends,", () => {
  it("stops the reactor and exits with 0", () => {
    for (const main of [() => undefined, () => "anything"]) {
      const { reactor, exits, status } = scene(main);
      assert.deepEqual(exits, [[0, undefined]]);
      assert.equal(successResultOf(status), 0);
      assert.isFalse(reactor.running);
    }
  });

  it("has waited for its Deferred", () => {
    const { reactor, exits } = scene((clock) => sleep(clock, 5));
    assert.isTrue(reactor.running);
    reactor.advance(4);
    assert.deepEqual(exits, []);
    reactor.advance(1);
    assert.deepEqual(exits, [[0, undefined]]);
  });

  it("has waited for its promise", async () => {
    const { reactor, exits } = scene(async (clock) => {
      await sleep(clock, 5);
    });
    reactor.advance(5);
    await settle(reactor);
    assert.deepEqual(exits, [[0, undefined]]);
  });

  it("has called it in a running reactor, with its arguments", () => {
    const seen: unknown[] = [];
    const main: ReactMain<MemoryReactor> = (reactor, { argv }) => {
      seen.push(reactor.running, argv);
    };
    scene(main, { argv: ["a", "b"] });
    scene(main);
    assert.deepEqual(seen, [true, ["a", "b"], true, []]);
  });

  it("logs a failure and exits with 1", async () => {
    const error = new RangeError("no");
    const mains: ReactMain<MemoryReactor>[] = [
      () => {
        throw error;
      },
      () => new Failure(error),
      () => Promise.reject(error),
    ];
    for (const main of mains) {
      using logs = captureLogs();
      const { reactor, exits, status } = scene(main);
      await settle(reactor);
      assert.deepEqual(exits, [[1, undefined]]);
      assert.equal(successResultOf(status), 1);
      assert.deepEqual(failuresIn(logs), [error]);
    }
  });

  it("exits with the status of a SystemExit, and logs nothing", async () => {
    for (const asked of [0, 3, 255]) {
      using logs = captureLogs();
      const { reactor, exits } = scene(async () => {
        throw await Promise.resolve(new SystemExit(asked));
      });
      await settle(reactor);
      assert.deepEqual(exits, [[asked, undefined]]);
      assert.deepEqual(logs.events, []);
    }
  });

  it("having stopped the reactor itself, has no second stop", () => {
    const { exits } = scene((reactor) => reactor.stop());
    assert.deepEqual(exits, [[0, undefined]]);
  });

  it("by a CancelledError that nobody asked for, has failed", () => {
    using logs = captureLogs();
    const { exits } = scene(() => {
      throw new CancelledError();
    });
    assert.deepEqual(exits, [[1, undefined]]);
    assert.equal(failuresIn(logs).length, 1);
  });
});

describe("react(), when the reactor stops first,", () => {
  it("cancels main's Deferred, and exits with 0", () => {
    using logs = captureLogs();
    let cancelled = 0;
    const { reactor, exits } = scene(
      () =>
        new Deferred<void>(() => {
          cancelled += 1;
        }),
    );
    reactor.stop();
    reactor.flush();
    assert.equal(cancelled, 1);
    assert.deepEqual(exits, [[0, undefined]]);
    assert.deepEqual(logs.events, []);
  });

  it("waits for main to clean up while connections are still there", async () => {
    const seen: string[] = [];
    const { reactor, exits } = scene(async (clock, { signal }) => {
      try {
        await sleep(clock, 60, { signal });
      } finally {
        await sleep(clock, 2);
        seen.push("clean");
      }
    });
    reactor.addSystemEventTrigger("during", "shutdown", () => seen.push("shutdown"));
    reactor.signal("SIGTERM");
    reactor.flush();
    await settle(reactor);
    assert.deepEqual([exits, seen], [[], []]);
    reactor.advance(2);
    await settle(reactor);
    assert.deepEqual(seen, ["clean", "shutdown"]);
    assert.deepEqual(exits, [[0, "SIGTERM"]]);
  });

  it("takes the status that main ends with", async () => {
    const ends: [end: () => unknown, status: number, logged: number][] = [
      [() => 1, 0, 0],
      [() => Promise.reject(new SystemExit(4)), 4, 0],
      [() => Promise.reject(new RangeError("no")), 1, 1],
    ];
    for (const [end, status, logged] of ends) {
      using logs = captureLogs();
      const { reactor, exits } = scene(
        (_, { signal }) =>
          new Promise((resolve) => signal.addEventListener("abort", () => resolve(end()))),
      );
      reactor.stop();
      reactor.flush();
      await settle(reactor);
      assert.deepEqual(exits, [[status, undefined]]);
      assert.equal(failuresIn(logs).length, logged);
    }
  });

  it("does not wait for a promise that cannot hear of it", () => {
    const { reactor, exits } = scene(() => new Promise(() => {}));
    reactor.stop();
    reactor.flush();
    assert.deepEqual(exits, [[0, undefined]]);
  });

  it("gives main ten seconds, or what it was told, and then exits with 1", () => {
    for (const [options, seconds] of [
      [{}, 10],
      [{ stopTimeout: 3 }, 3],
    ] as const) {
      using logs = captureLogs();
      const late = new Deferred<void>();
      const { reactor, exits } = scene((_, { signal }) => {
        assert.isFalse(signal.aborted);
        return new Promise<void>((resolve) => void late.addCallback(resolve));
      }, options);
      reactor.stop();
      reactor.flush();
      reactor.advance(seconds - 1);
      assert.deepEqual(exits, []);
      reactor.advance(1);
      assert.deepEqual(exits, [[1, undefined]]);
      assert.equal(logs.flush(({ log_level }) => log_level === "warn").length, 1);
      late.callback();
    }
  });

  it("logs a failure of main that comes after all is over", async () => {
    using logs = captureLogs();
    let fail: (error: Error) => void = () => {};
    const { reactor, exits } = scene((_, { signal }) => {
      void signal;
      return new Promise((_resolve, reject) => (fail = reject));
    });
    reactor.stop();
    reactor.advance(10);
    assert.deepEqual(exits, [[1, undefined]]);
    fail(new RangeError("late"));
    await settle(reactor);
    assert.equal(failuresIn(logs).length, 1);
  });

  it("tells main of a crash, which waits for nobody, and exits with 1", () => {
    let signal: AbortSignal | undefined;
    const { reactor, exits } = scene((_, context) => {
      ({ signal } = context);
      return new Deferred<void>();
    });
    reactor.crash();
    reactor.flush();
    assert.deepEqual(exits, [[1, undefined]]);
    assert.isTrue(signal?.aborted);
    void reactor.run();
    reactor.stop();
    reactor.flush();
    assert.equal(exits.length, 1, "nothing is left of it in the reactor");
  });

  it("has main's signal aborted, if main takes it only then", () => {
    let take = (): AbortSignal | undefined => undefined;
    const { reactor } = scene((_, context) => {
      take = () => context.signal;
      return new Deferred<void>();
    });
    reactor.stop();
    reactor.flush();
    assert.isTrue(take()?.aborted);
  });
});

describe("react()", () => {
  it("refuses a reactor that runs, and leaves it alone", () => {
    const reactor = new MemoryReactor();
    let called = 0;
    void reactor.run();
    assert.throws(() => void react(reactor, () => (called += 1)), ReactorAlreadyRunning);
    reactor.stop();
    reactor.flush();
    void reactor.run();
    reactor.flush();
    assert.equal(called, 0);
  });

  it("runs in one reactor after the other, and in the same again", () => {
    const reactor = new MemoryReactor();
    for (let time = 0; time < 3; time += 1) {
      const status = react(reactor, (clock) => sleep(clock, 1), { exit: () => {} });
      assertNoResult(status);
      reactor.advance(1);
      assert.equal(successResultOf(status), 0);
    }
  });

  it("installs signal handlers unless told not to, and tells exit of the signal", () => {
    const asked = scene(() => new Deferred<void>());
    assert.isTrue(asked.reactor.handlesSignals);
    asked.reactor.signal("SIGINT");
    asked.reactor.flush();
    assert.deepEqual(asked.exits, [[0, "SIGINT"]]);
    const not = scene(() => new Deferred<void>(), { installSignalHandlers: false });
    assert.isFalse(not.reactor.handlesSignals);
    not.reactor.signal("SIGINT");
    not.reactor.flush();
    assert.deepEqual(not.exits, [[0, undefined]]);
  });

  it("sets the process's exit code, if not told otherwise", () => {
    const reactor = new MemoryReactor();
    const before = process.exitCode;
    try {
      void react(reactor, () => {
        throw new SystemExit(7);
      });
      reactor.flush();
      assert.equal(process.exitCode, 7);
    } finally {
      process.exitCode = before;
    }
  });

  it("fails with what exit throws", () => {
    const { status } = scene(() => undefined, {
      exit: () => {
        throw new RangeError("no");
      },
    });
    failureResultOf(status, RangeError);
  });

  it("does not start main in a reactor that crashed on its way up", () => {
    const reactor = new MemoryReactor();
    const slow = new Deferred<void>();
    reactor.addSystemEventTrigger("before", "startup", () => slow);
    const status = react(reactor, () => assert.fail("called"), { exit: () => {} });
    reactor.crash();
    assert.equal(successResultOf(status), 1);
    slow.callback();
  });
});

describe("SystemExit", () => {
  it("has a status from 0 to 255", () => {
    const error = new SystemExit(64, "Usage: weigh FILE");
    assert.deepEqual(
      [error.status, error.code, error.message],
      [64, "ERR_SYSTEM_EXIT", "Usage: weigh FILE"],
    );
    for (const status of [-1, 256, 1.5, Number.NaN]) {
      assert.throws(() => new SystemExit(status), RangeError);
    }
  });
});
