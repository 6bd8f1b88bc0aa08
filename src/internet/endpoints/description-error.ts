/**
 * The one way in which a description of an endpoint is refused.
 *
 * After: the ValueError and TypeError of twisted.internet.endpoints. Differs: one class, with a
 * code; the message says what was found, what is known, and what to write instead.
 *
 * @module
 */

/** A string does not describe an endpoint that is known here. Parsers, ours and yours, throw it. */
export class EndpointDescriptionError extends TypeError {
  readonly code = "ERR_ENDPOINT_DESCRIPTION";

  override get name(): string {
    return this.constructor.name;
  }
}
