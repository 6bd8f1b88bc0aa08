import { assert, describe, it } from "vitest";
import type { DoctorReport } from "../../testing/simulation/doctor.ts";
import { describeDoctor } from "./doctor-report.ts";

const WELL: DoctorReport = { name: "a bank", seeds: 100, findings: [], escapes: [] };
const PARTING = {
  common: 1,
  before: [{ at: 1, kind: "mark", host: "", text: "begin" }],
  one: { at: 2, kind: "mark", host: "a", text: "tick" },
  other: undefined,
} as const;

describe("describeDoctor()", () => {
  it("says what is well", () => {
    const lines = describeDoctor(WELL).split("\n");
    assert.equal(lines.length, 8);
    assert.equal(lines.filter((line) => line.startsWith("  ✓ ")).length, 6);
  });

  it("shows the first event that differs, of either run", () => {
    const findings = [{ check: "again", seed: 7, count: 3, parting: PARTING }] as const;
    const text = describeDoctor({ ...WELL, findings });
    assert.include(
      text,
      `  ✗ not the same after the others: something in a module outlives a run: seed 7, and 2 more
    1 event the same, the last of them:
          1.000000 s  mark  begin
    then, in one and in the other:
    -     2.000000 s  a  mark  tick
    +    (nothing more)
`,
    );
    assert.include(text, "  ✓ the same in two processes\n");
  });

  it("says nothing of other comparisons where runs differ by chance", () => {
    const findings = [{ check: "twice", seed: 7, count: 1, parting: undefined }] as const;
    const text = describeDoctor({ ...WELL, findings });
    assert.include(text, "time, chance or the machine get in: seed 7\n    (looked at once more");
    assert.notInclude(text, "reversed");
  });

  it("lists places that ask the platform", () => {
    const escapes = [{ message: "Cannot call x()", place: "at f (a.ts:1:2)", seed: 4, count: 1 }];
    assert.include(
      describeDoctor({ ...WELL, escapes }),
      "in 1 place:\n    Cannot call x()\n      at f (a.ts:1:2)   1 time, first in seed 4\n",
    );
  });
});
