/**
 * The time of day, for `log_time`.
 *
 * @module
 */

/**
 * Seconds since the epoch.
 *
 * The one place of the logger that reads the machine's clock: a log is compared with the logs of
 * other machines, and events happen before there is a reactor whose clock could be asked.
 */
export function wallClock(): number {
  return Date.now() / 1000;
}
