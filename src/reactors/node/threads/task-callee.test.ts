/**
 * What is taken for a task, and what is refused, with which words.
 *
 * @module
 */
import {
  ThreadTaskClosureError,
  ThreadTaskRefusedError,
} from "../../../internet/interfaces-threads.ts";
import { assert, describe, it } from "vitest";
import { nameOf, partsOf } from "./callee.ts";
import { calleeOf } from "./task-callee.ts";

function refusalOf(task: unknown): ThreadTaskRefusedError {
  try {
    calleeOf(task);
  } catch (error) {
    assert.instanceOf(error, ThreadTaskRefusedError);
    return error;
  }
  throw new Error("Expected a refusal");
}

describe("calleeOf() takes", () => {
  it("a module by URL, URL string and path, and a default export", () => {
    const url = new URL("file:///app/work.js");
    for (const module of [url, url.href, "/app/work.js"]) {
      const parts = partsOf(calleeOf({ module, export: "resize" }));
      assert.deepEqual(parts, { kind: "module", module: url.href, name: "resize" });
    }
    assert.equal(nameOf(calleeOf({ module: "node:zlib" })), "default of node:zlib");
  });

  it("functions of each self-contained kind, with their names", () => {
    const arrow = (a: number): number => a;
    async function declared(a: number): Promise<number> {
      return a;
    }
    assert.equal(nameOf(calleeOf(arrow)), "arrow");
    assert.equal(nameOf(calleeOf(declared)), "declared");
    assert.equal(
      nameOf(
        calleeOf(
          (
            () => () =>
              1
          )(),
        ),
      ),
      "a function",
    );
  });

  it("one function once, and one source under each of its names", () => {
    const task = (): number => 1;
    assert.equal(calleeOf(task), calleeOf(task));
    const named = { ["two\nlines"]: (): number => 1 };
    const parts = partsOf(calleeOf(named["two\nlines"]));
    assert.deepInclude(parts, { kind: "source", name: "two lines" });
  });

  it("a function that __name() was put into by a compiler", () => {
    // oxlint-disable-next-line typescript/no-implied-eval, eslint/no-new-func -- as compiled.
    const task: unknown = new Function('return () => __name(() => 1, "one")()')();
    assert.equal(partsOf(calleeOf(task)).kind, "source");
  });
});

describe("calleeOf() refuses", () => {
  const outer = 5;

  it("a closure, naming the variable and both ways out", () => {
    const error = refusalOf((n: number) => n + outer);
    assert.instanceOf(error, ThreadTaskClosureError);
    assert.equal(error.variable, "outer");
    assert.equal(error.code, "ERR_THREAD_TASK_CLOSURE");
    assert.match(error.message, /it uses outer, .* pass it as an argument, or .* a module/u);
    assert.instanceOf(error, TypeError);
  });

  it("a closure each time it is asked", () => {
    const task = (): number => outer;
    assert.equal(refusalOf(task).message, refusalOf(task).message);
  });

  class Thing {
    method(): number {
      return 1;
    }
  }
  const REFUSED: readonly (readonly [what: string, task: unknown, why: RegExp])[] = [
    ["a native function", Math.max, /Cannot run max in a thread: it is native or bound/u],
    ["a bound function", refusalOf.bind(undefined, 1), /it is native or bound/u],
    ["a class", Thing, /Cannot run Thing in a thread: it is a class/u],
    [
      "a method of a class",
      Reflect.get(Thing.prototype, "method"),
      /Cannot run method .* it is a method/u,
    ],
    ["a method of an object", Reflect.get({ async f() {} }, "f"), /it is a method/u],
    ["a generator", function* g() {}, /Cannot run g in a thread: it is a generator/u],
    ["an async generator", async function* g() {}, /it is a generator/u],
    ["undefined", undefined, /Cannot run undefined in a thread: expected a function, or/u],
    ["a string", "/app/work.js", /Cannot run "\/app\/work\.js" in a thread/u],
    ["an object without a module", { export: "f" }, /expected \{ module, export \}/u],
    ["an export that is no name", { module: "/a.js", export: 1 }, /export: 1/u],
    ["a relative path", { module: "./work.js" }, /does not know where you are/u],
    ["a package by its bare name", { module: "some-package" }, /import\.meta\.resolve/u],
  ];
  for (const [what, task, why] of REFUSED) {
    it(`${what}: ${String(why)}`, () => {
      const error = refusalOf(task);
      assert.match(error.message, why);
      assert.equal(error.code, "ERR_THREAD_TASK_REFUSED");
      assert.equal(error.name, "ThreadTaskRefusedError");
    });
  }
});
