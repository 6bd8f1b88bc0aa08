/**
 * What is wrong with the text of a recording.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";

/** A line is not what a recording has there. */
export class RecordingFormatError extends SennitError {
  readonly code = "ERR_RECORDING_FORMAT";
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`Cannot read line ${String(line)} of a recording: ${problem}`);
    this.line = line;
  }
}
