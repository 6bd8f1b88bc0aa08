/**
 * The recording of one connection, while it is made: from what happens to lines in a store.
 *
 *     event ─▶ redact ─▶ line ─┬─▶ sink                       everything, up to maxBytes
 *                              └─▶ ring ─▶ sink at the end    the newest ringBytes
 *
 * Whatever goes wrong here ends the recording and not the connection: no method throws.
 *
 * @module
 */
import type { Failure } from "../defer/failure.ts";
import { ConnectionClosed } from "../internet/errors.ts";
import type { IReactorTime } from "../internet/interfaces-reactor.ts";
import type { TLSSession } from "../internet/interfaces-tls.ts";
import type { IRecordingSink } from "./recording-store.ts";
import type { RecordedEvent, RecordingHeader } from "./wire/recorded-event.ts";
import { encodeEvent, encodeHeader } from "./wire/recording-writer.ts";

/** Sees each event before it is kept; what it returns is kept in its place. */
export type Redact = (event: RecordedEvent, header: RecordingHeader) => RecordedEvent | undefined;

/** What a {@link ConnectionRecording} is made of. */
export interface ConnectionRecordingParts {
  readonly reactor: IReactorTime;
  /** `undefined`: there could not be one, and nothing is recorded. */
  readonly sink: IRecordingSink | undefined;
  readonly redact: Redact | undefined;
  readonly ringBytes: number | undefined;
  readonly maxBytes: number;
  /** Called when it had to stop. */
  readonly broken: (error: unknown) => void;
  /** So many events, with so many bytes, should have been recorded and are not. */
  readonly lost: (events: number, bytes: number) => void;
  /** Called once: it needs the recorder no more. */
  readonly over: (recording: ConnectionRecording) => void;
}

/** A line, and how many bytes of the connection are in it. */
interface Kept {
  readonly line: string;
  /** 0 for what tells of the recording itself. */
  readonly events: 0 | 1;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const NOTHING: Kept = { line: "", events: 0, bytesIn: 0, bytesOut: 0 };

type Untimed<Event> = Event extends unknown ? Omit<Event, "time"> : never;

/** See the top of this file. */
export class ConnectionRecording {
  readonly #parts: ConnectionRecordingParts;
  readonly #began: number;
  #header: RecordingHeader | undefined;
  /** `stopped`: the connection goes on without. */
  #state: "recording" | "stopped" | "over";
  /** Characters that the sink has been given. */
  #written = 0;
  /** Newest last. What is before `#oldest` has been dropped. */
  #ring: Kept[] = [];
  #oldest = 0;
  #ringBytes = 0;
  #dropped = { events: 0, bytesIn: 0, bytesOut: 0 };
  #unread = 0;

  constructor(parts: ConnectionRecordingParts) {
    this.#parts = parts;
    this.#began = parts.reactor.seconds();
    this.#state = parts.sink === undefined ? "stopped" : "recording";
  }

  // -- What happens to the connection

  /** It is there. Once, first. */
  began(header: RecordingHeader): void {
    this.#header = header;
    this.#append({ ...NOTHING, line: encodeHeader(header) });
  }

  /** Bytes in one of the directions, which are somebody else's again when this returns. */
  bytes(type: "in" | "out", data: Uint8Array | string): void {
    if (this.#state !== "recording") {
      this.#lost(Buffer.byteLength(data));
      return;
    }
    if (data.length === 0) return;
    // What sees them may change them: it is given a copy.
    if (typeof data === "string") this.#add({ type, data: Buffer.from(data, "utf8") });
    else if (this.#parts.redact !== undefined) this.#add({ type, data: Buffer.from(data) });
    else this.#add({ type, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength) });
  }

  /** Something that there is nothing more to say of. */
  turn(type: "in-end" | "out-end" | "close" | "abort"): void {
    this.#add({ type });
  }

  /** Bytes that were received have been taken back, as `startTLS` does. */
  takenBack(count: number): void {
    this.#unread += count;
  }

  /** `startTLS` was called, and has taken back what it takes back. */
  tlsStarted(): void {
    const unread = this.#unread;
    this.#unread = 0;
    this.#add({ type: "start-tls", unread });
  }

  /** TLS is agreed on. */
  handshakeDone(session: TLSSession): void {
    const { version, cipher, negotiatedProtocol, serverName, resumed, peerCertificate } = session;
    const facts = { version, cipher, negotiatedProtocol, serverName, resumed };
    const certificate = peerCertificate && Buffer.from(peerCertificate.raw);
    this.#add({ type: "handshake", session: { ...facts, peerCertificate: certificate } });
  }

  /** The end of the connection. */
  closed(reason: Failure): void {
    const failed = !(reason.value instanceof ConnectionClosed);
    this.#add({ type: "closed", reason: reason.type, message: reason.value.message, failed });
    if (this.#state === "recording") {
      this.#writeRing();
      this.#close();
    }
    this.#state = "over";
  }

  /** Record no more, for this reason, which the recording tells. */
  stop(why: string): void {
    if (this.#state !== "recording") return;
    this.#writeRing();
    this.#append({ ...NOTHING, line: encodeEvent({ type: "stopped", time: this.#time, why }) });
    if (this.#state === "recording") this.#close();
    this.#state = "stopped";
  }

  // -- How it is kept

  get #time(): number {
    return this.#parts.reactor.seconds() - this.#began;
  }

  #lost(bytes: number): void {
    if (this.#state !== "over") this.#parts.lost(1, bytes);
  }

  #add(untimed: Untimed<RecordedEvent>): void {
    const event: RecordedEvent = { ...untimed, time: this.#time };
    if (this.#state !== "recording" || this.#header === undefined) {
      this.#lost(0);
      return;
    }
    const kept = this.#redacted(event, this.#header);
    if (kept !== undefined) this.#keep(kept);
  }

  #redacted(event: RecordedEvent, header: RecordingHeader): RecordedEvent | undefined {
    const { redact } = this.#parts;
    try {
      return redact === undefined ? event : redact(event, header);
    } catch (error) {
      // What should have been taken out must not be written instead.
      this.#break(error);
      this.#parts.lost(1, lengthOf(event));
      return undefined;
    }
  }

  #keep(event: RecordedEvent): void {
    const { ringBytes, maxBytes } = this.#parts;
    const length = lengthOf(event);
    const kept = {
      line: encodeEvent(event),
      events: 1 as const,
      bytesIn: event.type === "in" ? length : 0,
      bytesOut: event.type === "out" ? length : 0,
    };
    if (ringBytes !== undefined) {
      this.#keepInRing(kept, ringBytes);
    } else if (this.#written + kept.line.length <= maxBytes) {
      this.#append(kept);
    } else {
      this.stop(`the recording has its ${String(maxBytes)} bytes`);
      this.#lost(length);
    }
  }

  #keepInRing(kept: Kept, most: number): void {
    this.#ring.push(kept);
    this.#ringBytes += kept.line.length;
    while (this.#ringBytes > most) this.#dropOldest();
    // Seldom, so that each that is kept is moved once or so.
    if (this.#oldest > this.#ring.length / 2) {
      this.#ring = this.#ring.slice(this.#oldest);
      this.#oldest = 0;
    }
  }

  #dropOldest(): void {
    const { line, bytesIn, bytesOut } = this.#ring[this.#oldest] ?? NOTHING;
    this.#ring[this.#oldest] = NOTHING;
    this.#oldest += 1;
    this.#ringBytes -= line.length;
    this.#dropped.events += 1;
    this.#dropped.bytesIn += bytesIn;
    this.#dropped.bytesOut += bytesOut;
  }

  #writeRing(): void {
    const ring = this.#ring.slice(this.#oldest);
    this.#ring = [];
    if (this.#dropped.events > 0) {
      // At the time of the connection's begin: it stands before all that was kept.
      const line = encodeEvent({ type: "dropped", time: 0, ...this.#dropped });
      this.#append({ ...NOTHING, line });
    }
    for (const kept of ring) this.#append(kept);
  }

  #append(kept: Kept): void {
    const { sink, lost } = this.#parts;
    if (this.#state === "recording") {
      this.#written += kept.line.length;
      try {
        sink?.append(kept.line);
        return;
      } catch (error) {
        this.#break(error);
      }
    }
    lost(kept.events, kept.bytesIn + kept.bytesOut);
  }

  #break(error: unknown): void {
    this.#state = "stopped";
    this.#ring = [];
    this.#close();
    this.#parts.broken(error);
  }

  #close(): void {
    const { sink, broken, over } = this.#parts;
    try {
      sink?.close();
    } catch (error) {
      broken(error);
    }
    over(this);
  }
}

function lengthOf(event: RecordedEvent): number {
  return event.type === "in" || event.type === "out" ? event.data.length : 0;
}
