/**
 * Apps that are a function from the web's `Request` to its `Response` (Hono, h3 and their like), at
 * a place in a site.
 *
 *     Request ─▶ the web's Request ─▶ app ─▶ Response ─▶ the answer
 *
 * Spec: the Fetch standard. After: twisted.web.wsgi.WSGIResource, in what it is for. Differs: both
 * bodies are streams, at the pace of the slower side; there are no threads.
 *
 * @module
 */
import type { Answer, Eventually } from "../server/answer.ts";
import { NOT_DONE_YET } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import { mountedPath } from "./prefix.ts";
import { sendWebResponse } from "../server/send-web-response.ts";
import { lazyWebRequest } from "./lazy-web-request.ts";
import { goneSignal, webHeaders, webRequest } from "./web-request.ts";

/** `from` is the site's own request: in Hono it is `c.env`. */
export type FetchFunction = (
  request: globalThis.Request,
  from: Request,
) => Eventually<globalThis.Response>;

/** The function, or an object that has it. */
export type FetchApp = FetchFunction | { readonly fetch: FetchFunction };

/** Options of {@link FetchResource}. */
export interface FetchResourceOptions {
  /**
   * The app sees paths below itself, as if it stood at the root. `false`: it sees them whole, as an
   * app with a base path wants. Default: `true`.
   */
  readonly stripPrefix?: boolean;
  /**
   * Make the web's `Request` when the app asks for more of it than URL, method, fields and signal.
   * Small answers take half the time; but `new Request(request)` and `fetch(request)` throw, and
   * some middleware does that. Default: `false`.
   */
  readonly lazyRequest?: boolean;
}

/** Methods that the web's `Request` refuses. */
const FORBIDDEN = new Set(["CONNECT", "TRACE", "TRACK"]);
/** What a URL takes out of a path, so that it may come to stand outside of the prefix. */
const DOTS = /\\|\/(?:\.|%2e){1,2}(?:\/|$)/iu;

/**
 * See the top of this file. What the app throws is logged and answered with 500.
 *
 * @example
 * ```ts
 * import { FetchResource, Resource, Site } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * const app = (request: globalThis.Request): Response =>
 *   Response.json({ path: new URL(request.url).pathname });
 *
 * const root = new Resource();
 * root.putChild("api", new FetchResource(app)); // /api/users: the app sees /users
 * const site = new Site(root, { reactor: new Clock() });
 * ```
 */
export class FetchResource implements IResource {
  readonly isLeaf = true;
  readonly #fetch: FetchFunction;
  readonly #stripPrefix: boolean;
  readonly #lazyRequest: boolean;

  /** @throws {TypeError} Neither a function nor something with a `fetch`. */
  constructor(app: FetchApp, options: FetchResourceOptions = {}) {
    if (typeof app === "function") this.#fetch = app;
    else if (typeof app?.fetch === "function") this.#fetch = (...args) => app.fetch(...args);
    else throw new TypeError("Cannot mount an app: expected a function, or an object with fetch");
    this.#stripPrefix = options.stripPrefix ?? true;
    this.#lazyRequest = options.lazyRequest ?? false;
  }

  getChildWithDefault(): IResource {
    return this;
  }

  async render(request: Request): Promise<Answer | typeof NOT_DONE_YET> {
    if (FORBIDDEN.has(request.method)) return errorPage(501, `No ${request.method} here.`);
    const url = this.#urlOf(request);
    if (url === undefined) return errorPage(400, "The address cannot be read.");
    const asked = this.#lazyRequest
      ? lazyRequest(request, url)
      : webRequest(request, url, webHeaders(request), goneSignal(request));
    const response = await this.#fetch(asked, request);
    await sendWebResponse(request, response);
    return NOT_DONE_YET;
  }

  /** Where the app stands in its own eyes; `undefined` if that is no URL. */
  #urlOf(request: Request): string | undefined {
    const { prefix, below } = mountedPath(request);
    const path = this.#stripPrefix ? below : prefix + below;
    if (!path.startsWith("/") || (!this.#stripPrefix && DOTS.test(path))) return undefined;
    const scheme = request.isSecure() ? "https" : "http";
    // HTTP/1.0 needs no Host.
    const authority = request.authority === "" ? "localhost" : request.authority;
    const query = request.query === "" ? "" : `?${request.query}`;
    const url = `${scheme}://${authority}${path}${query}`;
    return URL.canParse(url) ? url : undefined;
  }
}

function lazyRequest(request: Request, url: string): globalThis.Request {
  return lazyWebRequest({
    url,
    method: request.method,
    headers: () => webHeaders(request),
    signal: () => goneSignal(request),
    request: (headers, signal) => webRequest(request, url, headers, signal),
  });
}
