/**
 * Deliberately wrong `getProcessOutput`, `getProcessValue` and `getProcessOutputAndValue`.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const OUTPUT = "internet/process-output.ts";
const LIMIT = "maxBytes bounds both outputs together; the program is ended";
const ABORT = "a signal that is aborted ends it; aborted beforehand nothing is started";
const NO_LIMIT = "limits that are none are refused at once";
const STOPS = "the reactor stops: the program is ended, what is cut short is no result";

/** For `the output of processes`. */
export const processOutputMutants: readonly Mutant[] = [
  {
    name: "an exit with another code is a failure",
    file: OUTPUT,
    find: "this.result.callback(result({ ...output, code: value.exitCode ?? 0 }))",
    replace: "this.#fail(reason)",
    kills: [
      "getProcessOutput() is the output, whatever the exit code",
      "getProcessValue() is the exit code",
      "getProcessOutputAndValue() is all, and gives stdinBytes",
    ],
    on: "node",
  },
  {
    name: "the standard error is never refused",
    file: OUTPUT,
    find: 'else if (stderr === "refuse" && !this.result.called) {',
    replace: "else if (false) {",
    kills: ["getProcessOutput() fails at what comes on the standard error, at once"],
    on: "node",
  },
  {
    name: "errortoo is ignored",
    file: OUTPUT,
    find: "options.errortoo === true",
    replace: "false",
    kills: ["getProcessOutput() with errortoo takes both"],
    on: "node",
  },
  {
    name: "getProcessValue() does not read what is written",
    file: OUTPUT,
    find: "    child.closeStdin();",
    replace:
      '    child.closeStdin();\n    if (this.#job.stderr === "forget") child.pauseProducing();',
    kills: ["getProcessValue() forgets what is written, however much"],
    on: "node",
  },
  {
    name: "stdinBytes are not written",
    file: OUTPUT,
    find: "if (stdinBytes !== undefined) child.write(stdinBytes);",
    replace: "",
    kills: ["getProcessOutputAndValue() is all, and gives stdinBytes"],
    on: "node",
  },
  {
    name: "the standard input stays open",
    file: OUTPUT,
    find: "    child.closeStdin();",
    replace: "",
    kills: ["the standard input is closed, so that nobody waits for it"],
    on: "node",
  },
  {
    name: "stdinBytes that are not read are a failure",
    file: OUTPUT,
    find: "if (childFD !== 0 && !reason.is(ConnectionDone))",
    replace: "if (!reason.is(ConnectionDone))",
    kills: ["a program that reads less than stdinBytes is no failure"],
    on: "node",
  },
  {
    name: "a signal is an exit with 0",
    file: OUTPUT,
    find: "else if (value.signal !== undefined) {",
    replace: "else if (false) {",
    kills: ["a signal that ends it is a failure, with what there is"],
    on: "node",
  },
  {
    name: "a program that was never started has exited with 0",
    file: OUTPUT,
    find: "else if (!(value instanceof ProcessTerminated)) this.#fail(reason);",
    replace:
      "else if (!(value instanceof ProcessTerminated)) " +
      "this.result.callback(result({ ...output, code: 0 }));",
    kills: ["a program that is not there is a SpawnError"],
    on: "node",
  },
  {
    name: "the standard error does not count",
    file: OUTPUT,
    find: "this.#bytes += data.length;",
    replace: "if (pieces === this.#out) this.#bytes += data.length;",
    kills: [LIMIT],
    on: "node",
  },
  {
    name: "timeout is ignored",
    file: OUTPUT,
    find: "if (timeout === undefined) return;",
    replace: "return;",
    kills: ["timeout ends it"],
    on: "node",
  },
  {
    name: "getProcessValue() ignores its timeout",
    file: OUTPUT,
    find: "...(timeout !== undefined && { timeout }),",
    replace: "",
    kills: ["timeout ends it"],
    on: "node",
  },
  {
    name: "the timer of a program outlives it",
    file: OUTPUT,
    find: `override processEnded(reason: Failure): void {
    if (this.#alarm?.active === true) this.#alarm.cancel();`,
    replace: "override processEnded(reason: Failure): void {",
    kills: ["timeout ends it"],
    on: "node",
  },
  {
    name: "who gives up leaves the program alone",
    file: OUTPUT,
    find: "void this.transport.terminate().addErrback(",
    replace: "void new Deferred().addErrback(",
    kills: [LIMIT, "timeout ends it", "cancelling ends it", ABORT],
    on: "node",
  },
  {
    name: "who gives up sends TERM, and no more",
    file: OUTPUT,
    find: "void this.transport.terminate().addErrback(",
    replace: 'this.transport.signalProcess("TERM");\n    void new Deferred().addErrback(',
    kills: [LIMIT],
    on: "node",
  },
  {
    name: "killTimeout is not handed on",
    file: OUTPUT,
    find: "...(killTimeout !== undefined && { killTimeout }),",
    replace: "",
    kills: [LIMIT, NO_LIMIT],
    on: "node",
  },
  {
    name: "what is cancelled has its output so far",
    file: OUTPUT,
    find: "this.#giveUp(cancelled(job.executable, job.signal));",
    replace: "this.#end({ value: new ProcessDone() } as unknown as Failure);",
    kills: ["cancelling ends it"],
    on: "node",
  },
  {
    name: "signals are not listened to",
    file: OUTPUT,
    find: "return cancelOnAbort(gathering.result, signal);",
    replace: "return gathering.result;",
    kills: [ABORT],
    on: "node",
  },
  {
    name: "what is aborted beforehand is started, and ended",
    file: OUTPUT,
    find: "if (signal?.aborted === true) return fail(cancelled(executable, signal));",
    replace: "",
    kills: [ABORT],
    on: "node",
  },
  {
    name: "nobody hears why it was aborted",
    file: OUTPUT,
    find: "new CancelledError(`Running ${executable} was cancelled`, abortCause(signal))",
    replace: "new CancelledError(`Running ${executable} was cancelled`)",
    kills: [ABORT],
    on: "node",
  },
  {
    name: "any limit will do",
    file: OUTPUT,
    find: "if (value >= 0) return;",
    replace: "return;",
    kills: [NO_LIMIT],
    on: "node",
  },
  {
    name: "what is cut short is a result",
    file: OUTPUT,
    find: "if (this.#cutShort !== undefined) this.#fail(this.#cutShort);\n    else if",
    replace: "if",
    kills: [STOPS],
    on: "node",
  },
  {
    name: "a program outlives the reactor",
    file: OUTPUT,
    find: "endAtStop: true,",
    replace: "",
    kills: [STOPS],
    on: "node",
  },
];
