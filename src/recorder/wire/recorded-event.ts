/**
 * What a recording of one connection consists of.
 *
 *     header    who, where, when: the connection is there
 *     in  out   bytes that its protocol received, and bytes that it wrote
 *     in-end    the peer has ended its half          out-end   our protocol has ended ours
 *     start-tls it went on to TLS                    handshake what TLS agreed on
 *     close     our protocol asked for the end       abort     the same, at once
 *     closed    the end, and its reason
 *     dropped   older events that a ring has not kept; they were before all that follows
 *     stopped   the recording ended before the connection
 *
 * @module
 */

/** What was known when the connection was made. */
export interface RecordingHeader {
  /** Which side our protocol was on. */
  readonly role: "server" | "client";
  /** The time of day, in seconds since 1970, UTC; `undefined`: the reactor did not know it. */
  readonly time: number | undefined;
  /** The same for people, as in ISO 8601. Programs read `time`. */
  readonly date: string | undefined;
  /** Where it listened or connected to, as the string of an endpoint where there is one. */
  readonly place: string;
  /** What the protocol calls itself in logs. */
  readonly protocol: string;
  /** Our own end: the kind of address, a space, and the address. */
  readonly host: string;
  /** The other end. */
  readonly peer: string;
  /** `possible`: the transport could begin TLS; `begun`: it spoke it from the first byte. */
  readonly tls: "none" | "possible" | "begun";
}

/** What is kept of a TLS session: what a protocol can ask for, but for our own certificate. */
export interface RecordedTLSSession {
  readonly version: string;
  readonly cipher: string;
  readonly negotiatedProtocol: string | undefined;
  readonly serverName: string;
  readonly resumed: boolean;
  /** DER. */
  readonly peerCertificate: Buffer | undefined;
}

/** When it happened. */
interface Timed {
  /** Seconds since the connection began. */
  readonly time: number;
}

/** Bytes, in one of the two directions. */
export interface RecordedBytes extends Timed {
  readonly type: "in" | "out";
  /** As they came in one `dataReceived`, or were given to one `write`. */
  readonly data: Buffer;
}

/** Something that there is nothing more to say of. */
export interface RecordedTurn extends Timed {
  readonly type: "in-end" | "out-end" | "close" | "abort";
}

/** `startTLS` was called. */
export interface RecordedStartTLS extends Timed {
  readonly type: "start-tls";
  /** How many of the bytes received before were TLS already, and not for the protocol. */
  readonly unread: number;
}

/** A handshake is done. */
export interface RecordedHandshake extends Timed {
  readonly type: "handshake";
  readonly session: RecordedTLSSession;
}

/** The end of the connection. */
export interface RecordedClosed extends Timed {
  readonly type: "closed";
  /** The class of the reason: `ConnectionDone`. */
  readonly reason: string;
  readonly message: string;
  /** Nobody closed it: the protocol threw this. */
  readonly failed: boolean;
}

/** A ring has let go of what was before. */
export interface RecordedDropped extends Timed {
  readonly type: "dropped";
  readonly events: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Nothing more was recorded, though the connection went on. */
export interface RecordedStopped extends Timed {
  readonly type: "stopped";
  readonly why: string;
}

/** One line of a recording. */
export type RecordedEvent =
  | RecordedBytes
  | RecordedTurn
  | RecordedStartTLS
  | RecordedHandshake
  | RecordedClosed
  | RecordedDropped
  | RecordedStopped;

/** A recording, read. */
export interface Recording {
  readonly header: RecordingHeader;
  /** In order. The one at index `i` stands on line `i + 2` of its file. */
  readonly events: readonly RecordedEvent[];
  /** The last line of the file was cut off, by a crash or a full disk, and is left out. */
  readonly cutOff: boolean;
}

/** All bytes of one direction, one after the other. */
export function bytesOf(recording: Recording, direction: "in" | "out"): Buffer {
  return Buffer.concat(
    recording.events.flatMap((event) => (event.type === direction ? [event.data] : [])),
  );
}

/** Has it everything up to the end of the connection? */
export function isWhole({ events, cutOff }: Recording): boolean {
  return events.at(-1)?.type === "closed" && !cutOff;
}
