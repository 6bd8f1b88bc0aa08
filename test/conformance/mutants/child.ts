/**
 * The program of a child process: it is sent copies, and tries contracts in each.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Attempts from "./attempts.ts";
import type { Outcome } from "./attempts.ts";
import type { Platform } from "./mutant.ts";

/** What a child is sent. */
export interface Job {
  /** The folder of the copy. */
  readonly copy: string;
  readonly on: Platform;
  readonly contracts: readonly string[];
  /** Seconds of real time that a reactor with real sockets gets for each wait. */
  readonly patience: number;
}

/** What it answers. */
export interface Report {
  readonly outcomes: readonly Outcome[];
  /** Why nothing could be tried, if nothing could: nobody has been found out. */
  readonly broken?: string;
  /** What nobody caught since the report before: it would have ended a program. */
  readonly escaped?: readonly string[];
}

const escaped: string[] = [];
process.on("uncaughtException", (error) => escaped.push(String(error)));

async function outcomesOf({ copy, on, contracts, patience }: Job): Promise<Report> {
  try {
    const url = pathToFileURL(join(copy, "test/conformance/mutants/attempts.js")).href;
    const attempts: typeof Attempts = await import(url);
    return { outcomes: await attempts.tryContracts(on, contracts, patience) };
  } catch (error) {
    return { outcomes: [], broken: String(error) };
  }
}

process.on("message", (job: Job) => {
  void outcomesOf(job).then((report) => process.send?.({ ...report, escaped: escaped.splice(0) }));
});
