/**
 * What a worker can be asked to do, and how that and its answers are sent.
 *
 * @module
 */
import type { TraceEvent } from "../../reactors/simulated/trace.ts";
import type { Escape } from "./escapes.ts";
import type { ExaminedFailure, ExamineOrder } from "./examine-failure.ts";
import type { BatchReport, SeedBatch } from "./seed-batch.ts";
import type { SimulateOptions } from "./simulate.ts";

/** One kind of task. */
interface Task<Order, Answer> {
  readonly order: Order;
  readonly answer: Answer;
}

/** Runs, one after the other. */
export interface RunsOrder {
  readonly seeds: readonly number[];
  readonly options: SimulateOptions;
}

/** Every kind. All of it is plain data, maps and bytes included. */
export interface ScenarioTasks {
  /** Run seeds. It can be stopped, and tells then what it has done. */
  readonly batch: Task<SeedBatch, BatchReport>;
  /** Tell of a failure what can be told. */
  readonly examine: Task<ExamineOrder, ExaminedFailure | undefined>;
  /** The hash of each run. */
  readonly hashes: Task<RunsOrder, readonly string[]>;
  /** The events of the last run. */
  readonly trace: Task<RunsOrder, readonly TraceEvent[]>;
  /** What the runs ask of the platform. */
  readonly escapes: Task<RunsOrder, readonly Escape[]>;
}

/** The name of a task. */
export type TaskName = keyof ScenarioTasks;

/** To the worker: a task, or the wish that the one that runs ends soon. */
export type ToWorker = AnyTask | "stop";

/** A task of any kind. */
export type AnyTask = { readonly [Name in TaskName]: TaskOrder<Name> }[TaskName];

/** A task that is to be done. */
interface TaskOrder<Name extends TaskName> {
  readonly task: Name;
  readonly order: ScenarioTasks[Name]["order"];
}

/** From the worker. First whether the scenario is loaded, then an answer to each task. */
export type FromWorker<Answer> =
  | { readonly loaded: string }
  | { readonly unloadable: string }
  | { readonly answer: Answer }
  | { readonly failed: string };

/** The descriptor that a worker finds its ticker at. */
export const TICKER = 4;
