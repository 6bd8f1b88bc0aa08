/**
 * Errors as records that JSON can hold, and back.
 *
 *     { "type": "ConnectionLost", "message": "…", "code": "ERR_CONNECTION_LOST", "stack": "…",
 *       "causes": [ { "type": "Error", "message": "read ECONNRESET", … } ] }
 *
 * `causes` is the chain, the nearest cause first; `errors` holds the parts of an `AggregateError`.
 *
 * @module
 */
import { safeString } from "../core/text.ts";
import { aggregatedErrors, attempt, errorChain, stackOf } from "./_error-chain.ts";
import { toLoggedFailure } from "./_logged-failure.ts";
import type { LoggedFailure } from "./event.ts";

/** One error, without its causes. A type, not an interface: it must fit in a `JSONValue`. */
type PlainErrorRecord = {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack: string;
  readonly errors?: readonly PlainErrorRecord[];
};

/** An error with its causes. */
export type ErrorRecord = PlainErrorRecord & { readonly causes: readonly PlainErrorRecord[] };

/** Ours: no deeper nesting of aggregates is shown. */
const AGGREGATES_MAX = 2;

/** The error as a record. Never throws. */
export function errorRecord(error: unknown): ErrorRecord {
  const [first, ...causes] = errorChain(error);
  return { ...plainRecord(first), causes: causes.map((cause) => plainRecord(cause)) };
}

/** The failure that was saved as a record, or `undefined` when this is none. */
export function failureFromRecord(record: unknown): LoggedFailure | undefined {
  if (typeof record !== "object" || record === null) return undefined;
  const causes: unknown = Reflect.get(record, "causes");
  const chain: readonly unknown[] = Array.isArray(causes) ? causes : [];
  const cause = chain.reduceRight<Error | undefined>(errorFromRecord, undefined);
  return toLoggedFailure(errorFromRecord(cause, record));
}

function plainRecord(error: unknown, depth = 0): PlainErrorRecord {
  const code = attempt(
    () => codeOf(error),
    () => undefined,
  );
  const parts = depth < AGGREGATES_MAX ? aggregatedErrors(error) : [];
  return {
    type: textOf(() => (error instanceof Error ? error.name : typeof error)),
    message: textOf(() => (error instanceof Error ? error.message : error)),
    ...(code === undefined ? {} : { code }),
    stack: stackOf(error),
    ...(parts.length === 0 ? {} : { errors: parts.map((part) => plainRecord(part, depth + 1)) }),
  };
}

function textOf(read: () => unknown): string {
  return attempt(
    () => String(read()),
    (error) => `(cannot be read: ${safeString(error)})`,
  );
}

function codeOf(error: unknown): string | number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const { code } = error;
  return typeof code === "string" || typeof code === "number" ? code : undefined;
}

/** A saved error; `cause` is the one that was read before, from the far end of the chain. */
function errorFromRecord(cause: Error | undefined, record: unknown): Error {
  const read = (key: string): unknown =>
    typeof record === "object" && record !== null ? Reflect.get(record, key) : undefined;
  const message = read("message");
  const text = typeof message === "string" ? message : safeString(record);
  const options = cause === undefined ? {} : { cause };
  const parts = read("errors");
  const error = Array.isArray(parts)
    ? new AggregateError(
        parts.map((part) => errorFromRecord(undefined, part)),
        text,
        options,
      )
    : new Error(text, options);
  restore(error, "name", read("type"));
  restore(error, "code", read("code"));
  restore(error, "stack", read("stack"));
  return error;
}

function restore(error: Error, name: string, value: unknown): void {
  if (value === undefined) return;
  Object.defineProperty(error, name, { value, writable: true, configurable: true });
}
