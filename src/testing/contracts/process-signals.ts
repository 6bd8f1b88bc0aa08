/**
 * Contracts of signals, process groups, and of ending a process that does not end.
 *
 * @module
 */
import { ProcessExitedAlready, ProcessFeatureError } from "../../internet/process-errors.ts";
import { expectEqual, expectThrown } from "./expect.ts";
import { how, processContract } from "./process-trial.ts";
import type { Contracts } from "./trial.ts";

/** By name. */
export const processSignalContracts: Contracts = {
  "signalProcess(): names with and without SIG, and numbers": processContract(async (trial) => {
    for (const [signal, ended] of [
      ["TERM", "SIGTERM"],
      ["SIGHUP", "SIGHUP"],
      ["KILL", "SIGKILL"],
      [2, "SIGINT"],
    ] as const) {
      const { witness, process } = trial.run("echo; exec sleep 60");
      await trial.settle(() => witness.bytes > 0);
      witness.request("signalProcess", () => process.signalProcess(signal));
      await trial.settle(() => witness.end !== undefined);
      expectEqual(how(witness.end), ended);
    }
  }),

  "a signal that it handles does not end it": processContract(async (trial) => {
    const { witness, process } = trial.run("trap 'echo got it' USR1; echo; read x; read x; exit 3");
    await trial.settle(() => witness.bytes > 0);
    process.signalProcess("USR1");
    process.write("\n");
    process.closeStdin();
    await trial.settle(() => witness.end !== undefined);
    expectEqual([witness.text(), how(witness.end)], ["\ngot it\n", "exit 3"]);
  }),

  "STOP and CONT": processContract(async (trial) => {
    const { witness, process } = trial.run("exec cat");
    process.write("before ");
    await trial.settle(() => witness.text() === "before ");
    process.signalProcess("STOP");
    process.write("after");
    await trial.wait();
    expectEqual(witness.text(), "before ");
    process.signalProcess("CONT");
    await trial.settle(() => witness.text() === "before after");
  }),

  "no such signal is a TypeError, 0 sends nothing": processContract(async (trial) => {
    const { witness, process } = trial.run("read x; echo $x; exec sleep 60");
    const signalProcess: unknown = Reflect.get(process, "signalProcess");
    if (typeof signalProcess !== "function") throw new TypeError("no signalProcess()");
    for (const signal of ["SIGNONSENSE", "nonsense", "", 12_345]) {
      expectThrown(() => Reflect.apply(signalProcess, process, [signal]), TypeError);
    }
    process.signalProcess(0);
    process.write("alive\n");
    await trial.settle(() => witness.text() === "alive\n");
  }),

  "signalProcess() after the exit is ProcessExitedAlready": processContract(async (trial) => {
    const { witness, process } = trial.run("exit 0");
    await trial.settle(() => witness.end !== undefined);
    for (const signal of ["TERM", "KILL", 0] as const) {
      expectThrown(() => process.signalProcess(signal), ProcessExitedAlready);
    }
  }),

  "signalProcess() reaches the process alone, signalGroup() all that it has started":
    processContract(async (trial) => {
      const { witness, process } = trial.run("cat <&3 & sleep 60 & echo; wait", {
        childFDs: { 1: "r", 3: "w" },
        processGroup: true,
      });
      await trial.settle(() => witness.bytes > 0);
      process.signalProcess("TERM");
      await trial.settle(() => witness.exit !== undefined);
      expectEqual(how(witness.exit), "SIGTERM");
      // Those that it has started hold its output, and do their work.
      process.writeToChild(3, "alive");
      await trial.settle(() => witness.text() === "\nalive");
      expectEqual(witness.end, undefined);
      process.signalGroup("TERM");
      await trial.settle(() => witness.end !== undefined);
      expectThrown(() => process.signalGroup("TERM"), ProcessExitedAlready);
    }),

  "without a group of its own there is none to signal": processContract(async (trial) => {
    const { process } = trial.run("exec sleep 60");
    expectThrown(() => process.signalGroup("TERM"), ProcessFeatureError);
    await trial.trial.passes(1);
  }),

  "terminate() is TERM, and fires after processExited()": processContract(async (trial) => {
    const { witness, process } = trial.run("exec sleep 60");
    const seen: string[] = [];
    const terminated = witness.request("terminate", () => process.terminate());
    void terminated.addCallback(() => seen.push(...witness.told));
    await trial.trial.fired(terminated);
    expectEqual(seen.includes("exited"), true, "exited first");
    expectEqual(how(witness.exit), "SIGTERM");
    await trial.trial.fired(process.terminate());
  }),

  "terminate() is KILL for one that ignores TERM, after killTimeout": processContract(
    async (trial) => {
      const { witness, process } = trial.run("trap '' TERM; echo; read x; read x", {
        killTimeout: 0.05,
      });
      await trial.settle(() => witness.bytes > 0);
      const terminated = [process.terminate(), process.terminate()];
      for (const one of terminated) await trial.trial.fired(one);
      expectEqual(how(witness.exit), "SIGKILL");
    },
  ),

  "terminate() ends the whole group, of which one ignores TERM": processContract(async (trial) => {
    const script = "(trap '' TERM; echo; exec sleep 60) & wait";
    const options = { processGroup: true, killTimeout: 0.05 };
    const { witness, process } = trial.run(script, options);
    await trial.settle(() => witness.bytes > 0);
    await trial.trial.fired(process.terminate());
    await trial.settle(() => witness.end !== undefined);
    expectEqual(how(witness.end), "SIGTERM");
  }),

  "one that was stopped can be ended": processContract(async (trial) => {
    const { witness, process } = trial.run("echo; exec sleep 60", { killTimeout: 0.05 });
    await trial.settle(() => witness.bytes > 0);
    process.signalProcess("STOP");
    await trial.trial.fired(process.terminate());
    // TERM, if that was faster than STOP.
    expectEqual(["SIGKILL", "SIGTERM"].includes(how(witness.exit)), true, how(witness.exit));
  }),
};
