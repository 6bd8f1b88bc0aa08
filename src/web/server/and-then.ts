/**
 * Going on with a value, now or later.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import type { Eventually } from "./answer.ts";

/** Call `f` with the value: at once if it is there. No promise is made of what is none. */
export function andThen<Value, Result>(
  value: Eventually<Value>,
  f: (value: Value) => Eventually<Result>,
): Eventually<Result> {
  return isLater(value) ? value.then<Result>(f) : f(value);
}

/** Is it something to wait for? */
export function isLater<Value>(value: Eventually<Value>): value is PromiseLike<Value> {
  if (value instanceof Deferred) return true;
  const isObject = typeof value === "object" && value !== null;
  return isObject && "then" in value && typeof value.then === "function";
}
