/**
 * What goes wrong with descriptors that others opened.
 *
 * After: twisted.internet.error (AlreadyListened, UnsupportedAddressFamily).
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../core/errors.ts";

/** A descriptor can be listened on once, and was: it is the reactor's, or closed. */
export class AlreadyListened extends LocalProtocolError {
  readonly code = "ERR_ALREADY_LISTENED";
}

/**
 * A descriptor is not what it should be: not open, not a stream socket, of another family,
 * listening where it should be connected, or in use by this reactor. For a port it is the cause of
 * a `CannotListenError`.
 */
export class CannotAdoptError extends SennitError {
  readonly code = "ERR_CANNOT_ADOPT";
  readonly fileDescriptor: number;
  constructor(fileDescriptor: number, problem: string, options?: ErrorOptions) {
    super(`Cannot adopt descriptor ${String(fileDescriptor)}: ${problem}`, options);
    this.fileDescriptor = fileDescriptor;
  }
}
