/**
 * What is wrong with the text of a trace.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";

/** A line is not what a trace has there. */
export class TraceFormatError extends SennitError {
  readonly code = "ERR_TRACE_FORMAT";
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`Cannot read line ${String(line)} of a trace: ${problem}`);
    this.line = line;
  }
}
