/**
 * Which answer a request for a file gets: by its conditions and ranges, and the file's facts alone.
 *
 * Spec: RFC 9110 §13.2.2 (order of the conditions), §14.2 (ranges), §15.3.7 (206), §15.5.17 (416).
 *
 * @module
 */
import type { FileFacts } from "../../internet/interfaces-files.ts";
import { evaluateConditions, mayServeRange } from "../http/conditional.ts";
import { type ByteRange, parseRange } from "../http/range.ts";
import { type FileValidators, validatorsOf } from "./file-validators.ts";

/** What is asked, and when. */
export interface FileQuestion {
  readonly method: string;
  getHeader(name: string): string | undefined;
  wallClock(): number | undefined;
}

/** What is to be sent. */
export interface FilePlan {
  readonly code: 200 | 206 | 304 | 412 | 416;
  readonly validators: FileValidators;
  /** Bytes of the whole file. */
  readonly size: number;
  /** With 206: one or more. */
  readonly ranges: readonly ByteRange[];
}

/** See the top of this file. */
export function planFor(question: FileQuestion, facts: FileFacts): FilePlan {
  const { method } = question;
  const clock = question.wallClock();
  const validators = validatorsOf(facts, clock);
  const base = { validators, size: facts.size, ranges: [] };
  const selected = { exists: true, ...validators };
  const conditional = { method, field: (name: string) => question.getHeader(name) };
  const now = clock ?? 0;
  const outcome = evaluateConditions(conditional, selected, now);
  if (outcome !== "proceed") return { ...base, code: outcome === "failed" ? 412 : 304 };
  const range = question.getHeader("range");
  if (range === undefined || !mayServeRange(conditional, selected, now)) {
    return { ...base, code: 200 };
  }
  const ranges = parseRange(range, facts.size);
  if (ranges === "unsatisfiable") return { ...base, code: 416 };
  return ranges === undefined ? { ...base, code: 200 } : { ...base, code: 206, ranges };
}
