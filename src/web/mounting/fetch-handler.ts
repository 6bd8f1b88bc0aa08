/**
 * A site inside of something that speaks the web's `Request` and `Response`: Hono, Bun, Deno, a
 * service worker.
 *
 *     Request ─▶ FetchChannel ─▶ the site's Request ─▶ resources ─▶ Response
 *
 * @module
 */
import type { Site } from "../server/site.ts";
import { FetchChannel } from "./fetch-channel.ts";

/** Options of {@link toFetchHandler}. */
export interface FetchHandlerOptions {
  /**
   * Where the site stands: `/ours`. These segments of a path are consumed, in `request.prepath`,
   * and what is not below it is answered with 404. Default: `""`, at the root.
   */
  readonly prefix?: string;
}

/**
 * A function that answers as the site does. Bodies are streams both ways, at the pace of the slower
 * side; when the request's `signal` is aborted or the answer's body is cancelled, the site is told
 * that the client has gone; what had no answer yet gets a 499 that nobody will read. If the site
 * gives a request up, the promise or the body fails.
 *
 * The server around it has the connection: its deadlines are in force and not the site's, and
 * `request.getClientAddress()` is nobody.
 *
 * @throws {TypeError} A prefix that does not begin with a slash, or ends with one.
 *
 * @example
 * ```ts
 * import { Site, toFetchHandler } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * const site = new Site((request) => `You asked for ${request.path}`, { reactor: new Clock() });
 * const handler = toFetchHandler(site); // Bun.serve({ fetch: handler }), Deno.serve(handler)
 *
 * const answer = await handler(new Request("http://example.com/news"));
 * console.log(await answer.text()); // You asked for /news
 * ```
 */
export function toFetchHandler(
  site: Site,
  { prefix = "" }: FetchHandlerOptions = {},
): (request: Request) => Promise<Response> {
  if (prefix !== "" && (!prefix.startsWith("/") || prefix.endsWith("/"))) {
    throw new TypeError(`Cannot mount a site at "${prefix}": expected something like "/ours"`);
  }
  return async (request) => {
    if (!isBelow(new URL(request.url).pathname, prefix)) {
      return new Response("There is nothing at this address.\n", { status: 404 });
    }
    const channel = new FetchChannel(site, request, prefix);
    channel.start();
    return await channel.response;
  };
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
