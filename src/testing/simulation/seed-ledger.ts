/**
 * Which seeds are to be run, which are under way, and what came of them: in the order of the seeds,
 * whoever ran them and whenever. What it comes to is what one process would have found that runs
 * them one after the other.
 *
 *     from ── told, without a gap ──▶ ── some told, some under way ──▶ next ── to come ──▶ end
 *
 * @module
 */
import { type ExploreResult, Findings } from "./explore.ts";
import type { BatchPart } from "./seed-batch.ts";
import type { ToldResult } from "./told-result.ts";

/** Seeds in a row. */
export interface SeedRange {
  readonly from: number;
  /** The first one that is none of them. */
  readonly to: number;
}

/** What is looked for. */
export interface LedgerOptions {
  readonly from: number;
  readonly seeds: number;
  /** How many different failures are enough. */
  readonly failures: number;
}

/** See the top of this file. */
export class SeedLedger {
  readonly #failures: number;
  /** No seed from here on matters any more. */
  #end: number;
  #next: number;
  /** Those that were handed out in vain, in order. */
  #again: SeedRange[] = [];
  readonly #findings = new Findings<ToldResult>();
  /** What is told of all seeds before this one is in the findings. */
  #gap: number;
  /** What is told of later ones, by the first of them. */
  readonly #later = new Map<number, BatchPart>();

  constructor({ from, seeds, failures }: LedgerOptions) {
    this.#failures = failures;
    this.#next = from;
    this.#gap = from;
    this.#end = from + seeds;
  }

  /** The next seeds to be run, at most so many. `undefined`: none for now. */
  take(count: number): SeedRange | undefined {
    const again = this.#again.shift();
    if (again !== undefined) {
      const to = Math.min(again.to, again.from + count);
      if (to < again.to) this.giveBack({ from: to, to: again.to });
      return { from: again.from, to };
    }
    const from = this.#next;
    this.#next = Math.min(this.#end, from + count);
    return this.#next > from ? { from, to: this.#next } : undefined;
  }

  /** They were taken, and have not been run. */
  giveBack({ from, to }: SeedRange): void {
    const end = Math.min(to, this.#end);
    if (from >= end) return;
    this.#again.push({ from, to: end });
    this.#again.sort((one, other) => one.from - other.from);
  }

  /** What came of some of them. */
  add(part: BatchPart): void {
    this.#later.set(part.from, part);
    if (this.#endsAlone(part)) this.#endAt(part.to);
    for (;;) {
      const next = this.#later.get(this.#gap);
      if (next === undefined || this.isOver) return;
      this.#later.delete(this.#gap);
      this.#enter(next);
      this.#gap = next.to;
      if (this.#findings.isEnough(this.#failures)) this.#endAt(this.#gap);
    }
  }

  /** Whatever is told of others, nothing behind it will matter. */
  #endsAlone({ failed, divergence }: BatchPart): boolean {
    return divergence !== undefined || (failed !== undefined && this.#failures === 1);
  }

  #endAt(seed: number): void {
    this.#end = Math.min(this.#end, seed);
    this.#next = Math.min(this.#next, this.#end);
    this.#again = this.#again
      .map(({ from, to }) => ({ from, to: Math.min(to, this.#end) }))
      .filter(({ from, to }) => from < to);
  }

  #enter(part: BatchPart): void {
    this.#findings.count(part);
    if (part.failed !== undefined) this.#findings.fail(part.failed);
    if (part.divergence !== undefined) this.#findings.diverged.push(part.divergence);
  }

  /** Is everything told that matters? */
  get isOver(): boolean {
    return this.#gap >= this.#end;
  }

  /** What it comes to; with what is told beyond a gap, if it ends before its time. */
  result(): ExploreResult<ToldResult> {
    const later = [...this.#later.values()].sort((one, other) => one.from - other.from);
    this.#later.clear();
    for (const part of later) {
      if (this.#findings.isEnough(this.#failures)) break;
      this.#enter(part);
    }
    return this.#findings.result();
  }
}
