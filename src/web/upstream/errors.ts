/**
 * What goes wrong between us and a server that we ask.
 *
 *     no connection             ConnectError and its kinds, of sennit/internet
 *     too slow                  ConnectionTimedOut: phase "wait", "connect", "head", "body" …
 *     no HTTP, beyond a limit   HTTPMessageError
 *     the end, too early        ResponseNeverReceived, ResponseFailed
 *
 * After: twisted.web._newclient (ResponseNeverReceived, ResponseFailed, WrongBodyLength). Differs:
 * one reason, in `cause`, and no list of them; the first is not a kind of the second.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../../core/errors.ts";

/** The connection ended before any byte of the answer: see `cause`. Nobody knows what was done. */
export class ResponseNeverReceived extends SennitError {
  readonly code = "ERR_HTTP_RESPONSE_NEVER_RECEIVED";
  constructor(cause: Error) {
    super(`Cannot read an answer: ${cause.message}, before its first byte`, { cause });
  }
}

/** The connection ended in the middle of the answer: see `cause`. */
export class ResponseFailed extends SennitError {
  readonly code = "ERR_HTTP_RESPONSE_FAILED";
  constructor(cause: Error) {
    super(`Cannot read an answer to its end: ${cause.message}`, { cause });
  }
}

/** As many connections are open, and as many requests wait for one, as may. */
export class UpstreamBusyError extends SennitError {
  readonly code = "ERR_HTTP_UPSTREAM_BUSY";
  constructor(waiting: number) {
    super(`Cannot send a request: ${String(waiting)} others wait for a connection already`);
  }
}

/** A request's body has not the length that was announced. */
export class WrongBodyLength extends LocalProtocolError {
  readonly code = "ERR_HTTP_WRONG_BODY_LENGTH";
  constructor(length: number, difference: number) {
    const by = `${String(Math.abs(difference))} ${difference > 0 ? "more" : "less"}`;
    super(`Cannot send a body: expected ${String(length)} bytes, got ${by}`);
  }
}

/** The pool is closed, or the connection is not free. */
export class UpstreamStateError extends LocalProtocolError {
  readonly code = "ERR_HTTP_UPSTREAM_STATE";
}
