/**
 * Contracts of `spawnProcess`: what a program is given, and how its life is told.
 *
 * @module
 */
import { ConnectionDone, ConnectionLost, ReactorNotRunning } from "../../internet/errors.ts";
import { ProcessDone, ProcessExitedAlready, SpawnError } from "../../internet/process-errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { how, processContract } from "./process-trial.ts";
import type { Contracts } from "./trial.ts";

const NO_SIGNALS = { installSignalHandlers: false };

/** By name. */
export const processContracts: Contracts = {
  "a process lives: made, data, each pipe lost, exited, ended last": processContract(
    async (trial) => {
      const { witness, process } = trial.run("echo out; echo err >&2");
      expectEqual(witness.told, [], "told from inside spawnProcess");
      expectEqual(typeof process.pid, "number", "the type of the pid");
      await trial.settle(() => witness.end !== undefined);
      expectEqual(witness.told[0], "made");
      expectEqual(witness.told.at(-1), "ended");
      expectEqual(witness.told.toSorted(), [
        "ended",
        "exited",
        "lost 0",
        "lost 1",
        "lost 2",
        "made",
      ]);
      expectEqual([witness.text(1), witness.text(2)], ["out\n", "err\n"]);
    },
  ),

  "the transport is set before connectionMade(), and knows its protocol": processContract(
    async (trial) => {
      const seen: boolean[] = [];
      const { witness, process } = trial.run("exit 0", {}, (what) => {
        if (what === "made") seen.push(witness.transport === process);
      });
      await trial.settle(() => witness.end !== undefined);
      expectEqual(seen, [true]);
      expectEqual(process.protocol, witness);
      expectEqual(witness.transport, process);
    },
  ),

  "exit 0 is ProcessDone, for processExited() and processEnded()": processContract(
    async (trial) => {
      const witness = await trial.ended("exit 0");
      expectReason(witness.exit, ProcessDone);
      expectEqual(witness.end, witness.exit);
    },
  ),

  "another exit is ProcessTerminated, with the code": processContract(async (trial) => {
    for (const code of [1, 42, 255]) {
      const witness = await trial.ended(`exit ${String(code)}`);
      expectEqual([how(witness.exit), how(witness.end)], Array(2).fill(`exit ${String(code)}`));
    }
  }),

  "a signal that ends it is ProcessTerminated, with its name": processContract(async (trial) => {
    for (const signal of ["TERM", "KILL", "SEGV", "USR1"]) {
      const witness = await trial.ended(`kill -${signal} $$`);
      expectEqual(how(witness.end), `SIG${signal}`);
    }
  }),

  "processEnded() waits for who holds the output, processExited() does not": processContract(
    async (trial) => {
      // The grandchild goes on when its own input ends, which the test holds.
      const { witness, process } = trial.run("(cat <&3; echo late) & exit 0", {
        childFDs: { 1: "r", 3: "w" },
      });
      await trial.settle(() => witness.exit !== undefined);
      await trial.trial.passes();
      expectEqual(witness.end, undefined);
      process.writeToChild(3, "held ");
      process.closeChildFD(3);
      await trial.settle(() => witness.end !== undefined);
      expectEqual(witness.text(), "held late\n");
    },
  ),

  "processEnded() waits for the exit, also when all pipes are closed": processContract(
    async (trial) => {
      const { witness, process } = trial.run("exec 0<&- 1>&- 2>&-; exec sleep 60");
      await trial.settle(() => witness.lost.size === 3);
      await trial.trial.passes();
      expectEqual([witness.exit, witness.end], [undefined, undefined]);
      process.signalProcess("KILL");
      await trial.settle(() => witness.end !== undefined);
      expectEqual(witness.told.slice(-2), ["exited", "ended"]);
    },
  ),

  "without pipes the exit is the end": processContract(async (trial) => {
    const { witness } = trial.run("exit 5", { childFDs: {} });
    await trial.settle(() => witness.end !== undefined);
    expectEqual(witness.told, ["made", "exited", "ended"]);
    expectEqual(how(witness.end), "exit 5");
  }),

  "a program that is not there: SpawnError, later, and nothing else": processContract(
    async (trial) => {
      const { witness, process } = trial.spawn("/no/such/program");
      expectEqual(process.pid, undefined);
      expectThrown(() => process.signalProcess("TERM"), ProcessExitedAlready);
      process.write("for nobody");
      process.loseConnection();
      await trial.settle(() => witness.end !== undefined);
      expectEqual(witness.told, ["exited", "ended"]);
      const error = expectReason(witness.end, SpawnError);
      expectEqual([error.systemCode, error.executable], ["ENOENT", "/no/such/program"]);
      expectEqual(process.droppedBytes, 10);
      expectThrown(() => process.signalProcess("TERM"), ProcessExitedAlready);
      await trial.trial.fired(process.terminate());
    },
  ),

  "a file that is no program, and a working directory that is none: SpawnError": processContract(
    async (trial) => {
      for (const [executable, path] of [
        ["/etc", undefined],
        [trial.shell, "/no/such/folder"],
        [trial.shell, trial.shell],
      ] as const) {
        const { witness } = trial.spawn(executable, path === undefined ? {} : { path });
        await trial.settle(() => witness.end !== undefined);
        expectReason(witness.end, SpawnError);
      }
    },
  ),

  "arguments that are too long: SpawnError": processContract(async (trial) => {
    const { witness } = trial.spawn(trial.shell, { args: ["sh", "x".repeat(8_000_000)] });
    await trial.settle(() => witness.end !== undefined);
    expectEqual(expectReason(witness.end, SpawnError).systemCode, "E2BIG");
  }),

  "what cannot be handed to a program is refused at once": processContract(async (trial) => {
    const { shell } = trial;
    for (const [executable, options] of [
      ["", {}],
      ["a\0b", {}],
      [shell, { args: ["sh", "-c", "echo \0"] }],
      [shell, { env: { A: "b\0c" } }],
      [shell, { env: { "A\0": "b" } }],
      [shell, { path: "/tmp\0" }],
      [shell, { usePTY: true, childFDs: { 0: "w" } }],
    ] as const) {
      expectThrown(() => trial.spawn(executable, options), TypeError);
    }
    for (const options of [
      { childFDs: { [-1]: "r" } },
      { childFDs: { 3: -1 } },
      { childFDs: { 3: 0.5 } },
      { killTimeout: -1 },
      { closeTimeout: Number.NaN },
      { maxBufferedBytes: -1 },
    ] as const) {
      expectThrown(() => trial.spawn(shell, options), RangeError);
    }
    await trial.trial.passes(2);
  }),

  "args[0] is what it takes for its own name": processContract(async (trial) => {
    const { witness } = trial.spawn(trial.shell, {
      args: ["another name", "-c", 'echo "$0|$1|$2"'],
    });
    await trial.settle(() => witness.end !== undefined);
    expectEqual(witness.text(), "another name||\n");
  }),

  "arguments arrive as they are": processContract(async (trial) => {
    const args = ["", "a b", "*", "$HOME", '"', "'", "\\", "ü", "-n", "\n"];
    const script = 'for arg; do printf "%s|" "$arg"; done';
    const { witness } = trial.spawn(trial.shell, { args: ["sh", "-c", script, "name", ...args] });
    await trial.settle(() => witness.end !== undefined);
    expectEqual(witness.text(), args.map((arg) => `${arg}|`).join(""));
  }),

  "env is all that it finds; empty is empty": processContract(async (trial) => {
    const print = "command -p env | command -p sort | command -p grep -v -e '^PWD=' -e '^_='";
    const env = { A: "1", ELSE: "with = and spaces" };
    const some = await trial.ended(print, { env });
    expectEqual(some.text(), "A=1\nELSE=with = and spaces\n");
    const none = await trial.ended(print, { env: {} });
    expectEqual(none.text().replace(/^(?:SHLVL|OLDPWD)=.*\n/gmu, ""), "");
  }),

  "without env it finds ours": processContract(async (trial) => {
    const name = "SENNIT_CONTRACT"; // No shell sets it by itself.
    process.env[name] = "ours";
    try {
      const witness = await trial.ended(`echo "$${name}"`);
      expectEqual(witness.text(), "ours\n");
    } finally {
      Reflect.deleteProperty(process.env, name);
    }
  }),

  "a name is looked for in the PATH of env": processContract(async (trial) => {
    const { witness } = trial.spawn("sh", {
      args: ["sh", "-c", "echo found"],
      env: { PATH: "/bin" },
    });
    const lost = trial.spawn("sh", { env: { PATH: "/no/such/folder" } });
    await trial.settle(() => witness.end !== undefined && lost.witness.end !== undefined);
    expectEqual(witness.text(), "found\n");
    expectReason(lost.witness.end, SpawnError);
  }),

  "path is where it works": processContract(async (trial) => {
    const witness = await trial.ended("pwd", { path: "/" });
    expectEqual(witness.text(), "/\n");
  }),

  "ten at once keep their bytes and their ends apart": processContract(async (trial) => {
    const all = Array.from({ length: 10 }, (_, at) => trial.run(`cat; exit ${String(at)}`));
    for (const [at, { process }] of all.entries()) {
      process.write(`to ${String(at)}`);
      process.closeStdin();
    }
    await trial.settle(() => all.every(({ witness }) => witness.end !== undefined));
    for (const [at, { witness }] of all.entries()) {
      expectEqual(witness.text(), `to ${String(at)}`);
      expectEqual(how(witness.end), at === 0 ? "ProcessDone" : `exit ${String(at)}`);
    }
  }),

  "what the protocol throws is logged, and ends the process": processContract(async (trial) => {
    for (const where of ["made", "data 1", "lost 2"]) {
      const boom = new Error(`boom at ${where}`);
      const { witness } = trial.run("echo x; exec 2>&-; exec sleep 60", {}, (what) => {
        if (what === where) throw boom;
      });
      await trial.settle(() => witness.end !== undefined);
      // Its pipes are closed as well.
      expectEqual(["SIGTERM", "SIGPIPE"].includes(how(witness.end)), true, how(witness.end));
      expectEqual(witness.end?.value.cause, boom);
      trial.trial.expectLogged(boom);
    }
  }),

  "what processExited() and processEnded() throw is logged": processContract(async (trial) => {
    for (const where of ["exited", "ended"]) {
      const boom = new Error(`boom at ${where}`);
      const { witness } = trial.run("exit 0", {}, (what) => {
        if (what === where) throw boom;
      });
      await trial.settle(() => witness.end !== undefined);
      expectReason(witness.end, ProcessDone);
      trial.trial.expectLogged(boom);
    }
  }),

  "the reactor stops: pipes are closed, the process is left, its protocol is told": processContract(
    async (trial) => {
      const over = trial.reactor.run(NO_SIGNALS);
      const file = trial.run("cat; exec 0<&- 1>&- 2>&-; exec sleep 60");
      await trial.settle(() => file.witness.told.includes("made"));
      trial.reactor.stop();
      await trial.settle(() => over.called);
      expectEqual(file.witness.told, ["made", "lost 0", "lost 1", "lost 2", "ended"]);
      expectReason(file.witness.end, ConnectionLost);
      file.process.signalProcess(0);
    },
  ),

  "endAtStop: the reactor terminates it, and waits": processContract(async (trial) => {
    const over = trial.reactor.run(NO_SIGNALS);
    const { witness, process } = trial.run("trap '' TERM; echo; exec sleep 60", {
      endAtStop: true,
      killTimeout: 0.05,
    });
    await trial.settle(() => witness.bytes > 0);
    trial.reactor.stop();
    await trial.settle(() => over.called);
    expectEqual(how(witness.end), "SIGKILL");
    expectThrown(() => process.signalProcess(0), ProcessExitedAlready);
  }),

  "a protocol that starts again when all ends is refused by the stop": processContract(
    async (trial) => {
      const errors: unknown[] = [];
      const over = trial.reactor.run(NO_SIGNALS);
      const { witness } = trial.run("cat", {}, (what) => {
        if (what !== "ended") return;
        try {
          trial.run("cat");
        } catch (error) {
          errors.push(error);
        }
      });
      await trial.settle(() => witness.told.includes("made"));
      trial.reactor.stop();
      await trial.settle(() => over.called);
      expectEqual(errors.length, 1);
      expectEqual(errors[0] instanceof ReactorNotRunning, true);
    },
  ),

  "loseConnection() closes every pipe; most programs end of it": processContract(async (trial) => {
    const { witness, process } = trial.run("cat; cat <&4; echo done >&5", {
      childFDs: { 0: "w", 4: "w", 5: "r" },
    });
    process.write("x");
    process.loseConnection();
    process.loseConnection();
    expectEqual(witness.told, []);
    await trial.settle(() => witness.end !== undefined);
    for (const fd of [0, 4, 5]) expectReason(witness.lost.get(fd), ConnectionDone);
  }),
};
