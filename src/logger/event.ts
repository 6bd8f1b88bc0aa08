/**
 * What is logged, and who gets it.
 *
 * An event is a record: a format with the values it speaks of, not a text. Observers render it when
 * and if they need to, so that a program can also count, filter and search its events by field.
 *
 * After: twisted.logger._interfaces. Differs: observers that are objects with state show their
 * function in `observer`, and may say beforehand which events they want.
 *
 * @module
 */
import type { LogLevel } from "./levels.ts";

/** What the logger needs of a failure. `Failure` of `sennit/defer` is one. */
export interface LoggedFailure {
  /** What was thrown. */
  readonly value: Error;
  /** The stack, and below it the stack of each cause. */
  getTraceback(): string;
  /** The message alone. */
  getErrorMessage(): string;
}

/** The values of an event. Names that begin with `log_` are the logger's own. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One thing that happened. Observers share the object and must not change it. */
export interface LogEvent {
  /** How urgent it is. */
  readonly log_level: LogLevel;
  /** Which part of the program speaks: `sennit.internet.tcp`. Dots make a hierarchy. */
  readonly log_namespace: string;
  /** The text, with fields in braces: `{peer} sent {bytes.length} bytes`. */
  readonly log_format: string;
  /** Seconds since the epoch. */
  readonly log_time: number;
  /** The object that speaks. */
  readonly log_source?: unknown;
  /** What went wrong, if that is what the event is about. Text logs show its traceback. */
  readonly log_failure?: LoggedFailure;
  /** What stands in brackets in a text log, in place of namespace and level. */
  readonly log_system?: string;
  readonly [key: string]: unknown;
}

/**
 * Takes events, one by one, at once: the emitter waits for it to return.
 *
 * It may throw: a publisher tells the other observers and goes on.
 */
export type LogObserver = (event: LogEvent) => void;

/** An observer that is an object: a publisher, a filter, a history. */
export interface ILogObserver {
  /** Takes the events. Always the same function, free of `this`. */
  readonly observer: LogObserver;

  /**
   * Whether any event of this level and namespace would be of use.
   *
   * Asked before the event is made, often, so it must be quick. Without it, all are wanted.
   */
  wants?(level: LogLevel, namespace: string): boolean;
}

/** An observer in either form. */
export type LogObserverLike = LogObserver | ILogObserver;
