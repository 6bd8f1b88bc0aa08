/**
 * A directory of programs that answer, and of directories of them.
 *
 *     /cgi/find.sh/a/b     find.sh in the directory at /cgi, with PATH_INFO=/a/b
 *
 * Every file in it can be run by visitors: keep nothing else there. Hidden files, and links to what
 * lies outside, are not there for them. Nothing is listed.
 *
 * After: twisted.web.twcgi.CGIDirectory.
 *
 * @module
 */
import { join, resolve } from "node:path";
import type { IFileSystem } from "../../internet/interfaces-files.ts";
import type { Eventually, RenderResult } from "../server/answer.ts";
import { NotFound } from "../server/not-found.ts";
import type { Request } from "../server/request.ts";
import type { IResource } from "../server/resource-interface.ts";
import { isFileName, isHidden, isWithin } from "../static/file-name.ts";
import { nodeFileSystem } from "../static/node-file-system.ts";
import { type CGIOptions, CGIRunner } from "./cgi-runner.ts";

/** Options of {@link CGIDirectory}. */
export interface CGIDirectoryOptions extends CGIOptions {
  /** Where the directory is. Default: `nodeFileSystem`. */
  readonly fileSystem?: Pick<IFileSystem, "facts" | "realPath">;
}

const NOT_FOUND = new NotFound();

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import { CGIDirectory, Resource, Site } from "sennit/web";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor(); // In a program: import { reactor } from "sennit/reactor".
 * const root = new Resource().putChild("cgi", new CGIDirectory("/srv/cgi", { reactor }));
 * const site = new Site(root, { reactor });
 * console.log(site.logPrefix());
 * ```
 */
export class CGIDirectory implements IResource {
  readonly isLeaf = false;
  readonly #place: ScriptPlace;

  /**
   * @param path Relative to where the process is now. It is looked at with each request.
   * @throws {RangeError} A deadline or bound that is negative, or no number.
   */
  constructor(path: string, options: CGIDirectoryOptions) {
    const { fileSystem = nodeFileSystem } = options;
    this.#place = { root: resolve(path), fileSystem, runner: new CGIRunner(options) };
  }

  getChildWithDefault(name: string): Eventually<IResource> {
    return below(this.#place, this.#place.root, name);
  }

  render(request: Request): RenderResult {
    return NOT_FOUND.render(request);
  }
}

/** What the directories of a tree share. */
interface ScriptPlace {
  readonly root: string;
  readonly fileSystem: Pick<IFileSystem, "facts" | "realPath">;
  readonly runner: CGIRunner;
}

/** What is in a directory under this name. */
async function below(place: ScriptPlace, directory: string, name: string): Promise<IResource> {
  const { root, fileSystem, runner } = place;
  if (!isFileName(name) || isHidden(name)) return NOT_FOUND;
  const path = join(directory, name);
  try {
    const [realRoot, real] = [await fileSystem.realPath(root), await fileSystem.realPath(path)];
    if (!isWithin(realRoot, real)) return NOT_FOUND;
    const { kind } = await fileSystem.facts(real);
    if (kind === "directory") return new Below(place, path);
    return kind === "file" ? scriptAt(path, runner) : NOT_FOUND;
  } catch {
    // Whatever it is that is wrong there: visitors find nothing.
    return NOT_FOUND;
  }
}

/** A directory below the root. */
class Below implements IResource {
  readonly isLeaf = false;
  readonly #place: ScriptPlace;
  readonly #path: string;

  constructor(place: ScriptPlace, path: string) {
    this.#place = place;
    this.#path = path;
  }

  getChildWithDefault(name: string): Eventually<IResource> {
    return below(this.#place, this.#path, name);
  }

  render(request: Request): RenderResult {
    return NOT_FOUND.render(request);
  }
}

function scriptAt(path: string, runner: CGIRunner): IResource {
  const script: IResource = {
    isLeaf: true,
    getChildWithDefault: () => script,
    render: (request) => runner.run(path, request),
  };
  return script;
}
