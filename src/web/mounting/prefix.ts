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
  /** The segments that resources have consumed, as they were sent: `/shop`; may be empty. */
  readonly prefix: string;
  /** The rest, as it was sent, without the query. Begins with a slash, but for `*`. */
  readonly below: string;
}

/** Cut a request's path behind what its `prepath` holds. */
export function mountedPath({ path, prepath }: Request): MountedPath {
  if (!path.startsWith("/")) return { prefix: "", below: path };
  let end = 0;
  for (let segment = 0; segment < prepath.length && end !== -1; segment += 1) {
    end = path.indexOf("/", end + 1);
  }
  if (end === -1) return { prefix: path, below: "/" };
  return { prefix: path.slice(0, end), below: path.slice(end) };
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
