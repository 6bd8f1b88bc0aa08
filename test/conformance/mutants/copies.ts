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
import type { Mutant } from "./mutant.ts";

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
function mutated(source: string, { file, find, replace }: Mutant): string {
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

/** All copies of one run, in one folder. */
export class Copies {
  /** The right one, which the others are links to. */
  readonly right: string;
  readonly #folder: string;
  /** The folders and files of a copy. */
  readonly #folders: string[] = [];
  readonly #files: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.right = join(folder, "right");
    execFileSync(process.execPath, [TSC, "-p", CONFIG, "--outDir", this.right]);
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
  mutate(mutant: Mutant, name: string): string {
    const path = join("src", mutant.file);
    const edited = path.replace(/\.ts$/u, ".js");
    if (!this.#files.includes(edited)) throw new StaleMutantError(`No reactor imports ${path}`);
    const text = script(mutated(readFileSync(join(ROOT, path), "utf8"), mutant), path);
    const copy = join(this.#folder, name);
    for (const folder of this.#folders) mkdirSync(join(copy, folder), { recursive: true });
    for (const file of this.#files) {
      if (file === edited) writeFileSync(join(copy, file), text);
      else linkSync(join(this.right, file), join(copy, file));
    }
    return copy;
  }
}
