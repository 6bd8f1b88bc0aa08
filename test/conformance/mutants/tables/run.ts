/**
 * Reactors that are wrong about their lives.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const REACTOR = "reactors/base/reactor-base.ts";
const CONNECTOR = "reactors/base/connector.ts";
const FIRE_STARTUP = 'this.#events.push(this.#triggers.fire("startup"));';

/** For `run`. */
export const runMutants: readonly Mutant[] = [
  {
    name: "run() fires when stop() is asked for",
    file: REACTOR,
    find: 'this.#state = "stopping";',
    replace: 'this.#state = "stopping"; this.#over?.callback();',
    kills: ["running tells, and run() fires when all is over"],
  },
  {
    name: "run() while running begins another life",
    file: REACTOR,
    find: 'if (this.#state !== "idle") {',
    replace: 'if (this.#state === "stopping") {',
    kills: ["run() while running is refused, and changes nothing"],
  },
  {
    name: "there is no startup",
    file: REACTOR,
    find: FIRE_STARTUP,
    replace: "",
    kills: ["run() fires startup in three phases"],
  },
  {
    name: "callWhenRunning() calls at once, and when it has started",
    file: REACTOR,
    find: "if (this.running) f(...args);",
    replace: "f(...args); if (this.running) return;",
    kills: ["callWhenRunning() before run() calls once, when it has started"],
  },
  {
    name: "callWhenRunning() does not wait for the triggers of startup",
    file: REACTOR,
    find: 'else this.#triggers.add("after", "startup", () => f(...args));',
    replace: 'else this.#triggers.add("before", "startup", () => f(...args));',
    kills: ["callWhenRunning() waits for startup triggers"],
  },
  {
    name: "callWhenRunning() while running calls later",
    file: REACTOR,
    find: "if (this.running) f(...args);",
    replace: "if (this.running) this.later(() => f(...args));",
    kills: ["callWhenRunning() calls at once while running"],
  },
  {
    name: "timers wait for run()",
    file: REACTOR,
    find: "if (this.#inPass) return; // The end",
    replace: "if (this.#inPass || !this.running) return; // The end",
    kills: ["timers asked for before run() come without it"],
  },
  {
    name: "attempts to connect wait for run()",
    file: CONNECTOR,
    find: "this.#attempt = this.attempt();",
    replace: "this.#reactor.callWhenRunning(() => (this.#attempt = this.attempt()));",
    kills: ["connections asked for before run() come without it"],
  },
  {
    name: "run() closes what is open already",
    file: REACTOR,
    find: "this.started({",
    replace: 'void this.#closeAll("Reactor was started"); this.started({',
    kills: ["connections made before run() live on when it runs"],
  },
  {
    name: "crash() while not running does nothing",
    file: REACTOR,
    find: 'throw new ReactorNotRunning("Cannot crash a reactor that is not running");',
    replace: "return;",
    kills: ["stop() and crash() are refused while it is not running"],
  },
  {
    name: "what was stopped is stopping for ever",
    file: REACTOR,
    find: 'this.#state = "idle";\n    this.stopped();',
    replace: "this.stopped();",
    kills: ["a stopped reactor runs again, and again"],
  },
  {
    name: "run() fires while it still counts as running",
    file: REACTOR,
    find: 'this.#state = "idle";\n    this.stopped();',
    replace: `queueMicrotask(() => {
      this.#state = "idle";
    });
    this.stopped();`,
    kills: ["it may run again from inside what waits for its end"],
  },
  {
    name: "once it has closed what was open, it connects no more",
    file: REACTOR,
    find: "this.#closing -= 1;",
    replace: "",
    kills: ["ports and connections work in the second life"],
  },
  {
    name: "stop() is refused before startup is through",
    file: REACTOR,
    find: FIRE_STARTUP,
    replace: `this.#state = "idle";
    ${FIRE_STARTUP}
    this.#state = "running";`,
    kills: ["stop() from inside startup is in time"],
  },
  {
    name: "what hangs in a trigger goes on in the next life",
    file: REACTOR,
    find: "for (const event of this.#events.splice(0)) event.cancel();",
    replace: "",
    kills: ["startup that is held up at the end does not go on afterwards"],
  },
  {
    name: "timers outlive the disposal",
    file: REACTOR,
    find: "if (!this.running) this.#putAside();",
    replace: "",
    kills: ["disposing of a reactor closes what is open and calls no timer any more"],
  },
  {
    name: "connections outlive the disposal",
    file: REACTOR,
    find: 'await this.#closeAll("Reactor was disposed of");',
    replace: "",
    kills: ["disposing of a reactor closes what is open and calls no timer any more"],
  },
  {
    name: "to dispose of it twice is to stop it twice",
    file: REACTOR,
    find: 'if (this.#state === "running") this.stop();',
    replace: "this.stop();",
    kills: ["disposing of a running reactor stops it; twice is as good as once"],
  },
];
