import { assert, describe, it } from "vitest";
import type { Divergence } from "./explore.ts";
import { SimulationFailure } from "./failure.ts";
import type { BatchPart } from "./seed-batch.ts";
import { SeedLedger, type SeedRange } from "./seed-ledger.ts";
import { type ToldResult, toldFailure } from "./told-result.ts";

function failedAt(seed: number, property: string): ToldResult {
  const failure = new SimulationFailure({ kind: "always", property, message: property });
  const token = `sim1:${String(seed)}`;
  const [marks, settings] = [new Map<string, number>(), new Map<string, string>()];
  const facts = { seed, token, marks, settings, hash: "", events: 1, time: 1 };
  return { ...facts, ok: false, failure: toldFailure(failure) };
}

/** What a worker tells of seeds of which some fail, in so many ways. */
function tell(
  { from, to }: SeedRange,
  bugs: ReadonlyMap<number, string>,
  failures = 1,
): readonly BatchPart[] {
  const parts: BatchPart[] = [];
  const seen = new Set<string>();
  let begun = from;
  const cut = (end: number, failed?: ToldResult): void => {
    const marks = new Map([["seen", end - begun]]);
    const part = { from: begun, to: end, seeds: end - begun, events: end - begun, marks };
    parts.push(failed === undefined ? part : { ...part, failed });
    begun = end;
  };
  for (let seed = from; seed < to && seen.size < failures; seed += 1) {
    const bug = bugs.get(seed);
    if (bug === undefined || seen.has(bug)) continue;
    seen.add(bug);
    cut(seed + 1, failedAt(seed, bug));
  }
  if (begun < to && seen.size < failures) cut(to);
  return parts;
}

function summary(ledger: SeedLedger) {
  const { seeds, events, failed, marks } = ledger.result();
  const found = failed.map(({ seed }) => seed);
  return { seeds, events, failed: found, seen: marks.get("seen") };
}

/** All ranges of four seeds, told in an order. */
function play(
  options: { readonly seeds: number; readonly failures: number },
  bugs: ReadonlyMap<number, string>,
  order: (ranges: SeedRange[]) => SeedRange[],
) {
  const ledger = new SeedLedger({ from: 0, ...options });
  const ranges: SeedRange[] = [];
  for (let range = ledger.take(4); range !== undefined; range = ledger.take(4)) ranges.push(range);
  for (const range of order(ranges)) {
    for (const part of tell(range, bugs, options.failures)) ledger.add(part);
  }
  assert.isTrue(ledger.isOver);
  return summary(ledger);
}

describe("SeedLedger", () => {
  it("hands every seed out once, in order", () => {
    const ledger = new SeedLedger({ from: 10, seeds: 5, failures: 1 });
    assert.deepEqual(ledger.take(2), { from: 10, to: 12 });
    assert.deepEqual(ledger.take(2), { from: 12, to: 14 });
    assert.deepEqual(ledger.take(2), { from: 14, to: 15 });
    assert.isUndefined(ledger.take(2));
  });

  it("hands out again what is given back, the lowest first", () => {
    const ledger = new SeedLedger({ from: 0, seeds: 100, failures: 1 });
    ledger.take(50);
    ledger.giveBack({ from: 20, to: 23 });
    ledger.giveBack({ from: 5, to: 6 });
    ledger.giveBack({ from: 7, to: 7 });
    assert.deepEqual(ledger.take(2), { from: 5, to: 6 });
    assert.deepEqual(ledger.take(2), { from: 20, to: 22 });
    assert.deepEqual(ledger.take(2), { from: 22, to: 23 });
    assert.deepEqual(ledger.take(2), { from: 50, to: 52 });
  });

  it("finds the same whoever was faster", () => {
    const bugs = new Map([
      [9, "one"],
      [6, "two"],
      [21, "one"],
      [17, "three"],
    ]);
    const orders: readonly ((ranges: SeedRange[]) => SeedRange[])[] = [
      (ranges) => ranges,
      (ranges) => ranges.toReversed(),
      (ranges) => ranges.toSorted((a, b) => (a.from % 12) - (b.from % 12)),
    ];
    for (const order of orders) {
      const one = play({ seeds: 40, failures: 1 }, bugs, order);
      assert.deepEqual(one, { seeds: 7, events: 7, failed: [6], seen: 7 });
      const two = play({ seeds: 40, failures: 2 }, bugs, order);
      assert.deepEqual(two, { seeds: 10, events: 10, failed: [6, 9], seen: 10 });
      const all = play({ seeds: 40, failures: 9 }, bugs, order);
      assert.deepEqual(all, { seeds: 40, events: 40, failed: [6, 9, 17], seen: 40 });
    }
  });

  it("a failure ends the search behind it, and not before it", () => {
    const ledger = new SeedLedger({ from: 0, seeds: 1000, failures: 1 });
    ledger.take(10);
    ledger.take(10);
    for (const part of tell({ from: 10, to: 20 }, new Map([[15, "late"]]))) ledger.add(part);
    assert.isUndefined(ledger.take(10));
    assert.isFalse(ledger.isOver);
    ledger.giveBack({ from: 0, to: 10 });
    ledger.giveBack({ from: 16, to: 20 });
    assert.deepEqual(ledger.take(10), { from: 0, to: 10 });
    for (const part of tell({ from: 0, to: 10 }, new Map([[3, "early"]]))) ledger.add(part);
    assert.isTrue(ledger.isOver);
    assert.deepEqual(summary(ledger).failed, [3]);
  });

  it("two runs that differ end it too", () => {
    const divergence: Divergence = { seed: 2, event: 64 };
    const ledger = new SeedLedger({ from: 0, seeds: 1000, failures: 5 });
    ledger.take(10);
    ledger.add({ from: 0, to: 3, seeds: 3, events: 3, marks: new Map(), divergence });
    assert.isTrue(ledger.isOver);
    assert.deepEqual(ledger.result().diverged, [divergence]);
  });

  it("tells what is beyond a gap when it must end", () => {
    const ledger = new SeedLedger({ from: 0, seeds: 100, failures: 1 });
    ledger.take(10);
    ledger.take(10);
    ledger.take(10);
    for (const part of tell({ from: 20, to: 30 }, new Map([[25, "a bug"]]))) ledger.add(part);
    for (const part of tell({ from: 0, to: 10 }, new Map())) ledger.add(part);
    assert.deepEqual(summary(ledger), { seeds: 16, events: 16, failed: [25], seen: 16 });
  });
});
