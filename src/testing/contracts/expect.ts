/**
 * Plain assertions: the suites run in any test runner, and bring no library.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import { quote } from "../../core/text.ts";
import { type ErrorClass, Failure } from "../../defer/failure.ts";

/** The same value, or lists of the same values. @throws {AssertionError} */
export function expectEqual(actual: unknown, expected: unknown, what = "the value"): void {
  if (isSame(actual, expected)) return;
  throw new AssertionError(`Expected ${what} to be ${show(expected)}, was ${show(actual)}`);
}

function isSame(actual: unknown, expected: unknown): boolean {
  if (!Array.isArray(actual) || !Array.isArray(expected)) return Object.is(actual, expected);
  return (
    actual.length === expected.length && actual.every((one, at) => Object.is(one, expected[at]))
  );
}

function show(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((one) => quote(one)).join(", ")}]` : quote(value);
}

/** It throws an error of that class. @returns The error. @throws {AssertionError} */
export function expectThrown<E extends Error>(f: () => unknown, expected: ErrorClass<E>): E {
  try {
    f();
  } catch (error) {
    if (error instanceof expected) return error;
    throw new AssertionError(`Expected ${expected.name} to be thrown, was ${quote(error)}`, {
      cause: error,
    });
  }
  throw new AssertionError(`Expected ${expected.name} to be thrown, nothing was`);
}

/** There is a failure, and just of that class. @returns Its error. @throws {AssertionError} */
export function expectReason<E extends Error>(reason: unknown, expected: ErrorClass<E>): E {
  if (!(reason instanceof Failure)) {
    throw new AssertionError(`Expected a failure with ${expected.name}, found ${quote(reason)}`);
  }
  // Not `instanceof` alone: ConnectionAborted is a ConnectionLost, and they are told apart here.
  if (reason.is(expected) && reason.value.constructor === expected) return reason.value;
  throw new AssertionError(`Expected ${expected.name}, found ${reason.toString()}`, {
    cause: reason.value,
  });
}
