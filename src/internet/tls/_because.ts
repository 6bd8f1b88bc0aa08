/**
 * The cause of an error, if there is one.
 *
 * @module
 */

/** The options of an error that has `cause`, unless that is `undefined`. */
export function because(cause: unknown): ErrorOptions {
  return cause === undefined ? {} : { cause };
}
