/**
 * Children on a simulated host: signals, and what becomes of them with their host.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { cat, hang, nothing, ProcessWorld } from "../../../../test/fixtures/simulated-processes.ts";
import { ConnectionLost } from "../../../internet/errors.ts";
import { ClientFactory } from "../../../internet/factory.ts";
import { ProcessExitedAlready } from "../../../internet/process-errors.ts";
import { getProcessOutput } from "../../../internet/process-output.ts";
import { Protocol } from "../../../internet/protocol.ts";
import { how } from "../../../testing/contracts/process-trial.ts";
import type { ChildProgram, SimulatedChild } from "./child-program.ts";

describe("signals for simulated processes", () => {
  it("end a child that has no handler, whatever their name or number", async () => {
    for (const [signal, expected] of [
      ["TERM", "SIGTERM"],
      ["SIGHUP", "SIGHUP"],
      ["KILL", "SIGKILL"],
      [2, "SIGINT"],
    ] as const) {
      const world = new ProcessWorld(hang);
      const { witness, process } = world.spawn();
      await world.pass(1);
      witness.request("signalProcess", () => process.signalProcess(signal));
      await world.until(() => witness.end !== undefined);
      assert.equal(how(witness.end), expected);
      assert.throws(() => process.signalProcess(signal), ProcessExitedAlready);
    }
  });

  it("are handled, are harmless, or there is no such one", async () => {
    const world = new ProcessWorld((child) => {
      child.onSignal("SIGTERM", (signal) => child.stdout.write(signal));
      assert.throws(() => child.onSignal("SIGKILL", nothing), RangeError);
    });
    const { witness, process } = world.spawn();
    await world.pass(1);
    for (const signal of ["TERM", "SIGCHLD", "SIGWINCH", 0, "TERM"] as const) {
      process.signalProcess(signal);
    }
    await world.pass(1);
    assert.deepEqual([witness.text(), witness.exit], ["SIGTERMSIGTERM", undefined]);
    const signalProcess: unknown = Reflect.get(process, "signalProcess");
    assert.throws(() => {
      if (typeof signalProcess === "function") Reflect.apply(signalProcess, process, ["SIGNO"]);
    }, TypeError);
  });

  it("STOP and CONT", async () => {
    const world = new ProcessWorld(cat);
    const { witness, process } = world.spawn();
    process.write("before ");
    await world.until(() => witness.text() === "before ");
    process.signalProcess("STOP");
    process.write("after");
    process.signalProcess("TERM");
    await world.pass(10);
    assert.deepEqual([witness.text(), witness.exit], ["before ", undefined]);
    process.signalProcess("KILL");
    await world.until(() => witness.exit !== undefined);
    const other = world.spawn();
    other.process.signalProcess("STOP");
    await world.pass(1);
    other.process.write("late");
    other.process.signalProcess("CONT");
    await world.until(() => other.witness.text() === "late");
  });

  it("terminate(): KILL for one that ignores TERM; a group has nobody else", async () => {
    const world = new ProcessWorld((child) => child.onSignal("SIGTERM", nothing));
    const { witness, process } = world.spawn({ killTimeout: 3, processGroup: true });
    await world.pass(1);
    let done = false;
    void process.terminate().addCallback(() => {
      done = true;
    });
    await world.until(() => done);
    assert.equal(how(witness.exit), "SIGKILL");
    assert.closeTo(world.simulator.now, 4, 0.01);
    await world.until(() => witness.end !== undefined);
    assert.throws(() => process.signalGroup("TERM"), ProcessExitedAlready);
  });

  it("a child that is signalled before it has begun never begins", async () => {
    let begun = false;
    const world = new ProcessWorld(() => {
      begun = true;
    });
    world.host.programs.configure({ start: 5 });
    const { witness, process } = world.spawn();
    process.signalProcess("TERM");
    await world.until(() => witness.end !== undefined);
    await world.pass(10);
    assert.deepEqual([how(witness.end), begun], ["SIGTERM", false]);
  });
});

describe("simulated processes and their host", () => {
  it("end with it, when it is killed or loses power", async () => {
    for (const end of ["kill", "powerOff"] as const) {
      const children: SimulatedChild[] = [];
      let ticks = 0;
      const world = new ProcessWorld((child) => {
        children.push(child);
        const tick = (): void => {
          ticks += 1;
          child.callLater(1, tick);
        };
        tick();
      });
      const { witness } = world.spawn();
      await world.pass(2.5);
      world.host[end]();
      await world.pass(5);
      assert.deepEqual([children[0]?.alive, ticks, witness.exit], [false, 3, undefined]);
      assert.equal(world.host.descriptors.size, 0);
      world.host.start();
      const again = world.spawn();
      assert.equal(again.process.pid, 4_194_306);
    }
  });

  it("stand still with it", async () => {
    const times: number[] = [];
    const world = new ProcessWorld((child) => {
      child.callLater(1, () => times.push(world.simulator.now));
    });
    world.spawn();
    await world.pass(0.5);
    world.host.stall(3);
    await world.pass(5);
    assert.deepEqual(times, [3.5]);
  });

  it("endAtStop: the reactor terminates the child, and waits", async () => {
    const world = new ProcessWorld((child) => child.onSignal("SIGTERM", nothing));
    const over = world.host.reactor.run();
    const { witness } = world.spawn({ endAtStop: true, killTimeout: 1 });
    const left = world.spawn();
    await world.pass(1);
    world.host.reactor.stop();
    await world.until(() => over.called);
    assert.deepEqual([how(witness.end), left.witness.exit], ["SIGKILL", undefined]);
    assert.instanceOf(left.witness.end?.value, ConnectionLost);
  });

  it("what a program throws ends the simulation", async () => {
    for (const program of [
      () => {
        throw new Error("boom");
      },
      async (child: SimulatedChild) => {
        await child.sleep(1);
        throw new Error("boom");
      },
    ]) {
      const world = new ProcessWorld(program);
      world.spawn();
      let error: unknown;
      try {
        await world.pass(5);
      } catch (thrown) {
        error = thrown;
      }
      assert.instanceOf(error, Error);
      assert.equal(error.message, "boom");
    }
  });

  it("speak with protocols: connectProcess(), getProcessOutput()", async () => {
    const world = new ProcessWorld(cat);
    const texts: string[] = [];
    class Speaker extends Protocol {
      override connectionMade(): void {
        this.transport.write("echo");
      }
      override dataReceived(data: Buffer): void {
        texts.push(data.toString());
        this.transport.loseConnection();
      }
      override connectionLost(): void {
        texts.push("lost");
      }
    }
    world.host.reactor.connectProcess("/bin/it", ClientFactory.forProtocol(Speaker));
    await world.until(() => texts.length === 2);
    assert.deepEqual(texts, ["echo", "lost"]);
    const sorter: ChildProgram = async (child) => {
      child.stdout.write(child.argv.slice(1).sort().join(" "));
    };
    world.host.programs.set("/usr/bin/sort", sorter);
    let output = "";
    void getProcessOutput(world.host.reactor, "sort", { args: ["b", "a"] }).addCallback((out) => {
      output = out.toString();
    });
    await world.until(() => output !== "");
    assert.equal(output, "a b");
  });
});
