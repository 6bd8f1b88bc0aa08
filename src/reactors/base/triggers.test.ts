import { assert, describe, it } from "vitest";
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import type { ITrigger, TriggerPhase } from "../../internet/interfaces-reactor.ts";
import { captureLogs } from "../../logger/capture.ts";
import { SystemEventTriggers } from "./triggers.ts";

const PHASES: readonly TriggerPhase[] = ["before", "during", "after"];

describe("fire()", () => {
  it("runs before, during and after in that order, each in the order of adding", () => {
    const triggers = new SystemEventTriggers();
    const log: string[] = [];
    for (const n of ["1", "2"]) {
      for (const phase of PHASES.toReversed()) {
        triggers.add(phase, "shutdown", () => log.push(phase + n));
      }
    }
    const done = triggers.fire("shutdown");
    assert.deepEqual(log, ["before1", "before2", "during1", "during2", "after1", "after2"]);
    assert.isTrue(done.called);
    assert.equal(done.result, undefined);
  });

  it("runs those of its event alone, and fires with none at all", () => {
    const triggers = new SystemEventTriggers();
    triggers.add("before", "startup", () => assert.fail("not its event"));
    assert.equal(triggers.fire("shutdown").paused, 0);
    assert.isTrue(triggers.fire("never heard of").called);
  });

  it("waits in each phase for all that was returned (trace 13)", () => {
    const triggers = new SystemEventTriggers();
    const log: string[] = [];
    const waits = PHASES.map((phase) => {
      const both = [new Deferred<void>(), new Deferred<void>()];
      for (const wait of both) {
        triggers.add(phase, "shutdown", () => {
          log.push(phase);
          return wait;
        });
      }
      return both;
    });
    void triggers.fire("shutdown").addCallback(() => log.push("done"));
    const seen: number[] = [];
    for (const wait of waits.flatMap((both) => both.toReversed())) {
      seen.push(log.length);
      wait.callback();
    }
    assert.deepEqual(seen, [2, 2, 4, 4, 6, 6]);
    assert.deepEqual(log, [...PHASES.flatMap((phase) => [phase, phase]), "done"]);
  });

  it("waits for promises too", async () => {
    const triggers = new SystemEventTriggers();
    const log: string[] = [];
    triggers.add("before", "shutdown", async () => {
      await Promise.resolve();
      log.push("before");
    });
    triggers.add("during", "shutdown", () => log.push("during"));
    await triggers.fire("shutdown");
    assert.deepEqual(log, ["before", "during"]);
  });

  it("logs what a trigger throws or fails with, and goes on", () => {
    using logs = captureLogs();
    const triggers = new SystemEventTriggers();
    const log: string[] = [];
    for (const phase of PHASES) {
      triggers.add(phase, "shutdown", () => {
        throw new Error(`${phase} thrown`);
      });
      triggers.add(phase, "shutdown", () => fail(new Error(`${phase} failed`)));
      triggers.add(phase, "shutdown", () => log.push(phase));
    }
    assert.isTrue(triggers.fire("shutdown").called);
    assert.deepEqual(log, [...PHASES]);
    const messages = logs.flush().map((event) => event.log_failure?.value.message);
    assert.deepEqual(
      messages,
      PHASES.flatMap((phase) => [`${phase} thrown`, `${phase} failed`]),
    );
  });

  it("leaves a trigger's Deferred its result, for its owner", () => {
    const triggers = new SystemEventTriggers();
    const owned = new Deferred<string>();
    triggers.add("before", "shutdown", () => owned);
    const done = triggers.fire("shutdown");
    owned.callback("x");
    assert.equal(done.paused, 0);
    assert.equal(owned.result, "x");
  });

  it("runs each trigger once: a second event finds none", () => {
    const triggers = new SystemEventTriggers();
    let runs = 0;
    triggers.add("during", "shutdown", () => {
      runs += 1;
    });
    void triggers.fire("shutdown");
    void triggers.fire("shutdown");
    assert.equal(runs, 1);
  });
});

describe("add() while it fires", () => {
  it("of the same phase runs in this one", () => {
    const triggers = new SystemEventTriggers();
    const log: string[] = [];
    triggers.add("before", "e", () => {
      log.push("first");
      triggers.add("before", "e", () => log.push("added"));
    });
    triggers.add("before", "e", () => log.push("second"));
    triggers.add("during", "e", () => log.push("during"));
    void triggers.fire("e");
    assert.deepEqual(log, ["first", "second", "added", "during"]);
  });

  it("of a later phase runs when that comes, of an earlier one with the next event", () => {
    const triggers = new SystemEventTriggers();
    const log: string[] = [];
    triggers.add("during", "e", () => {
      triggers.add("after", "e", () => log.push("after"));
      triggers.add("before", "e", () => log.push("before"));
    });
    void triggers.fire("e");
    assert.deepEqual(log, ["after"]);
    void triggers.fire("e");
    assert.deepEqual(log, ["after", "before"]);
  });
});

describe("remove()", () => {
  it("takes a trigger out, also while the event fires", () => {
    const triggers = new SystemEventTriggers();
    const log: string[] = [];
    const later: ITrigger[] = [];
    triggers.add("before", "e", () => {
      for (const trigger of later) triggers.remove(trigger);
    });
    for (const phase of PHASES) later.push(triggers.add(phase, "e", () => log.push(phase)));
    triggers.add("after", "e", () => log.push("kept"));
    void triggers.fire("e");
    assert.deepEqual(log, ["kept"]);
  });

  it("takes one out that waits for a phase before it", () => {
    const triggers = new SystemEventTriggers();
    const wait = new Deferred<void>();
    triggers.add("before", "e", () => wait);
    const trigger = triggers.add("during", "e", () => assert.fail("removed"));
    const done = triggers.fire("e");
    triggers.remove(trigger);
    wait.callback();
    assert.equal(done.paused, 0);
  });

  it("refuses what has run, is running, was removed, or stands elsewhere", () => {
    const triggers = new SystemEventTriggers();
    const running: { trigger?: ITrigger } = {};
    let refused: unknown;
    running.trigger = triggers.add("before", "e", () => {
      assert(running.trigger !== undefined);
      const { trigger } = running;
      try {
        triggers.remove(trigger);
      } catch (error) {
        refused = error;
      }
    });
    void triggers.fire("e");
    assert.instanceOf(refused, RangeError);
    const removed = triggers.add("after", "e", () => {});
    triggers.remove(removed);
    const elsewhere = new SystemEventTriggers().add("after", "e", () => {});
    const copy: ITrigger = { phase: "after", event: "e" };
    for (const trigger of [running.trigger, removed, elsewhere, copy]) {
      assert.throws(() => triggers.remove(trigger), RangeError, "Cannot remove a trigger");
    }
  });
});

it("a trigger that returns a fired Deferred is no wait", () => {
  const triggers = new SystemEventTriggers();
  triggers.add("before", "e", () => succeed("x"));
  assert.equal(triggers.fire("e").paused, 0);
});
