/**
 * Signals for programs on simulated hosts.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { captureLogs } from "../../../logger/capture.ts";
import type { SimulatedHost } from "../host.ts";
import { Simulator } from "../simulator.ts";

function world(): { readonly simulator: Simulator; readonly host: SimulatedHost } {
  const simulator = new Simulator();
  return { simulator, host: simulator.addHost("host") };
}

async function pass(simulator: Simulator, seconds: number): Promise<void> {
  let passed = false;
  simulator.after(seconds, {
    happen: () => {
      passed = true;
    },
  });
  await simulator.work(() => passed);
}

describe("SimulatedHost.signal()", () => {
  it("stops a reactor that runs, on SIGINT and SIGTERM", async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const { simulator, host } = world();
      using logs = captureLogs();
      const over = host.reactor.run();
      host.signal(signal);
      assert.isTrue(host.reactor.running);
      await simulator.work(() => over.called, { until: 1 });
      assert.deepEqual([host.reactor.stopSignal, host.running], [signal, true]);
      assert.equal(logs.flush()[0]?.log_format, "Received {signal}, stopping");
      // Nobody handles it any more.
      host.signal(signal);
      assert.isFalse(host.running);
    }
  });

  it("ends a reactor at once that is stopping already", async () => {
    const { simulator, host } = world();
    using logs = captureLogs();
    const over = host.reactor.run();
    host.reactor.addSystemEventTrigger("during", "shutdown", () => new Promise(() => {}));
    host.signal("SIGTERM");
    await pass(simulator, 100);
    assert.isFalse(over.called);
    host.signal("SIGTERM");
    await pass(simulator, 1);
    assert.deepEqual([over.called, logs.flush().length], [true, 2]);
  });

  it("kills a program that handles no signals, unless they are harmless to Node", () => {
    for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2", "SIGKILL"] as const) {
      const { host } = world();
      void host.reactor.run({ installSignalHandlers: false });
      host.signal(signal);
      assert.isFalse(host.running, signal);
      host.signal(signal);
    }
    const { host } = world();
    for (const signal of ["SIGPIPE", "SIGUSR1", "SIGCHLD"] as const) host.signal(signal);
    assert.isTrue(host.running);
    assert.throws(() => host.signal("SIGSTOP"), RangeError);
  });

  it("calls handlers in a later pass, in order, as often as it comes", async () => {
    const { simulator, host } = world();
    const seen: string[] = [];
    const handler = (signal: string): number => seen.push(signal);
    host.reactor.addSignalHandler("SIGHUP", handler);
    host.reactor.addSignalHandler("SIGHUP", () => seen.push("second"));
    host.signal("SIGHUP");
    assert.deepEqual(seen, []);
    host.stall(2);
    await pass(simulator, 1);
    assert.deepEqual(seen, []);
    await pass(simulator, 2);
    assert.deepEqual(seen, ["SIGHUP", "second"]);
    host.reactor.removeSignalHandler("SIGHUP", handler);
    host.signal("SIGHUP");
    await pass(simulator, 1);
    assert.deepEqual(seen, ["SIGHUP", "second", "second"]);
    assert.throws(() => host.reactor.removeSignalHandler("SIGHUP", handler), RangeError);
    assert.throws(() => host.reactor.addSignalHandler("SIGKILL", handler), "EINVAL");
  });

  it("a handler that throws is logged, and the program lives", async () => {
    const { simulator, host } = world();
    using logs = captureLogs();
    host.reactor.addSignalHandler("SIGTERM", () => {
      throw new Error("boom");
    });
    host.signal("SIGTERM");
    await pass(simulator, 1);
    assert.deepEqual([host.running, logs.flush().length], [true, 1]);
  });
});
