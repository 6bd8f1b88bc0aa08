/**
 * Keys of what a session keeps, each with the type of its value.
 *
 * @module
 */

declare const kept: unique symbol;

/** Names a value in a {@link Session}. Compared by identity: two of one label are two keys. */
export interface SessionKey<T> {
  /** For messages. */
  readonly label: string;
  /** Never there: it only ties the key to the type of its value. */
  readonly [kept]?: (value: T) => T;
}

/** Make a key: once, at the top of a module. */
export function sessionKey<T>(label: string): SessionKey<T> {
  return Object.freeze({ label });
}
