/**
 * The resource that is not there.
 *
 * @module
 */
import type { Answer } from "./answer.ts";
import { errorPage } from "./error-page.ts";
import type { Request } from "./request.ts";
import type { IResource } from "./resource-interface.ts";

/** Answers 404, whatever is asked. */
export class NotFound implements IResource {
  readonly isLeaf = true;

  getChildWithDefault(): IResource {
    return this;
  }

  render(_request: Request): Answer {
    return errorPage(404, "There is nothing at this address.");
  }
}
