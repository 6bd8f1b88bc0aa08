import { inspect } from "node:util";
import { assert, it } from "vitest";
import { trackContext } from "../../defer/context.ts";
import { Clock } from "../../testing/clock.ts";

it("a delayed call keeps its name while contexts are tracked", () => {
  function ping(): void {}
  const clock = new Clock();
  const cancelled = clock.callLater(1, ping);
  cancelled.cancel();
  assert.equal(inspect(cancelled), "DelayedCall(cancelled)"); // It holds on to nothing.
  trackContext();
  try {
    assert.equal(inspect(clock.callLater(1, ping)), "DelayedCall(ping, in 1.000 s)");
  } finally {
    trackContext(false);
  }
});

it("a call made in a pass waits for the next one, however it is moved meanwhile", () => {
  const clock = new Clock();
  let runs = 0;
  function again(): void {
    runs += 1;
    if (runs > 5) return;
    const made = clock.callLater(0, again);
    made.delay(-1);
    clock.callLater(100, () => {});
    made.delay(0.5); // Still due.
  }
  clock.callLater(1, again);
  clock.advance(1);
  assert.equal(runs, 1);
});
