/**
 * Routes: which handler answers which method at which path.
 *
 *     router.get("/users/:id", (request, { id }) => …)
 *
 *     GET    /users/7   the handler          DELETE  /users/7   405, Allow: GET, HEAD, OPTIONS
 *     HEAD   /users/7   the same, no body    GET     /user      404
 *     OPTIONS /users/7  204, Allow: …        GET     /users/%   400
 *
 * Static segments come before parameters, these before `*`, in whichever order routes were added.
 *
 * Differs from Twisted, which has none: there one writes a tree of resources. A router is one of
 * them, and can hold others.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { Deferred } from "../../defer/deferred.ts";
import { isLater } from "../server/and-then.ts";
import type { Headers } from "../http/headers.ts";
import { isToken } from "../http/wire/field-names.ts";
import { Answer, type Eventually, type RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import type { SiteHandler } from "../server/site.ts";
import { parsePattern } from "./pattern.ts";
import { refusal, refusalOf } from "./problem.ts";
import { renderTree } from "../server/render-tree.ts";
import {
  type AnyCheckedHandler,
  type CheckedHandler,
  checking,
  type RouteHandler,
  type RouteSchemas,
} from "./route-handler.ts";
import {
  ANY_METHOD,
  type Endpoint,
  type FoundParams,
  isMounted,
  type Mounted,
  RouteTree,
} from "./route-tree.ts";
import { type Wrapper, wrapHandler } from "./wrapper.ts";

/** Adds a route for one method. Throws as {@link Router.route} does. */
export interface RouteAdder {
  /** A route. */
  <Pattern extends string>(pattern: Pattern, handler: RouteHandler<Pattern>): Router;
  /** A route whose parameters, query or body are validated before. */
  <Pattern extends string, Schemas extends RouteSchemas>(
    pattern: Pattern,
    schemas: Schemas,
    handler: CheckedHandler<Pattern, Schemas>,
  ): Router;
}

const NO_PARAMS: FoundParams = Object.freeze({});
/** The path of a router that is asked for itself, without a slash behind it. */
const ITSELF = [""];

/**
 * See the top of this file.
 *
 * An error with a `status` from 400 to 499 that a handler throws is answered with it: as problem
 * details (RFC 9457), or as a page where the client prefers HTML. Others are the site's business.
 *
 * @example
 * ```ts
 * import { json, problem, Router, Site } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * const users = new Map([["1", { name: "Ada" }]]);
 * const router = new Router();
 * router.get("/users", () => json([...users.values()]));
 * router.get("/users/:id", (_request, { id }) => {
 *   const user = users.get(id);
 *   return user === undefined ? problem(404, `No user has number ${id}.`) : json(user);
 * });
 * const site = new Site(router, { reactor: new Clock() });
 * console.log(site.logPrefix()); // Site
 * ```
 */
export class Router implements IResource {
  /** The rest of the path is the routes' business. */
  readonly isLeaf = true;
  /** Add a route for GET, and for HEAD unless there is one. */
  readonly get: RouteAdder = this.#adder("GET");
  /** Add a route for POST. */
  readonly post: RouteAdder = this.#adder("POST");
  /** Add a route for PUT. */
  readonly put: RouteAdder = this.#adder("PUT");
  /** Add a route for PATCH. */
  readonly patch: RouteAdder = this.#adder("PATCH");
  /** Add a route for DELETE. */
  readonly delete: RouteAdder = this.#adder("DELETE");
  /** Add a route for OPTIONS: without one, what is possible is told. */
  readonly options: RouteAdder = this.#adder("OPTIONS");
  /** Add a route for HEAD: without one, GET's is taken, and its body dropped. */
  readonly head: RouteAdder = this.#adder("HEAD");
  /** Add a route for all methods that have none of their own there. */
  readonly all: RouteAdder = this.#adder(ANY_METHOD);
  readonly #tree = new RouteTree();
  readonly #wrappers: Wrapper[] = [];
  #run: SiteHandler = (request) => this.#answer(request);

  /**
   * Add a route.
   *
   * @param method As it is sent: `GET`, `PROPFIND`; `*` for those that have no route of their own.
   * @throws {TypeError} The pattern or the method is none; or there is a route for both already,
   * also if its parameters have other names.
   */
  route<Pattern extends string>(
    method: string,
    pattern: Pattern,
    handler: RouteHandler<Pattern>,
  ): this;
  /** Add a route whose parameters, query or body are validated before. */
  route<Pattern extends string, Schemas extends RouteSchemas>(
    method: string,
    pattern: Pattern,
    schemas: Schemas,
    handler: CheckedHandler<Pattern, Schemas>,
  ): this;
  route(
    method: string,
    pattern: string,
    second: RouteHandler | RouteSchemas,
    third?: AnyCheckedHandler,
  ): this {
    this.#add(method, pattern, second, third);
    return this;
  }

  /**
   * Let a resource, also a router, answer what begins with `prefix` and has no route here. It finds
   * the rest of the path in `request.postpath`. `/`: everything.
   *
   * @throws {TypeError} The prefix has parameters, or a slash at its end; or is taken.
   */
  mount(prefix: string, resource: IResource): this {
    const segments = prefix === "/" ? [] : parsePattern(prefix);
    if (segments.some(({ kind, text }) => kind !== "static" || text === "")) {
      throw new TypeError(`Cannot mount at ${quote(prefix)}: expected static segments`);
    }
    if (!this.#tree.mount(segments, resource)) {
      throw new TypeError(`Cannot mount at ${quote(prefix)}: there is a resource already`);
    }
    return this;
  }

  /** Put a wrapper around everything here, 404s and mounts among it; the first is outermost. */
  use(wrapper: Wrapper): this {
    this.#wrappers.push(wrapper);
    const wrapped = wrapHandler((request) => this.#answer(request), this.#wrappers);
    // Wrappers may refuse too.
    this.#run = (request) => refusing(wrapped, request);
    return this;
  }

  /** A router has routes: this is itself. */
  getChildWithDefault(): IResource {
    return this;
  }

  /** Answers a request. */
  render(request: Request): Eventually<RenderResult> {
    return this.#run(request);
  }

  // -- Adding

  #adder(method: string): RouteAdder {
    const add = (
      pattern: string,
      second: RouteHandler | RouteSchemas,
      third?: AnyCheckedHandler,
    ): this => {
      this.#add(method, pattern, second, third);
      return this;
    };
    return add;
  }

  #add(
    method: string,
    pattern: string,
    second: RouteHandler | RouteSchemas,
    third: AnyCheckedHandler | undefined,
  ): void {
    const handler = handlerOf(second, third);
    if (handler === undefined || !isToken(method)) {
      const expected = handler === undefined ? "a handler" : "a method";
      throw new TypeError(`Cannot route ${quote(method)} ${quote(pattern)}: expected ${expected}`);
    }
    const segments = parsePattern(pattern);
    const params = segments.flatMap(({ kind, text: name }, at) =>
      kind === "static" ? [] : [{ name, at }],
    );
    const takesRest = segments.at(-1)?.kind === "rest";
    if (this.#tree.add(segments, method, { handler, params, takesRest })) return;
    throw new TypeError(`Cannot route ${quote(method)} ${quote(pattern)}: there is such a route`);
  }

  // -- Answering

  #answer(request: Request): Eventually<RenderResult> {
    return refusing(this.#route, request);
  }

  readonly #route: SiteHandler = (request) => {
    const { method } = request;
    const isWhole = request.prepath.length === 0;
    const known = isWhole ? this.#tree.findStatic(request.path, method) : undefined;
    if (known !== undefined) return known.handler(request, NO_PARAMS);
    const { postpath } = request;
    const segments = postpath.length === 0 ? ITSELF : postpath;
    const found = this.#tree.find(segments, method);
    if (found === undefined) return this.#missing(request, segments);
    if (isMounted(found)) return below(found, request);
    return found.handler(request, paramsOf(found, segments));
  };

  #missing(request: Request, segments: readonly string[]): RenderResult {
    const { method, path } = request;
    const methods = this.#tree.methodsAt(segments);
    const isOptions = method === "OPTIONS";
    // RFC 9110 §9.3.7: `OPTIONS *` asks for the server as such.
    if (isOptions && path === "*") return new Answer("", { code: 204 });
    if (methods.size === 0) return refusal(request, 404, "There is nothing at this address.");
    const allow = [...methods.add("OPTIONS")].toSorted().join(", ");
    if (isOptions) return new Answer("", { code: 204, headers: { allow } });
    const answer = refusal(request, 405, `${method} is not possible here; possible: ${allow}.`);
    answer.headers.set("allow", allow);
    return answer;
  }
}

function handlerOf(
  second: RouteHandler | RouteSchemas,
  third: AnyCheckedHandler | undefined,
): Endpoint["handler"] | undefined {
  if (typeof second === "function") return second;
  return third === undefined ? undefined : checking(second, third);
}

/** Errors that are the client's fault become answers. */
function refusing(handler: SiteHandler, request: Request): Eventually<RenderResult> {
  const { responseHeaders } = request;
  const before = responseHeaders.size === 0 ? undefined : responseHeaders.copy();
  try {
    const result = handler(request);
    if (!isLater(result)) return result;
    // Not made a promise of: it answers as soon as it fires.
    if (result instanceof Deferred) {
      return result.addErrback(({ value }) => refuse(request, value, before));
    }
    return result.then(undefined, (error: unknown) => refuse(request, error, before));
  } catch (error) {
    return refuse(request, error, before);
  }
}

/** @param before The fields that the answer had before the handler, which meant another answer. */
function refuse(request: Request, error: unknown, before: Headers | undefined): RenderResult {
  const answer = refusalOf(request, error);
  if (answer === undefined) throw error;
  const { responseHeaders } = request;
  for (const [name] of responseHeaders.copy()) responseHeaders.removeHeader(name);
  for (const [name, value] of before ?? []) responseHeaders.addRawHeader(name, value);
  return answer;
}

function below({ resource, depth }: Mounted, request: Request): Eventually<RenderResult> {
  const { prepath, postpath } = request;
  prepath.push(...postpath.splice(0, depth));
  return renderTree(resource, request);
}

function paramsOf({ params, takesRest }: Endpoint, segments: readonly string[]): FoundParams {
  if (params.length === 0) return NO_PARAMS;
  const found: Record<string, string> = {};
  for (const { name, at } of params) found[name] = segments[at] ?? "";
  const last = params.at(-1);
  if (takesRest && last !== undefined) found[last.name] = segments.slice(last.at).join("/");
  return found;
}
