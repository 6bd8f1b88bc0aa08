/**
 * The files of a failure: `.sim/bank-589.html`, a picture, and `.sim/bank-589.jsonl`, its events.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { quote } from "../../core/text.ts";
import { UsageError } from "../../application/errors.ts";

/** What is to be written, and where. */
export interface Pictures {
  readonly html: string;
  readonly lines: string;
  /** Of the scenario. */
  readonly file: string;
  readonly seed: number;
  /** Where paths begin. */
  readonly directory: string;
  /** Default: `.sim`. */
  readonly folder: string | undefined;
}

/** Write them. @returns Their paths. @throws {UsageError} They cannot be written. */
export function writePictures({ html, lines, file, seed, directory, folder = ".sim" }: Pictures): {
  readonly html: string;
  readonly lines: string;
} {
  const stem = join(folder, `${scenarioStem(file)}-${String(seed)}`);
  const paths = { html: `${stem}.html`, lines: `${stem}.jsonl` };
  try {
    mkdirSync(resolve(directory, folder), { recursive: true });
    writeFileSync(resolve(directory, paths.html), html);
    writeFileSync(resolve(directory, paths.lines), lines);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write to ${quote(folder)}: ${why}`, { cause: error });
  }
  return paths;
}

/** `bank` of `tests/bank.sim.ts`. */
export function scenarioStem(file: string): string {
  return basename(file).replace(/(?:\.sim)?\.[cm]?[jt]s$/u, "");
}
