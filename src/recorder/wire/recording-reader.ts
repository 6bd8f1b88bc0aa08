/**
 * From lines of JSON to what was recorded.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { Fields } from "./_fields.ts";
import type {
  RecordedEvent,
  RecordedTLSSession,
  Recording,
  RecordingHeader,
} from "./recorded-event.ts";
import { RecordingFormatError } from "./recording-error.ts";
import { RECORDING_VERSION } from "./recording-writer.ts";

const ROLES = ["server", "client"] as const;
const TLS = ["none", "possible", "begun"] as const;
const TYPES = [
  "in",
  "out",
  "in-end",
  "out-end",
  "close",
  "abort",
  "start-tls",
  "handshake",
  "closed",
  "dropped",
  "stopped",
] as const;

/**
 * Read a recording, the whole text of it.
 *
 * A last line without its end that is no JSON was cut off, by a crash or a full disk: it is left
 * out, and `cutOff` says so.
 *
 * @throws {RecordingFormatError} A line is not what it must be; it says which and why.
 *
 * @example
 * ```ts
 * import { bytesOf, readRecording } from "sennit/recorder";
 *
 * const header =
 *   '{"sennit-recording":1,"role":"server","place":"tcp:7","protocol":"Echo",' +
 *   '"host":"IPv4 127.0.0.1:7","peer":"IPv4 127.0.0.1:50000","tls":"none"}';
 * const recording = readRecording(`${header}\n{"t":0.5,"type":"in","text":"hello"}\n`);
 * console.log(bytesOf(recording, "in").toString()); // hello
 * ```
 */
export function readRecording(text: string | Uint8Array): Recording {
  const whole = typeof text === "string" ? text : Buffer.from(text).toString("utf8");
  const lines = whole.split("\n");
  const last = lines.pop() ?? "";
  const cutOff = last !== "" && !isJSON(last);
  if (last !== "" && !cutOff) lines.push(last);
  const [first, ...rest] = lines;
  if (first === undefined)
    throw new RecordingFormatError(1, "expected a header, got nothing whole");
  const header = readHeader(fieldsOf(first, 1));
  let before = 0;
  const events = rest.map((line, index) => {
    const event = readEvent(fieldsOf(line, index + 2), before);
    before = event.time;
    return event;
  });
  return { header, events, cutOff };
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // It is a beginning of it.
    return false;
  }
}

function fieldsOf(line: string, number: number): Fields {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    // What JSON.parse says of it is about a position that nobody can see.
    throw new RecordingFormatError(number, `expected JSON, got ${quote(line)}`);
  }
  return new Fields(number, record);
}

function readHeader(fields: Fields): RecordingHeader {
  const version = fields.number("sennit-recording");
  if (version !== RECORDING_VERSION) {
    fields.refuse("sennit-recording", `version ${String(RECORDING_VERSION)}`);
  }
  return {
    role: fields.oneOf("role", ROLES),
    time: fields.numberOrNone("time"),
    date: fields.textOrNone("date"),
    place: fields.text("place"),
    protocol: fields.text("protocol"),
    host: fields.text("host"),
    peer: fields.text("peer"),
    tls: fields.oneOf("tls", TLS),
  };
}

/** @param before The time of the event before it: none is earlier. */
function readEvent(fields: Fields, before: number): RecordedEvent {
  const time = fields.number("t", before);
  const type = fields.oneOf("type", TYPES);
  switch (type) {
    case "in":
    case "out":
      return { type, time, data: readBytes(fields) };
    case "in-end":
    case "out-end":
    case "close":
    case "abort":
      return { type, time };
    case "start-tls":
      return { type, time, unread: fields.count("unread") };
    case "handshake":
      return { type, time, session: readSession(fields.inside("session")) };
    case "closed":
      return {
        type,
        time,
        reason: fields.text("reason"),
        message: fields.text("message"),
        failed: fields.flag("failed"),
      };
    case "dropped":
      return {
        type,
        time,
        events: fields.count("events"),
        bytesIn: fields.count("bytesIn"),
        bytesOut: fields.count("bytesOut"),
      };
    default:
      return { type, time, why: fields.text("why") };
  }
}

function readBytes(fields: Fields): Buffer {
  if (!fields.has("text")) return fields.base64("base64");
  if (fields.has("base64")) fields.refuse("base64", 'nothing beside "text"');
  return Buffer.from(fields.text("text"), "utf8");
}

function readSession(fields: Fields): RecordedTLSSession {
  return {
    version: fields.text("version"),
    cipher: fields.text("cipher"),
    negotiatedProtocol: fields.textOrNone("negotiatedProtocol"),
    serverName: fields.text("serverName"),
    resumed: fields.flag("resumed"),
    peerCertificate: fields.has("peerCertificate") ? fields.base64("peerCertificate") : undefined,
  };
}
