/**
 * Work in small pieces, as its owner sees it.
 *
 *     running ⇄ paused (by its owner, by a Deferred that it waits for, or both)
 *        └──┬──────┘
 *           ▼
 *     done, stopped, failed, or its scheduler was stopped
 *
 * After: twisted.internet.task.CooperativeTask.
 *
 * @module
 */
import type { Deferred, Eventual } from "../../defer/deferred.ts";

/**
 * The work: each step of the iterator is one piece of it. A step that gives a Deferred or a promise
 * holds the rest back until that has fired; other values mean nothing. `Result` is what the
 * iterator returns at its end, or what the Deferred or promise comes to that it returns.
 */
export type Work<Result> =
  | Iterator<unknown, Eventual<Result>, undefined>
  | AsyncIterator<unknown, Eventual<Result>, undefined>
  | Iterable<unknown>
  | AsyncIterable<unknown>;

/** What `Cooperator.cooperate` gives: the handle of one iterator that is worked through. */
export interface CooperativeTask<Result = unknown> extends AsyncDisposable {
  /**
   * Do no more steps until `resume`. Counts: as many `resume` calls let it go on.
   *
   * @throws {TaskFinished} It is over: `TaskDone`, `TaskStopped`, `TaskFailed`, `SchedulerStopped`.
   */
  pause(): void;

  /**
   * Undo one `pause`. At zero it goes on, behind the others that wait for their turn.
   *
   * @throws {NotPaused} There was no `pause` to undo. Waiting for a Deferred is no such pause.
   */
  resume(): void;

  /**
   * End it. `whenDone` fails with `TaskStopped`; a Deferred that it waits for is cancelled; the
   * iterator's `return` is called, so that a generator's `finally` runs.
   *
   * @throws {TaskFinished} It is over already.
   */
  stop(): void;

  /**
   * A new Deferred for each call. Fires with what the iterator returns; fails with what it throws,
   * with the failure of a Deferred that it gave, with `TaskStopped` or with `SchedulerStopped`.
   * Cancelling it ends the waiting, not the task.
   */
  whenDone(): Deferred<Result>;

  /** Stop it, unless it is over. */
  [Symbol.asyncDispose](): Promise<void>;
}
