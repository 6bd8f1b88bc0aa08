/**
 * One thing in several media types: the client says which it likes best.
 *
 * Spec: RFC 9110 §12.5.1, §12.5.5, §15.5.7.
 *
 * @module
 */
import { RemoteProtocolError } from "../../core/errors.ts";
import { preferredMediaType } from "../http/negotiation.ts";
import type { Eventually, RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { addVary } from "./vary.ts";

/** The client takes none of the media types that there are. A server answers 406. */
export class NotAcceptableError extends RemoteProtocolError {
  readonly code = "ERR_HTTP_NOT_ACCEPTABLE";
  /** How a server answers it. */
  readonly status = 406;
}

/**
 * Answer in the media type that the client likes best; the first, if it has no wish.
 *
 * @param offers By media type, what makes the answer, with its Content-Type, as `json` does.
 * @throws {NotAcceptableError} It takes none of them.
 *
 * @example
 * ```ts
 * import { html, json, negotiate, Router } from "sennit/web";
 *
 * const router = new Router();
 * router.get("/tea", (request) =>
 *   negotiate(request, {
 *     "application/json": () => json({ name: "tea", price: 3 }),
 *     "text/html": () => html`<p>Tea is 3.</p>`,
 *   }),
 * );
 * ```
 */
export function negotiate(
  request: Request,
  offers: Readonly<Record<string, () => Eventually<RenderResult>>>,
): Eventually<RenderResult> {
  const types = Object.keys(offers);
  addVary(request.responseHeaders, "Accept");
  const best = preferredMediaType(request.getHeader("accept"), types);
  const make = best === undefined ? undefined : offers[best];
  if (make === undefined) {
    throw new NotAcceptableError(`Cannot answer as asked: there is ${types.join(", ")}`);
  }
  return make();
}
