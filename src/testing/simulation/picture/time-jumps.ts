/**
 * Where time jumps: a run is busy for a millisecond, and then waits for a minute.
 *
 * @module
 */

/** So many times the usual step is a jump. */
const FACTOR = 5;
/** Seconds. */
const LEAST = 0.001;

/**
 * Between two events with these times, one after the other: what is a jump?
 *
 * @returns Seconds.
 */
export function jumpIn(times: readonly number[]): number {
  const steps: number[] = [];
  for (const [index, time] of times.entries()) {
    const step = time - (times[index - 1] ?? time);
    if (step > 0) steps.push(step);
  }
  steps.sort((a, b) => a - b);
  return Math.max(LEAST, FACTOR * (steps[(steps.length - 1) >> 1] ?? 0));
}

/** A time span as people say it: `1.42 s`, `3.1 ms`, `12 min`. */
export function describeSpan(seconds: number): string {
  if (seconds < 0.0995) return `${String(Number((seconds * 1000).toPrecision(2)))} ms`;
  if (seconds < 600) return `${String(Number(seconds.toPrecision(3)))} s`;
  return `${String(Math.round(seconds / 60))} min`;
}
