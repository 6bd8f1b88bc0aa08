/**
 * A program that answers, run anew for each request (CGI).
 *
 * After: twisted.web.twcgi.CGIScript, and FilteredScript (`interpreter`).
 *
 * Spec: RFC 3875.
 *
 * @module
 */
import { resolve } from "node:path";
import type { RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import { type CGIOptions, CGIRunner } from "./cgi-runner.ts";

/**
 * See the top of this file. What is left of the path is the script's: `PATH_INFO`.
 *
 * @example
 * ```ts
 * import { CGIScript, Resource, Site } from "sennit/web";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor(); // In a program: import { reactor } from "sennit/reactor".
 * const find = new CGIScript("/srv/cgi/find.sh", { reactor, answerTimeout: 10 });
 * const site = new Site(new Resource().putChild("find", find), { reactor });
 * console.log(site.logPrefix());
 * ```
 */
export class CGIScript implements IResource {
  readonly isLeaf = true;
  readonly #script: string;
  readonly #runner: CGIRunner;

  /**
   * @param script Its path; relative to where the process is now.
   * @throws {RangeError} A deadline or bound that is negative, or no number.
   */
  constructor(script: string, options: CGIOptions) {
    this.#script = resolve(script);
    this.#runner = new CGIRunner(options);
  }

  getChildWithDefault(): IResource {
    return this;
  }

  render(request: Request): RenderResult {
    return this.#runner.run(this.#script, request);
  }
}
