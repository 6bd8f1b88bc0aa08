/**
 * `sennit sim doctor`: is a scenario deterministic, and does it stay inside?
 *
 * @module
 */
import { plural } from "../../core/text.ts";
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import {
  type DoctorCheck,
  type DoctorFinding,
  type DoctorReport,
  examineDeterminism,
  type Parting,
} from "../../testing/simulation/doctor.ts";
import type { Escape } from "../../testing/simulation/escapes.ts";
import { describeTraceEvent } from "../../testing/simulation/trace-text.ts";
import type { CommandContext, Ending } from "../command.ts";
import { statusOfDoctor } from "./exit-status.ts";
import type { SimSettings } from "./settings.ts";

/** What each comparison says, if all is well and if not. */
const CHECKS: Readonly<Record<DoctorCheck, readonly [well: string, ill: string]>> = {
  twice: [
    "the same in two processes",
    "not the same in two processes: time, chance or the machine get in",
  ],
  drains: [
    "the same with a turn of Node's loop for every event",
    "not the same with a turn of Node's loop for every event: something waits for a turn",
  ],
  again: [
    "the same after the others",
    "not the same after the others: something in a module outlives a run",
  ],
  reversed: [
    "the same in reversed order",
    "not the same in reversed order: something in a module outlives a run",
  ],
  alone: [
    "the same alone in a process",
    "not the same alone in a process: something in a module outlives a run",
  ],
};

/** See the top of this file. */
export async function examineFile(settings: SimSettings, context: CommandContext): Promise<Ending> {
  const { reactor, directory, writeOut } = context;
  const { file, options } = settings;
  const seeds = settings.number("seeds", 1);
  const from = settings.number("from", 0) ?? settings.number("seed", 0);
  const patience = settings.seconds("patience");
  const report = await examineDeterminism(file, {
    reactor,
    directory,
    options,
    ...(seeds !== undefined && { seeds }),
    ...(from !== undefined && { from }),
    ...(patience !== undefined && { patience }),
  });
  writeOut(describeDoctor(report));
  return { status: statusOfDoctor(report) };
}

/** What the doctor has found, in lines with their ends. */
export function describeDoctor({ name, seeds, findings, escapes }: DoctorReport): string {
  const isByChance = findings.some(({ check }) => check === "twice");
  const checks = Object.entries(CHECKS).flatMap(([check, [well]]) => {
    const finding = findings.find((one) => one.check === check);
    if (finding !== undefined) return describeFinding(finding, finding === findings[0]);
    // What differs by chance says nothing about the other comparisons.
    return isByChance ? [] : [`  ✓ ${well}`];
  });
  const lines = [`${name}   ${plural(seeds, "seed")}`, ...checks, ...describeEscapes(escapes)];
  return `${lines.join("\n")}\n`;
}

function describeFinding(
  { check, seed, count, parting }: DoctorFinding,
  isFirst: boolean,
): string[] {
  const others = count > 1 ? `, and ${String(count - 1)} more` : "";
  const [, ill] = CHECKS[check];
  const title = `  ✗ ${ill}: seed ${String(seed)}${others}`;
  if (parting !== undefined) return [title, ...describeParting(parting)];
  return isFirst ? [title, "    (looked at once more, they were the same)"] : [title];
}

function describeParting({ common, before, one, other }: Parting): string[] {
  const told = (event: TraceEvent | undefined): string => {
    return event === undefined ? "   (nothing more)" : describeTraceEvent(event);
  };
  return [
    `    ${plural(common, "event")} the same${common > 0 ? ", the last of them" : ""}:`,
    ...before.map((event) => `      ${told(event)}`),
    "    then, in one and in the other:",
    `    - ${told(one)}`,
    `    + ${told(other)}`,
  ];
}

function describeEscapes(escapes: readonly Escape[]): string[] {
  if (escapes.length === 0) return ["  ✓ asks nothing of the platform"];
  return [
    `  ✗ asks the platform, in ${plural(escapes.length, "place")}:`,
    ...escapes.flatMap(({ message, place, seed, count }) => [
      `    ${message}`,
      `      ${place}   ${plural(count, "time")}, first in seed ${String(seed)}`,
    ]),
  ];
}
