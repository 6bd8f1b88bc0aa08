/**
 * What crosses between the main thread and those of a pool. Everything here is copied on its way,
 * which is most of what a short task costs: so the way there and back has arrays without names.
 *
 *     main ── Work ──▶ thread      by the pool library, one at a time
 *     main ◀─ Outcome ─ thread
 *     main ◀── Link ─── thread     once, when a thread starts: a port of its own, for
 *     main ◀─ Request ─ thread     what it asks the main thread to do
 *     main ── Outcome ─▶ thread
 *     main ◀ LastWords ─ thread
 *
 * @module
 */
import type { MessagePort } from "node:worker_threads";
import type { Callee } from "./callee.ts";
import type { Thrown } from "./thrown.ts";

/** One call. */
export type Call = readonly [callee: Callee, args: readonly unknown[]];

/** What a thread is given: a call, or several in a row. No two of a process have the same `id`. */
export type Work =
  | readonly [id: number, callee: Callee, args: readonly unknown[]]
  | readonly [id: number, row: readonly Call[]];

/** The calls of a work, in order. */
export function callsOf(work: Work): readonly Call[] {
  return work.length === 2 ? work[1] : [[work[1], work[2]]];
}

/** What came of it: a result, or what was thrown. */
export type Outcome = readonly [value: unknown] | readonly [nothing: undefined, thrown: Thrown];

/** What each thread gets when it starts. */
export interface WorkerData {
  /** Functions to call before the first task. */
  readonly preparations: readonly Callee[];
}

/** How a thread introduces itself. */
export interface Link {
  readonly kind: typeof LINK;
  readonly port: MessagePort;
  /** Two counters, shared: see {@link REQUESTS} and {@link ANSWERS}. */
  readonly counters: Int32Array;
}
/** Tells a {@link Link} from what a task may send by the same way. */
export const LINK = "sennit.threads.link";
/** The counter of what the thread has sent by its port. */
export const REQUESTS = 0;
/** The counter of the answers to it; a thread that waits for one is woken by it. */
export const ANSWERS = 1;

/** What a thread asks for. */
export interface Request {
  readonly callee: Callee;
  readonly args: readonly unknown[];
  /** Does the thread wait for the outcome? */
  readonly isBlocking: boolean;
}

/** What a thread says before it ends with an error that nobody caught. */
export interface LastWords {
  /** Of the work it had. */
  readonly id: number;
  readonly thrown: Thrown;
  /** Was the task over? Then it is the outcome that could not be sent. */
  readonly hasReturned: boolean;
}
