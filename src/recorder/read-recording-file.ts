/**
 * A recording from its file.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import type { Recording } from "./wire/recorded-event.ts";
import { readRecording } from "./wire/recording-reader.ts";

/**
 * Read the recording in a file.
 *
 * @throws {RecordingFormatError} It is none.
 * @throws {Error} The file cannot be read: the system's own.
 */
export async function readRecordingFile(file: string | URL): Promise<Recording> {
  return readRecording(await readFile(file));
}
