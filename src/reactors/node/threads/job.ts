/**
 * One call of a pool's `run`, until its Deferred has fired.
 *
 * @module
 */
import { Deferred } from "../../../defer/deferred.ts";
import type { Outcome, Work } from "./messages.ts";
import { type Runnable, Stopper } from "./workers.ts";

/** Who is told about jobs. */
export interface JobOwner {
  /** It has an outcome. */
  readonly done: (job: Job, outcome: Outcome) => void;
  /** It has none, and will have none. */
  readonly failed: (job: Job, error: unknown) => void;
  /** Its Deferred is being cancelled. */
  readonly cancelled: (job: Job) => void;
}

/** A work with its Deferred. There are many, and short ones: it has methods instead of closures. */
export class Job implements Runnable {
  readonly work: Work;
  readonly transfer: readonly object[];
  /** The second in which it was asked for. */
  readonly since: number;
  readonly deferred: Deferred<unknown>;
  readonly stopper: Stopper = new Stopper();
  readonly #owner: JobOwner;

  constructor(work: Work, transfer: readonly object[], since: number, owner: JobOwner) {
    this.work = work;
    this.transfer = transfer;
    this.since = since;
    this.#owner = owner;
    this.deferred = new Deferred(() => owner.cancelled(this));
  }

  /** Fire. It may have been cancelled while calls that the task made came first. */
  succeed(value: unknown): void {
    if (!this.deferred.called) this.deferred.callback(value);
  }

  fail(error: unknown): void {
    if (!this.deferred.called) this.deferred.errback(error);
  }

  done(outcome: Outcome): void {
    this.#owner.done(this, outcome);
  }

  failed(error: unknown): void {
    this.#owner.failed(this, error);
  }
}
