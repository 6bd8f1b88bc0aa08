/**
 * Processes on a simulated host: what they are given, what their parent is told, and what goes
 * wrong. The contracts that need a shell are tried here with programs that tests play.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { cat, hang, ProcessWorld, yes } from "../../../../test/fixtures/simulated-processes.ts";
import { ConnectionDone, ConnectionLost } from "../../../internet/errors.ts";
import { SpawnError } from "../../../internet/process-errors.ts";
import { how } from "../../../testing/contracts/process-trial.ts";
import type { ChildProgram } from "./child-program.ts";

const MIB = 1 << 20;

describe("spawnProcess() of a simulated reactor", () => {
  it("tells of a life: made, data, each pipe lost, exited, ended", async () => {
    const world = new ProcessWorld((child) => {
      child.stdout.write("out");
      child.stderr.write("err");
      return 0;
    });
    const { witness, process } = world.spawn();
    assert.deepEqual([witness.told, typeof process.pid], [[], "number"]);
    await world.until(() => witness.end !== undefined);
    assert.equal(witness.told[0], "made");
    assert.equal(witness.told.at(-1), "ended");
    assert.equal(witness.told.length, 6);
    assert.deepEqual([witness.text(1), witness.text(2)], ["out", "err"]);
    assert.equal(how(witness.end), "ProcessDone");
    for (const reason of witness.lost.values()) assert.instanceOf(reason.value, ConnectionDone);
  });

  it("gives a program its arguments, environment and working directory", async () => {
    const seen: unknown[] = [];
    const world = new ProcessWorld((child) => {
      seen.push(child.argv, child.env["A"], child.env["PATH"], child.cwd, child.windowSize);
      return 0;
    });
    await world.ended({ args: ["name", "-x"], env: { A: "1" }, path: "/srv" });
    assert.deepEqual(seen, [["name", "-x"], "1", undefined, "/srv", undefined]);
    await world.ended();
    assert.deepEqual(seen.slice(5, 7), [["/bin/it"], undefined]);
    assert.match(String(seen[7]), /\/bin/u);
  });

  it("fails for a program that is not there, descriptors of ours, long arguments", async () => {
    const world = new ProcessWorld(hang);
    for (const [executable, options, code] of [
      ["/bin/other", {}, "ENOENT"],
      ["it", { env: { PATH: "/usr/bin" } }, "ENOENT"],
      ["/bin/it", { childFDs: { 1: 7 } }, "EBADF"],
      ["/bin/it", { args: ["it", "x".repeat(200_000)] }, "E2BIG"],
    ] as const) {
      const { witness, process } = world.spawn(options, executable);
      assert.equal(process.pid, undefined);
      await world.until(() => witness.end !== undefined);
      assert.deepEqual(witness.told, ["exited", "ended"]);
      const error = witness.end?.value;
      assert.equal(error instanceof SpawnError && error.systemCode, code);
    }
    assert.throws(() => world.host.programs.set("it", hang), TypeError);
  });

  it("looks for a name in PATH, and for a path below the working directory", async () => {
    const world = new ProcessWorld(() => 0);
    for (const [executable, options] of [
      ["it", {}],
      ["it", { env: { PATH: "/nowhere:/bin" } }],
      ["./it", { path: "/bin" }],
      ["../bin/it", { path: "/usr" }],
    ] as const) {
      const { witness } = world.spawn(options, executable);
      await world.until(() => witness.end !== undefined);
      assert.equal(how(witness.end), "ProcessDone");
    }
  });

  it("tells exit codes, of a promise too; a program that stays is there", async () => {
    const programs: [ChildProgram, string][] = [
      [() => 7, "exit 7"],
      [(child) => child.callLater(1, () => child.exit(257)), "exit 1"],
      [async (child) => child.sleep(2), "ProcessDone"],
      [async () => 3, "exit 3"],
    ];
    for (const [program, expected] of programs) {
      assert.equal(how((await new ProcessWorld(program).ended()).end), expected);
    }
    const world = new ProcessWorld(hang);
    const { witness } = world.spawn();
    await world.pass(100);
    assert.deepEqual(witness.told, ["made"]);
  });

  it("carries 10 MB through a process and back", async () => {
    const world = new ProcessWorld(cat);
    const { witness, process } = world.spawn();
    const data = Buffer.alloc(10 * MIB, "0123456789abcdef!");
    process.write(data);
    process.closeStdin();
    await world.until(() => witness.end !== undefined);
    assert.isTrue(witness.text() === data.toString());
    assert.deepEqual([process.bufferedBytes, process.droppedBytes], [0, 0]);
    assert.equal(how(witness.end), "ProcessDone");
  });

  it("gives any descriptors, in both directions", async () => {
    const world = new ProcessWorld(async (child) => {
      child.stream(4).write(await child.stream(3).text());
      child.stdout.write("for nobody");
      assert.equal(await child.stdin.text(), "");
      assert.throws(() => child.stream(1), RangeError);
    });
    const { witness, process } = world.spawn({ childFDs: { 3: "w", 4: "r" } });
    process.writeToChild(3, "three");
    process.closeChildFD(3);
    await world.until(() => witness.end !== undefined);
    assert.deepEqual([witness.text(4), witness.lost.has(3), witness.lost.size], ["three", true, 2]);
  });

  it("a child that reads nothing lets its parent's bytes pile up", async () => {
    const world = new ProcessWorld(async (child) => {
      await child.sleep(10);
      child.stdout.write(String((await child.stdin.all()).length));
    });
    const { witness, process } = world.spawn();
    process.write(Buffer.alloc(4 * MIB));
    process.closeStdin();
    await world.pass(9);
    assert.isAbove(process.bufferedBytes, 3 * MIB);
    await world.until(() => witness.end !== undefined);
    assert.equal(witness.text(), String(4 * MIB));
  });

  it("a child that floods waits for a parent that does not read, and dies of SIGPIPE", async () => {
    const world = new ProcessWorld(yes);
    const { witness, process } = world.spawn();
    await world.until(() => witness.bytes > 0);
    process.pauseProducing();
    const { bytes } = witness;
    await world.pass(10);
    assert.equal(witness.bytes, bytes);
    process.resumeProducing();
    await world.until(() => witness.bytes > bytes + MIB);
    const closed = world.simulator.now;
    process.closeStdout();
    await world.until(() => witness.exit !== undefined);
    assert.equal(how(witness.exit), "SIGPIPE");
    assert.closeTo(world.simulator.now, closed, 0.01);
  });

  it("a child that handles SIGPIPE hears EPIPE instead", async () => {
    const codes: unknown[] = [];
    const world = new ProcessWorld(async (child) => {
      child.onSignal("SIGPIPE", (signal) => codes.push(signal));
      try {
        for (;;) {
          child.stdout.write(Buffer.alloc(100_000));
          await child.stdout.drained();
        }
      } catch (error) {
        codes.push(error instanceof Error && "code" in error ? error.code : error);
      }
      return 9;
    });
    const { witness, process } = world.spawn();
    await world.until(() => witness.bytes > 0);
    process.closeStdout();
    await world.until(() => witness.end !== undefined);
    assert.deepEqual([how(witness.end), codes.at(-1)], ["exit 9", "EPIPE"]);
    assert.include(codes, "SIGPIPE");
  });

  it("an exit waits for what was written; what the child left unread is lost", async () => {
    const world = new ProcessWorld(async (child) => {
      child.stdout.write(Buffer.alloc(MIB));
      child.exit(5);
      child.stdout.write("too late");
    });
    const { witness, process } = world.spawn();
    process.write("nobody reads this");
    process.pauseProducing();
    await world.pass(10);
    assert.equal(witness.exit, undefined);
    process.resumeProducing();
    await world.until(() => witness.end !== undefined);
    assert.deepEqual([witness.bytes, how(witness.end)], [MIB, "exit 5"]);
    assert.instanceOf(witness.lost.get(0)?.value, ConnectionLost);
  });

  it("an end of its input without an exit, and an exit without the end of its output", async () => {
    const world = new ProcessWorld((child) => {
      child.stdin.close();
      child.callLater(1, () => child.stdout.close());
      child.callLater(2, () => child.exit());
    });
    const { witness } = world.spawn();
    await world.until(() => witness.end !== undefined);
    assert.deepEqual(witness.told.slice(0, 3), ["made", "lost 0", "lost 1"]);
  });

  it("has a terminal: one stream, and its size", async () => {
    const sizes: unknown[] = [];
    const world = new ProcessWorld(async (child) => {
      sizes.push(child.windowSize);
      child.onSignal("SIGWINCH", () => sizes.push(child.windowSize));
      child.stdin.onData((data) => child.stderr.write(data));
      await child.sleep(5);
    });
    const { witness, process } = world.spawn({ usePTY: { columns: 100, rows: 30 } });
    process.write("typed");
    await world.pass(1);
    process.setWindowSize(50, 20);
    await world.until(() => witness.end !== undefined);
    assert.equal(witness.text(), "typed");
    assert.deepEqual(sizes, [
      { columns: 100, rows: 30 },
      { columns: 50, rows: 20 },
    ]);
  });
});

describe("what goes wrong with simulated processes", () => {
  it("out of memory: killed at some step, with a part of what it wrote", async () => {
    const ends = new Map<string, number>();
    const lengths = new Set<number>();
    for (let seed = 0; seed < 100; seed += 1) {
      const world = new ProcessWorld(cat, { seed });
      world.host.programs.configure({ outOfMemory: 0.2 });
      const { witness, process } = world.spawn();
      process.write("0123456789");
      process.closeStdin();
      await world.until(() => witness.end !== undefined);
      const end = how(witness.end);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      lengths.add(witness.bytes);
      assert.isTrue("0123456789".startsWith(witness.text()));
      if (end === "ProcessDone") assert.equal(witness.bytes, 10);
    }
    assert.deepEqual([...ends.keys()].sort(), ["ProcessDone", "SIGKILL"]);
    assert.isAbove(ends.get("SIGKILL") ?? 0, 20);
    assert.isAbove(lengths.size, 4);
  });

  it("late starts, cut pipes, late ends: the same in every run of a seed", async () => {
    const run = async (seed: number, drain: "ticks" | "immediate"): Promise<string> => {
      const world = new ProcessWorld(cat, { seed, drain });
      world.host.programs.configure({
        start: [0.001, 1],
        reaping: [0.001, 1],
        outOfMemory: 0.01,
        pipes: { segmentation: 0.5, latency: [0.000_01, 0.01] },
      });
      for (let at = 0; at < 5; at += 1) {
        const { witness, process } = world.spawn();
        process.write("some text that is cut");
        process.closeStdin();
        await world.until(() => witness.end !== undefined);
      }
      return world.simulator.trace.hash;
    };
    assert.equal(await run(1, "ticks"), await run(1, "immediate"));
    assert.equal(await run(1, "ticks"), await run(1, "ticks"));
    assert.notEqual(await run(1, "ticks"), await run(2, "ticks"));
  });
});
