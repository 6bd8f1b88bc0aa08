/**
 * The two forms of an observer, seen as one.
 *
 * @module
 */
import type { LogObserver, LogObserverLike } from "./event.ts";
import type { LogLevel } from "./levels.ts";

/** The function that takes the events. */
export function observerOf(observer: LogObserverLike): LogObserver {
  return typeof observer === "function" ? observer : observer.observer;
}

/** Whether the observer wants such events; one that cannot say wants them all. */
export function isWanted(observer: LogObserverLike, level: LogLevel, namespace: string): boolean {
  if (typeof observer === "function" || observer.wants === undefined) return true;
  try {
    return observer.wants(level, namespace);
  } catch {
    // A broken answer must not lose events: the observer sees them and may throw again.
    return true;
  }
}
