/**
 * From a callee to a function that runs.
 *
 * @module
 */
import { ThreadTaskNotFoundError } from "../../../internet/interfaces-threads.ts";
import { assert, describe, it } from "vitest";
import { moduleCallee, namedCallee, sourceCallee } from "./callee.ts";
import { FunctionFinder } from "./find-function.ts";

async function call(source: string, ...args: readonly unknown[]): Promise<unknown> {
  const f = await new FunctionFinder().find(sourceCallee(source, "task"));
  return f(...args);
}

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    assert.instanceOf(error, Error);
    return error;
  }
  throw new Error("Expected an error");
}

describe("FunctionFinder.find()", () => {
  it("imports modules", async () => {
    const f = await new FunctionFinder().find(moduleCallee("node:path", "basename"));
    assert.equal(f("/a/b.txt"), "b.txt");
  });

  it("keeps what it has found", async () => {
    const finder = new FunctionFinder();
    const callee = sourceCallee("() => 1", "");
    assert.isUndefined(finder.known(callee));
    const found = await finder.find(callee);
    assert.equal(finder.known(callee), found);
  });

  it("compiles sources, comments at their end included, in strict mode", async () => {
    assert.equal(await call("(a, b) => a + b // sum", 2, 3), 5);
    assert.isUndefined(await call("function () { return this; }"));
  });

  it("gives a compiler's __name() to whoever expects it", async () => {
    assert.equal(await call('() => __name((a) => a, "same")(7)'), 7);
  });

  it("has errors tell the task's name and line", async () => {
    const error = await errorOf(call("() => {\n  throw new Error('no');\n}"));
    assert.match(error.stack ?? "", /\btask:2\b/u);
  });

  it("has `this` in an arrow function fail like a missing variable", async () => {
    const uses = ["this.x", "this.x = 1", '"x" in this', "Object.keys(this)", "delete this.x"];
    for (const use of uses) {
      const error = await errorOf(call(`() => ${use}`));
      assert.instanceOf(error, ReferenceError);
      assert.equal(error.message, "this is not defined");
    }
  });

  it("says what an export is instead of a function", async () => {
    const finder = new FunctionFinder();
    const nothing = await errorOf(finder.find(moduleCallee("node:path", "nope")));
    assert.instanceOf(nothing, ThreadTaskNotFoundError);
    assert.match(nothing.message, /nope of node:path: expected .* got nothing of that name/u);
    const text = await errorOf(finder.find(moduleCallee("node:path", "sep")));
    assert.match(text.message, /got something of type string/u);
  });

  it("does not know names of the main thread", async () => {
    const error = await errorOf(new FunctionFinder().find(namedCallee("progress")));
    assert.instanceOf(error, ThreadTaskNotFoundError);
  });
});
