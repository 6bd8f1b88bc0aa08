/**
 * Events as text.
 *
 *     {key}  {key.attr}  {key()}  {key.attr()}      fields, read when the text is made
 *     {{  }}                                        braces
 *     anything else in braces                       itself
 *
 *     2026-03-04T05:06:07.089+01:00 [sennit.web#info] GET /index.html from 192.0.2.1
 *
 * A field that is missing or cannot be read is replaced by words that say so. The text is one line:
 * control characters become escapes, so that no peer can write lines of its own into a log. Only
 * tracebacks have lines.
 *
 * After: twisted.logger._format. Differs: one bad field does not spoil the others; a brace that
 * begins no field is a brace; no conversions or widths (`{key!r:>8}`); the offset has a colon.
 *
 * @module
 */
import { safeString } from "../core/text.ts";
import { attempt } from "./_error-chain.ts";
import { escapeLine, escapeLines } from "./_escape.ts";
import { resolveField } from "./_field.ts";
import { isPlainObject, instanceText, jsonValue } from "./_json-value.ts";
import { tracebackOf } from "./_logged-failure.ts";
import type { LogEvent } from "./event.ts";

/** What {@link eventAsText} puts around the text of the event. */
export interface EventTextOptions {
  /** Add the traceback of `log_failure` below the text. Default: true. */
  readonly includeTraceback?: boolean;
  /** Begin with the time. Default: true. */
  readonly includeTimestamp?: boolean;
  /** Say `log_system`, or else namespace and level, in brackets. Default: true. */
  readonly includeSystem?: boolean;
  /** Show times in UTC, not in the zone of the machine. Default: false. */
  readonly utc?: boolean;
}

/** What {@link formatTime} may be told. */
export interface FormatTimeOptions {
  /** Show the time in UTC, not in the zone of the machine. Default: false. */
  readonly utc?: boolean;
}

const TOKEN = /\{\{|\}\}|\{([^{}]*)\}/gu;
const FIELD = /^[\p{L}\p{N}_$-]+(?:\(\))?(?:\.[\p{L}\p{N}_$-]+(?:\(\))?)*$/u;

/**
 * The text of an event, on one line. Never throws.
 *
 * An event that was read from a saved log has its text in `log_text`.
 *
 * @example
 * ```ts
 * import { formatEvent } from "sennit/logger";
 *
 * const text = formatEvent({
 *   log_level: "info",
 *   log_namespace: "example",
 *   log_format: "{name} sent {bytes.length} bytes",
 *   log_time: 0,
 *   name: "alice",
 *   bytes: new Uint8Array(3),
 * }); // alice sent 3 bytes
 * ```
 */
export function formatEvent(event: LogEvent): string {
  return attempt(
    () => escapeLine(unescapedText(event)),
    (error) => escapeLine(`(an event that cannot be shown: ${safeString(error)})`),
  );
}

/**
 * An event with what people want beside its text. Never throws.
 *
 * @returns One line, and below it those of the traceback, without a line end; empty when the event
 * says nothing.
 */
export function eventAsText(event: LogEvent, options: EventTextOptions = {}): string {
  const { includeTraceback = true, includeTimestamp = true, includeSystem = true } = options;
  const text = formatEvent(event);
  const traceback = includeTraceback ? eventTraceback(event) : "";
  const body = [text, traceback].filter((part) => part !== "").join("\n");
  if (body === "") return "";
  const time = includeTimestamp ? `${formatTime(event.log_time, options)} ` : "";
  const system = includeSystem ? `[${eventSystem(event)}] ` : "";
  return time + system + body;
}

/**
 * An event as it stands in a text log: every line ends, and each but the first begins with a tab,
 * so that a line without one is always a new event.
 *
 * @returns Empty when the event says nothing.
 */
export function formatEventAsClassicLogText(event: LogEvent, options?: EventTextOptions): string {
  const text = eventAsText(event, options);
  return text === "" ? "" : `${text.replaceAll("\n", "\n\t")}\n`;
}

/**
 * Seconds since the epoch as ISO 8601, to the millisecond.
 *
 * @returns `2026-03-04T05:06:07.089+01:00`, in UTC `2026-03-04T04:06:07.089Z`; `-` for a time that
 * is none.
 */
export function formatTime(seconds: number, options: FormatTimeOptions = {}): string {
  return attempt(
    () => (options.utc === true ? isoTime(seconds, 0, "Z") : localTime(seconds)),
    () => "-",
  );
}

function unescapedText(event: LogEvent): string {
  const saved: unknown = event["log_text"];
  if (typeof saved === "string") return saved;
  const format: unknown = event.log_format;
  if (typeof format !== "string") return valueText(format);
  return format.replace(TOKEN, (token: string, field: string | undefined) => {
    if (field === undefined) return token.charAt(0);
    return FIELD.test(field) ? fieldText(event, field) : token;
  });
}

function fieldText(event: LogEvent, field: string): string {
  return attempt(
    () => valueText(resolveField(event, field)),
    (error) => `(${field} cannot be shown: ${safeString(error)})`,
  );
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "undefined";
  if (typeof value === "object" && value !== null && hasOwnWords(value)) return instanceText(value);
  const json = jsonValue(value);
  return typeof json === "string" ? json : JSON.stringify(json);
}

/** Whether the object is better shown by its `toString` than by its contents. */
function hasOwnWords(value: object): boolean {
  if (value instanceof Error) return true;
  if (value instanceof Date || isPlainObject(value) || Array.isArray(value)) return false;
  if (value instanceof Map || value instanceof Set) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return false;
  return !("toJSON" in value) || Reflect.get(value, "toString") !== Object.prototype.toString;
}

function eventTraceback(event: LogEvent): string {
  const failure: unknown = event.log_failure;
  return failure === undefined ? "" : escapeLines(tracebackOf(failure));
}

function eventSystem(event: LogEvent): string {
  const system: unknown = event.log_system;
  if (system !== undefined && system !== null) return escapeLine(safeString(system));
  return escapeLine(`${safeString(event.log_namespace)}#${safeString(event.log_level)}`);
}

function localTime(seconds: number): string {
  const minutesBehind = new Date(seconds * 1000).getTimezoneOffset();
  const minutes = Math.abs(minutesBehind);
  const sign = minutesBehind > 0 ? "-" : "+";
  return isoTime(seconds, minutesBehind, `${sign}${two(minutes / 60)}:${two(minutes % 60)}`);
}

function isoTime(seconds: number, minutesBehind: number, offset: string): string {
  const shifted = new Date(Math.round(seconds * 1000) - minutesBehind * 60_000);
  return shifted.toISOString().replace("Z", offset);
}

function two(value: number): string {
  return String(Math.trunc(value)).padStart(2, "0");
}
