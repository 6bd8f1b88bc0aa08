/**
 * Events as lines of a file: for people, and for programs.
 *
 * After: twisted.logger._file and _json. Differs: the observers write through a function, not to a
 * file; a JSON log has one record a line and no separators; its text is ready in `log_text`.
 *
 * @module
 */
import { escapeJSON } from "./_escape.ts";
import { errorRecord } from "./_error-record.ts";
import { type JSONValue, jsonValue } from "./_json-value.ts";
import { toLoggedFailure } from "./_logged-failure.ts";
import type { LogEvent, LogObserver } from "./event.ts";
import { type EventTextOptions, formatEvent, formatEventAsClassicLogText } from "./format.ts";

/**
 * An observer that writes each event as a line of text, with tracebacks indented below.
 *
 * `write` gets whole lines, with their ends. What it throws is for the publisher to report.
 *
 * @example
 * ```ts
 * import { globalLogBeginner, textFileLogObserver } from "sennit/logger";
 *
 * const observer = textFileLogObserver((text) => process.stdout.write(text), { utc: true });
 * globalLogBeginner.beginLoggingTo([observer]);
 * ```
 */
export function textFileLogObserver(
  write: (text: string) => unknown,
  options: EventTextOptions = {},
): LogObserver {
  return (event) => {
    const text = formatEventAsClassicLogText(event, options);
    if (text !== "") write(text);
  };
}

/**
 * An observer that writes each event as a JSON object on a line of its own.
 *
 * What JSON cannot hold is made safe: bytes become `{ bytes, hex }`, a Map an array of pairs, a
 * bigint its digits, an object of a class its `toJSON()` or its text. `log_text` holds the rendered
 * text, and `log_failure` is `{ type, message, code, stack, causes }`.
 * {@link eventsFromJSONLog} reads such a log.
 *
 * `write` gets one whole line, with its end.
 */
export function jsonFileLogObserver(write: (text: string) => unknown): LogObserver {
  return (event) => {
    write(`${escapeJSON(JSON.stringify(eventRecord(event)))}\n`);
  };
}

function eventRecord(event: LogEvent): JSONValue {
  const record: [string, JSONValue][] = [
    ["log_time", jsonValue(event.log_time)],
    ["log_level", jsonValue(event.log_level)],
    ["log_namespace", jsonValue(event.log_namespace)],
    ["log_text", formatEvent(event)],
    ["log_format", jsonValue(event.log_format)],
  ];
  const failure: unknown = event.log_failure;
  if (failure !== undefined) {
    record.push(["log_failure", errorRecord(toLoggedFailure(failure).value)]);
  }
  const taken = new Set([...record.map(([key]) => key), "log_failure"]);
  for (const [key, value] of fieldEntries(jsonValue({ ...event }))) {
    if (!taken.has(key)) record.push([key, value]);
  }
  return Object.fromEntries(record);
}

function fieldEntries(fields: JSONValue): [string, JSONValue][] {
  return typeof fields === "object" && fields !== null ? Object.entries(fields) : [];
}
