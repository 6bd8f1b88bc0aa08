import { assert, describe, it } from "vitest";
import { Clock } from "../../testing/clock.ts";
import { counted, Progress } from "./progress.ts";

function begin(isTerminal: boolean) {
  const clock = new Clock();
  const written: string[] = [];
  const progress = new Progress(clock, (text) => written.push(text), isTerminal);
  const after = (seconds: number, seeds: number): void => {
    clock.advance(seconds);
    progress.show({ seeds, events: 0, failures: 1 });
  };
  return { progress, written, after };
}

describe("Progress", () => {
  it("has one line on a terminal, and takes it away at the end", () => {
    const { progress, written, after } = begin(true);
    after(0.1, 1000);
    after(0.2, 3000);
    after(0.1, 4000);
    progress.end();
    progress.end();
    assert.deepEqual(written, ["\r\u001B[K3,000 seeds   600,000/min   1 failure", "\r\u001B[K"]);
  });

  it("elsewhere says something every ten seconds, in lines", () => {
    const { progress, written, after } = begin(false);
    for (let second = 1; second <= 25; second += 1) after(1, second * 1000);
    progress.end();
    assert.deepEqual(written, [
      "10,000 seeds   60,000/min   1 failure\n",
      "20,000 seeds   60,000/min   1 failure\n",
    ]);
  });
});

it("counted() groups digits", () => {
  assert.deepEqual(
    [0, 1, 999, 1000, 1_234_567].map((count) => counted(count, "seed")),
    ["0 seeds", "1 seed", "999 seeds", "1,000 seeds", "1,234,567 seeds"],
  );
});
