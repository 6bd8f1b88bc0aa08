/**
 * System events in three phases: before, during, after; each is awaited.
 *
 * After: twisted.internet.base._ThreePhaseEvent.
 *
 * @module
 */
import { maybeDeferred } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import type { ITrigger, SystemEvent, TriggerPhase } from "../../internet/interfaces-reactor.ts";
import { Logger } from "../../logger/logger.ts";

const log = new Logger({ namespace: "sennit.reactor" });

interface Trigger extends ITrigger {
  readonly call: () => unknown;
}

/** The triggers of all events of one reactor. */
export class SystemEventTriggers {
  readonly #triggers = new Map<SystemEvent, Trigger[]>();

  add(phase: TriggerPhase, event: SystemEvent, call: () => unknown): ITrigger {
    const trigger: Trigger = { phase, event, call };
    const triggers = this.#triggers.get(event);
    if (triggers === undefined) this.#triggers.set(event, [trigger]);
    else triggers.push(trigger);
    return trigger;
  }

  /** @throws {RangeError} It is not there, or has run. */
  remove(trigger: ITrigger): void {
    const triggers = this.#triggers.get(trigger.event) ?? [];
    const at = triggers.findIndex((one) => one === trigger);
    if (at < 0) {
      throw new RangeError(
        `Cannot remove a trigger ${trigger.phase} ${trigger.event}: it is not there, or has run`,
      );
    }
    triggers.splice(at, 1);
  }

  /**
   * Run the phases in order; each trigger is gone once it has begun to run, and a phase begins when
   * all that the one before returned has fired. Fires when all is through. Cancelled, it fires at
   * once, and no further phase begins.
   *
   * @param itself The event itself: the last of `during`.
   */
  fire(event: SystemEvent, itself?: () => unknown): Deferred<void> {
    return this.#runPhase(event, "before")
      .addCallback(() => this.#runPhase(event, "during", itself))
      .addCallback(() => this.#runPhase(event, "after"))
      .addErrback((failure) => {
        failure.trap(CancelledError);
      });
  }

  #runPhase(event: SystemEvent, phase: TriggerPhase, last?: () => unknown): Deferred<void> {
    const all = new Deferred<void>();
    let left = 1;
    const one = (): void => {
      left -= 1;
      if (left === 0) all.callback();
    };
    const run = (call: () => unknown): void => {
      left += 1;
      void maybeDeferred(call)
        .addErrback((failure) => {
          log.failure("A trigger {phase} {event} failed", failure, { phase, event });
        })
        .addCallback((result) => {
          one();
          return result; // A Deferred that others wait for too keeps its value.
        });
    };
    // One at a time off the list, so that a trigger may add and remove others while it runs.
    for (let next = this.#take(event, phase); next; next = this.#take(event, phase)) run(next.call);
    if (last !== undefined) run(last);
    one();
    return all;
  }

  #take(event: SystemEvent, phase: TriggerPhase): Trigger | undefined {
    const triggers = this.#triggers.get(event) ?? [];
    const at = triggers.findIndex((one) => one.phase === phase);
    return at < 0 ? undefined : triggers.splice(at, 1)[0];
  }
}
