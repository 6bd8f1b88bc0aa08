import { assert, describe, it } from "vitest";
import { CancelledError } from "../defer/errors.ts";
import type { Failure } from "../defer/failure.ts";
import { captureLogs } from "../logger/capture.ts";
import type { MemoryChild, RecordedSpawn } from "../reactors/memory/memory-process.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { assertNoResult, failureResultOf, successResultOf } from "../testing/results.ts";
import { ConnectionLost } from "./errors.ts";
import {
  ProcessOutputLimitError,
  ProcessSignalledError,
  ProcessTimeoutError,
  SpawnError,
  UnexpectedStderrError,
} from "./process-errors.ts";
import { getProcessOutput, getProcessOutputAndValue, getProcessValue } from "./process-output.ts";

function spawnedOf(reactor: MemoryReactor): RecordedSpawn {
  const spawned = reactor.processes.spawned.at(-1);
  assert(spawned !== undefined);
  reactor.flush();
  return spawned;
}

function childOf(reactor: MemoryReactor): MemoryChild {
  return spawnedOf(reactor).child;
}

function errorOf(reason: Failure): Error {
  return reason.value;
}

describe("getProcessOutput()", () => {
  it("starts the program with its own name in front, and closes its input", () => {
    const reactor = new MemoryReactor();
    const output = getProcessOutput(reactor, "/bin/ls", { args: ["-l"], env: {}, path: "/" });
    const { executable, options, child } = spawnedOf(reactor);
    assert.equal(executable, "/bin/ls");
    assert.deepEqual(options, { args: ["/bin/ls", "-l"], env: {}, path: "/", endAtStop: true });
    assert.isTrue(child.isClosed(0));
    child.write(1, "one ");
    reactor.flush();
    child.write(1, "two");
    assertNoResult(output);
    child.exit(3);
    reactor.flush();
    assert.equal(successResultOf(output).toString(), "one two");
  });

  it("waits for those who hold the output", () => {
    const reactor = new MemoryReactor();
    const output = getProcessOutput(reactor, "x");
    const child = childOf(reactor);
    child.exit(0, [1]);
    reactor.flush();
    assertNoResult(output);
    child.write(1, "from another");
    child.closeFD(1);
    reactor.flush();
    assert.equal(successResultOf(output).toString(), "from another");
  });

  it("fails at the first of the standard error; the program may go on, and its end is told", () => {
    const reactor = new MemoryReactor();
    const output = getProcessOutput(reactor, "x");
    const child = childOf(reactor);
    child.write(1, "out");
    child.write(2, "complaint");
    reactor.flush();
    const error = errorOf(failureResultOf(output));
    assert.instanceOf(error, UnexpectedStderrError);
    assert.equal(error.err.toString(), "complaint");
    assert.deepEqual(child.signals, []);
    assert.isTrue(child.isClosed(1));
    assertNoResult(error.processEnded);
    child.exit(0);
    reactor.flush();
    successResultOf(error.processEnded);
  });

  it("with errortoo takes both, in the order in which they come", () => {
    const reactor = new MemoryReactor();
    const output = getProcessOutput(reactor, "x", { errortoo: true });
    const child = childOf(reactor);
    for (const [fd, text] of [
      [1, "a"],
      [2, "b"],
      [1, "c"],
    ] as const) {
      child.write(fd, text);
      reactor.flush();
    }
    child.exit(0);
    reactor.flush();
    assert.equal(successResultOf(output).toString(), "abc");
  });
});

describe("getProcessOutputAndValue()", () => {
  it("is both outputs, and the code", () => {
    const reactor = new MemoryReactor();
    const all = getProcessOutputAndValue(reactor, "x", { stdinBytes: "in" });
    const child = childOf(reactor);
    assert.equal(child.received().toString(), "in");
    child.write(1, "out");
    child.write(2, "err");
    child.exit(7);
    reactor.flush();
    const { out, err, code } = successResultOf(all);
    assert.deepEqual([out.toString(), err.toString(), code], ["out", "err", 7]);
  });

  it("a signal is a failure, with the output so far", () => {
    const reactor = new MemoryReactor();
    const all = getProcessOutputAndValue(reactor, "x");
    const child = childOf(reactor);
    child.write(1, "out");
    child.write(2, "err");
    child.die("SIGBUS");
    reactor.flush();
    const error = errorOf(failureResultOf(all));
    assert.instanceOf(error, ProcessSignalledError);
    assert.deepEqual(
      [error.signal, error.out.toString(), error.err.toString()],
      ["SIGBUS", "out", "err"],
    );
  });

  it("a program that does not read stdinBytes keeps nobody waiting, and gets all", () => {
    const reactor = new MemoryReactor();
    const stdinBytes = Buffer.alloc(1_000_000, "x");
    const all = getProcessOutputAndValue(reactor, "x", { stdinBytes });
    const child = reactor.processes.spawned.at(-1)?.child;
    child?.pause();
    reactor.advance(3600);
    assertNoResult(all);
    child?.resume();
    reactor.flush();
    assert.equal(child?.received().length, 1_000_000);
    assert.isTrue(child?.isClosed(0));
    child?.exit(0);
    reactor.flush();
    assert.equal(successResultOf(all).code, 0);
  });
});

describe("getProcessValue()", () => {
  it("is the code; output is forgotten, and not counted", () => {
    const reactor = new MemoryReactor();
    const value = getProcessValue(reactor, "x");
    const child = childOf(reactor);
    child.write(1, Buffer.alloc(1000));
    child.write(2, "err");
    child.exit(255);
    reactor.flush();
    assert.equal(successResultOf(value), 255);
  });
});

describe("all three", () => {
  for (const get of [getProcessOutput, getProcessOutputAndValue, getProcessValue]) {
    it(`${get.name}(): a program that is missing`, () => {
      const reactor = new MemoryReactor();
      reactor.processes.missing.add("x");
      const result = get(reactor, "x", { timeout: 5 });
      reactor.flush();
      assert.instanceOf(errorOf(failureResultOf(result)), SpawnError);
      assert.deepEqual(reactor.getDelayedCalls(), []);
    });

    it(`${get.name}(): timeout terminates it`, () => {
      const reactor = new MemoryReactor();
      const result = get(reactor, "x", { timeout: 5, killTimeout: 2 });
      const child = childOf(reactor);
      child.ignores.add("SIGTERM");
      reactor.advance(4.9);
      assertNoResult(result);
      reactor.advance(0.1);
      const error = errorOf(failureResultOf(result));
      assert.instanceOf(error, ProcessTimeoutError);
      assert.equal(error.seconds, 5);
      reactor.advance(2);
      assert.deepEqual(child.signals, ["SIGTERM", "SIGKILL"]);
      assert.deepEqual(reactor.getDelayedCalls(), []);
    });

    it(`${get.name}(): cancel() terminates it, at once and later`, () => {
      for (const isLater of [false, true]) {
        const reactor = new MemoryReactor();
        const result = get(reactor, "x");
        if (isLater) reactor.flush();
        result.cancel();
        assert.instanceOf(errorOf(failureResultOf(result)), CancelledError);
        assert.deepEqual(childOf(reactor).signals, ["SIGTERM"]);
      }
    });

    it(`${get.name}(): an aborted signal terminates it; beforehand, nothing is started`, () => {
      const reactor = new MemoryReactor();
      const controller = new AbortController();
      const { signal } = controller;
      const result = get(reactor, "x", { signal });
      controller.abort("enough");
      const error = errorOf(failureResultOf(result));
      assert.instanceOf(error, CancelledError);
      assert.equal(error.cause, "enough");
      assert.equal(errorOf(failureResultOf(get(reactor, "x", { signal }))).cause, "enough");
      assert.equal(reactor.processes.spawned.length, 1);
    });

    it(`${get.name}(): the reactor's stop is a failure, whatever the program exits with`, () => {
      const reactor = new MemoryReactor();
      const result = get(reactor, "x");
      const child = childOf(reactor);
      child.ignores.add("SIGTERM");
      const over = reactor.run({ installSignalHandlers: false });
      reactor.flush();
      reactor.stop();
      reactor.flush();
      child.exit(0);
      reactor.flush();
      assert.instanceOf(errorOf(failureResultOf(result)), ConnectionLost);
      assert.isTrue(over.called);
    });
  }

  for (const get of [getProcessOutput, getProcessOutputAndValue]) {
    it(`${get.name}(): maxBytes terminates it`, () => {
      const reactor = new MemoryReactor();
      const result = get(reactor, "x", { maxBytes: 10 });
      const child = childOf(reactor);
      child.write(1, "0123456789");
      reactor.flush();
      assertNoResult(result);
      child.write(1, "!");
      child.write(1, "more");
      reactor.flush();
      assert.instanceOf(errorOf(failureResultOf(result)), ProcessOutputLimitError);
      assert.deepEqual(child.signals, ["SIGTERM"]);
    });
  }

  it("limits that are none are refused before anything is started", () => {
    const reactor = new MemoryReactor();
    for (const options of [{ timeout: -1 }, { maxBytes: -1 }, { maxBytes: Number.NaN }]) {
      assert.throws(() => void getProcessOutput(reactor, "x", options), RangeError);
    }
    assert.throws(() => void getProcessOutput(reactor, "x\0"), TypeError);
    assert.deepEqual(reactor.processes.spawned, []);
  });

  it("one that cannot be ended is logged", () => {
    using logs = captureLogs();
    const reactor = new MemoryReactor();
    const result = getProcessValue(reactor, "x", { killTimeout: 1 });
    const child = childOf(reactor);
    child.signalled = () => {};
    result.cancel();
    failureResultOf(result);
    reactor.advance(1 + 5);
    const logged = logs.flush((event) => event.log_level === "critical");
    assert.equal(logged[0]?.log_format, "{executable} cannot be ended");
  });
});
