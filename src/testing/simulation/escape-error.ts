/**
 * A program in a simulation asked the platform for what its reactor should have given.
 *
 * @module
 */

/** Thrown at the call that escapes, and told by `doctor`. */
export class EscapeError extends Error {
  readonly code = "ERR_SIMULATION_ESCAPE";
  override readonly name = "EscapeError";
  /** What was called: `Date.now()`. */
  readonly what: string;

  constructor(what: string, instead: string) {
    super(`Cannot call ${what} in a simulation: use ${instead}`);
    this.what = what;
  }
}
