/**
 * Paths that are changed before anybody looks at them.
 *
 *     alias("old/place", "new")     /old/place/x is answered as /new/x
 *
 * After: twisted.web.rewrite. Differs: a rule changes `request.postpath`; `request.path` stays what
 * the client has sent.
 *
 * @module
 */
import type { Eventually, RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import { childInPlaceOf } from "./in-place-of.ts";

/** Looks at a request, and may change what is left of its path: `request.postpath`, in place. */
export type RewriteRule = (request: Request) => void;

/**
 * Stands before a resource, and lets the rules change what is asked of it, in their order.
 *
 * @example
 * ```ts
 * import { alias, Resource, RewriterResource, Site, text } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * class Release extends Resource {
 *   render_GET() {
 *     return text("3.1\n");
 *   }
 * }
 * const root = new Resource().putChild("v3", new Release());
 * const rewritten = new RewriterResource(root, alias("latest", "v3")); // GET /latest
 * const site = new Site(rewritten, { reactor: new Clock() });
 * console.log(site.logPrefix());
 * ```
 */
export class RewriterResource implements IResource {
  readonly isLeaf = false;
  readonly #original: IResource;
  readonly #rules: readonly RewriteRule[];

  constructor(original: IResource, ...rules: readonly RewriteRule[]) {
    this.#original = original;
    this.#rules = rules;
  }

  getChildWithDefault(name: string, request: Request): Eventually<IResource> {
    const { prepath, postpath } = request;
    prepath.pop();
    postpath.unshift(name);
    this.#rewrite(request);
    const first = postpath.shift();
    if (first === undefined) return this.#original;
    prepath.push(first);
    return childInPlaceOf(this.#original, first, request);
  }

  render(request: Request): Eventually<RenderResult> {
    this.#rewrite(request);
    return this.#original.render(request);
  }

  #rewrite(request: Request): void {
    for (const rule of this.#rules) rule(request);
  }
}

/** A rule: what is below `from` is answered by what is below `to`. Both without outer slashes. */
export function alias(from: string, to: string): RewriteRule {
  const old = from.split("/");
  const now = to === "" ? [] : to.split("/");
  return ({ postpath }) => {
    if (old.every((segment, at) => postpath[at] === segment)) {
      postpath.splice(0, old.length, ...now);
    }
  };
}
