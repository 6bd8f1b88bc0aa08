/**
 * Clean reactors for every test of a file, in any runner.
 *
 * @module
 */
import { type ReactorWatch, type WatchOptions, watchReactor } from "./watch-reactor.ts";
import type { WatchedReactor } from "./watched-reactor.ts";

/** The part of a test runner that is used. Vitest's, Jest's and `node:test`'s fit as they are. */
export interface TestHooks {
  /** Call `f` before each test. */
  beforeEach(f: () => void): unknown;
  /** Call `f` after each test; what it rejects with fails the test. */
  afterEach(f: () => Promise<void>): unknown;
}

/** Watches a reactor until the end of the test. @returns It. */
export type WatchInTest = <Reactor extends WatchedReactor>(reactor: Reactor) => Reactor;

/**
 * Watch for a whole file: each test fails that logs an error and does not flush it, that leaves a
 * failure of a Deferred unhandled, or leaves something in a reactor it has given to the function
 * that this returns. Call it where tests are declared: at the top, or in a `describe`.
 *
 * @example
 * ```ts no-run: a fence is no file of tests
 * import { Clock, useCleanReactors } from "sennit/testing";
 * import * as vitest from "vitest"; // Or "node:test".
 *
 * const watched = useCleanReactors(vitest);
 *
 * vitest.it("ticks", () => {
 *   const clock = watched(new Clock());
 *   clock.callLater(1, () => {}); // This fails the test, and the message names this line.
 * });
 * ```
 */
export function useCleanReactors(hooks: TestHooks, options: WatchOptions = {}): WatchInTest {
  let current: ReactorWatch | undefined;
  hooks.beforeEach(() => {
    current = watchReactor([], options);
  });
  hooks.afterEach(async () => {
    const ended = current;
    current = undefined;
    await ended?.[Symbol.asyncDispose]();
  });
  return (reactor) => {
    if (current === undefined) throw new Error("Cannot watch a reactor: no test runs now");
    return current.watch(reactor);
  };
}
