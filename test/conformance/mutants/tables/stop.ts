/**
 * Reactors that are wrong about their end.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const REACTOR = "reactors/base/reactor-base.ts";
const TRIGGERS = "reactors/base/triggers.ts";
const CALLS = "reactors/base/delayed-calls.ts";
const PORT = "reactors/base/listening-port.ts";
const CONNECTOR = "reactors/base/connector.ts";
const TRANSPORT = "reactors/base/stream-transport.ts";

/** For `stop`. */
export const stopMutants: readonly Mutant[] = [
  {
    name: "stop() while stopping shuts down once more",
    file: REACTOR,
    find: 'if (this.#state !== "running") {',
    replace: 'if (this.#state === "idle") {',
    kills: ["stop() twice is refused"],
  },
  {
    name: "shutdown comes from inside stop()",
    file: REACTOR,
    find: "this.later(() => {\n      if (this.#over !== over) return;",
    replace: "const now = (f) => f();\n    now(() => {\n      if (this.#over !== over) return;",
    kills: ["shutdown comes in a later pass, in three phases, while running"],
  },
  {
    name: "a reactor that is stopping does not count as running",
    file: REACTOR,
    find: 'return this.#state !== "idle";',
    replace: 'return this.#state === "running";',
    kills: ["shutdown comes in a later pass, in three phases, while running"],
  },
  {
    name: "stop() closes what is open before anybody has been asked",
    file: REACTOR,
    find: 'this.#state = "stopping";',
    replace: 'this.#state = "stopping"; void this.#closeAll("Reactor was stopped");',
    kills: ["a before trigger's Deferred holds the stop, with everything at work"],
  },
  {
    name: "nobody waits until what was open is closed",
    file: REACTOR,
    find: '() => this.#closeAll("Reactor was stopped")',
    replace: '() => void this.#closeAll("Reactor was stopped")',
    kills: ["every connection is lost, with ConnectionLost, before run() fires"],
  },
  {
    name: "nobody waits until a port is closed",
    file: PORT,
    find: "return this.stopListening();\n  }\n\n  [Symbol",
    replace: "void this.stopListening(); return succeed(undefined);\n  }\n\n  [Symbol",
    kills: ["every port is closed, and its factory stopped, before run() fires"],
  },
  {
    name: "a port is in the books some passes after it began",
    file: PORT,
    find: "this.#reactor.opened(this);",
    replace: "this.#reactor.later(() => this.#reactor.later(() => this.#reactor.opened(this)));",
    kills: ["a port that is being bound is closed"],
  },
  {
    name: "an attempt ends as if its owner had stopped it",
    file: CONNECTOR,
    find: "if (this.#attempt !== undefined) this.#giveUp(reason.value);",
    replace: "if (this.#attempt !== undefined) this.stopConnecting();",
    kills: ["an attempt to connect fails with ConnectionLost"],
  },
  {
    name: "a client that is told of the end may connect again and again",
    file: CONNECTOR,
    find: "if (this.#telling && this.#reactor.closing) return;",
    replace: "",
    kills: ["a client that connects again whenever it is lost does not hold the stop"],
  },
  {
    name: "new attempts are waited for, too",
    file: CONNECTOR,
    find:
      "if (this.#reactor.closing) this.#attempt = this.#hopelessAttempt();\n " +
      "   else this.#begin();",
    replace: "this.#begin();",
    kills: ["new attempts at each failure do not hold the stop"],
  },
  {
    name: "a port is in the books before its factory has started",
    file: PORT,
    find: "this.#factory.doStart(); // May throw",
    replace:
      'this.#reactor.opened(this); this.#state = "binding"; this.#factory.doStart(); // May throw',
    kills: ["a factory that cannot start does not hold the stop"],
  },
  {
    name: "a connection that is closing is left to itself",
    file: TRANSPORT,
    find: "if (this.#disconnected) return succeed(undefined);",
    replace: "if (this.#disconnected || this.#disconnecting) return succeed(undefined);",
    kills: ["connections that are closing are over as well"],
  },
  {
    name: "what is open is closed before triggers open more",
    file: TRIGGERS,
    find: "const all = new Deferred<void>();\n    let left = 1;",
    replace:
      "if (last !== undefined) void maybeDeferred(last);\n" +
      "    const all = new Deferred<void>();\n    let left = 1; last = undefined;",
    kills: ["what opens during the shutdown is closed too"],
  },
  {
    name: "calls that wait at the end are forgotten",
    file: REACTOR,
    find: "this.#setAside.push(...this.#calls.removeAll());",
    replace: "this.#calls.removeAll();",
    kills: ["calls that wait are set aside, and come back with the next run"],
  },
  {
    name: "calls go on while it is stopped",
    file: REACTOR,
    find: "this.#putAside();\n    this.#state",
    replace: "this.#state",
    kills: ["calls that wait are set aside, and come back with the next run"],
  },
  {
    name: "calls that are set aside cannot be cancelled",
    file: REACTOR,
    find: "this.#setAside.filter((call) => call.active)",
    replace: "this.#setAside",
    kills: ["calls that are set aside can be cancelled and moved"],
  },
  {
    name: "crash() leaves open what is open",
    file: REACTOR,
    find: 'void this.#closeAll("Reactor crashed").addBoth(() => this.#end(over));',
    replace: "this.#end(over);",
    kills: ["crash() ends without shutdown, and closes what is open"],
  },
  {
    name: "a shutdown that a crash ended goes on when it comes loose",
    file: REACTOR,
    find: "this.#events.push(shutdown);",
    replace: "",
    kills: ["crash() ends a shutdown that hangs, for good"],
  },
  {
    name: "a stop() that a crash overtook shuts down the next life",
    file: REACTOR,
    find: "if (this.#over !== over) return; // A crash came first.",
    replace: "",
    kills: ["a stop() that a crash overtook does not touch the next life"],
  },
  {
    name: "the pass in which it crashed goes on",
    file: CALLS,
    find: "this.#due = [];\n    for (const call of calls) call.at = -1;",
    replace: "for (const call of calls) call.at = -1;",
    kills: ["crash() from inside a call leaves no call behind"],
  },
];
