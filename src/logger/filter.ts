/**
 * Events let through, or not, by level and namespace or by any other question.
 *
 * After: twisted.logger._filter. Differs: a filter that decides by level and namespace alone is
 * asked before an event is made, so a debug event that nobody wants costs next to nothing.
 *
 * @module
 */
import { isWanted, observerOf } from "./_observer-like.ts";
import type { ILogObserver, LogEvent, LogObserver, LogObserverLike } from "./event.ts";
import { compareLevels, type LogLevel } from "./levels.ts";

/** `yes` and `no` decide; `maybe` leaves it to the next predicate, and after the last means yes. */
export type PredicateResult = "yes" | "no" | "maybe";

/** A predicate that is an object, with state or with an early answer. */
export interface ILogFilterPredicate {
  /** Judge an event. */
  shouldLog(event: LogEvent): PredicateResult;

  /**
   * The answer for every event of this level and namespace, whatever else is in it.
   *
   * @returns `undefined` when the answer depends on the event.
   */
  decide?(level: LogLevel, namespace: string): PredicateResult | undefined;
}

/** A predicate in either form. */
export type LogFilterPredicate = ILogFilterPredicate | ((event: LogEvent) => PredicateResult);

/**
 * Passes on the events that its predicates let through.
 *
 * @example
 * ```ts
 * import {
 *   FilteringLogObserver,
 *   LogLevelFilterPredicate,
 *   textFileLogObserver,
 * } from "sennit/logger";
 *
 * const levels = new LogLevelFilterPredicate("warn");
 * levels.setLogLevelForNamespace("sennit.web", "debug");
 * const toErrorStream = textFileLogObserver((text) => process.stderr.write(text));
 * const filtered = new FilteringLogObserver(toErrorStream, [levels]);
 * ```
 */
export class FilteringLogObserver implements ILogObserver {
  /** Takes the events. */
  readonly observer: LogObserver = (event) => {
    this.#chosen(this.#isLetThrough(event))?.(event);
  };

  readonly #positive: LogObserverLike;
  readonly #negative: LogObserverLike | undefined;
  readonly #predicates: readonly LogFilterPredicate[];

  /** Events that are not let through go to `negativeObserver`, if there is one. */
  constructor(
    observer: LogObserverLike,
    predicates: readonly LogFilterPredicate[],
    negativeObserver?: LogObserverLike,
  ) {
    this.#positive = observer;
    this.#predicates = [...predicates];
    this.#negative = negativeObserver;
  }

  /** Whether such an event may reach an observer that wants it. */
  wants(level: LogLevel, namespace: string): boolean {
    const isLetThrough = this.#isLetThroughEarly(level, namespace);
    const isWantedBy = (like: LogObserverLike | undefined): boolean =>
      like !== undefined && isWanted(like, level, namespace);
    return (
      (isLetThrough !== false && isWantedBy(this.#positive)) ||
      (isLetThrough !== true && isWantedBy(this.#negative))
    );
  }

  #chosen(isLetThrough: boolean): LogObserver | undefined {
    const like = isLetThrough ? this.#positive : this.#negative;
    return like === undefined ? undefined : observerOf(like);
  }

  #isLetThrough(event: LogEvent): boolean {
    for (const predicate of this.#predicates) {
      const result =
        typeof predicate === "function" ? predicate(event) : predicate.shouldLog(event);
      if (result !== "maybe") return result === "yes";
    }
    return true;
  }

  /** As above without the event; `undefined` when a predicate must see it. */
  #isLetThroughEarly(level: LogLevel, namespace: string): boolean | undefined {
    for (const predicate of this.#predicates) {
      if (typeof predicate === "function") return undefined;
      const result = predicate.decide?.(level, namespace);
      if (result === undefined) return undefined;
      if (result !== "maybe") return result === "yes";
    }
    return true;
  }
}

/**
 * Holds back events below a level, which may be another for each namespace.
 *
 * The level of `a.b` is also that of `a.b.c`, unless that has one of its own; it is not that of
 * `a.bc`.
 */
export class LogLevelFilterPredicate implements ILogFilterPredicate {
  readonly #initialLevel: LogLevel;
  readonly #levels = new Map<string, LogLevel>();
  #defaultLevel: LogLevel;

  /** `defaultLogLevel` is for namespaces that have no level. */
  constructor(defaultLogLevel: LogLevel = "info") {
    this.#initialLevel = defaultLogLevel;
    this.#defaultLevel = defaultLogLevel;
  }

  /** The level that holds for a namespace: its own, or that of the nearest one above. */
  logLevelForNamespace(namespace: string): LogLevel {
    let name = namespace;
    while (name !== "") {
      const level = this.#levels.get(name);
      if (level !== undefined) return level;
      name = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    }
    return this.#defaultLevel;
  }

  /** Set the level of a namespace and of those below; `""` stands for all that have none. */
  setLogLevelForNamespace(namespace: string, level: LogLevel): void {
    if (namespace === "") this.#defaultLevel = level;
    else this.#levels.set(namespace, level);
  }

  /** Forget every level that was set. */
  clearLogLevels(): void {
    this.#levels.clear();
    this.#defaultLevel = this.#initialLevel;
  }

  shouldLog(event: LogEvent): PredicateResult {
    return this.decide(event.log_level, event.log_namespace);
  }

  decide(level: LogLevel, namespace: string): PredicateResult {
    const isBelow = compareLevels(level, this.logLevelForNamespace(namespace)) < 0;
    return isBelow ? "no" : "maybe";
  }
}
