/**
 * A trace as lines of JSON, for programs, and for `grep`.
 *
 *     {"sennit-trace":1}
 *     {"at":0.41,"kind":"received","host":"bank","peer":"ada","connection":1,"bytes":2,"data":"hi"}
 *     {"at":0.5,"kind":"fault","host":"","text":"partition bank | ada"}
 *
 * The fields are those of a {@link TraceEvent}, in this order, left out where there is nothing to
 * say. Bytes are text: each character is one byte, by its number (ISO 8859-1).
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { TRACE_KINDS, type TraceEvent, type TraceKind } from "../../reactors/simulated/trace.ts";
import { TraceFormatError } from "./trace-format-error.ts";

const VERSION = 1;
const KINDS: ReadonlySet<unknown> = new Set(TRACE_KINDS);
const NOT_A_BYTE = /[^\0-\xFF]/u;

/**
 * Write a trace.
 *
 * @returns A line for the version and one for each event, each with its end. 200,000 events make
 * 20 to 80 MB.
 */
export function traceLines(events: readonly TraceEvent[]): string {
  const lines = [JSON.stringify({ "sennit-trace": VERSION }), ...events.map(encode)];
  return `${lines.join("\n")}\n`;
}

function encode({
  at,
  kind,
  host,
  peer,
  connection,
  sentAt,
  bytes,
  data,
  text,
}: TraceEvent): string {
  const latin1 = data === undefined ? undefined : Buffer.from(data).toString("latin1");
  // Named one by one: the order does not depend on who made the event.
  return JSON.stringify({ at, kind, host, peer, connection, sentAt, bytes, data: latin1, text });
}

/**
 * Read what {@link traceLines} has written.
 *
 * @throws {TraceFormatError} A line is not what it must be; it says which and why.
 *
 * @example
 * ```ts
 * import { readTraceLines } from "sennit/testing/simulation";
 *
 * const [event] = readTraceLines('{"sennit-trace":1}\n{"at":7.5,"kind":"mark","host":"bank"}\n');
 * console.log(event?.at); // 7.5
 * ```
 */
export function readTraceLines(text: string): TraceEvent[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const [header, ...rest] = lines;
  if (header === undefined) throw new TraceFormatError(1, "expected a header, got nothing");
  const version = new Fields(header, 1).optional("sennit-trace", isNumber);
  if (version !== VERSION) {
    const expected = `expected version ${String(VERSION)} in "sennit-trace"`;
    throw new TraceFormatError(1, `${expected}, got ${quote(header)}`);
  }
  return rest.map((line, index) => decode(new Fields(line, index + 2)));
}

function decode(fields: Fields): TraceEvent {
  const peer = fields.optional("peer", isText);
  const connection = fields.optional("connection", isNumber);
  const sentAt = fields.optional("sentAt", isNumber);
  const bytes = fields.optional("bytes", isNumber);
  const data = fields.optional("data", isLatin1);
  const text = fields.optional("text", isText);
  return {
    at: fields.required("at", isNumber),
    kind: fields.required("kind", isKind),
    host: fields.required("host", isText),
    ...(peer !== undefined && { peer }),
    ...(connection !== undefined && { connection }),
    ...(sentAt !== undefined && { sentAt }),
    ...(bytes !== undefined && { bytes }),
    ...(data !== undefined && { data: Buffer.from(data, "latin1") }),
    ...(text !== undefined && { text }),
  };
}

/** The fields of one line. */
class Fields {
  readonly #line: number;
  readonly #record: object;

  constructor(text: string, line: number) {
    this.#line = line;
    const record = parsed(text);
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      throw new TraceFormatError(line, `expected an object in JSON, got ${quote(text)}`);
    }
    this.#record = record;
  }

  optional<T>(name: string, isOne: TypeGuard<T>): T | undefined {
    const value: unknown = Object.hasOwn(this.#record, name)
      ? Reflect.get(this.#record, name)
      : undefined;
    if (value === undefined || isOne(value)) return value;
    throw new TraceFormatError(this.#line, `unexpected ${quote(value)} in "${name}"`);
  }

  required<T>(name: string, isOne: TypeGuard<T>): T {
    const value = this.optional(name, isOne);
    if (value !== undefined) return value;
    throw new TraceFormatError(this.#line, `expected "${name}", got nothing`);
  }
}

type TypeGuard<T> = (value: unknown) => value is T;

/** @returns `undefined`: it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What JSON.parse says is about a position; the caller says what the line is.
    return undefined;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isLatin1(value: unknown): value is string {
  return isText(value) && !NOT_A_BYTE.test(value);
}

function isKind(value: unknown): value is TraceKind {
  return KINDS.has(value);
}
