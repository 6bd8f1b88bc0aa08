/**
 * The errors of a test: those that were logged, and the failures of Deferreds that nobody handled.
 *
 * After: flushLoggedErrors of twisted.trial.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import { type ErrorClass, Failure } from "../../defer/failure.ts";
import { type LedgerScope, type OpenFailure, openLedger } from "../../defer/unhandled.ts";
import { type LogCapture, captureLogs } from "../../logger/capture.ts";
import type { LogEvent, LoggedFailure } from "../../logger/event.ts";
import { formatEvent } from "../../logger/format.ts";
import { type Leftover, reportOf } from "./_leftovers.ts";
import { framesOf } from "./_creators.ts";

/** The errors since {@link catchLoggedErrors}. */
export interface LoggedErrors extends Disposable {
  /** Events of level error and critical that nobody has flushed, the oldest first. */
  readonly events: readonly LogEvent[];

  /** As {@link flushLoggedErrors}, of the errors since this scope began. */
  flush(...classes: readonly ErrorClass[]): readonly LoggedFailure[];

  /**
   * The end.
   *
   * @throws {AssertionError} Errors are left, which it names; then nobody else is told of them.
   */
  [Symbol.dispose](): void;
}

/** Those that are open, the innermost last. */
const scopes: Scope[] = [];

/**
 * Catch, from now on, what is logged at level error or critical, and failures of Deferreds that
 * nobody handles. Nothing of it goes to the error stream. At its end, what was not flushed fails
 * the test.
 *
 * Log and ledger are those of the process: tests that run at the same time see each other's errors.
 *
 * @example
 * ```ts
 * import { Logger } from "sennit/logger";
 * import { catchLoggedErrors } from "sennit/testing";
 *
 * const log = new Logger({ namespace: "example" });
 * {
 *   using errors = catchLoggedErrors();
 *   log.failure("cannot open the door", new RangeError("too wide"));
 *   const [failure] = errors.flush(RangeError);
 *   console.log(failure?.value.message); // too wide
 * } // Any other error would throw here.
 * ```
 */
export function catchLoggedErrors(): LoggedErrors {
  const scope = new Scope();
  scopes.push(scope);
  return scope;
}

/**
 * Take the errors of these classes out of the scopes that are open: they were expected, and fail no
 * test any more. Without classes, take all of them, also those that were logged as text alone.
 *
 * @returns What was taken: what was logged, oldest first, then failures of Deferreds.
 * @throws {Error} No scope is open: see {@link catchLoggedErrors}, `watchReactor` and
 *   `useCleanReactors`.
 */
export function flushLoggedErrors(...classes: readonly ErrorClass[]): readonly LoggedFailure[] {
  if (scopes.length > 0) return scopes.flatMap((scope) => scope.flush(...classes));
  throw new Error("Cannot flush logged errors: expected catchLoggedErrors() to be called before");
}

/** What is left in the innermost open scope, and then forgotten; `undefined` if none is open. */
export function takeLeftErrors(): readonly Leftover[] | undefined {
  return scopes.at(-1)?.takeLeft();
}

/** A failure that nobody handled, as it stands in a report. */
export function leftFailure({ failure, created }: OpenFailure): Leftover {
  const made = created === undefined ? "" : `its Deferred was made here:\n${framesOf(created)}`;
  return {
    what: `an unhandled failure of a Deferred: ${String(failure.value)}`,
    creator: [framesOf(failure.value.stack), made].filter((text) => text !== "").join("\n"),
  };
}

function leftEvent(event: LogEvent): Leftover {
  const failure = event.log_failure;
  const cause = failure === undefined ? "" : `: ${String(failure.value)}`;
  return {
    what: `a logged error: [${event.log_namespace}] ${formatEvent(event)}${cause}`,
    creator: failure === undefined ? "" : framesOf(failure.value.stack),
  };
}

class Scope implements LoggedErrors {
  readonly #logs: LogCapture = captureLogs();
  readonly #ledger: LedgerScope = openLedger();

  get events(): readonly LogEvent[] {
    return this.#logs.events.filter(isError);
  }

  flush(...classes: readonly ErrorClass[]): readonly LoggedFailure[] {
    const isWanted = (error: Error | undefined): boolean =>
      classes.length === 0 || classes.some((one) => error instanceof one);
    const { events, failures } = this.#take(isWanted);
    return [...events.map(failureOf), ...failures.map(({ failure }) => failure)];
  }

  /** What is left of this scope, and then forgotten. */
  takeLeft(): readonly Leftover[] {
    const { events, failures } = this.#take(() => true);
    return [...events.map(leftEvent), ...failures.map(leftFailure)];
  }

  #take(isWanted: (error: Error | undefined) => boolean): {
    readonly events: readonly LogEvent[];
    readonly failures: readonly OpenFailure[];
  } {
    this.#logs.flush((event) => !isError(event)); // Of no use, and many.
    const events = this.#logs.flush((event) => isWanted(event.log_failure?.value));
    // The scopes around this one have caught the same events.
    const taken = new Set(events);
    for (const scope of scopes) scope.#logs.flush((event) => taken.has(event));
    return { events, failures: this.#ledger.take(({ value }) => isWanted(value)) };
  }

  [Symbol.dispose](): void {
    const at = scopes.indexOf(this);
    if (at < 0) return;
    const left = this.takeLeft();
    scopes.splice(at, 1);
    this.#ledger[Symbol.dispose]();
    this.#logs[Symbol.dispose]();
    if (left.length > 0) throw new AssertionError(reportOf(left));
  }
}

function isError({ log_level: level }: LogEvent): boolean {
  return level === "error" || level === "critical";
}

function failureOf(event: LogEvent): LoggedFailure {
  return event.log_failure ?? new Failure(new Error(formatEvent(event)));
}
