/**
 * Bodies of text, read whole.
 *
 * @module
 */
import { maybeDeferred } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { ReadOptions } from "../server/request-body.ts";
import type { Request } from "../server/request.ts";
import { checkTextType, decodeBody } from "./body-type.ts";

/**
 * The body of a request as text: `text/*` in UTF-8. Fails with {@link UnsupportedBodyError} (415),
 * {@link BodyMalformedError} (400, no UTF-8), {@link BodyTooLargeError} (413).
 *
 * For bodies of any type there is `request.content.text()`.
 */
export function readText(request: Request, options: ReadOptions = {}): Deferred<string> {
  return maybeDeferred(() => {
    checkTextType(request, ({ type }) => type === "text", "text");
    return request.content.read(options).addCallback(decodeBody);
  });
}
