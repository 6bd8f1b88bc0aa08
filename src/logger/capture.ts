/**
 * Events caught for a while: how a test sees what was logged.
 *
 * After: twisted.logger._capture, and `flushLoggedErrors` of twisted.trial.
 *
 * @module
 */
import type { LogEvent } from "./event.ts";
import { globalLogBeginner, globalLogPublisher } from "./global.ts";

/** The events of the process since {@link captureLogs}. */
export interface LogCapture extends Disposable {
  /** What was caught and not flushed, the oldest first. */
  readonly events: readonly LogEvent[];

  /**
   * Take the events for which `predicate` holds (all of them without one) out of `events`.
   *
   * @returns The events that were taken.
   */
  flush(predicate?: (event: LogEvent) => boolean): readonly LogEvent[];
}

/**
 * Catch every event of the process from now on, until the capture is disposed of.
 *
 * Other observers get the events as well; only the error stream, to which errors go while logging
 * has not begun, is left alone. Nothing bounds the number of events: end the capture.
 *
 * @example
 * ```ts
 * import { captureLogs, Logger } from "sennit/logger";
 *
 * {
 *   using logs = captureLogs();
 *   new Logger({ namespace: "example" }).error("cannot open the door");
 *   const errors = logs.flush((event) => event.log_level === "error");
 *   console.log(errors.length); // 1
 * }
 * ```
 */
export function captureLogs(): LogCapture {
  return new GlobalLogCapture();
}

/**
 * The events of the process while `body` runs. What `body` throws is thrown on.
 *
 * Events that come later, from promises and timers that `body` leaves behind, are not among them:
 * use {@link captureLogs} there.
 */
export function capturedLogs(body: () => void): readonly LogEvent[] {
  using logs = captureLogs();
  body();
  return logs.events;
}

class GlobalLogCapture implements LogCapture {
  #events: LogEvent[] = [];
  readonly #observer = (event: LogEvent): void => {
    this.#events.push(event);
  };
  readonly #releaseLastResort = globalLogBeginner.holdLastResort();

  constructor() {
    globalLogPublisher.addObserver(this.#observer);
  }

  get events(): readonly LogEvent[] {
    return this.#events;
  }

  flush(predicate: (event: LogEvent) => boolean = () => true): readonly LogEvent[] {
    const flushed: LogEvent[] = [];
    const kept: LogEvent[] = [];
    for (const event of this.#events) (predicate(event) ? flushed : kept).push(event);
    this.#events = kept;
    return flushed;
  }

  [Symbol.dispose](): void {
    globalLogPublisher.removeObserver(this.#observer);
    this.#releaseLastResort();
  }
}
