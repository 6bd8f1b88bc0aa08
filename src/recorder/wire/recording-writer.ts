/**
 * From what is recorded to lines of JSON.
 *
 *     {"sennit-recording":1,"role":"server","time":1795252326.25,"place":"tcp:8023", …}
 *     {"t":0,"type":"out","text":"Welcome\r\n"}
 *     {"t":1.25,"type":"in","base64":"//0B"}
 *
 * Bytes are `text` where they are UTF-8 without control characters but tabs and line ends, so that
 * recordings can be read and compared, and `base64` elsewhere. `t` is `time`, in steps of a
 * microsecond.
 *
 * @module
 */
import type { RecordedEvent, RecordingHeader } from "./recorded-event.ts";

/** The only one there is. */
export const RECORDING_VERSION = 1;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The first line, with its end. */
export function encodeHeader(header: RecordingHeader): string {
  return line({ "sennit-recording": RECORDING_VERSION, ...header });
}

/** Any other line, with its end. */
export function encodeEvent({ time, ...event }: RecordedEvent): string {
  return line({ t: Math.round(time * 1e6) / 1e6, ...bare(event) });
}

type Untimed<Event> = Event extends unknown ? Omit<Event, "time"> : never;

/** With bytes as text. */
function bare(event: Untimed<RecordedEvent>): object {
  if ("data" in event) return { type: event.type, ...encodeBytes(event.data) };
  if (!("session" in event)) return event;
  const { peerCertificate, ...session } = event.session;
  return {
    ...event,
    session: { ...session, peerCertificate: peerCertificate?.toString("base64") },
  };
}

function encodeBytes(data: Buffer): { readonly text: string } | { readonly base64: string } {
  const text = isReadable(data) ? decoded(data) : undefined;
  return text === undefined ? { base64: data.toString("base64") } : { text };
}

/** @returns `undefined`: it is no UTF-8, or a character is cut. */
function decoded(data: Buffer): string | undefined {
  try {
    return UTF8.decode(data);
  } catch {
    // There is no way to ask without an exception that has no state of its own.
    return undefined;
  }
}

/** Has it no control characters but tabs and line ends, if it is UTF-8? */
function isReadable(data: Buffer): boolean {
  for (let at = 0; at < data.length; at += 1) {
    const byte = data[at] ?? 0;
    if (byte < 0x20) {
      if (byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false;
    } else if (byte === 0x7f) return false;
    // U+0080 to U+009F are C2 80 to C2 9F.
    else if (byte === 0xc2 && (data[at + 1] ?? 0) < 0xa0) return false;
  }
  return true;
}

/** What is `undefined` is left out. */
function line(record: object): string {
  return `${JSON.stringify(record)}\n`;
}
