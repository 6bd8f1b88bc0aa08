/**
 * For code inside a thread: how it has the main thread do something.
 *
 * Functions cannot cross from thread to thread. So what a thread may call has a name, which
 * `pool.expose({ name: f })` on the main thread gave it, or is a function of a module, which the
 * main thread then imports.
 *
 * After: twisted.internet.threads.blockingCallFromThread, and `reactor.callFromThread` in a thread.
 *
 * @module
 */
import type { ModuleTask } from "../../../internet/interfaces-threads.ts";
import { ask, hasLink, send } from "./_link.ts";
import { Transferring } from "./_transferring.ts";
import { type Callee, namedCallee } from "./callee.ts";
import { fromModule } from "./task-callee.ts";
import { putTogether } from "./thrown.ts";

/** What a thread may have called: an exposed name, or a function of a module. */
export type MainThreadTask<Result = unknown> = string | ModuleTask<never[], Result>;

/** What a thread has of the reactor. */
export interface IReactorInThread {
  /**
   * Have the main thread call something in a later pass, and go on at once. Calls come in the order
   * they were asked for, and before the result of the task; what they throw is logged there.
   *
   * @throws {NotInThreadError} This is no thread of a pool.
   * @throws {ThreadArgumentError} An argument cannot be copied.
   */
  callFromThread(task: MainThreadTask, ...args: readonly unknown[]): void;
}

/** The reactor, as far as it reaches into a thread. */
export const reactor: IReactorInThread = Object.freeze({
  callFromThread(task: MainThreadTask, ...args: readonly unknown[]): void {
    send({ callee: calleeOf(task), args, isBlocking: false });
  },
});

/**
 * Have the main thread call something, and block this thread until it has a result; a Deferred or
 * promise is waited for there. It may block for ever: give what the main thread does a deadline
 * (`addTimeout`). The main thread must not wait meanwhile for a task that finds no other thread.
 *
 * @param _reactor The {@link reactor} of this module; there is no other in a thread.
 * @returns A copy of the result.
 * @throws A copy of what the call threw, or of the Deferred's failure, as `IThreadPool.run`.
 * @throws {NotExposedError} The pool exposes no such name.
 * @throws {NotInThreadError} This is no thread of a pool.
 * @throws {ThreadArgumentError} An argument cannot be copied.
 * @throws {ThreadResultError} The result cannot be copied.
 *
 * @example
 * ```ts
 * import { blockingCallFromThread, reactor } from "sennit/threads";
 *
 * export function report(ids: readonly number[]): string[] {
 *   return ids.map((id, done) => {
 *     reactor.callFromThread("progress", done / ids.length);
 *     return blockingCallFromThread<string>(reactor, "lookUp", id);
 *   });
 * }
 * ```
 */
export function blockingCallFromThread<Result = unknown>(
  _reactor: IReactorInThread,
  task: MainThreadTask<Result>,
  ...args: readonly unknown[]
): Result;
export function blockingCallFromThread(
  _reactor: IReactorInThread,
  task: MainThreadTask,
  ...args: readonly unknown[]
): unknown {
  const outcome = ask({ callee: calleeOf(task), args, isBlocking: true });
  if (outcome.length === 2) throw withCaller(putTogether(outcome[1]));
  return outcome[0];
}

/** Is this code running in a thread of a pool? */
export function isInThread(): boolean {
  return hasLink();
}

/**
 * The result of a task, parts of which are handed over instead of copied: `ArrayBuffer`s, message
 * ports, streams. Return it from the task; the Deferred fires with `value`.
 */
export function transferring<Value>(value: Value, transfer: readonly object[]): Value;
export function transferring(value: unknown, transfer: readonly object[]): unknown {
  return new Transferring(value, transfer);
}

/** An error of the main thread, with the place in this one that asked for it. */
function withCaller(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const caller: { stack?: string } = {};
  Error.captureStackTrace(caller, blockingCallFromThread);
  const [, ...frames] = (caller.stack ?? "").split("\n");
  const stack = [error.stack ?? String(error), "    in a call from a thread:", ...frames].join(
    "\n",
  );
  Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true });
  return error;
}

function calleeOf(task: MainThreadTask): Callee {
  if (typeof task === "string") return namedCallee(task);
  if (typeof task === "object") return fromModule(task);
  throw new TypeError(
    "Cannot call a function from a thread, as functions stay in theirs: expected the name of one " +
      "that the pool exposes, or { module, export }",
  );
}
