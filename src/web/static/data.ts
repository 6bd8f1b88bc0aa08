/**
 * Bytes that are in memory, as a resource.
 *
 * After: twisted.web.static.Data.
 *
 * @module
 */
import { Answer } from "../server/answer.ts";
import { Resource } from "../server/resource.ts";

/**
 * The same bytes for every GET.
 *
 * @example
 * ```ts
 * import { Data, Resource } from "sennit/web";
 *
 * const root = new Resource();
 * root.putChild("robots.txt", new Data("User-agent: *\nDisallow: /\n", "text/plain"));
 * ```
 */
export class Data extends Resource {
  /** What is sent; text is sent as UTF-8. */
  readonly data: Uint8Array | string;
  /** The value of Content-Type. */
  readonly type: string;

  /** @throws {TypeError} The type cannot stand in a field. */
  constructor(data: Uint8Array | string, type: string) {
    super();
    this.data = data;
    this.type = type;
    this.render_GET();
  }

  /** The bytes. */
  render_GET(): Answer {
    return new Answer(this.data, { headers: { "content-type": this.type } });
  }
}
