/**
 * A simulation was begun inside of another one, which would wait for it for ever.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";

/** Simulations come one after the other: the code of one cannot begin the next. */
export class NestedSimulationError extends SennitError {
  readonly code = "ERR_SIMULATION_NESTED";

  /** @param place Whose code has begun it. */
  constructor(place: string) {
    super(
      `Cannot simulate inside a simulation, in the code of ${place}: begin it when this is over`,
    );
  }
}
