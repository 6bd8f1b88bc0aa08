/**
 * Errors on their way from thread to thread. Structured cloning alone keeps message, stack and
 * cause, but loses the name, the code and every other property, and fails for one that cannot be
 * copied.
 *
 * @module
 */
import { CancelledError } from "../../../defer/errors.ts";
import { Failure } from "../../../defer/failure.ts";
import {
  NotExposedError,
  ThreadResultError,
  ThreadTaskNotFoundError,
} from "../../../internet/interfaces-threads.ts";

/** Causes can be made circular, and they nest; a report must end. */
const DEPTH_MAX = 16;

/** An error, taken apart. */
interface ErrorRecord {
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause?: Thrown;
  /** Of an `AggregateError`. */
  readonly errors?: readonly Thrown[];
  /** Own properties that can be copied: `code`, `errno`, … */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Something that was thrown: an error, or any other value. */
export type Thrown = { readonly error: ErrorRecord } | { readonly value: unknown };

type MakeError = (message: string, options: ErrorOptions | undefined) => Error;

/** Classes that are known on both sides; any other error becomes an `Error` that has its name. */
const KNOWN: ReadonlyMap<string, MakeError> = new Map<string, MakeError>([
  ["EvalError", (message, options) => new EvalError(message, options)],
  ["RangeError", (message, options) => new RangeError(message, options)],
  ["ReferenceError", (message, options) => new ReferenceError(message, options)],
  ["SyntaxError", (message, options) => new SyntaxError(message, options)],
  ["TypeError", (message, options) => new TypeError(message, options)],
  ["URIError", (message, options) => new URIError(message, options)],
  ["ERR_CANCELLED", (message, options) => new CancelledError(message, options)],
  ["ERR_NOT_EXPOSED", (message, options) => new NotExposedError(message, options)],
  ["ERR_THREAD_RESULT", (message, options) => new ThreadResultError(message, options)],
  [
    "ERR_THREAD_TASK_NOT_FOUND",
    (message, options) => new ThreadTaskNotFoundError(message, options),
  ],
]);

/** What {@link ErrorRecord} has fields for; own properties of these names are not copied again. */
const FIELDS = new Set(["name", "message", "stack", "cause", "errors"]);

/** Take apart what was thrown. */
export function takeApart(thrown: unknown, depth = 0): Thrown {
  if (thrown instanceof Failure) return takeApart(thrown.value, depth);
  if (!(thrown instanceof Error)) return { value: copied(thrown) ? thrown : String(thrown) };
  const error = {
    type: typeOf(thrown),
    name: thrown.name,
    message: thrown.message,
    stack: thrown.stack,
    properties: propertiesOf(thrown),
  };
  if (depth === DEPTH_MAX) return { error };
  const inner = (one: unknown): Thrown => takeApart(one, depth + 1);
  const cause = "cause" in thrown ? { cause: inner(thrown.cause) } : {};
  const errors =
    thrown instanceof AggregateError
      ? { errors: thrown.errors.slice(0, DEPTH_MAX).map(inner) }
      : {};
  return { error: { ...error, ...cause, ...errors } };
}

/** Our own code where we know it, else the nearest of JavaScript's own classes. */
function typeOf(error: Error): string {
  if ("code" in error && typeof error.code === "string" && KNOWN.has(error.code)) return error.code;
  let prototype: unknown = error;
  while (typeof prototype === "object" && prototype !== null) {
    const { name } = prototype.constructor;
    if (KNOWN.has(name)) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return "Error";
}

function propertiesOf(error: Error): Record<string, unknown> {
  const entries = Object.entries(error).filter(([key, value]) => !FIELDS.has(key) && copied(value));
  // A `code` on the prototype (`DOMException`), or not enumerable.
  if ("code" in error && copied(error.code)) entries.push(["code", error.code]);
  return Object.fromEntries(entries);
}

/** Can it be copied? Only asked of errors: it makes a copy to find out. */
function copied(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    // It cannot, whatever the reason.
    return false;
  }
}

/** The error again, or the other value that was thrown. */
export function putTogether(thrown: Thrown): unknown {
  if (!("error" in thrown)) return thrown.value;
  const { type, name, message, stack, cause, errors, properties } = thrown.error;
  const options = cause === undefined ? undefined : { cause: putTogether(cause) };
  const error =
    errors === undefined
      ? (KNOWN.get(type)?.(message, options) ?? new Error(message, options))
      : new AggregateError(errors.map(putTogether), message, options);
  for (const [key, value] of Object.entries(properties)) {
    Object.defineProperty(error, key, { value, ...WRITABLE, enumerable: true });
  }
  if (error.name !== name) Object.defineProperty(error, "name", { value: name, ...WRITABLE });
  Object.defineProperty(error, "stack", { value: stack, ...WRITABLE });
  return error;
}

const WRITABLE = { writable: true, configurable: true };
