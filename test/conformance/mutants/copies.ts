/**
 * Copies of the source, each a graph of modules of its own.
 *
 * A copy consists of hard links, so it costs next to nothing; but Node takes each path for another
 * module. A mutant's copy has one file that is not a link.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/wasm-typescript";
/** What an edit of the source is. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const TSC = join(ROOT, "node_modules/@typescript/native/bin/tsc");
/** Names the modules where children begin; they and what they import is what a copy has. */
const CONFIG = join(ROOT, "test/conformance/mutants/tsconfig.copy.json");
const SPECIFIER = /(?<before>\bfrom |\bimport\()"(?<path>\.[^"]+)\.ts"/gu;

/** The edit cannot be made: the source has changed, and the table must follow. */
class StaleMutantError extends Error {
  override readonly name = "StaleMutantError";
}

/** The source with the edit. @throws {StaleMutantError} Its text is not there exactly once. */
function mutated(source: string, { file, find, replace }: Edit): string {
  const pieces = source.split(find);
  if (pieces.length === 2) return pieces.join(replace);
  const count = String(pieces.length - 1);
  throw new StaleMutantError(
    `Cannot edit ${file}: expected "${find}" once, found it ${count} times`,
  );
}

/** @throws {StaleMutantError} It is no TypeScript. */
function script(source: string, filename: string): string {
  try {
    const { code } = transformSync(source, { mode: "strip-only", filename });
    return code.replaceAll(SPECIFIER, '$<before>"$<path>.js"');
  } catch (error) {
    throw new StaleMutantError(`Cannot strip the types of ${filename}`, { cause: error });
  }
}

/** A module with an edit. */
interface Edited {
  /** From the root. */
  readonly path: string;
  readonly text: string;
}

/** As TypeScript. @throws {StaleMutantError} The edit cannot be made. */
function edited(edit: Edit): Edited {
  const path = edit.file.startsWith("examples/") ? edit.file : join("src", edit.file);
  return { path, text: mutated(readFileSync(join(ROOT, path), "utf8"), edit) };
}

/** Why edits cannot be made: the source has changed, and the table must follow. */
export function staleEdits(edits: readonly Edit[]): readonly string[] {
  return edits.flatMap((edit) => {
    try {
      edited(edit);
      return [];
    } catch (error) {
      return [String(error)];
    }
  });
}

/** What copies are made of. */
export interface CopiesParts {
  /** A file for tsc: the modules where programs begin. */
  readonly config?: string;
  /** A `package.json` of their own, for modules that import the package by name. */
  readonly manifest?: string;
}

/** All copies of one run, in one folder. */
export class Copies {
  /** The right one, which the others are links to. */
  readonly right: string;
  readonly #folder: string;
  /** The folders and files of a copy. */
  readonly #folders: string[] = [];
  readonly #files: string[] = [];

  /** @param parts Default: what contracts are tried with. */
  constructor(folder: string, { config = CONFIG, manifest }: CopiesParts = {}) {
    this.#folder = folder;
    this.right = join(folder, "right");
    execFileSync(process.execPath, [TSC, "-p", config, "--outDir", this.right]);
    if (manifest !== undefined) writeFileSync(join(this.right, "package.json"), manifest);
    this.#list("");
  }

  #list(folder: string): void {
    this.#folders.push(folder);
    for (const entry of readdirSync(join(this.right, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) this.#list(path);
      else this.#files.push(path);
    }
  }

  /**
   * A copy with one edit.
   *
   * @returns Its folder.
   * @throws {StaleMutantError} The edit cannot be made, or what it makes is no TypeScript, or it
   * is made where no reactor sees it.
   */
  mutate(mutant: Edit, name: string): string {
    const { path, text: source } = edited(mutant);
    const module = path.replace(/\.ts$/u, ".js");
    if (!this.#files.includes(module)) throw new StaleMutantError(`No reactor imports ${path}`);
    const text = script(source, path);
    const copy = join(this.#folder, name);
    for (const folder of this.#folders) mkdirSync(join(copy, folder), { recursive: true });
    for (const file of this.#files) {
      if (file === module) writeFileSync(join(copy, file), text);
      else linkSync(join(this.right, file), join(copy, file));
    }
    return copy;
  }
}
