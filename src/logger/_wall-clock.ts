/**
 * The time of day, for `log_time`.
 *
 * @module
 */

// The machine's own, whatever a test or a simulation puts in its place later.
const { now } = Date;

/**
 * Seconds since the epoch.
 *
 * The one place of the logger that reads the machine's clock: a log is compared with the logs of
 * other machines, and events happen before there is a reactor whose clock could be asked.
 */
export function wallClock(): number {
  return now() / 1000;
}
