/**
 * Reactors that are wrong about system events.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRIGGERS = "reactors/base/triggers.ts";
const REACTOR = "reactors/base/reactor-base.ts";
const LOOP =
  "for (let next = this.#take(event, phase); next; next = this.#take(event, phase)) " +
  "run(next.call);";

/** For `triggers`. */
export const triggerMutants: readonly Mutant[] = [
  {
    name: "the last that was added runs first",
    file: TRIGGERS,
    find: "else triggers.push(trigger);",
    replace: "else triggers.unshift(trigger);",
    kills: ["phases come in order, triggers in the order added, with arguments"],
  },
  {
    name: "nobody waits for `before`",
    file: TRIGGERS,
    find: 'return this.#runPhase(event, "before")\n      .addCallback(() =>',
    replace: 'return this.#runPhase(event, "before").pause === undefined ? undefined : (',
    kills: ["a Deferred or promise from one phase holds up the next"],
  },
  {
    name: "a phase is over when all but one of its Deferreds have fired",
    file: TRIGGERS,
    find: "if (left === 0) all.callback();",
    replace: "if (left <= 1 && !all.called) all.callback();",
    kills: ["all triggers of a phase begin; all of them are awaited"],
  },
  {
    name: "a trigger that throws ends the event",
    file: TRIGGERS,
    find: "void maybeDeferred(call)",
    replace: "const returned = call(); void maybeDeferred(() => returned)",
    kills: ["a trigger that throws is logged, and the event goes on"],
  },
  {
    name: "a Deferred that fails is nobody's business",
    file: TRIGGERS,
    find: 'log.failure("A trigger {phase} {event} failed", failure, { phase, event });',
    replace: "void failure;",
    kills: ["a trigger whose Deferred fails is logged, and the event goes on"],
  },
  {
    name: "a Deferred that was awaited has lost its value",
    file: TRIGGERS,
    find: "return result; // A Deferred",
    replace: "// A Deferred",
    kills: ["the Deferred of a trigger keeps its value for others"],
  },
  {
    name: "a trigger runs each time",
    file: TRIGGERS,
    find: "run(next.call);",
    replace: `{
      const { call } = next;
      void all.addCallback(() => void this.add(phase, event, call));
      run(call);
    }`,
    kills: ["a trigger runs once"],
  },
  {
    name: "removeSystemEventTrigger() does nothing",
    file: TRIGGERS,
    find: "triggers.splice(at, 1);",
    replace: "",
    kills: ["removeSystemEventTrigger() takes a trigger out, once"],
  },
  {
    name: "removing the last trigger is never refused",
    file: TRIGGERS,
    find: "if (at < 0) {",
    replace: "if (at < 0 && triggers.length > 0) {",
    kills: ["a trigger that has run cannot be removed"],
  },
  {
    name: "a phase runs what was there when it began",
    file: TRIGGERS,
    find: LOOP,
    replace: `const there: Trigger[] = [];
    for (let next = this.#take(event, phase); next; next = this.#take(event, phase))
      there.push(next);
    for (const { call } of there) run(call);`,
    kills: [
      "a trigger may remove one that has not run",
      "a trigger added from inside the event still runs in it",
    ],
  },
  {
    name: "an event runs the triggers of all events",
    file: TRIGGERS,
    find: "const triggers = this.#triggers.get(event) ?? [];",
    replace: `const triggers =
      [...this.#triggers.values()].find((one) => one.some((each) => each.phase === phase)) ?? [];`,
    kills: ["events do not touch each other"],
  },
  {
    name: "an event takes time, even without triggers",
    file: TRIGGERS,
    find: "if (last !== undefined) run(last);\n    one();",
    replace: "if (last !== undefined) run(last);\n    queueMicrotask(one);",
    kills: ["an event without triggers is over at once"],
  },
  {
    name: "there may be any phase",
    file: REACTOR,
    find: 'if (phase !== "before" && phase !== "during" && phase !== "after") {',
    replace: "if (phase === undefined) {",
    kills: ["a phase that there is not is refused"],
  },
];
