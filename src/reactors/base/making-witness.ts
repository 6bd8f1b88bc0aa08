/**
 * Who is told where things are made: how a test names the creator of what it finds left behind.
 *
 * @module
 */

/** Told by a reactor, from inside the call that makes the thing: the stack is its maker's. */
export interface MakingWitness {
  /** A delayed call waits, or something has been opened. */
  made(what: object): void;
  /** `what`, which is being made, came of `origin`: a connection of a port or of a connector. */
  cameOf(what: object, origin: object): void;
}
