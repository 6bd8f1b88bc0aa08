/**
 * Errors, read with care: their getters may throw and their causes may run in a circle.
 *
 * @module
 */
import { safeString } from "../core/text.ts";

/** Causes can be made circular or endless; a report must end. */
const CAUSES_MAX = 16;

/** The value of `read`, or `fallback` when it throws. */
export function attempt<Value>(read: () => Value, fallback: (error: unknown) => Value): Value {
  try {
    return read();
  } catch (error) {
    return fallback(error);
  }
}

/** An error (or whatever was thrown) and its causes, the outermost first; at most 17. */
export function errorChain(error: unknown): readonly unknown[] {
  const chain = [error];
  let next = causeOf(error);
  while (next !== undefined && chain.length <= CAUSES_MAX && !chain.includes(next)) {
    chain.push(next);
    next = causeOf(next);
  }
  return chain;
}

/** The errors that an `AggregateError` holds; at most 16. */
export function aggregatedErrors(error: unknown): readonly unknown[] {
  const read = (): readonly unknown[] =>
    error instanceof AggregateError ? error.errors.slice(0, CAUSES_MAX) : [];
  return attempt(read, () => []);
}

/** The stack of an error, or the best that can be said in its place. */
export function stackOf(error: unknown): string {
  const read = (): string | undefined => (error instanceof Error ? error.stack : undefined);
  const stack: unknown = attempt(read, () => undefined);
  return typeof stack === "string" ? stack : safeString(error);
}

function causeOf(error: unknown): unknown {
  return attempt(
    () => (error instanceof Error ? error.cause : undefined),
    () => undefined,
  );
}
