/**
 * Whatever was thrown, as a failure that can be logged.
 *
 * `Failure` of `sennit/defer` stands above this room and is known here by its shape only.
 *
 * @module
 */
import { safeString } from "../core/text.ts";
import { aggregatedErrors, attempt, errorChain, stackOf } from "./_error-chain.ts";
import type { LoggedFailure } from "./event.ts";

/** Whether the value has the shape of a failure already. */
export function isLoggedFailure(value: unknown): value is LoggedFailure {
  return attempt(
    () => hasFailureShape(value),
    () => false,
  );
}

/** The failure itself, or one made of the error or other value that was thrown. */
export function toLoggedFailure(thrown: unknown): LoggedFailure {
  if (isLoggedFailure(thrown)) return thrown;
  return new LoggedError(attempt(() => toError(thrown), unknownError));
}

/** The traceback, or why there is none. */
export function tracebackOf(failure: unknown): string {
  return attempt(
    () => safeString(toLoggedFailure(failure).getTraceback()),
    (error) => `(no traceback: ${safeString(error)})`,
  );
}

function hasFailureShape(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!("value" in value && "getTraceback" in value && "getErrorMessage" in value)) return false;
  return (
    value.value instanceof Error &&
    typeof value.getTraceback === "function" &&
    typeof value.getErrorMessage === "function"
  );
}

function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  const message = `Something other than an Error was thrown: ${safeString(thrown)}`;
  return new Error(message, { cause: thrown });
}

function unknownError(): Error {
  return new Error("Something was thrown that cannot even be looked at");
}

class LoggedError implements LoggedFailure {
  readonly value: Error;

  constructor(value: Error) {
    this.value = value;
  }

  getTraceback(): string {
    return errorChain(this.value).map(stackWithParts).join("\ncaused by: ");
  }

  getErrorMessage(): string {
    return this.value.message === "" ? this.value.name : this.value.message;
  }

  toString(): string {
    return `[Failure ${safeString(this.value)}]`;
  }
}

function stackWithParts(error: unknown): string {
  const parts = aggregatedErrors(error).map((part) => `\n  ${safeString(part)}`);
  return stackOf(error) + parts.join("");
}
