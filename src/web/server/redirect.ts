/**
 * A resource that is somewhere else.
 *
 * After: twisted.web.util.Redirect, redirectTo and ParentRedirect. Differs: the status can be
 * chosen; what follows the resource's own path is not carried over.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { Answer } from "./answer.ts";
import { errorPage } from "./error-page.ts";
import type { Request } from "./request.ts";
import type { IResource } from "./resource-interface.ts";

/** 301 and 308 are for ever, 302 and 307 for now; 303 says: ask there with GET. */
export type RedirectCode = 301 | 302 | 303 | 307 | 308;

/**
 * The answer that sends a client to `url`.
 *
 * @throws {TypeError} A URL with blanks or control characters.
 */
export function redirectTo(url: string, code: RedirectCode = 302): Answer {
  if (!/^[!-~]+$/u.test(url)) {
    throw new TypeError(`Cannot redirect to ${quote(url)}: expected a URL in ASCII, encoded`);
  }
  return errorPage(code, `What is asked for is at ${url}`, { location: url });
}

/**
 * Sends everybody elsewhere.
 *
 * @example
 * ```ts
 * import { Redirect, Resource } from "sennit/web";
 *
 * const root = new Resource();
 * root.putChild("docs", new Redirect("https://example.com/manual/", 308));
 * ```
 */
export class Redirect implements IResource {
  readonly isLeaf = true;
  readonly #answer: Answer;

  /** @throws {TypeError} A URL with blanks or control characters. */
  constructor(url: string, code?: RedirectCode) {
    this.#answer = redirectTo(url, code);
  }

  getChildWithDefault(): IResource {
    return this;
  }

  render(_request: Request): Answer {
    return this.#answer;
  }
}
