/**
 * A result as plain data, for where its objects cannot go: another process, a file.
 *
 * @module
 */
import type { FailureKind, SimulationFailure } from "./failure.ts";
import type { SimulationResult } from "./simulate.ts";

/** What there is to tell of a failure. A `SimulationFailure` is one. */
export interface ToldFailure {
  readonly kind: FailureKind;
  readonly property: string;
  readonly message: string;
  readonly host: string | undefined;
  /** Two failures with the same signature are one bug, as far as can be told. */
  readonly signature: string;
  /** Seconds of the simulation. */
  readonly at: number;
  /** Of what was thrown, if the failure is that something was. */
  readonly stack?: string | undefined;
}

/** What there is to tell of a run. A `SimulationResult` is one. */
export interface ToldResult
  extends Pick<
    SimulationResult,
    "ok" | "seed" | "hash" | "events" | "time" | "marks" | "settings" | "token"
  > {
  readonly failure: ToldFailure | undefined;
}

/** The same, and nothing but data. */
export function toldResult(result: SimulationResult): ToldResult {
  const { ok, seed, hash, events, time, marks, settings, token, failure } = result;
  const told = failure === undefined ? undefined : toldFailure(failure);
  return { ok, seed, hash, events, time, marks, settings, token, failure: told };
}

/** The same for the failure alone. */
export function toldFailure(failure: SimulationFailure): ToldFailure {
  const { kind, property, message, host, signature, at, cause } = failure;
  const stack = cause instanceof Error ? cause.stack : undefined;
  return { kind, property, message, host, signature, at, stack };
}
