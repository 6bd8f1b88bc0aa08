import { assert, it } from "vitest";
import type { DoctorReport } from "../../testing/simulation/doctor.ts";
import { Findings } from "../../testing/simulation/explore.ts";
import { SimulationFailure } from "../../testing/simulation/failure.ts";
import { type ToldResult, toldFailure } from "../../testing/simulation/told-result.ts";
import { statusOfBatch, statusOfDoctor } from "./exit-status.ts";

const NO_MARKS = new Map<string, number>();

function failed(kind: "always" | "escape", property: string): ToldResult {
  const failure = toldFailure(new SimulationFailure({ kind, property, message: property }));
  const facts = { seed: 1, hash: "", events: 1, time: 1, token: "sim1:1" };
  return { ok: false, ...facts, marks: NO_MARKS, settings: new Map(), failure };
}

it("statusOfBatch() is that of the first failure, then of runs that differ, then of marks", () => {
  const never = new Map([["the point", 0]]);
  const findings = new Findings<ToldResult>();
  assert.equal(statusOfBatch(findings.result()), 0);
  findings.count({ seeds: 1, events: 1, marks: never });
  assert.equal(statusOfBatch(findings.result()), 5);
  findings.diverged.push({ seed: 1, event: 64 });
  assert.equal(statusOfBatch(findings.result()), 2);
  findings.add(failed("escape", "inside"));
  assert.equal(statusOfBatch(findings.result()), 3);
  const broken = new Findings<ToldResult>();
  broken.add(failed("always", "money"));
  broken.add(failed("escape", "inside"));
  assert.equal(statusOfBatch(broken.result()), 1);
});

it("statusOfDoctor() is that of what is worse", () => {
  const report: DoctorReport = { name: "a bank", seeds: 1, findings: [], escapes: [] };
  const escapes = [{ message: "m", place: "p", seed: 1, count: 1 }];
  const findings = [{ check: "again", seed: 1, count: 1, parting: undefined }] as const;
  assert.equal(statusOfDoctor(report), 0);
  assert.equal(statusOfDoctor({ ...report, escapes }), 3);
  assert.equal(statusOfDoctor({ ...report, escapes, findings }), 2);
});
