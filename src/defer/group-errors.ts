/**
 * The errors of several Deferreds that are waited for together.
 *
 * After: twisted.internet.defer.FirstError, FailureGroup.
 *
 * @module
 */
import { SennitError } from "../core/errors.ts";
import type { Failure } from "./failure.ts";

/** One of several failed, and that was enough; its error is the `cause`. */
export class FirstError extends SennitError {
  readonly code = "ERR_FIRST_ERROR";
  /** Which one, counted from 0. */
  readonly index: number;
  readonly subFailure: Failure;
  constructor(subFailure: Failure, index: number) {
    super(`Deferred ${String(index)} failed: ${subFailure.getBriefTraceback()}`, {
      cause: subFailure.value,
    });
    this.index = index;
    this.subFailure = subFailure;
  }
}

/** As many reasons are told in the message; the rest are counted. */
const TOLD_MAX = 4;

/** All of several failed: an `AggregateError`, with a code. */
export class FailureGroup extends SennitError {
  readonly code = "ERR_FAILURE_GROUP";
  /** In the order in which the Deferreds were given. */
  readonly failures: readonly Failure[];
  /** The errors of `failures`. */
  readonly errors: readonly Error[];
  /** @param message Default: how many there are, and what the first of them say. */
  constructor(failures: readonly Failure[], message: string = told(failures)) {
    super(message);
    this.failures = failures;
    this.errors = failures.map((failure) => failure.value);
  }
}

function told(failures: readonly Failure[]): string {
  const reasons = failures.slice(0, TOLD_MAX).map((failure) => failure.getBriefTraceback());
  const more = failures.length - reasons.length;
  if (more > 0) reasons.push(`and ${String(more)} more`);
  return `All of ${String(failures.length)} failed: ${reasons.join("; ")}`;
}
