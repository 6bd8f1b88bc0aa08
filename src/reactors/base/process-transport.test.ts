import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import type { Failure } from "../../defer/failure.ts";
import { ConnectionDone, ConnectionTimedOut } from "../../internet/errors.ts";
import type { SpawnProcessOptions } from "../../internet/interfaces-process.ts";
import {
  ProcessDone,
  ProcessExitedAlready,
  ProcessFeatureError,
  ProcessTerminated,
  SpawnError,
} from "../../internet/process-errors.ts";
import { ProcessProtocol } from "../../internet/process-protocol.ts";
import { Source } from "../../testing/contracts/sources.ts";
import type { IProcessTransport } from "../../internet/interfaces-process.ts";
import type { MemoryChild } from "../memory/memory-process.ts";
import { MemoryReactor } from "../memory/memory-reactor.ts";

/** Writes down what it is told. */
class Parent extends ProcessProtocol {
  readonly told: string[] = [];
  readonly reasons: Failure[] = [];
  onTold: ((what: string) => void) | undefined;

  override connectionMade(): void {
    this.#tell("made");
  }

  override childDataReceived(fd: number, data: Buffer): void {
    this.#tell(`${String(fd)} ${data.toString()}`);
  }

  override childConnectionLost(fd: number, reason: Failure): void {
    this.#tell(`lost ${String(fd)} ${reason.value.name}`);
  }

  override processExited(reason: Failure): void {
    this.reasons.push(reason);
    this.#tell(`exited ${reason.value.name}`);
  }

  override processEnded(reason: Failure): void {
    this.reasons.push(reason);
    this.#tell(`ended ${reason.value.name}`);
  }

  #tell(what: string): void {
    this.told.push(what);
    this.onTold?.(what);
  }
}

interface Spawned {
  readonly reactor: MemoryReactor;
  readonly parent: Parent;
  readonly child: MemoryChild;
  readonly transport: IProcessTransport;
}

function spawn(options: SpawnProcessOptions = {}, reactor = new MemoryReactor()): Spawned {
  const parent = new Parent();
  const transport = reactor.spawnProcess(parent, "/bin/program", options);
  const child = reactor.processes.spawned.at(-1)?.child;
  assert(child !== undefined);
  return { reactor, parent, child, transport };
}

/** The same, and `connectionMade` has been called. */
function running(options: SpawnProcessOptions = {}): Spawned {
  const spawned = spawn(options);
  spawned.reactor.flush();
  assert.deepEqual(spawned.parent.told.splice(0), ["made"]);
  return spawned;
}

const CLOSED = ["lost 0 ConnectionDone", "lost 1 ConnectionDone", "lost 2 ConnectionDone"];

describe("the life of a process", () => {
  it("connectionMade comes later, data, the end of each pipe, the exit, the end", () => {
    const { reactor, parent, child, transport } = spawn();
    assert.deepEqual(parent.told, []);
    assert.isNumber(transport.pid);
    transport.write("early");
    reactor.flush();
    assert.equal(parent.transport, transport);
    assert.equal(transport.protocol, parent);
    assert.equal(child.received().toString(), "early");
    child.write(1, "out");
    child.write(2, "err");
    reactor.flush();
    child.exit(0);
    reactor.flush();
    assert.deepEqual(parent.told.slice(0, 3), ["made", "1 out", "2 err"]);
    const ends = ["ended ProcessDone", "exited ProcessDone", ...CLOSED];
    assert.deepEqual(parent.told.slice(3).sort(), ends.sort());
    assert.equal(parent.told.at(-1), "ended ProcessDone");
  });

  for (const [how, exit, expected] of [
    ["code", (child: MemoryChild) => child.exit(3), { exitCode: 3, signal: undefined }],
    [
      "signal",
      (child: MemoryChild) => child.die("SIGSEGV"),
      { exitCode: undefined, signal: "SIGSEGV" },
    ],
  ] as const) {
    it(`ends with ProcessTerminated, which has the ${how}`, () => {
      const { reactor, parent, child } = running();
      exit(child);
      reactor.flush();
      assert.equal(parent.reasons.length, 2);
      for (const { value } of parent.reasons) {
        assert.instanceOf(value, ProcessTerminated);
        assert.deepEqual({ exitCode: value.exitCode, signal: value.signal }, expected);
      }
    });
  }

  it("a descriptor that somebody else holds delays the end, not the exit", () => {
    const { reactor, parent, child } = running();
    child.exit(0, [1]);
    reactor.flush();
    assert.include(parent.told, "exited ProcessDone");
    assert.notInclude(parent.told, "ended ProcessDone");
    child.write(1, "from a grandchild");
    reactor.flush();
    child.closeFD(1);
    reactor.flush();
    assert.deepEqual(parent.told.slice(-3), [
      "1 from a grandchild",
      "lost 1 ConnectionDone",
      "ended ProcessDone",
    ]);
  });

  it("all pipes closed and no exit is no end", () => {
    const { reactor, parent, child, transport } = running();
    transport.loseConnection();
    reactor.advance(3600);
    assert.deepEqual(parent.told.splice(0).sort(), CLOSED);
    assert.isTrue(child.isAlive);
    child.exit(0);
    reactor.flush();
    assert.deepEqual(parent.told, ["exited ProcessDone", "ended ProcessDone"]);
  });

  it("without pipes, the exit is the end", () => {
    const { reactor, parent, child, transport } = running({ childFDs: { 1: 1 } });
    transport.write("lost");
    assert.equal(transport.droppedBytes, 4);
    child.exit(0);
    reactor.flush();
    assert.deepEqual(parent.told, ["exited ProcessDone", "ended ProcessDone"]);
  });

  it("a program that is missing: SpawnError, later, and nothing else", () => {
    const reactor = new MemoryReactor();
    reactor.processes.missing.add("/bin/program");
    const { parent, transport } = spawn({}, reactor);
    transport.write("x");
    transport.closeStdin();
    transport.loseConnection();
    assert.deepEqual(parent.told, []);
    assert.isUndefined(transport.pid);
    reactor.flush();
    assert.deepEqual(parent.told, ["exited SpawnError", "ended SpawnError"]);
    const error = parent.reasons[0]?.value;
    assert.instanceOf(error, SpawnError);
    assert.deepEqual([error.executable, error.systemCode], ["/bin/program", "ENOENT"]);
    assert.throws(() => transport.signalProcess("TERM"), ProcessExitedAlready);
    assert.equal(transport.droppedBytes, 1);
  });
});

describe("writing to a process", () => {
  it("write() of no bytes and no text is refused at once", () => {
    const { transport } = running();
    for (const bad of [7, undefined, {}]) {
      const write: unknown = Reflect.get(transport, "write");
      assert(typeof write === "function");
      assert.throws(() => Reflect.apply(write, transport, [bad]), TypeError);
    }
  });

  it("write() after closeStdin() and after the end is dropped and counted", () => {
    const { reactor, child, transport } = running();
    transport.write("sent");
    transport.closeStdin();
    transport.write("late");
    reactor.flush();
    transport.write(Buffer.from("later"));
    assert.equal(child.received().toString(), "sent");
    assert.isTrue(child.isClosed(0));
    assert.equal(transport.droppedBytes, 9);
  });

  it("writeToChild() writes to each descriptor that is w, and to no other", () => {
    const { reactor, child, transport } = running({ childFDs: { 0: "w", 1: "r", 4: "w", 5: 2 } });
    transport.writeToChild(4, "four");
    transport.writeToChild(0, "zero");
    reactor.flush();
    assert.equal(child.received(4).toString(), "four");
    assert.equal(child.received(0).toString(), "zero");
    for (const fd of [1, 3, 5]) assert.throws(() => transport.writeToChild(fd, "x"), RangeError);
  });

  it("drained() fires when the child has room, fails when it is gone", () => {
    const { reactor, child, transport } = running();
    const seen: string[] = [];
    child.pause();
    transport.write(Buffer.alloc(200_000));
    void transport.drained().addCallback(() => seen.push("drained"));
    reactor.flush();
    assert.deepEqual(seen, []);
    assert.isAbove(transport.bufferedBytes, 0);
    child.resume();
    reactor.flush();
    assert.deepEqual(seen, ["drained"]);
    assert.equal(transport.bufferedBytes, 0);
    child.exit(0);
    reactor.flush();
    void transport.drained().addErrback((failure) => seen.push(failure.value.name));
    assert.deepEqual(seen, ["drained", "ConnectionLost"]);
  });

  it("a producer is paused, resumed, and stopped with the standard input", () => {
    const { reactor, child, transport } = running();
    const source = new Source();
    transport.registerProducer(source, true);
    child.pause();
    transport.write(Buffer.alloc(200_000));
    assert.deepEqual(source.asked, ["pause"]);
    child.resume();
    reactor.flush();
    assert.deepEqual(source.asked, ["pause", "resume"]);
    child.exit(0);
    reactor.flush();
    transport.write("x");
    reactor.flush();
    assert.deepEqual(source.asked, ["pause", "resume", "stop"]);
    const late = new Source();
    transport.registerProducer(late, false);
    assert.deepEqual(late.asked, ["stop"]);
  });

  it("closeStdin() waits for its producer", () => {
    const { reactor, child, transport } = running();
    transport.registerProducer(new Source(), true);
    transport.closeStdin();
    transport.write("produced");
    reactor.flush();
    assert.isFalse(child.isClosed(0));
    transport.unregisterProducer();
    reactor.flush();
    assert.isTrue(child.isClosed(0));
    assert.equal(child.received().toString(), "produced");
  });

  it("closeStdin() waits for a slow child, loseConnection() no longer than closeTimeout", () => {
    const { reactor, parent, child, transport } = running({ closeTimeout: 7 });
    child.pause();
    transport.write(Buffer.alloc(1_000_000));
    transport.closeStdin();
    reactor.advance(3600);
    assert.deepEqual(parent.told, []);
    child.resume();
    reactor.flush();
    assert.equal(child.received().length, 1_000_000);
    assert.deepEqual(parent.told, ["lost 0 ConnectionDone"]);

    const other = running({ closeTimeout: 7 });
    other.child.pause();
    other.transport.write(Buffer.alloc(1_000_000));
    other.transport.loseConnection();
    other.reactor.advance(6);
    assert.notInclude(other.parent.told, "lost 0 ConnectionTimedOut");
    other.reactor.advance(2);
    assert.include(other.parent.told, "lost 0 ConnectionTimedOut");
  });

  it("maxBufferedBytes closes the pipe, and says why", () => {
    const { reactor, parent, child, transport } = running({ maxBufferedBytes: 1000 });
    child.pause();
    transport.write(Buffer.alloc(200_000));
    transport.write("one more");
    reactor.flush();
    assert.deepEqual(parent.told, ["lost 0 SendBufferFullError"]);
    assert.isAtLeast(transport.droppedBytes, 8);
    assert.isTrue(child.isAlive);
  });
});

describe("reading from a process", () => {
  it("pauseChildFD() pauses one, pauseProducing() all", () => {
    const { reactor, parent, child, transport } = running();
    transport.pauseChildFD(1);
    child.write(1, "out");
    child.write(2, "err");
    reactor.flush();
    assert.deepEqual(parent.told, ["2 err"]);
    transport.resumeChildFD(1);
    reactor.flush();
    assert.deepEqual(parent.told.splice(0), ["2 err", "1 out"]);
    transport.pauseProducing();
    child.write(1, "more");
    child.exit(0);
    reactor.flush();
    assert.deepEqual(parent.told.splice(0).sort(), ["exited ProcessDone", "lost 0 ConnectionDone"]);
    transport.resumeProducing();
    reactor.flush();
    assert.equal(parent.told[0], "1 more");
    assert.deepEqual(parent.told.slice(1).sort(), ["ended ProcessDone", ...CLOSED.slice(1)]);
    assert.equal(parent.told.at(-1), "ended ProcessDone");
  });

  it("closeStdout() ends it: nothing more is received", () => {
    const { reactor, parent, child, transport } = running();
    child.write(1, "too late");
    transport.closeStdout();
    reactor.flush();
    assert.deepEqual(parent.told, ["lost 1 ConnectionDone"]);
    assert.isTrue(child.isClosed(1));
    transport.closeStdout();
    transport.closeStderr();
    transport.closeChildFD(99);
    reactor.flush();
    assert.deepEqual(parent.told, ["lost 1 ConnectionDone", "lost 2 ConnectionDone"]);
  });

  it("a child that closes its input is heard of", () => {
    const { reactor, parent, child } = running();
    child.closeFD(0);
    reactor.flush();
    assert.deepEqual(parent.told, ["lost 0 ConnectionDone"]);
  });

  it("what a child writes to a descriptor that it should read is nobody's", () => {
    const { reactor, parent, child } = running();
    child.write(0, "nonsense");
    reactor.flush();
    assert.deepEqual(parent.told, []);
  });
});

describe("signals", () => {
  it("names with and without SIG, and numbers", () => {
    const { child, transport } = running();
    child.ignores.add("SIGTERM").add("SIGHUP");
    for (const signal of ["TERM", "SIGHUP", 0, 15, "CONT"] as const) {
      transport.signalProcess(signal);
    }
    assert.deepEqual(child.signals, ["SIGTERM", "SIGHUP", 15, "SIGCONT"]);
  });

  it("signalProcess() after the exit is ProcessExitedAlready", () => {
    const { reactor, parent, child, transport } = running();
    child.exit(0, [1]);
    reactor.flush();
    assert.throws(() => transport.signalProcess("TERM"), ProcessExitedAlready, "it has exited");
    assert.notInclude(parent.told, "ended ProcessDone");
  });

  it("signalGroup() needs a group", () => {
    const { transport } = running();
    assert.throws(() => transport.signalGroup("TERM"), ProcessFeatureError, "use processGroup");
    const { child, transport: leader } = running({ processGroup: true });
    leader.signalGroup("USR1");
    assert.deepEqual(child.signals, ["SIGUSR1"]);
  });
});

describe("terminate()", () => {
  it("is TERM, and fires when it has exited", () => {
    const { reactor, parent, child, transport } = running();
    const seen: string[] = [];
    void transport.terminate().addCallback(() => seen.push(...parent.told));
    assert.deepEqual(seen, []);
    reactor.flush();
    assert.include(seen, "exited ProcessTerminated");
    assert.deepEqual(child.signals, ["SIGTERM"]);
    assert.deepEqual(reactor.getDelayedCalls(), []);
    assert.isTrue(transport.terminate().called);
  });

  it("is KILL after killTimeout, once, however often it is called", () => {
    const { reactor, child, transport } = running({ killTimeout: 3 });
    child.ignores.add("SIGTERM");
    let fired = 0;
    for (const one of [transport.terminate(), transport.terminate()]) {
      void one.addCallback(() => (fired += 1));
    }
    reactor.advance(2.9);
    assert.deepEqual(child.signals, ["SIGTERM"]);
    reactor.advance(0.1);
    assert.deepEqual([child.signals, fired], [["SIGTERM", "SIGKILL"], 2]);
  });

  it("fails when not even KILL helps, and may be tried again", () => {
    const { reactor, child, transport } = running({ killTimeout: 3 });
    child.signalled = (signal) => {
      child.signals.push(signal);
    };
    const errors: Error[] = [];
    const failed = (failure: Failure): void => {
      errors.push(failure.value);
    };
    void transport.terminate().addErrback(failed);
    reactor.advance(3 + 5);
    assert.instanceOf(errors[0], ConnectionTimedOut);
    assert.equal(errors[0].phase, "kill");
    void transport.terminate().addErrback(failed);
    assert.deepEqual(child.signals, ["SIGTERM", "SIGKILL", "SIGTERM"]);
    reactor.advance(3 + 4.9);
    assert.equal(errors.length, 1);
    reactor.advance(0.1);
    assert.equal(errors.length, 2);
  });
});

it("prints itself", () => {
  const { child, reactor, transport } = running();
  const pid = String(transport.pid);
  assert.equal(inspect(transport), `MemoryProcess(/bin/program[${pid}], running, 0 bytes queued)`);
  assert.equal(transport.getPeer().toString(), `/bin/program[${pid}]`);
  assert.equal(transport.getHost().kind, "none");
  child.exit(0);
  reactor.flush();
  assert.include(inspect(transport), "exited");
});

it("ProcessDone and ConnectionDone are kinds of ConnectionClosed", () => {
  assert.equal(new ProcessDone().exitCode, 0);
  assert.notInstanceOf(new ProcessDone(), ConnectionDone);
});
