/**
 * Contracts of `getProcessOutput`, `getProcessValue` and `getProcessOutputAndValue`: with this
 * reactor they do what they say.
 *
 * @module
 */
import { CancelledError } from "../../defer/errors.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { ConnectionLost } from "../../internet/errors.ts";
import { IReactorProcess } from "../../internet/interfaces-process.ts";
import {
  ProcessOutputLimitError,
  ProcessSignalledError,
  ProcessTimeoutError,
  SpawnError,
  UnexpectedStderrError,
} from "../../internet/process-errors.ts";
import {
  getProcessOutput,
  getProcessOutputAndValue,
  getProcessValue,
  type ProcessOutputAndValue,
  type ProcessOutputAndValueOptions,
  type ProcessOutputOptions,
  type ProcessValueOptions,
} from "../../internet/process-output.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { inFolder, StartsWitness, TELL_PID, toldPid } from "./process-presence.ts";
import type { Contract, Contracts, Trial } from "./trial.ts";

const NO_SIGNALS = { installSignalHandlers: false };
/** Ends by KILL alone, and nobody waits for its output. */
const STAYS = "trap '' TERM; exec sleep 60";
const SOON_KILLED = { killTimeout: 0.05 };

/** Scripts of the shell, run as the three functions do. */
class Programs {
  readonly trial: Trial;
  readonly reactor: StartsWitness;

  constructor(trial: Trial) {
    this.trial = trial;
    this.reactor = new StartsWitness(trial);
  }

  output(script: string, options: ProcessOutputOptions = {}): Deferred<Buffer> {
    const { reactor, trial } = this;
    return getProcessOutput(reactor, trial.shell, { ...options, args: ["-c", script] });
  }

  value(script: string, options: ProcessValueOptions = {}): Deferred<number> {
    const { reactor, trial } = this;
    return getProcessValue(reactor, trial.shell, { ...options, args: ["-c", script] });
  }

  all(script: string, options: ProcessOutputAndValueOptions = {}): Deferred<ProcessOutputAndValue> {
    const { reactor, trial } = this;
    return getProcessOutputAndValue(reactor, trial.shell, { ...options, args: ["-c", script] });
  }

  /** One by each function. */
  byEach(script: string, options: ProcessValueOptions = {}): readonly Deferred<unknown>[] {
    return [this.output(script, options), this.value(script, options), this.all(script, options)];
  }

  /** Until none of them is there. */
  gone(): Promise<void> {
    return this.trial.settle(() => !this.reactor.isAnyThere);
  }
}

/** A contract about programs. Whatever it is about, none of them is there when all is told. */
function outputContract(
  contract: (programs: Programs, trial: Trial) => Promise<void> | void,
): Contract {
  return async (trial) => {
    const programs = new Programs(trial);
    try {
      await contract(programs, trial);
      await programs.gone();
    } finally {
      programs.reactor.kill();
    }
  };
}

/** By name. */
export const processOutputContracts: Contracts = {
  "getProcessOutput() is the output, whatever the exit code": outputContract(
    async (programs, trial) => {
      const taken = await trial.fired(programs.output("echo out; exit 3"));
      expectEqual(taken.toString(), "out\n");
    },
  ),

  "getProcessOutput() fails at what comes on the standard error, at once": outputContract(
    async (programs, trial) => {
      const failed = await trial.outcome(programs.output("echo bad >&2; trap '' PIPE; cat"));
      const error = expectReason(failed, UnexpectedStderrError);
      expectEqual(error.err.toString(), "bad\n");
      await trial.fired(error.processEnded);
    },
  ),

  "getProcessOutput() with errortoo takes both": outputContract(async (programs, trial) => {
    const taken = await trial.fired(programs.output("echo out; echo err >&2", { errortoo: true }));
    expectEqual(taken.toString().split("\n").toSorted(), ["", "err", "out"]);
  }),

  "getProcessValue() is the exit code": outputContract(async (programs, trial) => {
    const values = [
      await trial.fired(programs.value("exit 0")),
      await trial.fired(programs.value("exit 9")),
    ];
    expectEqual(values, [0, 9]);
  }),

  "getProcessValue() forgets what is written, however much": outputContract(
    async (programs, trial) => {
      expectEqual(await trial.fired(programs.value("yes | head -c 3000000; echo >&2; exit 4")), 4);
    },
  ),

  "getProcessOutputAndValue() is all, and gives stdinBytes": outputContract(
    async (programs, trial) => {
      const stdinBytes = "in ".repeat(100_000);
      const taken = await trial.fired(programs.all("cat; echo err >&2; exit 2", { stdinBytes }));
      expectEqual(
        [taken.out.toString() === stdinBytes, taken.err.toString(), taken.code],
        [true, "err\n", 2],
      );
    },
  ),

  "the standard input is closed, so that nobody waits for it": outputContract(
    async (programs, trial) => {
      expectEqual((await trial.fired(programs.output("cat; echo over"))).toString(), "over\n");
      expectEqual((await trial.fired(programs.all("cat"))).code, 0);
    },
  ),

  "a program that reads less than stdinBytes is no failure": outputContract(
    async (programs, trial) => {
      const stdinBytes = Buffer.alloc(3_000_000, "x");
      const taken = await trial.fired(programs.all("head -c 3", { stdinBytes }));
      expectEqual([taken.out.toString(), taken.code], ["xxx", 0]);
    },
  ),

  "a signal that ends it is a failure, with what there is": outputContract(
    async (programs, trial) => {
      const failed = await trial.outcome(programs.all("echo out; echo err >&2; kill -KILL $$"));
      const error = expectReason(failed, ProcessSignalledError);
      expectEqual(
        [error.signal, error.out.toString(), error.err.toString()],
        ["SIGKILL", "out\n", "err\n"],
      );
      expectReason(await trial.outcome(programs.output("kill -TERM $$")), ProcessSignalledError);
      expectReason(await trial.outcome(programs.value("kill -TERM $$")), ProcessSignalledError);
    },
  ),

  "a program that is not there is a SpawnError": outputContract(async ({ reactor }, trial) => {
    const executable = `${trial.shell}/not/there`;
    for (const get of [getProcessOutput, getProcessValue, getProcessOutputAndValue]) {
      expectReason(await trial.outcome(get(reactor, executable)), SpawnError);
    }
  }),

  "maxBytes bounds both outputs together; the program is ended": outputContract(
    async (programs, trial) => {
      const options = { maxBytes: 100_000 };
      expectEqual(
        (await trial.fired(programs.all("yes | head -c 100000", options))).out.length,
        100_000,
      );
      const script = "trap '' TERM; yes | head -c 60000; yes | head -c 60000 >&2; exec sleep 60";
      const failed = await trial.outcome(programs.all(script, { ...options, ...SOON_KILLED }));
      expectEqual(expectReason(failed, ProcessOutputLimitError).maxBytes, 100_000);
      expectReason(
        await trial.outcome(programs.output("exec yes", options)),
        ProcessOutputLimitError,
      );
      await programs.gone();
    },
  ),

  "timeout ends it": outputContract(async (programs, trial) => {
    const calls = trial.reactor.getDelayedCalls().length;
    for (const run of programs.byEach(STAYS, { timeout: 0.05, ...SOON_KILLED })) {
      const error = expectReason(await trial.outcome(run), ProcessTimeoutError);
      expectEqual(error.seconds, 0.05);
    }
    await programs.gone();
    await trial.fired(programs.value("exit 0", { timeout: 60 }));
    expectEqual(trial.reactor.getDelayedCalls().length, calls, "the number of timers");
  }),

  "cancelling ends it": outputContract(async (programs, trial) => {
    for (const run of programs.byEach(STAYS, SOON_KILLED)) {
      run.cancel();
      expectReason(await trial.outcome(run), CancelledError);
    }
    expectEqual(programs.reactor.started.length, 3, "programs started");
    await programs.gone();
  }),

  "a signal that is aborted ends it; aborted beforehand nothing is started": outputContract(
    async (programs, trial) => {
      const controller = new AbortController();
      const { signal } = controller;
      const runs = programs.byEach(STAYS, { signal, ...SOON_KILLED });
      await trial.passes(2);
      controller.abort(new Error("no more"));
      for (const run of [...runs, ...programs.byEach("exit 0", { signal })]) {
        const error = expectReason(await trial.outcome(run), CancelledError);
        expectEqual(error.cause, signal.reason);
      }
      expectEqual(programs.reactor.started.length, 3, "programs started");
      await programs.gone();
    },
  ),

  "limits that are none are refused at once": outputContract(({ reactor }, trial) => {
    const { shell } = trial;
    for (const options of [{ timeout: -1 }, { maxBytes: Number.NaN }, { killTimeout: -1 }]) {
      expectThrown(() => getProcessOutputAndValue(reactor, shell, options), RangeError);
    }
    expectEqual(reactor.started.length, 0, "programs started");
  }),

  "the reactor stops: the program is ended, what is cut short is no result": outputContract(
    async (programs, trial) => {
      const over = trial.needs(IReactorProcess).run(NO_SIGNALS);
      // It exits in good order, but nobody has read all of its output.
      const script = `trap 'exit 0' TERM; echo half; ${TELL_PID}; while sleep 0.01; do :; done`;
      await inFolder(async (path) => {
        const run = programs.output(script, { path });
        await trial.settle(() => toldPid(path) !== undefined);
        trial.reactor.stop();
        expectReason(await trial.outcome(run), ConnectionLost);
        await trial.settle(() => over.called);
        expectEqual(programs.reactor.isAnyThere, false, "the program is there");
      });
    },
  ),
};
