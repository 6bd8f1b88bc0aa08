import { assert, describe, it } from "vitest";
import { ConnectionLost, ReactorNotRunning } from "../../internet/errors.ts";
import type { IProcessTransport, SpawnProcessOptions } from "../../internet/interfaces-process.ts";
import {
  ProcessDone,
  ProcessFeatureError,
  ProcessTerminated,
} from "../../internet/process-errors.ts";
import { captureLogs } from "../../logger/capture.ts";
import { ProcessWitness } from "../../testing/contracts/process-witness.ts";
import type { MemoryChild } from "../memory/memory-process.ts";
import { MemoryReactor } from "../memory/memory-reactor.ts";

interface Spawned {
  readonly reactor: MemoryReactor;
  readonly parent: ProcessWitness;
  readonly child: MemoryChild;
  readonly transport: IProcessTransport;
}

function spawn(options: SpawnProcessOptions = {}, reactor = new MemoryReactor()): Spawned {
  const parent = new ProcessWitness();
  const transport = reactor.spawnProcess(parent, "/bin/program", options);
  const child = reactor.processes.spawned.at(-1)?.child;
  assert(child !== undefined);
  return { reactor, parent, child, transport };
}

/** The same, and `connectionMade` has been called. */
function running(options: SpawnProcessOptions = {}): Spawned {
  const spawned = spawn(options);
  spawned.reactor.flush();
  assert.deepEqual(spawned.parent.told, ["made"]);
  return spawned;
}

describe("exceptions of a process's protocol", () => {
  for (const [where, provoke] of [
    ["made", () => {}],
    ["data 1", (child: MemoryChild) => child.write(1, "out")],
    ["lost 2", (child: MemoryChild) => child.closeFD(2)],
  ] as const) {
    it(`at ${JSON.stringify(where)}: logged, and the process is ended`, () => {
      using logs = captureLogs();
      const { reactor, parent, child } = spawn();
      const boom = new Error("boom");
      parent.onTold = (what) => {
        if (what === where) throw boom;
      };
      reactor.flush();
      provoke(child);
      reactor.flush();
      assert.deepEqual(child.signals, ["SIGTERM"]);
      assert.instanceOf(parent.end?.value, ProcessTerminated);
      assert.equal(parent.end?.value.cause, boom);
      const logged = logs.flush((event) => event.log_failure?.value === boom);
      assert.equal(logged.length, 1);
      assert.match(logged[0]?.log_format ?? "", /ProcessWitness,\/bin\/program\[\d+\]: error in/u);
    });
  }

  it("in processExited and processEnded: logged, and that is all", () => {
    using logs = captureLogs();
    const { reactor, parent, child } = running();
    parent.onTold = (what) => {
      if (/exited|ended/u.test(what)) throw new Error(what);
    };
    child.exit(0);
    reactor.flush();
    assert.equal(parent.told.at(-1), "ended");
    const logged = logs.flush(
      (event) => event.log_level === "critical" || event.log_level === "error",
    );
    assert.equal(logged.length, 2);
  });
});

describe("when the reactor stops", () => {
  function stop({ reactor }: Spawned): { readonly isOver: () => boolean } {
    const over = reactor.run();
    reactor.flush();
    reactor.stop();
    reactor.flush();
    return { isOver: () => over.called };
  }

  it("pipes are closed, the process is left, and its protocol is told", () => {
    const spawned = running();
    const { isOver } = stop(spawned);
    const { reactor, parent, child } = spawned;
    assert.isTrue(isOver());
    assert.deepEqual(parent.told, ["made", "lost 0", "lost 1", "lost 2", "ended"]);
    const reasons = [...parent.lost.values(), parent.end];
    for (const reason of reasons) assert.instanceOf(reason?.value, ConnectionLost);
    assert.deepEqual(child.signals, []);
    assert.isTrue(child.isAlive);
    child.exit(0);
    reactor.flush();
    assert.equal(parent.told.length, 5);
  });

  it("endAtStop: it is terminated, and waited for", () => {
    const spawned = running({ endAtStop: true, killTimeout: 2 });
    const { reactor, parent, child } = spawned;
    child.ignores.add("SIGTERM");
    const { isOver } = stop(spawned);
    assert.isFalse(isOver());
    reactor.advance(2);
    assert.deepEqual(child.signals, ["SIGTERM", "SIGKILL"]);
    assert.isTrue(isOver());
    assert.equal(parent.told.at(-1), "ended");
    assert.instanceOf(parent.end?.value, ProcessTerminated);
  });

  it("endAtStop: one that cannot be ended does not hold the reactor for ever", () => {
    using logs = captureLogs();
    const spawned = running({ endAtStop: true, killTimeout: 2 });
    spawned.child.signalled = () => {};
    const { isOver } = stop(spawned);
    spawned.reactor.advance(2 + 4.9);
    assert.isFalse(isOver());
    spawned.reactor.advance(0.1);
    assert.isTrue(isOver());
    assert.instanceOf(spawned.parent.end?.value, ConnectionLost);
    assert.isUndefined(spawned.parent.exit);
    assert.equal(logs.flush((event) => event.log_level === "critical").length, 1);
  });

  it("a process that has exited and whose pipes are held is over with its pipes", () => {
    const spawned = running();
    spawned.child.exit(0, [1]);
    spawned.reactor.flush();
    assert.isTrue(stop(spawned).isOver());
    assert.instanceOf(spawned.parent.end?.value, ProcessDone);
  });

  it("no process is started while all is being closed", () => {
    const spawned = running();
    const errors: unknown[] = [];
    spawned.parent.onTold = () => {
      try {
        spawn({}, spawned.reactor);
      } catch (error) {
        errors.push(error);
      }
    };
    assert.isTrue(stop(spawned).isOver());
    assert.equal(errors.length, 4);
    for (const error of errors) assert.instanceOf(error, ReactorNotRunning);
  });
});

describe("a terminal", () => {
  it("is one descriptor: written to as 0, read as 1, lost once", () => {
    const { reactor, parent, child, transport } = running({ usePTY: true });
    transport.write("in");
    transport.closeStdin();
    transport.writeToChild(0, "put");
    transport.closeStdout();
    child.write(1, "out");
    reactor.flush();
    assert.equal(child.received(1).toString(), "input");
    assert.equal(parent.text(1), "out");
    child.exit(0);
    reactor.flush();
    assert.deepEqual(parent.told.slice(1).sort(), ["ended", "exited", "lost 1"]);
    assert.deepEqual(parent.violations, []);
  });

  it("has a size", () => {
    const { child, transport } = running({ usePTY: { columns: 132, rows: 43 } });
    assert.deepInclude(child.windowSize, { columns: 132, rows: 43 });
    transport.setWindowSize(40, 10);
    assert.deepEqual(child.windowSize, { columns: 40, rows: 10 });
    for (const bad of [0, -1, 1.5, Number.NaN, 65_536]) {
      assert.throws(() => transport.setWindowSize(bad, 10), RangeError);
    }
    const { transport: pipes } = running();
    assert.isFalse(pipes.isTerminal);
    assert.throws(() => pipes.setWindowSize(40, 10), ProcessFeatureError, "it has no terminal");
  });
});
