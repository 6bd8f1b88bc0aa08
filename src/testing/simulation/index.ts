/**
 * A whole network application in virtual time, from a seed.
 *
 * @example
 * ```ts
 * import { simulate } from "sennit/testing/simulation";
 *
 * const { ok, time } = await simulate(async (sim) => {
 *   const host = sim.host("server", (reactor) => void reactor);
 *   sim.always("its reactor is a simulated one", () => host.running);
 *   await sim.sleep(3600);
 * });
 * console.log(ok, time); // true 3600
 * ```
 *
 * @module testing/simulation
 */
export type { ChoicePlan } from "../../reactors/simulated/choices.ts";
export type {
  DiskDelay,
  DiskFailure,
  DiskOperation,
} from "../../reactors/simulated/disk/disk-troubles.ts";
export type { CrashKind, SimulatedDisk } from "../../reactors/simulated/disk/simulated-disk.ts";
export type { DrainMode } from "../../reactors/simulated/drain.ts";
export type { Program, SimulatedHost } from "../../reactors/simulated/host.ts";
export type { Link, LinkOptions, Range } from "../../reactors/simulated/link.ts";
export type {
  NameFailure,
  NameFault,
  SimulatedNames,
  SimulatedNamesOptions,
} from "../../reactors/simulated/names/simulated-names.ts";
export type {
  ChildProgram,
  ChildStream,
  SimulatedChild,
} from "../../reactors/simulated/processes/child-program.ts";
export type {
  SimulatedPrograms,
  SimulatedProgramsOptions,
} from "../../reactors/simulated/processes/simulated-programs.ts";
export {
  MonitorError,
  type MonitorOptions,
  type MonitorPlace,
  type MonitorRule,
} from "../../reactors/simulated/monitor.ts";
export type { SimulatedReactor } from "../../reactors/simulated/simulated-reactor.ts";
export type { Simulator, WorkEnd, WorkLimits } from "../../reactors/simulated/simulator.ts";
export type {
  ThreadTimes,
  ThreadTimesOptions,
} from "../../reactors/simulated/threads/thread-times.ts";
export { TRACE_KINDS, type TraceEvent, type TraceKind } from "../../reactors/simulated/trace.ts";
export {
  type Divergence,
  explore,
  type ExploreOptions,
  type ExploreProgress,
  type ExploreResult,
} from "./explore.ts";
export { exploreFile, type ExploreFileOptions, type ExploreFileResult } from "./explore-file.ts";
export { EscapeError } from "./escape-error.ts";
export type { GlobalsMode } from "./globals.ts";
export { type FailureFacts, type FailureKind, SimulationFailure } from "./failure.ts";
export type { ToldFailure, ToldResult } from "./told-result.ts";
export { NestedSimulationError } from "./nested-simulation-error.ts";
export { loadScenario } from "./load-scenario.ts";
export { ScenarioModuleError } from "./scenario-module-error.ts";
export {
  isNamedScenario,
  type NamedScenario,
  type ScenarioOptions,
  simulation,
} from "./module.ts";
export { type DefineTest, simTest, type SimTestOptions } from "./sim-test.ts";
export {
  type Scenario,
  simulate,
  type SimulateOptions,
  type SimulationResult,
} from "./simulate.ts";
export type { EventuallyOptions, Simulation } from "./simulation.ts";
export type { Fault, PartitionOptions, SimulationNetwork } from "./simulation-network.ts";
export { type PinOptions, pinnedTest } from "./pin.ts";
export { shrink, type ShrinkOptions, type Shrunk } from "./shrink.ts";
export { formatToken, parseToken, type ReplayToken } from "./token.ts";
export {
  FAULT_KINDS,
  type FaultKind,
  type FaultProfile,
  type Swarm,
  type SwarmOptions,
} from "./swarm.ts";
export type { PictureReport } from "./picture/picture-report.ts";
export type { TracedRun } from "./picture/relevant-events.ts";
export { traceChrome } from "./trace-chrome.ts";
export { TraceFormatError } from "./trace-format-error.ts";
export { traceHTML } from "./trace-html.ts";
export { readTraceLines, traceLines } from "./trace-lines.ts";
export { describeStory, describeTraceEvent, type StoryOptions } from "./trace-text.ts";
export {
  whenInevitable,
  type WhenOptions,
  type WhenPoint,
  type WhenResult,
} from "./when.ts";
export { describeBatch, describeFailure } from "./report.ts";
export type { ErrorClass } from "./run-log.ts";
