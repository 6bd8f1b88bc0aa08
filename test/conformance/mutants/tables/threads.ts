/**
 * Reactors that are wrong about calls from threads.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const REACTOR = "reactors/base/reactor-base.ts";
const RUN = `this.#fromThreads = [];
    for (const call of calls) this.contain(call, "Unhandled error in a call from a thread");`;

/** For `calls from threads`. */
export const threadMutants: readonly Mutant[] = [
  {
    name: "the last that was asked for comes first",
    file: REACTOR,
    find: "this.#fromThreads.push(() => f(...args))",
    replace: "this.#fromThreads.unshift(() => f(...args))",
    kills: ["callFromThread() calls later, in the order asked for, with the arguments"],
  },
  {
    name: "one that throws takes the others with it",
    file: REACTOR,
    find: RUN,
    replace: `this.#fromThreads = [];
    const all = () => calls.forEach((call) => call());
    this.contain(all, "Unhandled error in a call from a thread");`,
    kills: ["a call from a thread that throws is logged, and the others still come"],
  },
  {
    name: "what a call asks for comes right behind it",
    file: REACTOR,
    find: RUN,
    replace: `this.#fromThreads = [];
    for (const call of calls) {
      this.contain(call, "Unhandled error in a call from a thread");
      this.#runFromThreads();
    }`,
    kills: ["callFromThread() from inside such a call runs in a later pass"],
  },
  {
    name: "a pass goes on until nothing is left",
    file: REACTOR,
    find: RUN,
    replace: `for (const call of calls)
      this.contain(call, "Unhandled error in a call from a thread");
    this.#fromThreads = [];`,
    kills: ["a chain of callFromThread() does not keep I/O waiting"],
  },
];
