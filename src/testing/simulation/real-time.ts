/**
 * The time that a person waits: for budgets, which no reactor measures.
 *
 * @module
 */

// Node's own, whatever stands in its place while a simulation runs.
const nanoseconds = process.hrtime.bigint.bind(process.hrtime);

/** Seconds since some moment, for differences. */
export function realSeconds(): number {
  return Number(nanoseconds()) / 1e9;
}
