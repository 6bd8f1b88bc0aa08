/**
 * Down a tree of resources, from somewhere inside a site.
 *
 * @module
 */
import { andThen, isLater } from "./and-then.ts";
import type { Eventually, RenderResult } from "./answer.ts";
import type { IResource } from "./resource-interface.ts";
import type { Request } from "./request.ts";

/** Answer with the resource that is at `request.postpath`: synchronously as long as they are. */
export function renderTree(root: IResource, request: Request): Eventually<RenderResult> {
  let resource = root;
  // One that reads the path by itself need not have it cut into pieces.
  if (resource.isLeaf) return resource.render(request);
  const { postpath, prepath } = request;
  while (!resource.isLeaf && postpath.length > 0) {
    const name = postpath.shift() ?? "";
    prepath.push(name);
    const child = resource.getChildWithDefault(name, request);
    if (isLater(child)) return andThen(child, (later) => renderTree(later, request));
    resource = child;
  }
  return resource.render(request);
}
