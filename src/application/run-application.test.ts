/**
 * The life of a program: in virtual time, on a reactor in memory.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Deferred } from "../defer/deferred.ts";
import { CannotListenError } from "../internet/errors.ts";
import { captureLogs } from "../logger/capture.ts";
import { formatEvent } from "../logger/format.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { ServiceStopError } from "../service/errors.ts";
import { MultiService } from "../service/multi-service.ts";
import { Service } from "../service/service.ts";
import { assertNoResult, successResultOf } from "../testing/results.ts";
import { runApplication, type RunApplicationOptions } from "./run-application.ts";

/** Starts and stops when the test says so. */
class Slow extends Service {
  readonly starting = new Deferred<void>();
  readonly stopping = new Deferred<void>();
  readonly told: string[] = [];

  override privilegedStartService(): void {
    this.told.push("privileged");
  }

  override startService(): Deferred<void> {
    this.told.push("start");
    return this.starting;
  }

  override stopService(): Deferred<void> {
    this.told.push("stop");
    return this.stopping;
  }
}

function running(options: Partial<RunApplicationOptions> = {}) {
  const reactor = new MemoryReactor();
  const service = new Slow();
  service.setName("slow");
  const over = runApplication(service, { reactor, ...options });
  return { reactor, service, over };
}

describe("runApplication()", () => {
  it("starts the service in the running reactor, and stops it before the reactor", () => {
    using logs = captureLogs();
    const { reactor, service, over } = running();
    assert.isTrue(reactor.running);
    assert.deepEqual(service.told, ["privileged", "start"]);
    service.starting.callback();
    reactor.stop();
    reactor.flush();
    assert.deepEqual(service.told, ["privileged", "start", "stop"]);
    assertNoResult(over);
    service.stopping.callback();
    reactor.flush();
    const outcome = successResultOf(over);
    assert.deepEqual(outcome, {
      startFailure: undefined,
      stopFailure: undefined,
      signal: undefined,
    });
    assert.isFalse(reactor.running);
    assert.isUndefined(service.parent);
    const texts = logs
      .flush((one) => one.log_namespace === "sennit.application")
      .map((one) => formatEvent(one));
    assert.deepEqual(texts, [
      "Starting slow",
      "slow has started",
      "Stopping slow",
      "slow has stopped",
    ]);
  });

  it("runs the same service again", () => {
    const reactor = new MemoryReactor();
    const service = new Service();
    for (let times = 0; times < 2; times += 1) {
      const over = runApplication(service, { reactor });
      assert.isTrue(service.running);
      reactor.stop();
      reactor.flush();
      assert.isUndefined(successResultOf(over).startFailure);
      assert.isFalse(service.running);
    }
  });

  it("stops the reactor when the start fails, and says why", () => {
    using logs = captureLogs();
    const { reactor, service, over } = running();
    service.starting.errback(new CannotListenError("", 80, new Error("EACCES")));
    reactor.flush();
    const { startFailure } = successResultOf(over);
    assert.instanceOf(startFailure?.value, CannotListenError);
    assert.deepEqual(service.told, ["privileged", "start"]);
    assert.isFalse(reactor.running);
    const bad = logs.flush((one) => one.log_level === "critical");
    assert.deepEqual(bad, [], "what is foreseen is for the caller to tell");
  });

  it("logs the stack of a start that fails for a reason that nobody foresaw", () => {
    using logs = captureLogs();
    const { reactor, service, over } = running();
    service.starting.errback(new TypeError("x is undefined"));
    reactor.flush();
    assert.instanceOf(successResultOf(over).startFailure?.value, TypeError);
    const [event] = logs.flush((one) => one.log_level === "critical");
    assert.strictEqual(event?.log_failure?.value.message, "x is undefined");
  });

  it("gives up a start when it is told to stop", () => {
    const { reactor, service, over } = running();
    reactor.stop();
    reactor.flush();
    assert.deepEqual(service.told, ["privileged", "start", "stop"]);
    service.stopping.callback();
    reactor.flush();
    assert.isUndefined(successResultOf(over).startFailure);
  });

  it("does not wait for ever for a service that does not stop", () => {
    using logs = captureLogs();
    const { reactor, service, over } = running({ stopTimeout: 2 });
    service.starting.callback();
    reactor.stop();
    reactor.advance(1.9);
    assertNoResult(over);
    reactor.advance(0.1);
    const { stopFailure } = successResultOf(over);
    assert.instanceOf(stopFailure?.value, ServiceStopError);
    const texts = logs.flush((one) => one.log_level === "error").map((one) => formatEvent(one));
    assert.deepEqual(texts, ["Service slow did not stop within 2 seconds: left behind"]);
  });

  it("ends at once when the reactor crashes", () => {
    const { reactor, service, over } = running();
    service.starting.callback();
    reactor.crash();
    reactor.flush();
    successResultOf(over);
    assert.notInclude(service.told, "stop");
  });

  it("refuses a reactor that runs, and leaves the service alone", () => {
    const reactor = new MemoryReactor();
    void reactor.run();
    const service = new Service();
    assert.throws(() => void runApplication(service, { reactor }), "that is running");
    assert.isUndefined(service.parent);
  });

  it("refuses a service that has a parent", () => {
    const service = new Service();
    void service.setServiceParent(new MultiService());
    const reactor = new MemoryReactor();
    assert.throws(() => void runApplication(service, { reactor }), "it has one");
    assert.isFalse(reactor.running);
  });
});
