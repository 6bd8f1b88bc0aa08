/**
 * Finds what is at a path, and what answers a method there.
 *
 *     /users ─┬─ me ──── GET, PUT        static segments first,
 *             ├─ :id ─── GET, DELETE     then a parameter,
 *             └─ *path ─ GET             then the rest
 *
 * It is the same in whichever order routes were put in. Each method is looked up for itself: here
 * `DELETE /users/me` is answered by `:id`. No node is visited twice for a path, so that looking up
 * costs at most what the routes are worth, whatever a client sends.
 *
 * @module
 */
import type { Eventually, RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import type { PatternSegment } from "./pattern.ts";

/** The parameters that were found. */
export type FoundParams = Readonly<Record<string, string>>;

/** Answers one method at one pattern. */
export interface Endpoint {
  readonly handler: (request: Request, params: FoundParams) => Eventually<RenderResult>;
  /** Names of the parameters, and which segment each is. */
  readonly params: readonly { readonly name: string; readonly at: number }[];
  /** The last parameter takes all segments from its own on. */
  readonly takesRest: boolean;
}

/** A resource that answers for everything below a path. */
export interface Mounted {
  readonly resource: IResource;
  /** How many segments of the path lead to it. */
  readonly depth: number;
}

/** What is sent as it is: other characters are to be percent-encoded (RFC 3986 §3.3). */
const PLAIN_PATH = /^[\w\-.~!$&'()*+,;=:@/]*$/u;

/** Stands for any method. */
export const ANY_METHOD = "*";

/** What answers at one place, by method. */
type Endpoints = Map<string, Endpoint>;

class RouteNode {
  readonly children = new Map<string, RouteNode>();
  param: RouteNode | undefined;
  /** What answers when the path ends here. */
  readonly endpoints: Endpoints = new Map();
  /** What answers when one more segment follows, or many. */
  readonly rest: Endpoints = new Map();
  /** What answers when nothing else does. */
  mounted: Mounted | undefined;
}

/** See the top of this file. */
export class RouteTree {
  readonly #root = new RouteNode();
  /** The static ones, by the path as it is sent: most requests of most sites need no more. */
  readonly #static = new Map<string, Endpoints>();

  /** @returns `false`: there is one for this method already, at a pattern that means the same. */
  add(segments: readonly PatternSegment[], method: string, endpoint: Endpoint): boolean {
    const endpoints = endpoint.takesRest
      ? this.#nodeAt(segments.slice(0, -1)).rest
      : this.#nodeAt(segments).endpoints;
    if (endpoints.has(method)) return false;
    endpoints.set(method, endpoint);
    if (endpoint.params.length === 0) {
      const path = `/${segments.map(({ text }) => text).join("/")}`;
      if (PLAIN_PATH.test(path)) this.#static.set(path, endpoints);
    }
    return true;
  }

  /** @returns `false`: there is one already. */
  mount(segments: readonly PatternSegment[], resource: IResource): boolean {
    const node = this.#nodeAt(segments);
    if (node.mounted !== undefined) return false;
    node.mounted = { resource, depth: segments.length };
    return true;
  }

  #nodeAt(segments: readonly PatternSegment[]): RouteNode {
    let node = this.#root;
    for (const { kind, text } of segments) {
      let next = kind === "param" ? node.param : node.children.get(text);
      if (next === undefined) {
        next = new RouteNode();
        if (kind === "param") node.param = next;
        else node.children.set(text, next);
      }
      node = next;
    }
    return node;
  }

  /** What answers this method at this path, as it was sent, if that is told by the path alone. */
  findStatic(path: string, method: string): Endpoint | undefined {
    const endpoints = this.#static.get(path);
    return endpoints === undefined ? undefined : answering(endpoints, method);
  }

  /** What answers this method at this path. */
  find(segments: readonly string[], method: string): Endpoint | Mounted | undefined {
    return find(this.#root, segments, 0, method);
  }

  /** The methods that are answered at this path; HEAD where GET is. */
  methodsAt(segments: readonly string[]): Set<string> {
    const methods = new Set<string>();
    collect(this.#root, segments, 0, methods);
    if (methods.has("GET")) methods.add("HEAD");
    return methods;
  }
}

/** Is it a resource that was mounted? */
export function isMounted(found: Endpoint | Mounted): found is Mounted {
  return "resource" in found;
}

function find(
  node: RouteNode,
  segments: readonly string[],
  at: number,
  method: string,
): Endpoint | Mounted | undefined {
  let found: Endpoint | Mounted | undefined;
  const segment = segments[at];
  if (segment === undefined) found = answering(node.endpoints, method);
  else {
    const child = node.children.get(segment);
    if (child !== undefined) found = find(child, segments, at + 1, method);
    if (found === undefined && node.param !== undefined && segment !== "") {
      found = find(node.param, segments, at + 1, method);
    }
    found ??= answering(node.rest, method);
  }
  return found ?? node.mounted;
}

function answering(endpoints: Endpoints, method: string): Endpoint | undefined {
  if (endpoints.size === 0) return undefined;
  return (
    endpoints.get(method) ??
    (method === "HEAD" ? endpoints.get("GET") : undefined) ??
    endpoints.get(ANY_METHOD)
  );
}

function collect(
  node: RouteNode,
  segments: readonly string[],
  at: number,
  methods: Set<string>,
): void {
  const segment = segments[at];
  if (segment === undefined) {
    for (const method of node.endpoints.keys()) methods.add(method);
    return;
  }
  const child = node.children.get(segment);
  if (child !== undefined) collect(child, segments, at + 1, methods);
  if (node.param !== undefined && segment !== "") collect(node.param, segments, at + 1, methods);
  for (const method of node.rest.keys()) methods.add(method);
}
