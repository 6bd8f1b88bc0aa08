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
import type { Contracts, Trial } from "./trial.ts";

const NO_SIGNALS = { installSignalHandlers: false };

function output(
  trial: Trial,
  script: string,
  options: ProcessOutputOptions = {},
): Deferred<Buffer> {
  const reactor = trial.needs(IReactorProcess);
  return getProcessOutput(reactor, trial.shell, { ...options, args: ["-c", script] });
}

function value(trial: Trial, script: string, options: ProcessValueOptions = {}): Deferred<number> {
  const reactor = trial.needs(IReactorProcess);
  return getProcessValue(reactor, trial.shell, { ...options, args: ["-c", script] });
}

function all(
  trial: Trial,
  script: string,
  options: ProcessOutputAndValueOptions = {},
): Deferred<ProcessOutputAndValue> {
  const reactor = trial.needs(IReactorProcess);
  return getProcessOutputAndValue(reactor, trial.shell, { ...options, args: ["-c", script] });
}

/** By name. */
export const processOutputContracts: Contracts = {
  "getProcessOutput() is the output, whatever the exit code": async (trial) => {
    const taken = await trial.fired(output(trial, "echo out; exit 3"));
    expectEqual(taken.toString(), "out\n");
  },

  "getProcessOutput() fails at what comes on the standard error, at once": async (trial) => {
    const failed = await trial.outcome(output(trial, "echo bad >&2; trap '' PIPE; cat"));
    const error = expectReason(failed, UnexpectedStderrError);
    expectEqual(error.err.toString(), "bad\n");
    await trial.fired(error.processEnded);
  },

  "getProcessOutput() with errortoo takes both": async (trial) => {
    const taken = await trial.fired(output(trial, "echo out; echo err >&2", { errortoo: true }));
    expectEqual(taken.toString().split("\n").toSorted(), ["", "err", "out"]);
  },

  "getProcessValue() is the exit code": async (trial) => {
    const values = [
      await trial.fired(value(trial, "exit 0")),
      await trial.fired(value(trial, "exit 9")),
    ];
    expectEqual(values, [0, 9]);
  },

  "getProcessValue() forgets what is written, however much": async (trial) => {
    expectEqual(await trial.fired(value(trial, "yes | head -c 3000000; echo >&2; exit 4")), 4);
  },

  "getProcessOutputAndValue() is all, and gives stdinBytes": async (trial) => {
    const stdinBytes = "in ".repeat(100_000);
    const taken = await trial.fired(all(trial, "cat; echo err >&2; exit 2", { stdinBytes }));
    expectEqual(
      [taken.out.toString() === stdinBytes, taken.err.toString(), taken.code],
      [true, "err\n", 2],
    );
  },

  "the standard input is closed, so that nobody waits for it": async (trial) => {
    expectEqual((await trial.fired(output(trial, "cat; echo over"))).toString(), "over\n");
    expectEqual((await trial.fired(all(trial, "cat"))).code, 0);
  },

  "a program that reads less than stdinBytes is no failure": async (trial) => {
    const stdinBytes = Buffer.alloc(3_000_000, "x");
    const taken = await trial.fired(all(trial, "head -c 3", { stdinBytes }));
    expectEqual([taken.out.toString(), taken.code], ["xxx", 0]);
  },

  "a signal that ends it is a failure, with what there is": async (trial) => {
    const failed = await trial.outcome(all(trial, "echo out; echo err >&2; kill -KILL $$"));
    const error = expectReason(failed, ProcessSignalledError);
    expectEqual(
      [error.signal, error.out.toString(), error.err.toString()],
      ["SIGKILL", "out\n", "err\n"],
    );
    expectReason(await trial.outcome(output(trial, "kill -TERM $$")), ProcessSignalledError);
    expectReason(await trial.outcome(value(trial, "kill -TERM $$")), ProcessSignalledError);
  },

  "a program that is not there is a SpawnError": async (trial) => {
    const reactor = trial.needs(IReactorProcess);
    const executable = `${trial.shell}/not/there`;
    for (const get of [getProcessOutput, getProcessValue, getProcessOutputAndValue]) {
      expectReason(await trial.outcome(get(reactor, executable)), SpawnError);
    }
  },

  "maxBytes bounds both outputs together; the program is ended": async (trial) => {
    const options = { maxBytes: 100_000 };
    expectEqual(
      (await trial.fired(all(trial, "yes | head -c 100000", options))).out.length,
      100_000,
    );
    const script = "yes | head -c 60000; yes | head -c 60000 >&2; exec sleep 60";
    const failed = await trial.outcome(all(trial, script, options));
    expectEqual(expectReason(failed, ProcessOutputLimitError).maxBytes, 100_000);
    expectReason(await trial.outcome(output(trial, "exec yes", options)), ProcessOutputLimitError);
  },

  "timeout ends it": async (trial) => {
    const failed = await trial.outcome(value(trial, "exec sleep 60", { timeout: 0.05 }));
    expectEqual(expectReason(failed, ProcessTimeoutError).seconds, 0.05);
    await trial.fired(value(trial, "exit 0", { timeout: 60 }));
    expectEqual(trial.reactor.getDelayedCalls().length <= 1, true, "no timer is left but TERM's");
  },

  "cancelling ends it": async (trial) => {
    const run = output(trial, "exec sleep 60");
    run.cancel();
    expectReason(await trial.outcome(run), CancelledError);
  },

  "a signal that is aborted ends it; aborted beforehand nothing is started": async (trial) => {
    const controller = new AbortController();
    const { signal } = controller;
    const run = all(trial, "exec sleep 60", { signal });
    await trial.passes(2);
    controller.abort(new Error("no more"));
    const error = expectReason(await trial.outcome(run), CancelledError);
    expectEqual(error.cause, signal.reason);
    expectReason(await trial.outcome(value(trial, "exit 0", { signal })), CancelledError);
  },

  "limits that are none are refused at once": (trial) => {
    const reactor = trial.needs(IReactorProcess);
    const { shell } = trial;
    for (const options of [{ timeout: -1 }, { maxBytes: Number.NaN }, { killTimeout: -1 }]) {
      expectThrown(() => getProcessOutputAndValue(reactor, shell, options), RangeError);
    }
  },

  "the reactor stops: the program is ended, what is cut short is no result": async (trial) => {
    const over = trial.needs(IReactorProcess).run(NO_SIGNALS);
    const run = output(trial, "trap 'kill $!; exit 0' TERM; echo half; read x; sleep 60 & wait");
    await trial.passes(50);
    trial.reactor.stop();
    expectReason(await trial.outcome(run), ConnectionLost);
    await trial.settle(() => over.called);
  },
};
