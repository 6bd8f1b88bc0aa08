/**
 * What is at a place in a site.
 *
 *     /a/b?c     root.getChildWithDefault("a") ─▶ its getChildWithDefault("b") ─▶ its render
 *
 * After: twisted.web.resource. Differs: `getChild` and `render_*` may be async; HEAD is answered by
 * `render_GET`, and its body is dropped; OPTIONS is answered with what there is.
 *
 * @module
 */
import type { Eventually, RenderResult } from "./answer.ts";
import { NotFound } from "./not-found.ts";
import { renderMethod } from "./render-method.ts";
import type { IResource } from "./resource-interface.ts";
import type { Request } from "./request.ts";

/** A method of a resource: `render_GET` and its like. */
export type RenderMethod = (request: Request) => Eventually<RenderResult>;

/**
 * Override `render_GET` and its like, and `getChild` if the children are not known beforehand.
 *
 * @example
 * ```ts
 * import { Resource, type Request } from "sennit/web";
 *
 * class Greeting extends Resource {
 *   override readonly isLeaf = true;
 *   render_GET(request: Request): string {
 *     return `Hello, ${request.postpath.join(" and ")}`;
 *   }
 * }
 *
 * const root = new Resource();
 * root.putChild("hello", new Greeting()); // GET /hello/Ada/Grace
 * ```
 */
export class Resource implements IResource {
  [method: `render_${string}`]: RenderMethod | undefined;

  /** `true`: what is left of the path is this resource's business, in `request.postpath`. */
  readonly isLeaf: boolean = false;
  /** Those that were put here. */
  readonly children = new Map<string, IResource>();

  /** Put a resource below this one; `""` is this one with a slash behind it. */
  putChild(name: string, child: IResource): this {
    this.children.set(name, child);
    return this;
  }

  /** The child that was put there, or what `getChild` says. */
  getChildWithDefault(name: string, request: Request): Eventually<IResource> {
    return this.children.get(name) ?? this.getChild(name, request);
  }

  /**
   * Override this for children that are not known beforehand. `name` is one segment of the path,
   * decoded; it may hold anything, also `/` and `..`.
   */
  getChild(_name: string, _request: Request): Eventually<IResource> {
    return NOT_FOUND;
  }

  /** Answers with `render_<METHOD>`. Override it to answer all methods alike. */
  render(request: Request): Eventually<RenderResult> {
    return renderMethod(this, request);
  }
}

const NOT_FOUND = new NotFound();
