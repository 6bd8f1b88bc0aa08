/**
 * One direction of a stream: bytes on their way, in order, once.
 *
 *     write ─▶ unsent ─(window)─▶ in flight ─(latency, loss)─▶ unread ─▶ read
 *        ▲                                                                │
 *        └──────────── there is room again (after the way back) ──────────┘
 *
 * What is lost is sent again, later and later, and everything behind it waits: a stream loses time,
 * never bytes. A peer that does not answer at all is given up after fifteen minutes; after less
 * than two, if nobody but the kernel waits for it.
 *
 * Spec: RFC 9293 (TCP), as Linux does it; RFC 6298 (retransmission).
 *
 * @module
 */
import type { SimulatedEvent } from "../event-queue.ts";
import {
  type Link,
  ORPHAN_LIMIT,
  RETRANSMIT_FIRST,
  RETRANSMIT_LIMIT,
  RETRANSMIT_MAX,
  SYN_ACK_LIMIT,
} from "../link.ts";
import type { Machine } from "../machine.ts";
import { StreamLedger } from "../stream-ledger.ts";
import type { TracedWay } from "../trace.ts";

/** The end of a way where bytes arrive, and the end where they come from. */
export interface WayEnd {
  readonly machine: Machine;
  /** The kernel that it belongs to: another boot of its machine does not know it. */
  readonly boot: number;
  /** Is it closed, so that what arrives is answered with a reset? */
  readonly deaf: boolean;
  /** Has its program closed it? Then its kernel is less patient. */
  readonly orphaned: boolean;
  /** The handshake is complete. @returns Does somebody take it? Else it is reset. */
  opened(): boolean;
  /** The handshake has taken too long: if it is not complete, nothing is left of it. */
  notOpened(): void;
  /** Bytes are there to be read. */
  arrived(data: Buffer): void;
  /** No more will come. @param torn The other end has closed and not read everything. */
  ended(torn: boolean): void;
  /** The other end has reset the connection. */
  wasReset(): void;
  /** The other end does not answer. */
  timedOut(): void;
  /** There is room for more. */
  roomAgain(): void;
}

/** What is in flight. */
interface Segment {
  readonly what: "open" | "data" | "fin" | "torn" | "reset";
  readonly data: Buffer | undefined;
  readonly sentAt: number;
  readonly at: number;
}

/** Bytes of headers, for the bandwidth. */
const HEADER = 40;
/** The most that one segment carries here: larger ones only make less events. */
const SEGMENT_MAX = 65_536;

/** Of tries after which the time until the next one is not doubled any more. */
const DOUBLINGS = Math.ceil(Math.log2(RETRANSMIT_MAX / RETRANSMIT_FIRST));

/** Seconds from when a segment has left first until it leaves for the `tries`-th time again. */
function sentAgainAfter(tries: number): number {
  const doubled = Math.min(tries, DOUBLINGS);
  return RETRANSMIT_FIRST * (2 ** doubled - 1) + (tries - doubled) * RETRANSMIT_MAX;
}

/** See the top of this file. */
export class Way extends StreamLedger implements SimulatedEvent, TracedWay {
  readonly #world: Machine["world"];
  readonly #link: Link;
  readonly #back: Link;
  readonly #from: WayEnd;
  readonly #to: WayEnd;
  /** The segment in flight that arrives first, if there is one, and those behind it. */
  #what: Segment["what"] | undefined;
  #data: Buffer | undefined;
  /** When it left. */
  #leftAt = 0;
  /** When it arrives; later, when the last one did. */
  #at = 0;
  /** When what arrived last had left. */
  sentAt = 0;
  #behind: Segment[] | undefined;
  #flightBytes = 0;
  #unreadBytes = 0;
  #unsentBytes = 0;
  #unsent: Buffer[] | undefined;
  #endAsked = false;
  #torn = false;
  /** How often the first one was sent again. */
  #retries = 0;
  #silentSince: number | undefined;
  #queued = false;
  #roomAsked = false;
  #ackAwaited = false;
  /** Its sender is gone, without a word. */
  #dead = false;
  /** Its sender has reset it: there is no end in order any more. */
  #isReset = false;

  constructor(parts: {
    readonly connection: number;
    readonly link: Link;
    readonly back: Link;
    readonly from: WayEnd;
    readonly to: WayEnd;
  }) {
    const { world } = parts.from.machine;
    super(world.monitor, parts.connection);
    this.#world = world;
    this.#link = parts.link;
    this.#back = parts.back;
    this.#from = parts.from;
    this.#to = parts.to;
  }

  /** Must its writer wait? */
  get full(): boolean {
    return this.#unsentBytes > this.#link.sendBuffer;
  }

  /** The link it goes over. */
  get link(): Link {
    return this.#link;
  }

  // -- The sender's side

  /** Say that the handshake is complete. */
  open(): void {
    this.#send("open", undefined);
  }

  /** Send these bytes, which are its own from now on. */
  write(data: Buffer): void {
    this.noteWritten(data);
    if (this.#unsentBytes === 0 && this.#room >= data.length) {
      this.#flightBytes += data.length;
      this.#send("data", data);
      return;
    }
    this.#unsent ??= [];
    this.#unsent.push(data);
    this.#unsentBytes += data.length;
    this.#transmit();
  }

  /** No more comes, after what was written. @param torn See {@link WayEnd.ended}. */
  end(torn = false): void {
    this.#torn ||= torn;
    if (this.#endAsked || this.#isReset) return;
    this.#endAsked = true;
    this.#transmit();
  }

  /** Forget what was not sent, and reset the connection. */
  reset(): void {
    this.#unsent = undefined;
    this.#unsentBytes = 0;
    this.#isReset = true;
    // What was lost, nobody sends again; what is behind it cannot be read without it.
    if (this.#silentSince !== undefined) this.#dropFlight();
    this.#send("reset", undefined);
  }

  /** The sender has no power: what is under way arrives, nothing is sent again. */
  vanish(): void {
    this.#dead = true;
    this.#unsent = undefined;
    this.#unsentBytes = 0;
  }

  /** Bytes that the window leaves. */
  get #room(): number {
    return this.#link.window - this.#flightBytes - this.#unreadBytes;
  }

  #transmit(): void {
    while (this.#unsentBytes > 0 && this.#room > 0) {
      const data = this.#takeUnsent(Math.min(this.#room, SEGMENT_MAX));
      this.#flightBytes += data.length;
      this.#send("data", data);
    }
    if (this.#endAsked && this.#unsentBytes === 0 && !this.#isReset) {
      this.#endAsked = false;
      this.#send(this.#torn ? "torn" : "fin", undefined);
    }
  }

  #takeUnsent(most: number): Buffer {
    const first = this.#unsent?.shift() ?? Buffer.alloc(0);
    const data = first.length > most ? first.subarray(0, most) : first;
    if (data.length < first.length) this.#unsent?.unshift(first.subarray(most));
    this.#unsentBytes -= data.length;
    return data;
  }

  #send(what: Segment["what"], data: Buffer | undefined): void {
    const at = Math.max(this.#lastArrival, this.#link.arrival(HEADER + (data?.length ?? 0)));
    const sentAt = this.#world.now;
    if (this.#what === undefined) this.#setFirst(what, data, sentAt, at);
    else {
      this.#behind ??= [];
      this.#behind.push({ what, data, sentAt, at });
    }
    this.#queue();
  }

  // The first segment lies in fields: mostly it is the only one, and then there is no object.

  #setFirst(what: Segment["what"], data: Buffer | undefined, sentAt: number, at: number): void {
    this.#what = what;
    this.#data = data;
    this.#leftAt = sentAt;
    this.#at = at;
  }

  /** The first one is done with. */
  #advance(): void {
    const next = this.#behind?.shift();
    if (next === undefined) this.#dropFlight();
    else this.#setFirst(next.what, next.data, next.sentAt, next.at);
  }

  /** When the last segment arrives or, if none is in flight, did. */
  get #lastArrival(): number {
    return this.#behind?.at(-1)?.at ?? this.#at;
  }

  #dropFlight(): void {
    this.#at = this.#lastArrival;
    this.#what = undefined;
    this.#data = undefined;
    this.#behind = undefined;
  }

  #queue(): void {
    if (this.#queued || this.#what === undefined) return;
    this.#queued = true;
    this.#world.arriveAt(Math.max(this.#at, this.#world.now), this);
  }

  // -- On the way

  happen(): void {
    this.#queued = false;
    if (this.#what === undefined) return;
    if (this.#link.held) {
      this.#link.whenReleased(() => this.#queue());
      return;
    }
    // Without power the sender has not sent it again.
    if (this.#retries > 0 && this.#isForgotten) this.#dropFlight();
    else if (this.#link.cut || !this.#to.machine.powered || this.#link.loses()) this.#again();
    else this.#arrive();
  }

  /** It did not get through. */
  #again(): void {
    const { now } = this.#world;
    if (this.#isFirst("open") && this.#silentSince === undefined) {
      this.#world.after(SYN_ACK_LIMIT, { happen: () => this.#to.notOpened() });
    }
    if (this.#isForgotten || this.#what === "reset") {
      this.#dropFlight(); // Nobody sends it again.
      return;
    }
    if (this.#isReset) {
      do this.#advance();
      while (this.#what !== undefined && !this.#isFirst("reset"));
      this.#queue();
      return;
    }
    this.#silentSince ??= now;
    if (now - this.#silentSince > this.#patience) {
      this.#giveUp();
      return;
    }
    this.#noteRetransmission();
    this.#retries += 1;
    // The time until the next try runs since the last one left, which may be less than it takes.
    const takes = this.#link.arrival(HEADER + (this.#data?.length ?? 0)) - now;
    this.#at = Math.max(now, this.#leftAt + sentAgainAfter(this.#retries) + takes);
    this.#queue();
  }

  /** Does the sender's kernel know nothing of it any more? */
  get #isForgotten(): boolean {
    const { machine, boot } = this.#from;
    return this.#dead || !machine.powered || machine.boot !== boot;
  }

  /** Seconds of silence after which the peer is given up. */
  get #patience(): number {
    return this.#from.orphaned ? ORPHAN_LIMIT : RETRANSMIT_LIMIT;
  }

  /** The sender's kernel forgets the connection: whoever makes room later gets nothing more. */
  #giveUp(): void {
    this.vanish();
    this.#dropFlight();
    this.#from.timedOut();
  }

  #isFirst(what: Segment["what"]): boolean {
    return this.#what === what;
  }

  #noteRetransmission(): void {
    const peer = this.#to.machine.name;
    const facts = { peer, connection: this.connection, sentAt: this.#leftAt };
    const bytes = this.#data?.length;
    this.#world.trace.note(
      "retransmitted",
      this.#from.machine,
      bytes === undefined ? facts : { ...facts, bytes },
    );
  }

  #arrive(): void {
    this.#retries = 0;
    this.#silentSince = undefined;
    const { now } = this.#world;
    for (let what = this.#what; what !== undefined && this.#at <= now; what = this.#what) {
      const data = this.#data;
      this.sentAt = this.#leftAt;
      this.#advance();
      this.#receive(what, data);
    }
    if (this.#back.cut) this.#awaitAck(now, RETRANSMIT_FIRST);
    this.#queue();
  }

  /** It has arrived, and its sender cannot learn that: it will give up in the end. */
  #awaitAck(since: number, wait: number): void {
    if (this.#ackAwaited) return;
    this.#ackAwaited = true;
    this.#world.after(wait, {
      happen: () => {
        this.#ackAwaited = false;
        if (!this.#back.cut || this.#isForgotten) return;
        if (this.#world.now - since > this.#patience) this.#giveUp();
        else this.#awaitAck(since, Math.min(2 * wait, RETRANSMIT_MAX));
      },
    });
  }

  #receive(what: Segment["what"], data: Buffer | undefined): void {
    const to = this.#to;
    if (data !== undefined) this.#flightBytes -= data.length;
    if (what === "reset") {
      this.#dropFlight();
      if (to.boot === to.machine.boot) to.wasReset();
      return;
    }
    if (to.boot !== to.machine.boot || to.deaf || (what === "open" && !to.opened())) {
      this.#refuse();
      return;
    }
    if (what === "fin" || what === "torn") to.ended(what === "torn");
    else if (data !== undefined) {
      this.#unreadBytes += data.length;
      to.arrived(data);
    }
  }

  /** Nobody is there who knows of this connection: the sender is told so. */
  #refuse(): void {
    this.#dropFlight();
    this.#unsent = undefined;
    this.#unsentBytes = 0;
    this.#answerReset(this.#back.arrival(HEADER), this.#world.now, RETRANSMIT_FIRST);
  }

  /** Where the reset does not get through, the sender asks again, and is refused again. */
  #answerReset(at: number, since: number, wait: number): void {
    const back = this.#back;
    const from = this.#from;
    const answered = (): void => {
      const { now } = this.#world;
      if (!from.machine.powered || from.boot !== from.machine.boot) return;
      if (back.held) back.whenReleased(answered);
      else if (!back.cut) from.wasReset();
      else if (now - since > RETRANSMIT_LIMIT) from.timedOut();
      else this.#answerReset(now + wait, since, Math.min(2 * wait, RETRANSMIT_MAX));
    };
    this.#world.arriveAt(at, { happen: answered });
  }

  // -- The receiver's side

  /** These bytes are handed to the program. */
  read(data: Buffer): void {
    this.checkRead(data, this.#to.machine);
    this.taken(data.length);
  }

  /** So many bytes are gone: in time the sender learns that there is room. */
  taken(bytes: number): void {
    this.#unreadBytes -= bytes;
    if (this.#unsentBytes > 0 || this.#isReset)
      this.#tellRoom(this.#back.arrival(HEADER), RETRANSMIT_FIRST);
  }

  #tellRoom(at: number, wait: number): void {
    if (this.#roomAsked) return;
    this.#roomAsked = true;
    this.#world.arriveAt(at, {
      happen: () => {
        this.#roomAsked = false;
        if (this.#isForgotten) return;
        // A sender whose peer has no room asks again and again (RFC 9293 §3.8.6.1).
        if (this.#back.cut)
          this.#tellRoom(this.#world.now + wait, Math.min(2 * wait, RETRANSMIT_MAX));
        else this.#transmitMore();
      },
    });
  }

  #transmitMore(): void {
    if (this.#isReset) {
      this.#send("reset", undefined); // The first was lost: its kernel knows nothing of us.
      return;
    }
    const wasFull = this.full;
    this.#transmit();
    if (wasFull && !this.full) this.#from.roomAgain();
  }
}
