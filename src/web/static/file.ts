/**
 * A file, or a directory with all that is in it, as a resource.
 *
 *     GET /a/b.js ─▶ find a/b.js below the root ─▶ conditions, ranges ─▶ send it in chunks
 *
 * After: twisted.web.static.File. Differs: entity tags, `If-Range`, files compressed beforehand, a
 * fallback for programs in the browser; directories are listed, hidden files and links out of the
 * root are served only where that is asked for; ranges are bounded; no processors by extension.
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Answer, RenderResult } from "../server/answer.ts";
import { errorPage } from "../server/error-page.ts";
import { renderMethod } from "../server/render-method.ts";
import type { Request } from "../server/request.ts";
import { Resource } from "../server/resource.ts";
import type { IResource } from "../server/resource-interface.ts";
import { type Listing, listDirectory } from "./directory-listing.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { absencePage, answerWithFile, type FileSettings } from "./file-answer.ts";
import { FileFinder } from "./file-finder.ts";
import { completeOptions, type FileOptions } from "./file-options.ts";
import { type Absence, absenceOf } from "./file-problems.ts";

/** A file that is replaced between two looks at it, so many times in a row, is given up. */
const ATTEMPTS = 3;

/**
 * See the top of this file. Children that are put below it come before files of that name.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { serverFromString } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 * import { File, Site } from "sennit/web";
 *
 * const folder = await mkdtemp(join(tmpdir(), "site-"));
 * await writeFile(join(folder, "hello.txt"), "Hello");
 *
 * const site = new Site(new File(folder, { maxAge: 60 }), { reactor });
 * const port = await serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(site);
 * const answer = await fetch(`http://${port.getHost()}/hello.txt`, {
 *   headers: { connection: "close" },
 * });
 * console.log(answer.headers.get("content-type"), await answer.text());
 *
 * await port.stopListening();
 * await rm(folder, { recursive: true });
 * ```
 */
export class File extends Resource {
  /** Absolute. */
  readonly path: string;
  readonly #settings: FileSettings;
  readonly #finder: FileFinder;

  /**
   * @param path A file or a directory; relative to where the process is now.
   * @throws {RangeError} An option is out of range.
   */
  constructor(path: string | URL, options: FileOptions = {}) {
    super();
    this.path = resolve(path instanceof URL ? fileURLToPath(path) : path);
    this.#settings = { options: completeOptions(options), pool: new ChunkPool() };
    this.#finder = new FileFinder(this.path, this.#settings.options);
  }

  override getChild(name: string, _request: Request): IResource {
    return new Below(this, name);
  }

  /** The file itself; a directory is sent to its slash. */
  render_GET(request: Request): Promise<RenderResult> {
    return this.serve([], request);
  }

  /**
   * Answer with what is below the root.
   *
   * @param segments Of the path, decoded. Whatever they are, nothing outside of the root is sent.
   */
  async serve(segments: readonly string[], request: Request): Promise<RenderResult> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = await this.#finder.find(segments, request);
      if (found === "slashless") return redirectToSlash(request);
      if (typeof found === "string") return this.#absence(found);
      if (found.kind === "directory") return this.#list(found.path, segments, request);
      const answer = await answerWithFile(request, found, this.#settings);
      if (answer !== undefined) return answer;
    }
    throw new Error(`Cannot send the file at ${request.path}: it is being replaced all the time`);
  }

  #absence(absence: Absence): Answer {
    const page = absencePage(absence);
    // Who asks for a page may get the fallback in its place.
    if (this.#settings.options.fallback !== undefined) page.headers.set("vary", "Accept");
    return page;
  }

  #list(path: string, segments: readonly string[], request: Request): Promise<Answer> {
    const title = `/${[...request.prepath, ...request.postpath].join("/")}`;
    const listing: Listing = { path, title, hasParent: segments.length > 1 };
    const page = listDirectory(listing, this.#finder, this.#settings.options.fileSystem);
    return page.catch((error: unknown) => absencePage(absenceOf(error)));
  }
}

/** Everything below a {@link File}: the first segment, and what is left of the path. */
class Below implements IResource {
  readonly isLeaf = true;
  readonly #file: File;
  readonly #name: string;

  constructor(file: File, name: string) {
    this.#file = file;
    this.#name = name;
  }

  getChildWithDefault(): IResource {
    return this;
  }

  render(request: Request): ReturnType<IResource["render"]> {
    return renderMethod(this, request);
  }

  render_GET(request: Request): Promise<RenderResult> {
    return this.#file.serve([this.#name, ...request.postpath], request);
  }
}

/** Relative, and with a dot: `//host` as a path would lead to another host. */
function redirectToSlash(request: Request): Answer {
  const name = request.path.slice(request.path.lastIndexOf("/") + 1);
  const query = request.query === "" ? "" : `?${request.query}`;
  const location = `./${name}/${query}`;
  return errorPage(301, "This is a directory: its address ends with a slash.", { location });
}
