/**
 * The error for a task that failed: what it threw, or what became of its thread.
 *
 * @module
 */
import {
  ThreadLostError,
  ThreadResultError,
  ThreadTaskClosureError,
} from "../../../internet/interfaces-threads.ts";
import { argumentError } from "./_link.ts";
import { nameOf, partsOf } from "./callee.ts";
import { callsOf, type LastWords, type Work } from "./messages.ts";
import { putTogether, type Thrown } from "./thrown.ts";

function nameOfWork(work: Work): string {
  const [first, ...more] = callsOf(work).map(([callee]) => nameOf(callee));
  if (first === undefined) return "no task";
  return more.length === 0 ? first : `${first} and ${String(more.length)} more`;
}

/** What the task threw: again as an error, or as the one that says why. */
export function failureOf(work: Work, thrown: Thrown): unknown {
  const error = putTogether(thrown);
  const variable = missingVariable(error);
  if (variable === undefined) return error;
  const culprit = callsOf(work)
    .map(([callee]) => partsOf(callee))
    .find((parts) => parts.kind === "source" && parts.source.includes(variable));
  if (culprit === undefined) return error;
  const name = culprit.name === "" ? "a function" : culprit.name;
  return new ThreadTaskClosureError(name, variable, { cause: error });
}

/** What the engine says of a variable that is not there. */
function missingVariable(error: unknown): string | undefined {
  if (!(error instanceof ReferenceError)) return undefined;
  return /^(\S+) is not defined$/u.exec(error.message)?.[1];
}

/**
 * Why there is no outcome.
 *
 * @param error What the pool library was told. @param words What the thread itself has said.
 */
export function lossOf(work: Work, error: unknown, words: LastWords | undefined): unknown {
  const name = nameOfWork(work);
  if (words === undefined && isCloneError(error)) return argumentErrorOf(work, error);
  const cause = words === undefined ? error : putTogether(words.thrown);
  if (words?.hasReturned === true && isCloneError(cause)) {
    const message = `Cannot send back what ${name} returned: it cannot be copied to another thread`;
    return new ThreadResultError(message, { cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ThreadLostError(`A thread ended while it ran ${name}: ${why}`, { cause });
}

function isCloneError(error: unknown): boolean {
  return error instanceof Error && error.name === "DataCloneError";
}

function argumentErrorOf(work: Work, error: unknown): unknown {
  for (const [callee, args] of callsOf(work)) {
    const culprit = argumentError(nameOf(callee), args, error);
    if (culprit !== error) return culprit;
  }
  return error;
}
