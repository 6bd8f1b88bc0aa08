/**
 * How urgent an event is.
 *
 *     debug < info < warn < error < critical
 *
 * After: twisted.logger._levels. Differs: a level is a string, not a constant object.
 *
 * @module
 */

/** Every level, the least urgent first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "critical"] as const;

/**
 * The urgency of an event.
 *
 * `debug` is for the people who write the program, `info` for those who run it, `warn` says that
 * something may need a look, `error` that something was not done, `critical` that something failed
 * which nobody had foreseen.
 */
export type LogLevel = "debug" | "info" | "warn" | "error" | "critical";

const RANKS: Readonly<Record<LogLevel, number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  critical: 4,
};

/**
 * Order two levels, as `Array.prototype.sort` wants it.
 *
 * @returns Below zero when `left` is the less urgent, zero when they are the same.
 */
export function compareLevels(left: LogLevel, right: LogLevel): number {
  return RANKS[left] - RANKS[right];
}

/** Whether a value from outside (a configuration file, a saved log) names a level. */
export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === "string" && Object.hasOwn(RANKS, value);
}
