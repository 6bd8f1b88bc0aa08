import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, assert, it } from "vitest";
import { Clock } from "../testing/clock.ts";
import { captureContext, trackContext } from "./context.ts";
import { Deferred } from "./deferred.ts";

const user = new AsyncLocalStorage<string>();

afterEach(() => trackContext(false));

/** Fire a Deferred from one context, with a callback added in another. */
function seenByCallback(): string | undefined {
  const d = new Deferred<void>();
  let seen: string | undefined;
  user.run("adder", () => {
    void d.addCallback(() => {
      seen = user.getStore();
    });
  });
  user.run("firer", () => d.callback());
  return seen;
}

it("a callback sees the context in which it was added", () => {
  trackContext();
  assert.equal(seenByCallback(), "adder");
});

it("each callback and errback sees its own", () => {
  trackContext();
  const d = new Deferred<void>();
  const seen: unknown[] = [];
  user.run("one", () => {
    void d.addCallback(() => {
      seen.push(user.getStore());
      throw new RangeError("on");
    });
  });
  user.run("two", () => {
    void d.addErrback(() => {
      seen.push(user.getStore());
    });
  });
  void d.addBoth(() => {
    seen.push(user.getStore());
  });
  user.run("firer", () => d.callback());
  assert.deepEqual(seen, ["one", "two", undefined]);
});

it("a delayed call sees the context in which it was made, arguments and all", () => {
  trackContext();
  const clock = new Clock();
  const seen: unknown[] = [];
  user.run("maker", () => clock.callLater(1, (n: number) => seen.push(n, user.getStore()), 7));
  user.run("clock", () => clock.advance(1));
  assert.deepEqual(seen, [7, "maker"]);
});

it("nothing is captured while nobody has asked", () => {
  assert.isUndefined(captureContext());
  assert.equal(seenByCallback(), "firer");
});
