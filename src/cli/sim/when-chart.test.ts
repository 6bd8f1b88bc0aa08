import { assert, it } from "vitest";
import { describeWhen } from "./failure-report.ts";
import { drawWhenChart } from "./when-chart.ts";

const POINTS = [
  { time: 0, failing: 0.033 },
  { time: 7.3, failing: 0.38 },
  { time: 8.7, failing: 1 },
];

it("drawWhenChart() has a bar for each point, and marks the turn", () => {
  const lines = drawWhenChart({ points: POINTS, between: [7.3, 8.7], seenAt: 200 }).split("\n");
  assert.deepEqual(lines, [
    "    0.000000 s    3 %  █",
    "    7.300000 s   38 %  ███████████▍",
    "    8.700000 s  100 %  ██████████████████████████████  inevitable from here on",
    "  200.000000 s         seen",
  ]);
});

it("describeWhen() and its chart know of failures that never were inevitable, and always", () => {
  const late = { points: POINTS.slice(0, 2), between: [7.3, 7.3], seenAt: 7.3 } as const;
  assert.notInclude(drawWhenChart(late), "inevitable");
  assert.equal(describeWhen(late), "not inevitable before it was seen at 7.300000 s");
  const early = { points: POINTS.slice(2), between: [0, 0], seenAt: 9 } as const;
  assert.equal(describeWhen(early), "inevitable from the beginning, seen at 9.000000 s");
  const between = { points: POINTS, between: [7.3, 8.7], seenAt: 9 } as const;
  assert.equal(describeWhen(between), "inevitable from 7.300000 to 8.700000 s, seen at 9.000000 s");
});
