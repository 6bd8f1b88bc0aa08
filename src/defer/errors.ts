/**
 * What goes wrong with Deferreds themselves.
 *
 * After: twisted.internet.defer, twisted.internet.error.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../core/errors.ts";

/** The Deferred has fired already. */
export class AlreadyCalledError extends LocalProtocolError {
  readonly code = "ERR_ALREADY_CALLED_DEFERRED";
}

/** The operation was cancelled, and its canceller gave no other answer. */
export class CancelledError extends SennitError {
  readonly code = "ERR_CANCELLED";
  constructor(message = "The operation was cancelled", options?: ErrorOptions) {
    super(message, options);
  }
}

/** Something took too long. `phase` says what it was: connect, handshake, close … */
export class TimeoutError extends SennitError {
  readonly code = "ERR_TIMEOUT";
  /** What was going on. */
  readonly phase: string;
  /** Seconds it was given. */
  readonly seconds: number | undefined;
  constructor(message: string, phase = "operation", seconds?: number, options?: ErrorOptions) {
    super(message, options);
    this.phase = phase;
    this.seconds = seconds;
  }
}

/** Something that is not an `Error` was thrown; it is in `thrown` (and `cause`). */
export class NonErrorThrown extends SennitError {
  readonly code = "ERR_NON_ERROR_THROWN";
  readonly thrown: unknown;
  constructor(message: string, thrown: unknown) {
    super(message, { cause: thrown });
    this.thrown = thrown;
  }
}
