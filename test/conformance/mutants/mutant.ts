/**
 * Deliberately wrong reactors: what one is.
 *
 * A mutant is our right reactor but for one small edit of its source, and the contracts that must
 * find it out. Each contract of the suite has one at least: a contract that no wrong reactor fails
 * promises nothing. When you add a contract, add a mutant to the table of its topic; when you edit
 * what a mutant edits, its text may have to follow.
 *
 * @module
 */

/** Which reactor is made wrong, and how it is let to work: a key of `HARNESSES`. */
export type Platform = "memory" | "node" | "unix";

/** One small edit. */
export interface Mutant {
  /** What the reactor does wrong. */
  readonly name: string;
  /** Under `src/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  /** Stands there instead; it must be TypeScript that runs, types aside. */
  readonly replace: string;
  /** The contracts that must fail, by title; others may fail too. */
  readonly kills: readonly string[];
  /** Default: `memory`, which is fast. Others are for what the memory reactor cannot do. */
  readonly on?: Platform;
}

/** The mutants of each topic. */
export type MutantsByTopic = Readonly<Record<string, readonly Mutant[]>>;
