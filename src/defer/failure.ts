/**
 * An error on its way down a chain: the exception and the questions people ask of it.
 *
 * After: twisted.python.failure. Differs: the traceback is the error's own `stack` and `cause`
 * chain; something thrown that is not an `Error` is wrapped in {@link NonErrorThrown}; `check` and
 * `trap` take classes and also stable codes (`"ERR_CONNECTION_DONE"`).
 *
 * @module
 */
import { INSPECT } from "../core/inspect.ts";
import { safeString } from "../core/text.ts";
import { NonErrorThrown } from "./errors.ts";

/** The class of an error, concrete or abstract. */
export type ErrorClass<E extends Error = Error> = abstract new (...args: never[]) => E;
/** What {@link Failure.check} compares with: a class, or the `code` of an error. */
export type ErrorMatch = ErrorClass | string;
/** Causes can be made circular; a report must end. */
const CAUSES_MAX = 16;

/**
 * An exception as a value.
 *
 * @example
 * ```ts
 * import { Failure } from "sennit/defer";
 *
 * const failure = new Failure(new RangeError("too deep"));
 * if (failure.check(RangeError)) console.log(failure.getErrorMessage()); // too deep
 * ```
 */
export class Failure<E extends Error = Error> {
  readonly value: E;

  /** Wrap an error; for something of unknown kind see {@link Failure.of}. */
  constructor(value: E) {
    this.value = value;
  }

  /** A Failure of whatever was caught: the same one when it is a Failure already. */
  static of(thrown: unknown): Failure {
    try {
      if (thrown instanceof Failure) return thrown;
      if (thrown instanceof Error) return new Failure(thrown);
    } catch {
      // A revoked Proxy cannot even be looked at; it is something other than an Error for us.
    }
    const message = `Something other than an Error was thrown: ${safeString(thrown)}`;
    return new Failure(new NonErrorThrown(message, thrown));
  }

  /** The class of the error. */
  get type(): string {
    return this.value.name;
  }

  /** The first of `matches` that the error is, or `undefined`. */
  check<const Matches extends readonly ErrorMatch[]>(
    ...matches: Matches
  ): Matches[number] | undefined {
    return matches.find((match: ErrorMatch) =>
      typeof match === "string" ? codeOf(this.value) === match : this.value instanceof match,
    );
  }

  /** Narrowing twin of {@link Failure.check} for one class. */
  is<Kind extends Error>(kind: ErrorClass<Kind>): this is Failure<Kind> {
    return this.value instanceof kind;
  }

  /**
   * The first of `matches` that the error is.
   *
   * @throws The error itself, when it is none of them: it goes on down the chain.
   */
  trap<const Matches extends readonly ErrorMatch[]>(...matches: Matches): Matches[number] {
    const match = this.check(...matches);
    if (match === undefined) throw this.value;
    return match;
  }

  /** Throw the error. */
  raiseException(): never {
    throw this.value;
  }

  /** The message alone. */
  getErrorMessage(): string {
    return this.value.message === "" ? this.type : this.value.message;
  }

  /** `RangeError: too deep`. */
  getBriefTraceback(): string {
    return `${this.type}: ${this.getErrorMessage()}`;
  }

  /** The stack, and below it the stack of each cause. */
  getTraceback(): string {
    const seen = new Set<unknown>();
    const parts: string[] = [];
    let error: unknown = this.value;
    while (error !== undefined && !seen.has(error) && seen.size < CAUSES_MAX) {
      seen.add(error);
      const text = error instanceof Error ? (error.stack ?? error.message) : safeString(error);
      parts.push([text, ...membersOf(error)].join("\n"));
      error = error instanceof Error ? error.cause : undefined;
    }
    return parts.join("\ncaused by: ");
  }

  /** `[Failure RangeError: too deep]`. */
  toString(): string {
    return `[Failure ${this.getBriefTraceback()}]`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** The errors inside an `AggregateError`, a `FailureGroup`, and whatever looks like them. */
function membersOf(error: unknown): string[] {
  if (!(error instanceof Error) || !("errors" in error) || !Array.isArray(error.errors)) return [];
  return error.errors.slice(0, CAUSES_MAX).map((one: unknown) => `  ${safeString(one)}`);
}

function codeOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}
