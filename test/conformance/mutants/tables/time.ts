/**
 * Reactors that are wrong about time.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const CALLS = "reactors/base/delayed-calls.ts";
const REACTOR = "reactors/base/reactor-base.ts";
const MEMORY = "reactors/memory/memory-reactor.ts";

/** For `time`. */
export const timeMutants: readonly Mutant[] = [
  {
    name: "callLater() loses the arguments",
    file: CALLS,
    find: "withContext(f), args);",
    replace: "withContext(f), []);",
    kills: ["callLater() passes its arguments on"],
  },
  {
    name: "the time of day stands still",
    file: MEMORY,
    find: "return EPOCH + this.#now;",
    replace: "return EPOCH;",
    kills: ["wallClock() tells seconds since 1970, and moves with seconds()"],
  },
  {
    name: "the time of day is in milliseconds",
    file: MEMORY,
    find: "return EPOCH + this.#now;",
    replace: "return 1000 * (EPOCH + this.#now);",
    kills: ["wallClock() tells seconds since 1970, and moves with seconds()"],
  },
  {
    name: "callLater(0) calls at once",
    file: REACTOR,
    find: "const call = this.#calls.add(delay, f, args);",
    replace: `const call = this.#calls.add(delay, f, args);
      if (delay === 0) this.runDelayedCalls();`,
    kills: ["callLater() calls nothing before it returns, even with a delay of 0"],
  },
  {
    name: "a call comes after nine tenths of its delay",
    file: CALLS,
    find: "this.#now() + checkedDelay(delay);",
    replace: "this.#now() + 0.9 * checkedDelay(delay);",
    kills: ["callLater() calls nothing before its time"],
  },
  {
    name: "calls stand in the order of asking, and the first holds up the others",
    file: CALLS,
    find: "this.#rise(call, this.#calls.length);",
    replace: "this.#set(this.#calls.length, call, call.time, call.age);",
    kills: ["calls come in the order of their times, whatever the order of asking"],
  },
  {
    name: "of equal times the youngest comes first",
    file: CALLS,
    find: "(this.#ages[at] ?? 0) < age",
    replace: "(this.#ages[at] ?? 0) > age",
    kills: ["ties come first in, first out"],
  },
  {
    name: "what fills the gap of a cancelled call never rises",
    file: CALLS,
    find: "const to = at > 0 && !this.#isBefore(up, time, age) ?",
    replace: "const to = up > this.#calls.length ?",
    kills: ["ten thousand calls asked for in disorder come in order"],
  },
  {
    name: "a call that is made earlier keeps its place",
    file: CALLS,
    find: "if (call.at >= 0 && call.time < (this.#times[call.at] ?? 0)) this.#rise(call, call.at);",
    replace: "",
    kills: ["ten thousand calls asked for in disorder come in order"],
  },
  {
    name: "a pass takes in what becomes due on the way",
    file: CALLS,
    find: 'else if (due.state === "pending") this.#call(due, call);',
    replace: `else if (due.state === "pending") {
        this.#call(due, call);
        const next = this.head;
        if (next === undefined || next.time > now) continue;
        this.#remove(next);
        this.#due.push(next);
      }`,
    kills: ["callLater(0) from inside a call runs in a later pass"],
  },
  {
    name: "a pass goes on until nothing is due",
    file: CALLS,
    find: "this.#due.reverse();",
    replace: `for (let due = this.#due.shift(); due; due = this.#due.shift() ?? this.head) {
      if (due.at >= 0) this.#remove(due);
      if (due.state === "pending") this.#call(due, call);
    }`,
    kills: ["a chain of callLater(0) does not keep I/O waiting"],
  },
  {
    name: "a pass takes in what was due before it began",
    file: CALLS,
    find: 'else if (due.state === "pending") this.#call(due, call);',
    replace: `else if (due.state === "pending") {
        this.#call(due, call);
        const next = this.head;
        if (next === undefined || next.time >= now) continue;
        this.#remove(next);
        this.#due.push(next);
      }`,
    kills: ["a call put before the present pass waits for the next one"],
  },
  {
    name: "getDelayedCalls() leaves out what is overdue",
    file: REACTOR,
    find: "return [...this.#calls.pending(), ...aside];",
    replace: `const now = this.seconds();
      return [...this.#calls.pending().filter(({ time }) => time >= now), ...aside];`,
    kills: ["getDelayedCalls() names calls that wait for the next pass"],
  },
  {
    name: "getDelayedCalls() names what was cancelled",
    file: CALLS,
    find: "if (call.at < 0) return; // Set aside",
    replace: "return; // Set aside",
    kills: ["getDelayedCalls() names what waits, and nothing else"],
  },
  {
    name: "a call that throws ends the pass",
    file: REACTOR,
    find: 'log.failure("Unhandled error in a delayed call: {call}", error',
    replace: 'throw error; log.failure("Unhandled error in a delayed call: {call}", error',
    kills: ["a call that throws is logged, and the others still come"],
  },
  {
    name: "a call that throws is not logged",
    file: REACTOR,
    find: 'log.failure("Unhandled error in a delayed call: {call}", error',
    replace: 'log.debug("Unhandled error in a delayed call: {call}"',
    kills: ["a call that throws is logged, and the others still come"],
  },
  {
    name: "delays are 31 bits of milliseconds",
    file: CALLS,
    find: "this.#now() + checkedDelay(delay);",
    replace: "this.#now() + ((1000 * checkedDelay(delay)) % 2 ** 31) / 1000;",
    kills: ["a call beyond the platform's longest timer does not come early"],
  },
  {
    name: "the clock stands still",
    file: MEMORY,
    find: "return this.#now;",
    replace: "return 0;",
    kills: ["seconds() never goes backwards, and moves on"],
  },
  {
    name: "the clock stands still",
    file: MEMORY,
    find: "return this.#now;",
    replace: "return 0;",
    kills: ["seconds() never goes backwards, and moves on"],
  },
];
