/**
 * The hooks, as Vitest calls them and as `node:test` does. Tests that fail on purpose run in
 * runners of their own.
 *
 * @module
 */
import * as vitest from "vitest";
import { Logger } from "../../logger/logger.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { Clock } from "../clock.ts";
import { flushLoggedErrors } from "./logged-errors.ts";
import { type TestHooks, useCleanReactors } from "./use-clean-reactors.ts";

const { assert, describe, it } = vitest;
const log = new Logger({ namespace: "sennit.test.kit" });

/** A runner of which the test is the loop. */
class Runner implements TestHooks {
  before: () => void = () => {};
  after: () => Promise<void> = async () => {};

  beforeEach(f: () => void): void {
    this.before = f;
  }
  afterEach(f: () => Promise<void>): void {
    this.after = f;
  }
  /** @returns What the runner would show; `""` for a test that passes. */
  async run(test: () => void): Promise<string> {
    this.before();
    test();
    return this.after().then(
      () => "",
      (error: unknown) => String(error),
    );
  }
}

describe("useCleanReactors() in Vitest", () => {
  const watched = useCleanReactors(vitest);

  it("passes tests that leave nothing", () => {
    const clock = watched(new Clock());
    clock.callLater(1, () => {});
    clock.advance(1);
    log.failure("expected", new RangeError("expected"));
    assert.equal(flushLoggedErrors(RangeError).length, 1);
  });
});

describe("useCleanReactors()", () => {
  it("fails tests that leave something, and only those", async () => {
    const runner = new Runner();
    const hooks: TestHooks = {
      beforeEach: (f) => runner.beforeEach(f),
      afterEach: (f) => runner.afterEach(f),
    };
    const watched = useCleanReactors(hooks);
    const reactor = new MemoryReactor();
    const dirty = await runner.run(() => watched(reactor).callLater(1, () => {}));
    assert.match(dirty, /a delayed call[^]*at .*use-clean-reactors\.test\.ts/u);
    assert.equal(await runner.run(() => {}), "");
    assert.include(await runner.run(() => log.error("spilt")), "spilt");
    assert.equal(await runner.run(() => watched(new MemoryReactor())), "");
  });

  it("has its function called in tests alone", async () => {
    const runner = new Runner();
    const watched = useCleanReactors({
      beforeEach: (f) => runner.beforeEach(f),
      afterEach: (f) => runner.afterEach(f),
    });
    assert.throws(() => watched(new Clock()), "no test runs now");
    await runner.run(() => {});
    assert.throws(() => watched(new Clock()), "no test runs now");
  });
});
