import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { spawnOrder } from "./spawn-order.ts";

describe("spawnOrder()", () => {
  it("fills in what is not said", () => {
    const order = spawnOrder("/bin/program", {});
    assert.deepEqual(order.args, ["/bin/program"]);
    assert.deepEqual(
      [...order.childFDs],
      [
        [0, "w"],
        [1, "r"],
        [2, "r"],
      ],
    );
    assert.deepEqual(
      [order.killTimeout, order.endAtStop, order.processGroup, order.terminal],
      [5, false, false, undefined],
    );
    assert.notProperty(order, "env");
  });

  it("keeps what is said", () => {
    const env = { A: "1" };
    const order = spawnOrder("x", { args: [], env, killTimeout: 0, childFDs: { 7: "w", 3: 0 } });
    assert.deepEqual([order.args, order.env, order.killTimeout], [[], env, 0]);
    const sparse = { ...env, B: undefined, "": "" };
    assert.deepEqual(spawnOrder("x", { env: sparse }).env, { A: "1", "": "" });
    const odd = Object.fromEntries([["__proto__", "kept"]]);
    assert.deepEqual(Object.entries(spawnOrder("x", { env: odd }).env ?? {}), [
      ["__proto__", "kept"],
    ]);
    assert.deepEqual(
      [...order.childFDs],
      [
        [3, 0],
        [7, "w"],
      ],
    );
  });

  it("a terminal leads a group, and has a size", () => {
    const order = spawnOrder("x", { usePTY: true });
    assert.deepEqual([order.processGroup, order.terminal], [true, { columns: 80, rows: 24 }]);
    const usePTY = { columns: 132, rows: 1, name: "vt100" };
    assert.deepEqual(spawnOrder("x", { usePTY }).terminal, usePTY);
    for (const columns of [0, -1, 0.5, Number.NaN, 65_536]) {
      assert.throws(() => spawnOrder("x", { usePTY: { columns } }), RangeError, "whole numbers");
    }
    assert.throws(() => spawnOrder("x", { usePTY: { name: "\0" } }), TypeError);
  });

  it("lets no NUL pass, wherever it stands, and no = in a name", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\0", "ü", "=", "/") });
    fc.assert(
      fc.property(
        text,
        fc.array(text),
        fc.dictionary(text, text),
        text,
        (name, args, env, path) => {
          const all = [name, ...args, ...Object.entries(env).flat(), path];
          const names = Object.keys(env);
          const isBad =
            name === "" ||
            all.some((one) => one.includes("\0")) ||
            names.some((one) => one.includes("=", 1));
          const order = (): unknown => spawnOrder(name, { args, env, path });
          if (isBad) assert.throws(order, TypeError);
          else assert.doesNotThrow(order);
        },
      ),
    );
  });

  it("says what is not text", () => {
    const args: unknown = [7];
    const order = (): unknown => Reflect.apply(spawnOrder, undefined, ["x", { args }]);
    assert.throws(order, TypeError, "expected an argument to be text, got 7");
  });
});
