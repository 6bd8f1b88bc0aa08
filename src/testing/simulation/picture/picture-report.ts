/**
 * What a picture of a run is made from.
 *
 * @module
 */
import type { SimulationResult } from "../simulate.ts";
import type { WhenResult } from "../when.ts";

/** A run, and what was found out about it. */
export interface PictureReport {
  /** The name of the scenario. */
  readonly name: string;
  /** With its trace: it was run with `traced`. */
  readonly result: SimulationResult;
  /** From when on the failure was inevitable, of the same run. */
  readonly when?: WhenResult | undefined;
  /** How many choices were not benign, before it was shrunk and after. */
  readonly shrunk?: { readonly before: number; readonly after: number } | undefined;
  /** The command that runs it again. Default: `SIM_TOKEN=…`, for whatever runs the test. */
  readonly replay?: string | undefined;
}
