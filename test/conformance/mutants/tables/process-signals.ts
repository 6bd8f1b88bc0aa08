/**
 * Reactors that are wrong about signals, process groups, and ending a process.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/process-transport.ts";
const TERMINATION = "reactors/base/termination.ts";
const SIGNAL = "reactors/node/process/send-signal.ts";

/** For `signals for processes`. */
export const processSignalMutants: readonly Mutant[] = [
  {
    name: "a short name is no signal",
    file: TRANSPORT,
    find: '!signal.startsWith("SIG")',
    replace: "false",
    kills: ["signalProcess(): names with and without SIG, and numbers"],
    on: "node",
  },
  {
    name: "every signal is KILL",
    file: TRANSPORT,
    find: "this.#signal(signal, false);",
    replace: 'this.#signal("KILL", false);',
    kills: [
      "signalProcess(): names with and without SIG, and numbers",
      "a signal that it handles does not end it",
      "no such signal is a TypeError, 0 sends nothing",
    ],
    on: "node",
  },
  {
    name: "CONT is not sent",
    file: TRANSPORT,
    find: "this.#signal(signal, false);",
    replace: 'if (signal !== "CONT") this.#signal(signal, false);',
    kills: ["STOP and CONT"],
    on: "node",
  },
  {
    name: "a signal that there is not is forgotten",
    file: SIGNAL,
    find: "if (!isSystemError(error)) throw error;",
    replace: "if (!isSystemError(error)) return;",
    kills: ["no such signal is a TypeError, 0 sends nothing"],
    on: "node",
  },
  {
    name: "a signal for one that has exited is forgotten",
    file: TRANSPORT,
    find: "if (this.#exit !== undefined) {",
    replace: "if (this.#exit !== undefined) {\n      return;",
    kills: ["signalProcess() after the exit is ProcessExitedAlready"],
    on: "node",
  },
  {
    name: "0 is a signal like any other",
    file: SIGNAL,
    find: "isForGroup ? -pid : pid, signal)",
    replace: 'isForGroup ? -pid : pid, signal === 0 ? "SIGTERM" : signal)',
    kills: ["no such signal is a TypeError, 0 sends nothing"],
    on: "node",
  },
  {
    name: "STOP is not sent",
    file: TRANSPORT,
    find: "this.#signal(signal, false);",
    replace: 'if (signal !== "STOP") this.#signal(signal, false);',
    kills: ["STOP and CONT"],
    on: "node",
  },
  {
    name: "signalProcess() reaches the whole group",
    file: TRANSPORT,
    find: "this.#signal(signal, false);",
    replace: "this.#signal(signal, this.#order.processGroup);",
    kills: ["signalProcess() reaches the process alone, signalGroup() all that it has started"],
    on: "node",
  },
  {
    name: "signalGroup() reaches the process alone",
    file: TRANSPORT,
    find: "this.#signal(signal, true);",
    replace: "this.#signal(signal, false);",
    kills: ["signalProcess() reaches the process alone, signalGroup() all that it has started"],
    on: "node",
  },
  {
    name: "signalGroup() looks for a group that was not asked for",
    file: TRANSPORT,
    find: "if (!this.#order.processGroup) {",
    replace: "if (false) {",
    kills: ["without a group of its own there is none to signal"],
    on: "node",
  },
  {
    name: "terminate() fires before processExited()",
    file: TRANSPORT,
    find: "if (!this.#ended) this.#tellExit(this.#exit);",
    replace: "this.#reactor.soon(() => this.#tellExit(new Failure(error)));",
    kills: ["terminate() is TERM, and fires after processExited()"],
    on: "node",
  },
  {
    name: "terminate() begins with KILL",
    file: TERMINATION,
    find: 'if (this.#signal("SIGTERM"))',
    replace: 'if (this.#signal("SIGKILL"))',
    kills: [
      "terminate() is TERM, and fires after processExited()",
      "terminate() ends the whole group, of which one ignores TERM",
    ],
    on: "node",
  },
  {
    name: "terminate() ends with TERM",
    file: TERMINATION,
    find: "this.#in(this.#timeout, () => this.#kill());",
    replace: "this.#in(this.#timeout, () => undefined);",
    kills: [
      "terminate() is KILL for one that ignores TERM, after killTimeout",
      "terminate() ends the whole group, of which one ignores TERM",
    ],
    on: "node",
  },
  {
    name: "terminate() ends the process alone",
    file: TRANSPORT,
    find: "this.#signal(signal, order.processGroup)",
    replace: "this.#signal(signal, false)",
    kills: ["terminate() ends the whole group, of which one ignores TERM"],
    on: "node",
  },
  {
    name: "terminate() only waits",
    file: TERMINATION,
    find: "this.#mortal.signal(signal);",
    replace: "",
    kills: [
      "terminate() is TERM, and fires after processExited()",
      "terminate() is KILL for one that ignores TERM, after killTimeout",
      "one that was stopped can be ended",
    ],
    on: "node",
  },
];
