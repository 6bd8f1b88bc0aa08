/**
 * What stands between a site and its handlers: compression, CORS, a check of who asks.
 *
 *     site ─▶ wrapper ─▶ wrapper ─▶ handler
 *          ◀─ answer  ◀─ answer  ◀─┘
 *
 * An answer that a handler returns goes back through the wrappers as a value, and each may return
 * another in its place. What a handler writes by hand (`request.write`, `NOT_DONE_YET`) they do not
 * see: it is sent as it is. What a wrapper sets on `request.responseHeaders` counts for both.
 *
 * @module
 */
import { Headers } from "../http/headers.ts";
import {
  Answer,
  type AnswerBody,
  contentTypeOf,
  type Eventually,
  isPageStream,
  type PageStream,
  type RenderResult,
} from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import type { SiteHandler } from "../server/site.ts";
import { renderTree } from "../server/render-tree.ts";

/** Answers a request, mostly by `next(request)`; may change what that gives, or do without it. */
export type Wrapper = (request: Request, next: SiteHandler) => Eventually<RenderResult>;

/** Wrappers around a handler; the first is the outermost. */
export function wrapHandler(handler: SiteHandler, wrappers: readonly Wrapper[]): SiteHandler {
  return wrappers.reduceRight<SiteHandler>(
    (next, wrapper) => (request) => wrapper(request, next),
    handler,
  );
}

class Wrapped implements IResource {
  /** It goes down the tree itself, so that the wrappers are outside. */
  readonly isLeaf = true;
  readonly render: SiteHandler;

  constructor(render: SiteHandler) {
    this.render = render;
  }

  getChildWithDefault(): IResource {
    return this;
  }
}

/**
 * Wrappers around a resource, with all that is below it, or around a handler; the first is the
 * outermost.
 *
 * @example
 * ```ts
 * import { compressed, Resource, Site, wrapped } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * const root = new Resource();
 * const site = new Site(wrapped(root, compressed()), { reactor: new Clock() });
 * console.log(site.noisy); // true
 * ```
 */
export function wrapped(inner: IResource | SiteHandler, ...wrappers: Wrapper[]): IResource {
  const handler: SiteHandler =
    typeof inner === "function" ? inner : (request) => renderTree(inner, request);
  return new Wrapped(wrapHandler(handler, wrappers));
}

/**
 * What a handler returned, as an {@link Answer}; `undefined`: there is nothing to be seen of it. Go
 * on with this one, not with `result`: a page may have begun. Do not change its fields: it may be
 * the handler's own, for more than one request.
 */
export function answerOf(request: Request, result: RenderResult): Answer | undefined {
  if (result instanceof Answer) {
    const { body, code, headers } = result;
    return isPage(body) ? pageAnswer(body, code, headers.copy()) : result;
  }
  if (typeof result === "symbol") return undefined;
  if (result instanceof Response) {
    const { status, headers, body } = result;
    return status < 200 ? undefined : new Answer(body ?? "", { code: status, headers });
  }
  const type = request.responseHeaders.get("content-type") ?? contentTypeOf(result);
  const headers = new Headers({ "content-type": type });
  if (isPage(result)) return pageAnswer(result, request.code, headers);
  return new Answer(result, { code: request.code, headers });
}

function isPage(body: AnswerBody): body is PageStream {
  return typeof body === "object" && isPageStream(body);
}

/** A page that is there at once is text. */
function pageAnswer(page: PageStream, code: number, headers: Headers): Answer {
  const { text, rest } = page.begin();
  if (!headers.hasHeader("content-type")) headers.set("content-type", page.contentType);
  return new Answer(rest === undefined ? text : following(text, rest), { code, headers });
}

async function* following(
  text: string,
  rest: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  yield text;
  yield* rest;
}

/** A field of an answer, which may also stand with the request. */
export function fieldOf(request: Request, answer: Answer, name: string): string | undefined {
  return answer.headers.get(name) ?? request.responseHeaders.get(name);
}
