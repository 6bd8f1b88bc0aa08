/**
 * Some seeds, one after the other, in a worker: what it does between two messages.
 *
 * @module
 */
import { type Divergence, exploreSeed, type CountedRuns } from "./explore.ts";
import type { Scenario, SimulateOptions } from "./simulate.ts";
import { type ToldResult, toldResult } from "./told-result.ts";
import { realSeconds } from "./real-time.ts";

/** What is to be run. */
export interface SeedBatch {
  readonly from: number;
  /** The first seed that is not run any more. */
  readonly to: number;
  /** After so many different failures it is over. */
  readonly failures: number;
  /** The part of the seeds that is run twice. */
  readonly check: number;
  readonly options: SimulateOptions;
}

/** Seeds that have been run: up to one of which there is something to tell, or to the last. */
export interface BatchPart extends CountedRuns {
  readonly from: number;
  readonly to: number;
  /** What was seen at the last of them. */
  readonly failed?: ToldResult;
  readonly divergence?: Divergence | undefined;
}

/** What came of it. */
export interface BatchReport {
  /** Without a gap, from the first seed on; perhaps not to the last. */
  readonly parts: readonly BatchPart[];
  /** Seconds of real time. */
  readonly seconds: number;
}

/** Who looks on. */
export interface BatchWatch {
  /** A seed begins. */
  begins(seed: number): void;
  /** Is it to end before the next seed? */
  isStopped(): boolean;
}

/** Run them. */
export async function runBatch(
  scenario: Scenario,
  batch: SeedBatch,
  watch: BatchWatch,
): Promise<BatchReport> {
  const begun = realSeconds();
  const parts = new Parts(batch);
  for (let seed = batch.from; seed < batch.to && !watch.isStopped(); seed += 1) {
    watch.begins(seed);
    const { result, divergence } = await exploreSeed(
      scenario,
      { ...batch.options, seed },
      batch.check,
    );
    if (parts.add(toldResult(result), divergence)) break;
  }
  const seconds = realSeconds() - begun;
  return { parts: parts.all(), seconds };
}

/** Cuts what is told where something was found. */
class Parts {
  readonly #failures: number;
  readonly #parts: BatchPart[] = [];
  readonly #signatures = new Set<string>();
  #from: number;
  #to: number;
  #events = 0;
  #marks = new Map<string, number>();

  constructor({ from, failures }: SeedBatch) {
    this.#from = from;
    this.#to = from;
    this.#failures = failures;
  }

  /** The next seed. @returns Whatever else there is, it is enough. */
  add(result: ToldResult, divergence: Divergence | undefined): boolean {
    this.#to += 1;
    this.#events += result.events;
    for (const [name, count] of result.marks) {
      this.#marks.set(name, (this.#marks.get(name) ?? 0) + count);
    }
    const { failure } = result;
    const isNew = failure !== undefined && !this.#signatures.has(failure.signature);
    if (isNew) this.#signatures.add(failure.signature);
    if (isNew || divergence !== undefined) {
      this.#cut({ ...(isNew && { failed: result }), divergence });
    }
    return divergence !== undefined || this.#signatures.size >= this.#failures;
  }

  all(): readonly BatchPart[] {
    if (this.#to > this.#from) this.#cut({});
    return this.#parts;
  }

  #cut(seen: Pick<BatchPart, "failed" | "divergence">): void {
    const [from, to, events, marks] = [this.#from, this.#to, this.#events, this.#marks];
    this.#parts.push({ from, to, seeds: to - from, events, marks, ...seen });
    this.#from = to;
    this.#events = 0;
    this.#marks = new Map();
  }
}
