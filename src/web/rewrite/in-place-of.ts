/**
 * A resource that another one puts in its own place.
 *
 * @module
 */
import type { Eventually } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";

/**
 * What is to be answered to `getChildWithDefault(name, request)` by one that stands in for
 * `resource`: its child; or itself, with `name` left to it, if it wants no children.
 */
export function childInPlaceOf(
  resource: IResource,
  name: string,
  request: Request,
): Eventually<IResource> {
  if (!resource.isLeaf) return resource.getChildWithDefault(name, request);
  request.prepath.pop();
  request.postpath.unshift(name);
  return resource;
}
