/**
 * What can be wrong with a body, and how a server answers it.
 *
 * @module
 */
import { RemoteProtocolError } from "../../core/errors.ts";

/** A body is not of a type, charset or coding that is read here. A server answers 415. */
export class UnsupportedBodyError extends RemoteProtocolError {
  readonly code = "ERR_HTTP_BODY_UNSUPPORTED";
  /** How a server answers it. */
  readonly status = 415;
}

/** A body is not what its type says. A server answers 400. */
export class BodyMalformedError extends RemoteProtocolError {
  readonly code = "ERR_HTTP_BODY_MALFORMED";
  /** How a server answers it. */
  readonly status = 400;
  /** Characters of the text before what is wrong; `undefined`: it is not known. */
  readonly position: number | undefined;

  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly position?: number } = {},
  ) {
    super(message, options);
    this.position = options.position;
  }
}

/** A form has more, or larger, parts than it may. A server answers 413. */
export class FormLimitError extends RemoteProtocolError {
  readonly code = "ERR_HTTP_FORM_LIMIT";
  /** How a server answers it. */
  readonly status = 413;
}
