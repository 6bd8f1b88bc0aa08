/**
 * How a pool may be made.
 *
 * @module
 */
import type { ResourceLimits } from "node:worker_threads";

/** Options of `NodeThreadPool`. */
export interface NodeThreadPoolOptions {
  /** Threads that stay when they are idle. Default: 0. */
  readonly min?: number;
  /** Threads there are at most. Default: 10, or `min` where that is more. */
  readonly max?: number;
  /** Seconds after which an idle thread beyond `min` ends. Default: 10. */
  readonly idleTimeout?: number;
  /** Seconds that running tasks get when the pool stops. Default: 10. */
  readonly stopTimeout?: number;
  /**
   * What idle threads do. Those that sleep are woken fastest, but what a task left behind (a timer,
   * a connection that is kept) stands still until the next one comes. Those that turn have an event
   * loop that goes on, for some microseconds more a task. Default: `"sleep"`.
   */
  readonly idle?: "sleep" | "turn";
  /**
   * Bounds of each thread's memory. A task that goes beyond them fails with `ThreadLostError`, and
   * the process lives on. Default: as for the main thread.
   */
  readonly resourceLimits?: ResourceLimits;
}

/** All of them. */
export interface PoolSettings extends Required<NodeThreadPoolOptions> {}

/** The options, with the defaults. @throws {RangeError} One is out of range. */
export function settingsFrom(options: NodeThreadPoolOptions): PoolSettings {
  const { min = 0, idleTimeout = 10, stopTimeout = 10 } = options;
  const { idle = "sleep", resourceLimits = {} } = options;
  const { max = Math.max(10, min) } = options;
  checkBounds(min, max);
  return {
    min,
    max,
    idleTimeout: checkedSeconds("idleTimeout", idleTimeout),
    stopTimeout: checkedSeconds("stopTimeout", stopTimeout),
    idle,
    resourceLimits,
  };
}

/** @throws {RangeError} Not whole numbers with 0 ≤ min ≤ max and 1 ≤ max. */
export function checkBounds(min: number, max: number): void {
  const areWhole = Number.isInteger(min) && Number.isInteger(max);
  if (areWhole && min >= 0 && max >= 1 && min <= max) return;
  throw new RangeError(
    `Cannot have ${String(min)} to ${String(max)} threads: expected whole numbers, ` +
      "0 ≤ min ≤ max and 1 ≤ max",
  );
}

/** @throws {RangeError} Not 0 or more. */
export function checkedSeconds(option: string, seconds: number): number {
  if (seconds >= 0) return seconds;
  throw new RangeError(
    `Cannot set ${option} to ${String(seconds)}: expected 0 seconds or more, or Infinity`,
  );
}
