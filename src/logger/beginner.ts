/**
 * The time before a program has said where its log goes.
 *
 *     program starts      events are kept (the last 200); errors also go to the error stream
 *     beginLoggingTo      what was kept is played back; the error stream is left alone
 *     beginLoggingTo      again: the observers are added, and a warning says so
 *
 * After: twisted.logger._global. Differs: `error` goes to the error stream as `critical` does; what
 * was kept is played back to the new observers alone; standard streams are never redirected.
 *
 * @module
 */
import { wallClock } from "./_wall-clock.ts";
import type { LogEvent, LogObserver, LogObserverLike } from "./event.ts";
import { formatEventAsClassicLogText } from "./format.ts";
import { LimitedHistoryLogObserver } from "./history.ts";
import { compareLevels } from "./levels.ts";
import { LogPublisher } from "./publisher.ts";

/** What a {@link LogBeginner} is made of. */
export interface LogBeginnerOptions {
  /** The publisher that the program's loggers emit to. */
  readonly publisher: LogPublisher;
  /** Writes errors while logging has not begun. Default: the error stream of the process. */
  readonly writeLastResort?: (text: string) => unknown;
  /** Seconds since the epoch, for the beginner's own warning. Default: the machine's clock. */
  readonly clock?: () => number;
}

/** What {@link LogBeginner.beginLoggingTo} may be told. */
export interface BeginLoggingOptions {
  /** Drop the events that were kept so far. Default: false, they are played back. */
  readonly discardBuffer?: boolean;
}

/** After Twisted: what a program says while it reads its configuration. */
const EVENTS_KEPT_MAX = 200;

/** Keeps the events of a publisher until it is told who observes them. */
export class LogBeginner {
  readonly #publisher: LogPublisher;
  readonly #writeLastResort: (text: string) => unknown;
  readonly #clock: () => number;
  readonly #history = new LimitedHistoryLogObserver(EVENTS_KEPT_MAX);
  #observers: readonly LogObserverLike[] = [];
  /** Where logging was begun; `undefined` while it has not been. */
  #firstPlace: string | undefined;
  #holds = 0;

  constructor(options: LogBeginnerOptions) {
    const { publisher, writeLastResort = writeToErrorStream, clock = wallClock } = options;
    this.#publisher = publisher;
    this.#writeLastResort = writeLastResort;
    this.#clock = clock;
    this.#watch();
  }

  /**
   * Say where the log goes from now on, once, early in the program.
   *
   * The events so far are played back to `observers`; one of them that throws is reported to the
   * others. When logging has begun before, the observers are added, and all get a warning that
   * names both places.
   */
  beginLoggingTo(observers: readonly LogObserverLike[], options: BeginLoggingOptions = {}): void {
    const place = placeOfCaller();
    for (const observer of observers) this.#publisher.addObserver(observer);
    this.#observers = [...this.#observers, ...observers];
    if (this.#firstPlace !== undefined) {
      this.#publisher.publish(this.#begunTwice(this.#firstPlace, place));
      return;
    }
    this.#firstPlace = place;
    this.#unwatch();
    if (options.discardBuffer !== true) this.#history.replayTo(new LogPublisher(...observers));
    this.#history.clear();
  }

  /**
   * Undo {@link LogBeginner.beginLoggingTo}: its observers are removed, and events are kept again
   * from now on. For tests, and for programs that start a second life in one process.
   */
  stopLogging(): void {
    for (const observer of this.#observers) this.#publisher.removeObserver(observer);
    this.#observers = [];
    this.#firstPlace = undefined;
    this.#history.clear();
    this.#watch();
  }

  /**
   * Write nothing to the error stream for a while; events are still kept.
   *
   * @returns Ends it. While several hold it, the last one to end counts.
   */
  holdLastResort(): () => void {
    let isHeld = true;
    this.#holds += 1;
    return () => {
      if (isHeld) this.#holds -= 1;
      isHeld = false;
    };
  }

  readonly #lastResort: LogObserver = (event) => {
    if (this.#holds > 0 || compareLevels(event.log_level, "error") < 0) return;
    this.#writeLastResort(formatEventAsClassicLogText(event, { includeTimestamp: false }));
  };

  #watch(): void {
    this.#publisher.addObserver(this.#history);
    this.#publisher.addObserver(this.#lastResort);
  }

  #unwatch(): void {
    this.#publisher.removeObserver(this.#history);
    this.#publisher.removeObserver(this.#lastResort);
  }

  #begunTwice(first: string, now: string): LogEvent {
    return {
      log_level: "warn",
      log_namespace: "sennit.logger.beginner",
      log_format: "Logging was begun at {now}, but had been at {first}: remove one of the calls",
      log_time: this.#clock(),
      now,
      first,
    };
  }
}

function writeToErrorStream(text: string): void {
  process.stderr.write(text);
}

/** The line of a stack below those of this function and of the method that calls it. */
function placeOfCaller(): string {
  const [, , , line] = new Error("placeOfCaller").stack?.split("\n") ?? [];
  return line?.trim().replace(/^at /u, "") ?? "an unknown place";
}
