/**
 * The contract of resources.
 *
 * @module
 */
import type { Eventually, RenderResult } from "./answer.ts";
import type { Request } from "./request.ts";

/** Something at a place in a site. Extend {@link Resource}, or write your own. */
export interface IResource {
  /** `true`: it is asked for no children, and finds the rest of the path in `request.postpath`. */
  readonly isLeaf: boolean;
  /** The resource below this one that has this name. */
  getChildWithDefault(name: string, request: Request): Eventually<IResource>;
  /** Answer. */
  render(request: Request): Eventually<RenderResult>;
}

/** Is it a resource? */
export function providesResource(value: unknown): value is IResource {
  return (
    typeof value === "object" &&
    value !== null &&
    "isLeaf" in value &&
    "render" in value &&
    typeof value.render === "function"
  );
}
