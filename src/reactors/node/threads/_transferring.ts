/**
 * A result that is not to be copied whole: what `transferring` makes of it, until the pool library
 * takes it.
 *
 * @module
 */

/** A value, and its parts that are handed over. */
export class Transferring {
  readonly value: unknown;
  readonly transfer: readonly object[];

  constructor(value: unknown, transfer: readonly object[]) {
    this.value = value;
    this.transfer = transfer;
  }
}
