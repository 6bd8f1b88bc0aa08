/**
 * The root of every error that sennit throws on purpose, and the two kinds that a wire protocol
 * has.
 *
 * Four kinds, never mixed: a bad argument is a `TypeError` or `RangeError`, at once; the wrong
 * moment is a {@link LocalProtocolError}; a peer that misbehaves is a {@link RemoteProtocolError};
 * what the world does (refused, reset, timed out) is in `sennit/internet`.
 *
 * @module
 */

/** Root of every error this package throws on purpose. Match on `code`: it never changes. */
export abstract class SennitError extends Error {
  /** Stable, greppable, part of the public API. */
  abstract readonly code: `ERR_${string}`;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The peer broke the protocol. Nothing our caller did could have prevented it. */
export abstract class RemoteProtocolError extends SennitError {}

/** Our caller asked for something that the state of the connection or object forbids. */
export abstract class LocalProtocolError extends SennitError {}
