/**
 * The heads that most answers have: 200, a Content-Type that everybody sends, and nothing else.
 * Each is put together once a second, when `Date` changes, and not for every answer.
 *
 * @module
 */
import { Headers } from "../http/headers.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { formatFields } from "../http/wire/head-writer.ts";

/** Pages. */
export const HTML = "text/html; charset=utf-8";
const TYPES = [HTML, "text/plain; charset=utf-8", "application/json", "application/octet-stream"];

/** A Content-Type alone, by its value. They are shared: copy or merge them, never change one. */
export const USUAL_HEADERS: ReadonlyMap<string, Headers> = new Map(
  TYPES.map((type) => [type, new Headers({ "content-type": type })]),
);

/** What is copied of them has the same list, until it is changed. */
const USUAL_LISTS = new Set([...USUAL_HEADERS.values()].map(({ list }) => list));

/** See the top of this file. One for a site. */
export class UsualHeads {
  #standing = "";
  readonly #starts = new Map<FieldList, string>();

  /**
   * A head of 200 with these fields, up to the value of Content-Length; `undefined`: not a usual
   * one.
   *
   * @param standing `Server` and `Date`, with the ends of their lines.
   */
  startOf(fields: FieldList, standing: string): string | undefined {
    if (standing !== this.#standing) {
      this.#standing = standing;
      this.#starts.clear();
    }
    const known = this.#starts.get(fields);
    if (known !== undefined || !USUAL_LISTS.has(fields)) return known;
    // Joined, and not added: what is added stays in pieces, which every answer would put together.
    const pieces = ["HTTP/1.1 200 OK\r\n", standing, formatFields(fields), "Content-Length: "];
    const start = pieces.join("");
    this.#starts.set(fields, start);
    return start;
  }
}
