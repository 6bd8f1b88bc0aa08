/**
 * Events read back from a JSON log.
 *
 * After: twisted.logger._json.eventsFromJSONLogFile. Differs: a record that cannot be read does not
 * vanish: an event of level `error` stands in its place.
 *
 * @module
 */
import { quote, safeString } from "../core/text.ts";
import { failureFromRecord } from "./_error-record.ts";
import { LineCutter } from "./_line-cutter.ts";
import type { LogEvent } from "./event.ts";
import { isLogLevel } from "./levels.ts";

/**
 * The events of a log that {@link jsonFileLogObserver} wrote.
 *
 * Their text is that of the time when they were logged, `log_failure` is a failure again, with the
 * saved stacks; other values are what JSON holds of them. A line that is no event (cut off by a
 * crash, say) gives an event of level `error` about it, and the next line is read.
 *
 * @param log All of the text, or text or UTF-8 bytes in pieces cut anywhere: a file's stream.
 *
 * @example
 * ```ts
 * import { eventAsText, eventsFromJSONLog } from "sennit/logger";
 *
 * const log = '{"log_time":0,"log_level":"info","log_text":"hello"}\n';
 * for (const event of eventsFromJSONLog(log)) process.stdout.write(`${eventAsText(event)}\n`);
 * ```
 */
export function eventsFromJSONLog(log: string): Generator<LogEvent, void>;
export function eventsFromJSONLog(
  log: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<LogEvent, void>;
export function eventsFromJSONLog(
  log: string | AsyncIterable<string | Uint8Array>,
): Generator<LogEvent, void> | AsyncGenerator<LogEvent, void> {
  return typeof log === "string" ? eventsOfText(log) : eventsOfPieces(log);
}

function* eventsOfText(text: string): Generator<LogEvent, void> {
  const reader = new RecordReader();
  yield* reader.receive(text);
  yield* reader.end();
}

async function* eventsOfPieces(
  pieces: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<LogEvent, void> {
  const reader = new RecordReader();
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    yield* reader.receive(
      typeof piece === "string" ? piece : decoder.decode(piece, { stream: true }),
    );
  }
  yield* reader.receive(decoder.decode());
  yield* reader.end();
}

class RecordReader {
  readonly #cutter = new LineCutter();
  /** Of the last event that could be read; stands in where a record has none. */
  #time = Number.NaN;

  *receive(text: string): Generator<LogEvent, void> {
    for (const line of this.#cutter.push(text)) yield* this.#read(line);
  }

  *end(): Generator<LogEvent, void> {
    yield* this.#read(this.#cutter.end());
  }

  *#read(line: string): Generator<LogEvent, void> {
    if (line.trim() === "") return;
    try {
      const event = eventFromRecord(JSON.parse(line), this.#time);
      this.#time = event.log_time;
      yield event;
    } catch (error) {
      yield unreadable(line, error, this.#time);
    }
  }
}

function eventFromRecord(record: unknown, time: number): LogEvent {
  if (!isRecord(record)) throw new TypeError("expected an object");
  const { log_level: level, log_failure: savedFailure, ...fields } = record;
  if (!isLogLevel(level)) throw new TypeError(`expected a level in log_level, got ${quote(level)}`);
  const failure = failureFromRecord(savedFailure);
  return {
    ...fields,
    log_level: level,
    log_namespace: textOr(record["log_namespace"]),
    log_format: textOr(record["log_format"]),
    log_time: typeof record["log_time"] === "number" ? record["log_time"] : time,
    ...(failure === undefined ? {} : { log_failure: failure }),
  };
}

function unreadable(record: string, error: unknown, time: number): LogEvent {
  return {
    log_level: "error",
    log_namespace: "sennit.logger.json",
    log_format: "Cannot read JSON log record {record}: {reason}",
    log_time: time,
    record: quote(record),
    reason: safeString(error),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOr(value: unknown): string {
  return typeof value === "string" ? value : "";
}
