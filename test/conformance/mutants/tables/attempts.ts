/**
 * Reactors that are wrong about attempts to connect.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const CONNECTOR = "reactors/base/connector.ts";

/** For `attempts to connect`. */
export const attemptMutants: readonly Mutant[] = [
  {
    name: "an attempt fails at half its timeout",
    file: CONNECTOR,
    find: "this.#reactor.callLater(this.#timeout,",
    replace: "this.#reactor.callLater(this.#timeout / 2,",
    kills: ["an attempt fails at its timeout, with TimeoutError"],
  },
  {
    name: "the timeout outlives the attempt",
    file: CONNECTOR,
    find: "if (this.#alarm?.active === true) this.#alarm.cancel();",
    replace: "",
    kills: ["the timeout is gone when the connection is there"],
  },
  {
    name: "a timeout is looked at when the attempt begins",
    file: CONNECTOR,
    find: "this.#timeout = checkedDelay(timeout);",
    replace: "this.#timeout = timeout;",
    kills: ["timeouts that are none are refused, and nothing is begun"],
  },
  {
    name: "the factory stops with each attempt",
    file: CONNECTOR,
    find: 'if (this.#state !== "disconnected" || !this.#factoryStarted) return;',
    replace: "if (!this.#factoryStarted) return;",
    kills: ["connect() from inside clientConnectionFailed() tries again, factory unstopped"],
  },
  {
    name: "it counts as connected until clientConnectionLost() has returned",
    file: CONNECTOR,
    find: `this.#state = "disconnected";
    this.#tell(
      () => this.#factory.clientConnectionLost(this, reason),`,
    replace: `this.#tell(
      () => {
        this.#factory.clientConnectionLost(this, reason);
        this.#state = "disconnected";
      },`,
    kills: ["connect() from inside clientConnectionLost() connects again, factory unstopped"],
  },
  {
    name: "the factory starts with the first attempt only",
    file: CONNECTOR,
    find: "this.#factoryStarted = false;",
    replace: "",
    kills: ["connect() long after the end starts the factory again"],
  },
  {
    name: "an attempt that was given up goes on",
    file: CONNECTOR,
    find: "this.#attempt?.cancel();",
    replace: "",
    kills: ["connect() after stopConnecting() is one attempt"],
  },
  {
    name: "what clientConnectionMade() throws escapes",
    file: CONNECTOR,
    find: "this.#reactor.contain(\n      () => this.#factory.clientConnectionMade(this),",
    replace: "((f) => f())(\n      () => this.#factory.clientConnectionMade(this),",
    kills: ["what the factory throws is logged, and goes no further"],
  },
  {
    name: "what the factory throws at an end escapes",
    file: CONNECTOR,
    find: "this.#reactor.contain(f, message);",
    replace: "f();",
    kills: ["what clientConnectionFailed() throws is logged, and goes no further"],
  },
  {
    name: "a connection that is lost is an attempt that failed, too",
    file: CONNECTOR,
    find: "this.#lost(reason);",
    replace: "this.#lost(reason); this.failed(reason.value);",
    kills: ["a peer that resets at once: one end, of the attempt or of the connection"],
  },
];
