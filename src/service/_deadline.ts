/**
 * Work that gets so long and no longer.
 *
 * @module
 */
import { Deferred, type TimeoutClock } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import { Failure } from "../defer/failure.ts";
import { Logger } from "../logger/logger.ts";
import { ServiceStopTimeoutError } from "./errors.ts";
import type { IServiceCollection } from "./interfaces.ts";

const log = new Logger({ namespace: "sennit.service" });

/** How long to wait, and by which clock. */
export interface Deadline {
  readonly seconds: number;
  readonly clock: TimeoutClock | undefined;
}

/** @throws {RangeError} Not a number of seconds: 0 or more, or `Infinity` for no deadline. */
export function checkedSeconds(option: string, seconds: number): number {
  if (seconds >= 0) return seconds;
  throw new RangeError(
    `Cannot set ${option} to ${String(seconds)}: expected 0 seconds or more, or Infinity for none`,
  );
}

/**
 * The clock for a service: its own, or that of the collection it is in.
 *
 * @throws {TypeError} There is none, and there are deadlines: a shutdown that may never end is
 * something to ask for, not to find out.
 */
export function clockFor(
  service: { readonly parent: IServiceCollection | undefined; toString(): string },
  own: TimeoutClock | undefined,
  option: string,
  seconds: number,
): TimeoutClock | undefined {
  const clock = own ?? service.parent?.clock;
  if (clock !== undefined || seconds === Infinity) return clock;
  throw new TypeError(
    `Cannot start ${service.toString()}: expected a clock for its ${option}; pass ` +
      `{ clock: reactor }, add it to a service that has one, or set ${option} to Infinity`,
  );
}

/**
 * The result of `work`, or at the deadline a `ServiceStopTimeoutError`. The work is then cancelled,
 * but not waited for: unlike with `addTimeout`, nothing that it does can hold up the result.
 */
export function withDeadline(work: Deferred<void>, deadline: Deadline): Deferred<void> {
  const { seconds, clock } = deadline;
  const result = new Deferred<void>();
  let isLate = false;
  const giveUp = (): void => {
    isLate = true;
    try {
      work.cancel();
    } finally {
      result.errback(new ServiceStopTimeoutError(seconds));
    }
  };
  const timer = seconds === Infinity ? undefined : clock?.callLater(seconds, giveUp);
  void work.addBoth((outcome: void | Failure) => {
    if (timer?.active === true) timer.cancel();
    if (!isLate) result.callback(outcome);
    else if (outcome instanceof Failure) logLate(outcome);
  });
  return result;
}

/** The one who waited has gone on: there is only the log left to tell. */
function logLate(failure: Failure): void {
  if (failure.check(CancelledError) !== undefined) return;
  log.failure("A service failed after its deadline", failure, {}, "error");
}
