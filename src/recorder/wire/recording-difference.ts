/**
 * A difference between what a recording has and what came instead, and how to tell it.
 *
 *     Different at byte 17, line 4 of the recording, after 0.25 s:
 *       after     "Hello, "          48 65 6c 6c 6f 2c 20
 *       expected  "Grace!\r\n"       47 72 61 63 65 21 0d 0a
 *       got       "Gr"               47 72
 *
 * @module
 */
import { bytesOf, isWhole, type RecordedEvent, type Recording } from "./recorded-event.ts";
import { type CompareOptions, compareStreams, type StreamDifference } from "./stream-difference.ts";

/** A difference, and where in the recording it belongs. */
export interface RecordingDifference extends StreamDifference {
  /**
   * The line of the recording that holds the byte at `offset`; the last one of that direction if
   * the recording has no such byte; `undefined` if it has none in that direction.
   */
  readonly line: number | undefined;
  /** When the bytes of that line were recorded. */
  readonly time: number | undefined;
}

/**
 * Compare bytes with those that were recorded, as streams.
 *
 * Where the recording ends before its connection, nothing is known of what came then: bytes beyond
 * are no difference.
 *
 * @returns `undefined`: `actual` is what `recording` has in that direction.
 */
export function compareWithRecording(
  recording: Recording,
  direction: "in" | "out",
  actual: Buffer,
  options: CompareOptions = {},
): RecordingDifference | undefined {
  const sides = { events: recording.events, direction };
  const difference = compareStreams(bytesOf(recording, direction), actual, options);
  if (difference?.kind === "extra" && !isWhole(recording)) return undefined;
  return difference && { ...difference, ...placeOf(difference.offset, sides) };
}

/** The direction's events, with the others between them. */
interface Side {
  readonly events: readonly RecordedEvent[];
  readonly direction: "in" | "out";
}

function placeOf(
  offset: number,
  { events, direction }: Side,
): Pick<RecordingDifference, "line" | "time"> {
  let end = 0;
  let last: Pick<RecordingDifference, "line" | "time"> = { line: undefined, time: undefined };
  for (const [index, event] of events.entries()) {
    if (event.type !== direction) continue;
    last = { line: index + 2, time: event.time };
    end += event.data.length;
    if (offset < end) break;
  }
  return last;
}

/** The difference in some lines of text, without an end of line behind the last. */
export function formatDifference(difference: RecordingDifference): string {
  const { offset, line, time, before, expected, actual } = difference;
  const where = line === undefined ? "" : `, line ${String(line)} of the recording`;
  const when = time === undefined ? "" : `, after ${String(time)} s`;
  const rows = [
    ["after", before],
    ["expected", expected],
    ["got", actual],
  ] as const;
  return [
    `Different at byte ${String(offset)}${where}${when}:`,
    ...rows.map(([name, data]) => `  ${name.padEnd(8)}  ${shown(data)}`),
  ].join("\n");
}

function shown(data: Buffer): string {
  if (data.length === 0) return "nothing";
  const hex = [...data].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  // Bytes that are no text are shown as the characters of their numbers, escaped where needed.
  const text = JSON.stringify(data.toString("latin1")).replaceAll(/[^ -~]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `${text}  ${hex}`;
}
