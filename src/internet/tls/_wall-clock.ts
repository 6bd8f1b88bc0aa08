/**
 * The date, for what certificates say of theirs.
 *
 * @module
 */

/**
 * The date and time.
 *
 * The one place of `tls/` that reads the machine's clock: a certificate is made and looked at when
 * there is no reactor yet, and the peers who judge it do so by the time of day. Whoever calls this
 * has an option to be told another time.
 */
export function wallClock(): Date {
  return new Date();
}
