/**
 * For code that runs in a thread of a pool: how it has the main thread do something.
 *
 * @example
 * ```ts
 * import { blockingCallFromThread, isInThread, reactor } from "sennit/threads";
 *
 * // A task, for a pool that exposes `progress` and `lookUp`.
 * export function report(ids: readonly number[]): string[] {
 *   return ids.map((id, done) => {
 *     reactor.callFromThread("progress", done / ids.length);
 *     return blockingCallFromThread<string>(reactor, "lookUp", id);
 *   });
 * }
 * console.log(isInThread()); // false here, true where it is run
 * ```
 *
 * @module threads
 */
export {
  blockingCallFromThread,
  type IReactorInThread,
  isInThread,
  type MainThreadTask,
  reactor,
  transferring,
} from "./inside.ts";
