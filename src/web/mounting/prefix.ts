/**
 * Where in a site something is mounted.
 *
 *     /shop/a%2Fb/c        shop is consumed: the prefix is /shop, what is below it /a%2Fb/c
 *
 * @module
 */
import type { Request } from "../server/request.ts";

/** A path, cut where something is mounted. */
export interface MountedPath {
  /** The segments that are consumed, as they were sent: `/shop`; may be empty. */
  readonly prefix: string;
  /** The rest, as it was sent, without the query. Begins with a slash, but for `*`. */
  readonly below: string;
}

/**
 * Cut a request's path where its `postpath` begins. Where a rewriter has changed what is left, the
 * prefix is what its `prepath` holds.
 */
export function mountedPath(request: Request): MountedPath {
  const { path } = request;
  if (!path.startsWith("/")) return { prefix: "", below: path };
  const rest = restAsSent(request);
  if (rest === undefined) return { prefix: "", below: path };
  const prefix = path.endsWith(rest)
    ? path.slice(0, path.length - rest.length)
    : request.prepath.map((segment) => `/${encodeURIComponent(segment)}`).join("");
  return { prefix, below: rest === "" ? "/" : rest };
}

/** `undefined`: the path is not UTF-8, and so nobody has consumed or changed anything of it. */
function restAsSent(request: Request): string | undefined {
  try {
    return restOfPath(request);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/**
 * What a request's `postpath` holds, as it was sent: `/a%2Fb/c`; empty where nothing is left. A
 * segment that a rewriter has put there is encoded anew.
 *
 * @throws {URIError} The path is not UTF-8 in percent-encoding.
 */
export function restOfPath({ path, postpath }: Request): string {
  const sent = path.split("/").slice(-postpath.length);
  return postpath.map((segment, at) => `/${asSent(segment, sent[at])}`).join("");
}

function asSent(segment: string, sent: string | undefined): string {
  const isSame = sent !== undefined && decodeURIComponent(sent) === segment;
  return isSame ? sent : encodeURIComponent(segment);
}

/** Count a prefix as consumed. The request has not been routed yet. */
export function consumePrefix(request: Request, prefix: string): void {
  const segments = prefix.split("/").length - 1;
  if (segments === 0) return;
  try {
    request.prepath.push(...request.postpath.splice(0, segments));
  } catch (error) {
    // Not UTF-8: a site that looks at the path finds that again, and answers 400.
    if (!(error instanceof URIError)) throw error;
  }
}
