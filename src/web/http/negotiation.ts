/**
 * Which of several representations a client likes best: `Accept`, `Accept-Encoding`,
 * `Accept-Language`.
 *
 * The rules are those of the package `negotiator`, which Express and Koa use: the higher `q` wins,
 * then the more specific range, then the one the client names first. `q=0` is a refusal.
 *
 * Spec: RFC 9110 §12.4, §12.5. Differs: an `Accept` or `Accept-Language` without elements counts as
 * none at all; who lists nothing has no wish, and 406 would help nobody.
 *
 * @module
 */
import Negotiator from "negotiator";

/** `Negotiator` of 1.x takes the order that decides between equals; its types do not know yet. */
interface EncodingNegotiator {
  encodings(
    available: readonly string[],
    options: { readonly preferred: readonly string[] },
  ): readonly string[];
}

const BLANK = /^[\s,]*$/u;

/**
 * The content coding to send. Between equals (browsers like all they know equally well) the first
 * of `available` wins, so name the best first: `["br", "gzip", "identity"]`.
 *
 * @param accept The value of `Accept-Encoding`; `undefined` when there is none.
 * @param available `identity` is no coding at all; it is acceptable unless `identity;q=0` or
 * `*;q=0` says otherwise (RFC 9110 §12.5.3). Who says nothing gets it, if it is there.
 * @returns `undefined`: none is acceptable.
 *
 * @example
 * ```ts
 * import { preferredEncoding } from "sennit/http";
 *
 * const best = preferredEncoding("gzip, deflate, br", ["br", "gzip", "identity"]);
 * console.log(best); // br
 * ```
 */
export function preferredEncoding(
  accept: string | undefined,
  available: readonly string[],
): string | undefined {
  if (accept === undefined) return available.find((one) => one === "identity") ?? available[0];
  const negotiator: EncodingNegotiator = new Negotiator({ headers: { "accept-encoding": accept } });
  return negotiator.encodings(available, { preferred: available })[0];
}

/**
 * The media type to send, one of `available`, as it stands there: `text/html`.
 *
 * @param accept The value of `Accept`; `undefined` when there is none: then the first is taken.
 * @returns `undefined`: none is acceptable.
 *
 * @example
 * ```ts
 * import { preferredMediaType } from "sennit/http";
 *
 * const accept = "text/html;q=0.5, application/json";
 * console.log(preferredMediaType(accept, ["text/html", "application/json"])); // application/json
 * ```
 */
export function preferredMediaType(
  accept: string | undefined,
  available: readonly string[],
): string | undefined {
  if (accept === undefined || BLANK.test(accept)) return available[0];
  return new Negotiator({ headers: { accept } }).mediaType(available);
}

/**
 * The language to send, one of `available`, as it stands there: `de-AT`. A client that wants `de`
 * is given `de-AT` when there is no `de`, and the other way round.
 *
 * @param accept The value of `Accept-Language`; `undefined` when there is none: then the first is
 * taken.
 * @returns `undefined`: none is acceptable. Sending some language is then better than a 406
 * (RFC 9110 §12.5.4).
 */
export function preferredLanguage(
  accept: string | undefined,
  available: readonly string[],
): string | undefined {
  if (accept === undefined || BLANK.test(accept)) return available[0];
  return new Negotiator({ headers: { "accept-language": accept } }).language(available);
}
