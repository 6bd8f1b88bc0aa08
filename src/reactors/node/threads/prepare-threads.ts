/**
 * What is to be done in each thread before its first task, for the whole process: what a program
 * has changed about its main thread (a loader's hooks, a locale), and its threads should have too.
 *
 * @module
 */
import type { ModuleTask } from "../../../internet/interfaces-threads.ts";
import type { Callee } from "./callee.ts";
import { fromModule } from "./task-callee.ts";

const added = new Set<Callee>();

/**
 * From now on, call a function of a module in each new thread of each pool, before its first task.
 * When it fails, every task of that thread fails with the same error.
 *
 * @returns Takes that back, for threads of pools that have none yet.
 * @throws {ThreadTaskRefusedError} The module is not named by a URL or an absolute path.
 */
export function prepareThreads(task: ModuleTask<[]>): () => void {
  const callee = fromModule(task);
  added.add(callee);
  return () => {
    added.delete(callee);
  };
}

/** All that were added, in order. */
export function preparations(): readonly Callee[] {
  return [...added];
}
