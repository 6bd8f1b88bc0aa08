/**
 * Collections: the order of starting and stopping, deadlines, and children that come and go.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { fail, maybeDeferred } from "../defer/combinators.ts";
import { Deferred } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import { captureLogs } from "../logger/capture.ts";
import { formatEvent } from "../logger/format.ts";
import { Clock } from "../testing/clock.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { ServiceStopError, ServiceStopTimeoutError } from "./errors.ts";
import type { IService } from "./interfaces.ts";
import { MultiService, type MultiServiceOptions } from "./multi-service.ts";
import { Service } from "./service.ts";

/** Writes down what it is told, and does it when the test says so. */
class Probe extends Service {
  readonly started = new Deferred<void>();
  readonly stopped = new Deferred<void>(() => this.diary.push(`${this.label} cancelled`));
  readonly diary: string[];
  readonly label: string;

  constructor(diary: string[], label: string) {
    super();
    this.diary = diary;
    this.label = label;
    this.setName(label);
  }

  override privilegedStartService(): void {
    this.diary.push(`${this.label} privileged`);
  }

  override startService(): Deferred<void> {
    this.diary.push(`${this.label} start`);
    return this.started.addCallback(() => super.startService());
  }

  override stopService(): Deferred<void> {
    this.diary.push(`${this.label} stop`);
    void super.stopService();
    return this.stopped;
  }
}

/** Three probes in a collection, a clock, and a diary. */
function family(options: MultiServiceOptions = {}) {
  const diary: string[] = [];
  const clock = new Clock();
  const multi = new MultiService({ name: "all", clock, ...options });
  const a = new Probe(diary, "a");
  const b = new Probe(diary, "b");
  const c = new Probe(diary, "c");
  for (const one of [a, b, c]) void multi.addService(one);
  const read = (): string[] => diary.splice(0);
  return { multi, a, b, c, clock, read };
}

function started(service: IService): Deferred<void> {
  return maybeDeferred(() => service.startService());
}

function stopped(service: IService): Deferred<void> {
  return maybeDeferred(() => service.stopService());
}

/** A family that runs. */
function running(options: MultiServiceOptions = {}) {
  const all = family(options);
  for (const one of [all.a, all.b, all.c]) one.started.callback();
  successResultOf(started(all.multi));
  all.read();
  return all;
}

describe("MultiService.startService()", () => {
  it("starts each child when the one before has started", () => {
    const { multi, a, b, c, read } = family();
    const all = started(multi);
    assert.deepEqual(read(), ["a privileged", "a start"]);
    a.started.callback();
    assert.deepEqual(read(), ["b privileged", "b start"]);
    b.started.callback();
    assert.deepEqual(read(), ["c privileged", "c start"]);
    assertNoResult(all);
    assert.isFalse(multi.running);
    c.started.callback();
    successResultOf(all);
    assert.isTrue(multi.running);
  });

  it("does not call privilegedStartService twice", () => {
    const { multi, a, b, c, read } = family();
    successResultOf(maybeDeferred(() => multi.privilegedStartService()));
    assert.deepEqual(read(), ["a privileged", "b privileged", "c privileged"]);
    for (const one of [a, b, c]) one.started.callback();
    successResultOf(started(multi));
    assert.deepEqual(read(), ["a start", "b start", "c start"]);
  });

  it("stops those that have started when one fails, and fails as it did", () => {
    const { multi, a, b, c, read } = family();
    const all = started(multi);
    a.started.callback();
    b.started.callback();
    read();
    c.started.errback(new RangeError("no room"));
    assert.deepEqual(read(), ["b stop"], "in reverse, and not the one that failed");
    assertNoResult(all);
    b.stopped.callback();
    assert.deepEqual(read(), ["a stop"]);
    a.stopped.callback();
    assert.strictEqual(failureResultOf(all, RangeError).getErrorMessage(), "no room");
    assert.isFalse(multi.running);
  });

  it("takes an exception for a failure", () => {
    class Broken extends Service {
      override startService(): void {
        throw new RangeError("no room");
      }
    }
    const multi = new MultiService({ stopTimeout: Infinity });
    void multi.addService(new Broken());
    failureResultOf(started(multi), RangeError);
  });

  it("is refused while it runs", () => {
    const { multi } = running();
    assert.throws(() => void multi.startService(), "it is running already");
  });

  it("wants a clock, or to be told that there is no deadline", () => {
    assert.throws(
      () => void new MultiService().startService(),
      "expected a clock for its stopTimeout",
    );
    successResultOf(started(new MultiService({ stopTimeout: Infinity })));
  });

  it("starts again after it has stopped", () => {
    const diary: string[] = [];
    class Plain extends Service {
      override startService(): void {
        diary.push("start");
      }
      override stopService(): void {
        diary.push("stop");
      }
    }
    const multi = new MultiService({ clock: new Clock() });
    void multi.addService(new Plain());
    for (let times = 0; times < 2; times += 1) {
      successResultOf(started(multi));
      successResultOf(stopped(multi));
    }
    assert.deepEqual(diary, ["start", "stop", "start", "stop"]);
  });

  it("does not grow the stack by its children", () => {
    const multi = new MultiService({ clock: new Clock() });
    for (let count = 0; count < 5_000; count += 1) void multi.addService(new Service());
    successResultOf(started(multi));
    successResultOf(stopped(multi));
  });

  it("cancelled, it stops what has started", () => {
    const { multi, a, b, read } = family();
    const all = started(multi);
    a.started.callback();
    read();
    all.cancel();
    failureResultOf(all, CancelledError);
    assert.deepEqual(read(), ["b stop"], "the one that was starting is told first");
    b.stopped.callback();
    a.stopped.callback();
    assert.deepEqual(read(), ["a stop"]);
  });
});

describe("MultiService.stopService()", () => {
  it("stops each child when the one after has stopped", () => {
    const { multi, a, b, c, read } = running();
    const all = stopped(multi);
    assert.isFalse(multi.running);
    assert.deepEqual(read(), ["c stop"]);
    c.stopped.callback();
    assert.deepEqual(read(), ["b stop"]);
    b.stopped.callback();
    a.stopped.callback();
    assert.deepEqual(read(), ["a stop"]);
    successResultOf(all);
  });

  it("gives up a start that is under way", () => {
    const { multi, a, b, read } = family();
    const start = started(multi);
    a.started.callback();
    read();
    const stop = stopped(multi);
    failureResultOf(start, CancelledError);
    assert.deepEqual(read(), ["b stop"]);
    b.started.callback(); // Too late: nobody listens, and c does not start.
    b.stopped.callback();
    a.stopped.callback();
    assert.deepEqual(read(), ["a stop"]);
    successResultOf(stop);
  });

  it("logs a child that fails to stop, stops the others, and fails at the end", () => {
    using logs = captureLogs();
    const { multi, a, b, c, read } = running();
    const all = stopped(multi);
    c.stopped.callback();
    b.stopped.errback(new RangeError("stuck"));
    a.stopped.callback();
    assert.deepEqual(read(), ["c stop", "b stop", "a stop"]);
    const failure = failureResultOf(all, ServiceStopError);
    assert.strictEqual(failure.getErrorMessage(), "Cannot stop 1 service of all: b: stuck");
    const [event] = logs.flush((one) => one.log_level === "error");
    assert.isDefined(event);
    assert.strictEqual(formatEvent(event), "Service b failed to stop");
    assert.isFalse(multi.running);
  });

  it("leaves a child behind at its deadline, by name", () => {
    using logs = captureLogs();
    const { multi, a, b, c, clock, read } = running({ stopTimeout: 3 });
    const all = stopped(multi);
    c.stopped.callback();
    read();
    clock.advance(2.9);
    assert.deepEqual(read(), []);
    clock.advance(0.1);
    assert.deepEqual(read(), ["b cancelled", "a stop"]);
    a.stopped.callback();
    const failure = failureResultOf(all, ServiceStopError);
    assert.strictEqual(
      failure.getErrorMessage(),
      "Cannot stop 1 service of all: b: no end within 3 seconds",
    );
    assert.instanceOf(failure.value.cause, ServiceStopTimeoutError);
    const texts = logs.flush((one) => one.log_level === "error").map((one) => formatEvent(one));
    assert.deepEqual(texts, ["Service b did not stop within 3 seconds: left behind"]);
    assert.deepEqual(clock.getDelayedCalls(), []);
    assert.isFalse(b.running);
  });

  it("fires for everybody who asks", () => {
    const { multi, a, b, c } = running();
    const asked = [stopped(multi), stopped(multi)];
    for (const one of [c, b, a]) one.stopped.callback();
    for (const one of asked) successResultOf(one);
    successResultOf(stopped(multi));
  });

  it("[Symbol.asyncDispose]() stops it", async () => {
    const multi = new MultiService({ clock: new Clock() });
    {
      await using scoped = multi;
      await scoped.startService();
      assert.isTrue(multi.running);
    }
    assert.isFalse(multi.running);
  });
});

describe("MultiService in a MultiService", () => {
  it("inherits clock and deadline, and is given the sum of its children's", () => {
    using logs = captureLogs();
    const clock = new Clock();
    const outer = new MultiService({ name: "outer", clock, stopTimeout: 2 });
    const inner = new MultiService({ name: "inner" });
    void outer.addService(inner);
    const diary: string[] = [];
    const [a, b] = [new Probe(diary, "a"), new Probe(diary, "b")];
    for (const one of [a, b]) {
      void inner.addService(one);
      one.started.callback();
    }
    assert.strictEqual(inner.clock, clock);
    assert.strictEqual(inner.stopBound, 5);
    successResultOf(started(outer));
    const all = stopped(outer);
    clock.advance(2);
    assertNoResult(all);
    clock.advance(2);
    failureResultOf(all, ServiceStopError);
    const texts = logs.flush((one) => one.log_level === "error").map((one) => formatEvent(one));
    assert.deepEqual(texts, [
      "Service b did not stop within 2 seconds: left behind",
      "Service a did not stop within 2 seconds: left behind",
    ]);
  });

  it("is left behind itself when it hangs for reasons of its own", () => {
    using logs = captureLogs();
    class Stubborn extends MultiService {
      override stopService(): Promise<void> {
        return new Promise(() => {});
      }
    }
    const clock = new Clock();
    const outer = new MultiService({ clock, stopTimeout: 2 });
    void outer.addService(new Stubborn({ name: "stubborn" }));
    successResultOf(started(outer));
    const all = stopped(outer);
    clock.advance(1);
    failureResultOf(all, ServiceStopError);
    assert.strictEqual(logs.flush((one) => one.log_level === "error").length, 1);
  });
});

describe("MultiService.addService()", () => {
  it("refuses a name that is taken", () => {
    const { multi, a, b } = family();
    assert.strictEqual(multi.getServiceNamed("b"), b);
    assert.deepEqual([...multi].slice(0, 2), [a, b]);
    const other = new Service();
    other.setName("b");
    assert.throws(() => void multi.addService(other), "it has one of that name");
    assert.isUndefined(other.parent);
    assert.strictEqual([...multi].length, 3);
  });

  it("refuses itself and what it is in", () => {
    const outer = new MultiService();
    const inner = new MultiService();
    void outer.addService(inner);
    assert.throws(() => void outer.addService(outer), "to itself");
    assert.throws(() => void inner.addService(outer), "to itself or what is in it");
    assert.isUndefined(outer.parent);
    assert.throws(() => void outer.addService(inner), "it is in");
  });

  it("starts a child of a running collection", () => {
    const { multi, read } = running();
    const late = new Probe([], "late");
    const added = multi.addService(late);
    assert.deepEqual(late.diary, ["late privileged", "late start"]);
    assertNoResult(added);
    late.started.callback();
    successResultOf(added);
    void stopped(multi);
    assert.deepEqual(read(), []);
    assert.include(late.diary, "late stop");
  });

  it("fails when the child does; it stays, and is not stopped", () => {
    const { multi, read } = running();
    const late = new Probe([], "late");
    const added = multi.addService(late);
    late.started.errback(new RangeError("no room"));
    failureResultOf(added, RangeError);
    assert.strictEqual(late.parent, multi);
    void stopped(multi);
    assert.deepEqual(read(), ["c stop"]);
    assert.notInclude(late.diary, "late stop");
  });

  it("waits its turn while the collection starts", () => {
    const { multi, a, b, c, read } = family();
    const all = started(multi);
    const late = new Probe([], "late");
    late.started.callback();
    const added = multi.addService(late);
    assert.deepEqual(late.diary, []);
    for (const one of [a, b, c]) one.started.callback();
    successResultOf(added);
    successResultOf(all);
    assert.strictEqual(read().length, 6);
  });

  it("fails when the start is given up before the child's turn", () => {
    const { multi, a } = family();
    const all = started(multi);
    const added = multi.addService(new Probe([], "late"));
    void stopped(multi);
    failureResultOf(all, CancelledError);
    a.stopped.callback();
    failureResultOf(added, CancelledError);
  });
});

describe("MultiService.removeService()", () => {
  it("stops a child that runs, and forgets it", () => {
    const { multi, b, read } = running();
    const removed = multi.removeService(b);
    assert.deepEqual(read(), ["b stop"]);
    assertNoResult(removed);
    b.stopped.callback();
    successResultOf(removed);
    assert.isUndefined(b.parent);
    assert.throws(() => multi.getServiceNamed("b"), "Cannot find service");
    assert.throws(() => void multi.removeService(b), "Cannot remove");
    void stopped(multi);
    assert.deepEqual(read(), ["c stop"]);
  });

  it("has the collection's deadline", () => {
    const { multi, b, clock } = running({ stopTimeout: 3 });
    const removed = b.disownServiceParent();
    clock.advance(3);
    failureResultOf(removed, ServiceStopTimeoutError);
    assert.strictEqual([...multi].length, 2);
  });

  it("only forgets a child that does not run", () => {
    const { multi, b, read } = family();
    successResultOf(multi.removeService(b));
    assert.deepEqual(read(), []);
  });

  it("while the collection starts, does not spoil the start", () => {
    const { multi, a, b, c, read } = family();
    const all = started(multi);
    a.started.callback();
    const removed = multi.removeService(b);
    b.stopped.callback();
    successResultOf(removed);
    c.started.callback();
    successResultOf(all);
    assert.deepEqual(read(), [
      "a privileged",
      "a start",
      "b privileged",
      "b start",
      "b stop",
      "c privileged",
      "c start",
    ]);
  });
});

describe("MultiService's options", () => {
  it("are checked", () => {
    assert.throws(() => new MultiService({ stopTimeout: -1 }), RangeError);
    assert.throws(() => new MultiService({ stopTimeout: Number.NaN }), RangeError);
  });

  it("a child that was stopped by itself is not counted as a failure", () => {
    const multi = new MultiService({ clock: new Clock() });
    class Failing extends Service {
      override stopService(): Deferred<void> {
        return fail(new Error("no"));
      }
    }
    const child = new Failing();
    void multi.addService(child);
    successResultOf(stopped(multi));
    assert.strictEqual([...multi].length, 1);
  });
});
