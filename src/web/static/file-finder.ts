/**
 * From the path of a request to a file.
 *
 * What is found lies in the root: no segment that could lead out is ever joined to a path, and what
 * links lead to is compared by its real path.
 *
 *     segments ─▶ names only ─▶ facts (never opened: a pipe would wait) ─▶ real path in the root?
 *
 * That holds for a tree that stands still. {@link openFound} sees to it that what is opened is the
 * file that was looked at. Somebody who may write to the tree, and turns a directory into a link
 * and back at the right moments, twice within one request, can still win: Node cannot open a file
 * relative to a directory that it holds.
 *
 * @module
 */
import { join } from "node:path";
import type { FileFacts, IOpenFile } from "../../internet/interfaces-files.ts";
import { preferredEncoding, preferredMediaType } from "../http/negotiation.ts";
import { typeOf } from "./content-type.ts";
import { isFileName, isHidden, isWithin } from "./file-name.ts";
import type { CompleteFileOptions } from "./file-options.ts";
import { type Absence, absenceOf } from "./file-problems.ts";

/** A file to be sent. */
export interface FoundFile {
  readonly kind: "file";
  /** What to open. */
  readonly path: string;
  readonly facts: FileFacts;
  /** The media type of what it holds when it is decoded. */
  readonly type: string;
  /** `br`, `zstd` or `gzip`: it is compressed. */
  readonly encoding?: string;
  /** It stands for a path where nothing is. */
  readonly isFallback: boolean;
}

/** A directory to be shown. */
interface FoundDirectory {
  readonly kind: "directory";
  readonly path: string;
}

/** What a path leads to; `slashless`: to a directory, and it should end with a slash. */
export type Found = FoundFile | FoundDirectory | "slashless" | Absence;

/** What a client says of what it wants. */
export interface Wishes {
  getHeader(name: string): string | undefined;
}

/** Codings and what their files end with, the best first. */
const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
]);

interface Seen {
  readonly path: string;
  readonly facts: FileFacts;
}

/** See the top of this file. */
export class FileFinder {
  readonly #root: string;
  readonly #options: CompleteFileOptions;
  #realRoot: string | undefined;

  /** @param root Absolute. */
  constructor(root: string, options: CompleteFileOptions) {
    this.#root = root;
    this.#options = options;
  }

  /** @param segments Decoded; an empty one at the end stands for the slash of a directory. */
  async find(segments: readonly string[], wishes: Wishes): Promise<Found> {
    const isDirectory = segments.at(-1) === "";
    const names = isDirectory ? segments.slice(0, -1) : segments;
    if (!names.every((name) => this.isServed(name))) return "missing";
    const path = join(this.#root, ...names);
    const found = await (isDirectory ? this.#findIndex(path, wishes) : this.#find(path, wishes));
    return found === "missing" ? this.#findFallback(names, wishes) : found;
  }

  /** Is this a name that visitors may know? */
  isServed(name: string): boolean {
    return isFileName(name) && (this.#options.dotfiles || !isHidden(name));
  }

  /** What is at a path, if it may be seen. */
  async look(path: string): Promise<Seen | Absence> {
    const { fileSystem, followSymlinks } = this.#options;
    try {
      const facts = await fileSystem.facts(path);
      if (followSymlinks) return { path, facts };
      // After the facts: whoever turns links about must then be right twice. See openFound.
      const real = await fileSystem.realPath(path);
      return (await this.#isInRoot(real)) ? { path: real, facts } : "missing";
    } catch (error) {
      return absenceOf(error);
    }
  }

  async #isInRoot(real: string): Promise<boolean> {
    if (this.#realRoot !== undefined && isWithin(this.#realRoot, real)) return true;
    // Not known yet, or a link that was turned to another release meanwhile.
    this.#realRoot = await this.#options.fileSystem.realPath(this.#root);
    return isWithin(this.#realRoot, real);
  }

  async #find(path: string, wishes: Wishes): Promise<Found> {
    const seen = await this.look(path);
    if (typeof seen === "string") return seen;
    switch (seen.facts.kind) {
      case "file":
        return this.#choose(path, seen, wishes);
      case "directory":
        return "slashless";
      default:
        return "missing";
    }
  }

  /** What stands for a directory. */
  async #findIndex(path: string, wishes: Wishes): Promise<Found> {
    const { indexNames, directoryListing } = this.#options;
    for (const name of indexNames) {
      const found = await this.#find(join(path, name), wishes);
      if (found === "forbidden" || typeof found === "object") return found;
    }
    if (!directoryListing) return "missing";
    const seen = await this.look(path);
    if (typeof seen === "string") return seen;
    return seen.facts.kind === "directory" ? { kind: "directory", path: seen.path } : "missing";
  }

  /** The file, or one beside it that says the same in fewer bytes. */
  async #choose(path: string, seen: Seen, wishes: Wishes): Promise<FoundFile> {
    const { precompressed, contentTypes, defaultType } = this.#options;
    const type = typeOf(path, contentTypes) ?? defaultType;
    const plain: FoundFile = { kind: "file", ...seen, type, isFallback: false };
    const accept = wishes.getHeader("accept-encoding");
    if (!precompressed || accept === undefined) return plain;
    const available = new Set([...SUFFIXES.keys(), "identity"]);
    while (available.size > 1) {
      const encoding = preferredEncoding(accept, [...available]) ?? "identity";
      if (encoding === "identity") break;
      const sibling = await this.look(path + (SUFFIXES.get(encoding) ?? ""));
      if (typeof sibling !== "string" && sibling.facts.kind === "file") {
        return { ...plain, ...sibling, encoding };
      }
      available.delete(encoding);
    }
    return plain;
  }

  async #findFallback(names: readonly string[], wishes: Wishes): Promise<Found> {
    const { fallback, fallbackForFiles, contentTypes } = this.#options;
    if (fallback === undefined || !wantsPage(wishes)) return "missing";
    const looksLike = typeOf(join(this.#root, ...names), contentTypes);
    const isFile = looksLike !== undefined && looksLike !== "text/html";
    if (isFile && !fallbackForFiles) return "missing";
    const found = await this.#find(join(this.#root, fallback), wishes);
    if (typeof found !== "object") return "missing";
    return found.kind === "file" ? { ...found, isFallback: true } : "missing";
  }
}

/** Does the client ask for a page by name? A script that takes anything wants no page. */
function wantsPage(wishes: Wishes): boolean {
  const accept = wishes.getHeader("accept");
  if (accept === undefined || !/text\/html/iu.test(accept)) return false;
  return preferredMediaType(accept, ["text/html"]) !== undefined;
}

/**
 * Open what was found.
 *
 * @returns `undefined`: something else has taken its place meanwhile; find it again.
 * @throws {Error} With Node's `code`.
 */
export async function openFound(
  { fileSystem }: CompleteFileOptions,
  { path, facts }: FoundFile,
): Promise<{ readonly file: IOpenFile; readonly facts: FileFacts } | undefined> {
  const file = await fileSystem.open(path);
  try {
    const now = await file.facts();
    const isSame = now.kind === "file" && now.device === facts.device && now.inode === facts.inode;
    if (isSame) return { file, facts: now };
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}
