/**
 * What happened in a simulation: always as a hash, and in words when somebody wants to read it.
 *
 * Two runs are the same run if their hashes are: every event folds in its time, its place and what
 * it carried. Folding is cheap; keeping the events is for the one run that is looked at.
 *
 * @module
 */

/** What can happen, in the order in which it was thought of: the hash knows the numbers. */
export const TRACE_KINDS = [
  "host started",
  "host ended",
  "host lost power",
  "host stalled",
  "host resumed",
  "connecting",
  "refused",
  "connected",
  "accepted",
  "sent",
  "received",
  "half-closed",
  "reset",
  "closed",
  "timed out",
  "retransmitted",
  "datagram sent",
  "datagram received",
  "datagram lost",
  "fault",
  "healed",
  "timers",
  "disk",
  "process",
  "thread",
  "name",
  "logged",
  "mark",
  "violated",
  "TLS",
] as const;

/** The kind of a {@link TraceEvent}. */
export type TraceKind = (typeof TRACE_KINDS)[number];

/** One thing that happened. */
export interface TraceEvent {
  /** Seconds since the simulation began. */
  readonly at: number;
  readonly kind: TraceKind;
  /** The host where it happened; empty for the world around them. */
  readonly host: string;
  /** The other host, if there is one. */
  readonly peer?: string;
  /** Which connection, numbered in the order of their beginning. */
  readonly connection?: number;
  /** When what arrives here left there, in seconds. */
  readonly sentAt?: number;
  readonly bytes?: number;
  /** The bytes themselves, or the first of them. */
  readonly data?: Uint8Array;
  /** In words. */
  readonly text?: string;
}

/** What is known of an event, besides when, what and where. */
export type TraceFacts = Omit<TraceEvent, "at" | "kind" | "host">;

/** Bytes of each message that are kept. */
const KEPT_BYTES = 256;
/** Events that are kept; beyond, the oldest half goes. */
const KEPT_MAX = 200_000;
/** Whoever wants to compare two runs gets the hash after so many events, again and again. */
const CHECKPOINT_EVERY = 64;

const NUMBERS = new Map<TraceKind, number>(TRACE_KINDS.map((kind, number) => [kind, number + 1]));
const NO_FACTS: TraceFacts = {};

/** A place of a {@link TraceEvent}: a host, seen from here. */
export interface TracedHost {
  readonly name: string;
  readonly id: number;
}

/** The world itself, where no host is concerned. */
const WORLD: TracedHost = { name: "", id: 0 };

/** How much a {@link Trace} keeps. */
export interface TraceOptions {
  /** Keep the events. Default: only their hash. */
  readonly kept?: boolean;
  /** Keep the hash after every 64 events as well. Default: no. */
  readonly checkpoints?: boolean;
}

/** See the top of this file. */
export class Trace {
  /** How many events were noted. */
  count = 0;
  /** How many of them were not kept because there were too many. */
  dropped = 0;
  readonly #clock: () => number;
  readonly #kept: TraceEvent[] | undefined;
  readonly #checkpoints: string[] | undefined;
  #high = 0x2545_f491;
  #low = 0x9e37_79b9 | 0;

  /** @param clock The time of the simulation, in seconds. */
  constructor(clock: () => number, { kept = false, checkpoints = false }: TraceOptions = {}) {
    this.#clock = clock;
    this.#kept = kept ? [] : undefined;
    this.#checkpoints = checkpoints ? [] : undefined;
  }

  /** Are events kept? Then it is worth saying more about them. */
  get isKept(): boolean {
    return this.#kept !== undefined;
  }

  /** What was kept, oldest first. */
  get events(): readonly TraceEvent[] {
    return this.#kept ?? [];
  }

  /** The hash after every 64 events. */
  get checkpoints(): readonly string[] {
    return this.#checkpoints ?? [];
  }

  /** Sixteen hexadecimal digits. */
  get hash(): string {
    const digits = (part: number): string => (part >>> 0).toString(16).padStart(8, "0");
    return digits(this.#high) + digits(this.#low);
  }

  /** Something happened. */
  note(kind: TraceKind, host: TracedHost = WORLD, facts: TraceFacts = NO_FACTS): void {
    this.#begin(kind, host);
    this.#fold(facts.connection ?? 0);
    if (facts.data !== undefined) this.#foldBytes(facts.data);
    else this.#fold(facts.bytes ?? 0);
    if (facts.text !== undefined) this.#foldText(facts.text);
    this.#end();
    if (this.#kept !== undefined) this.#keep(kind, host, facts);
  }

  /** Something worth reading that is not part of what makes runs the same: kept, not hashed. */
  remark(kind: TraceKind, host: TracedHost = WORLD, facts: TraceFacts = NO_FACTS): void {
    if (this.#kept !== undefined) this.#keep(kind, host, facts);
  }

  /** As `note`, for bytes that arrived: no object is made unless events are kept. */
  received(host: TracedHost, peer: TracedHost, way: TracedWay, data: Uint8Array): void {
    this.#begin("received", host);
    this.#fold(way.connection);
    this.#foldBytes(data);
    this.#end();
    if (this.#kept === undefined) return;
    const { connection, sentAt } = way;
    this.#keep("received", host, { peer: peer.name, connection, sentAt, data });
  }

  /** The same for datagrams: sent, received, or lost on the way from one host to another. */
  datagram(kind: TraceKind, host: TracedHost, peer: TracedHost, datagram: TracedDatagram): void {
    const { data, sentAt } = datagram;
    this.#begin(kind, host);
    this.#fold(peer.id);
    this.#foldBytes(data);
    this.#end();
    if (this.#kept !== undefined) this.#keep(kind, host, { peer: peer.name, sentAt, data });
  }

  #begin(kind: TraceKind, host: TracedHost): void {
    this.count += 1;
    const time = this.#clock() * 1_000_000;
    this.#fold(time | 0);
    this.#fold(Math.trunc(time / 0x1_0000_0000) ^ Math.imul(host.id, 0x85eb_ca6b));
    this.#fold(NUMBERS.get(kind) ?? 0);
  }

  #end(): void {
    if (this.#checkpoints === undefined || this.count % CHECKPOINT_EVERY !== 0) return;
    this.#checkpoints.push(this.hash);
  }

  #fold(value: number): void {
    const mixed = Math.imul(this.#high ^ value, 0x9e37_79b1);
    this.#high = this.#low ^ (mixed >>> 15);
    this.#low = (Math.imul(this.#low, 5) + mixed) | 0;
  }

  /** The length, and up to 16 bytes from either end. */
  #foldBytes(data: Uint8Array): void {
    const { length } = data;
    this.#fold(length);
    const head = Math.min(length, 16);
    for (let at = 0; at < head; at += 1) this.#fold(data[at] ?? 0);
    for (let at = Math.max(head, length - 16); at < length; at += 1) this.#fold(data[at] ?? 0);
  }

  #foldText(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.#fold(text.charCodeAt(at));
  }

  #keep(kind: TraceKind, host: TracedHost, facts: TraceFacts): void {
    const kept = this.#kept;
    if (kept === undefined) return;
    if (kept.length >= KEPT_MAX) {
      this.dropped += KEPT_MAX / 2;
      kept.splice(0, KEPT_MAX / 2);
    }
    const { data, ...others } = facts;
    const bytes = data === undefined ? {} : { data: data.slice(0, KEPT_BYTES), bytes: data.length };
    kept.push({ at: this.#clock(), kind, host: host.name, ...others, ...bytes });
  }
}

/** A datagram, and when it left. */
export interface TracedDatagram {
  readonly data: Uint8Array;
  readonly sentAt: number;
}

/** On which way bytes came, and when they left. */
export interface TracedWay {
  readonly connection: number;
  readonly sentAt: number;
}
