/**
 * One direction of a stream: bytes on their way, in order, once.
 *
 *     write ─▶ unsent ─(window)─▶ in flight ─(latency, loss)─▶ unread ─▶ read
 *        ▲                                                                │
 *        └──────────── there is room again (after the way back) ──────────┘
 *
 * What is lost is sent again, later and later, and everything behind it waits: a stream loses time,
 * never bytes. A peer that does not answer at all is given up after fifteen minutes.
 *
 * Spec: RFC 9293 (TCP), as Linux does it; RFC 6298 (retransmission).
 *
 * @module
 */
import type { SimulatedEvent } from "../event-queue.ts";
import { type Link, RETRANSMIT_FIRST, RETRANSMIT_LIMIT, RETRANSMIT_MAX } from "../link.ts";
import type { Machine } from "../machine.ts";
import { StreamLedger } from "../stream-ledger.ts";
import type { TracedWay, TraceKind } from "../trace.ts";

/** The end of a way where bytes arrive, and the end where they come from. */
export interface WayEnd {
  readonly machine: Machine;
  /** The kernel that it belongs to: another boot of its machine does not know it. */
  readonly boot: number;
  /** Is it closed, so that what arrives is answered with a reset? */
  readonly deaf: boolean;
  /** The handshake is complete. @returns Does somebody take it? Else it is reset. */
  opened(): boolean;
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
  at: number;
}

/** Bytes of headers, for the bandwidth. */
const HEADER = 40;
/** The most that one segment carries here: larger ones only make less events. */
const SEGMENT_MAX = 65_536;

/** See the top of this file. */
export class Way implements SimulatedEvent, TracedWay {
  readonly connection: number;
  readonly #link: Link;
  readonly #back: Link;
  readonly #from: WayEnd;
  readonly #to: WayEnd;
  #unsent: Buffer[] = [];
  #unsentBytes = 0;
  #endAsked = false;
  #torn = false;
  #flight: Segment[] = [];
  #flightBytes = 0;
  #unreadBytes = 0;
  #lastArrival = 0;
  #wait = RETRANSMIT_FIRST;
  #silentSince: number | undefined;
  #queued = false;
  #roomAsked = false;
  #ackAwaited = false;
  /** Its sender is gone, without a word. */
  #dead = false;
  /** Its sender has reset it: there is no end in order any more. */
  #isReset = false;
  readonly #ledger: StreamLedger | undefined;
  sentAt = 0;

  constructor(parts: {
    readonly connection: number;
    readonly link: Link;
    readonly back: Link;
    readonly from: WayEnd;
    readonly to: WayEnd;
  }) {
    this.connection = parts.connection;
    this.#link = parts.link;
    this.#back = parts.back;
    this.#from = parts.from;
    this.#to = parts.to;
    const { monitor } = this.#world;
    if (monitor !== undefined) this.#ledger = new StreamLedger(monitor, parts.connection);
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
    this.#ledger?.written(data);
    if (this.#unsentBytes === 0 && this.#room >= data.length) {
      this.#flightBytes += data.length;
      this.#send("data", data);
      return;
    }
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
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.#isReset = true;
    this.#send("reset", undefined);
  }

  /** The sender has no power: what is under way arrives, nothing is sent again. */
  vanish(): void {
    this.#dead = true;
    this.#unsent = [];
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
    const first = this.#unsent.shift() ?? Buffer.alloc(0);
    const data = first.length > most ? first.subarray(0, most) : first;
    if (data.length < first.length) this.#unsent.unshift(first.subarray(most));
    this.#unsentBytes -= data.length;
    return data;
  }

  #send(what: Segment["what"], data: Buffer | undefined): void {
    const link = this.#link;
    const at = Math.max(this.#lastArrival, link.arrival(HEADER + (data?.length ?? 0)));
    this.#lastArrival = at;
    this.#flight.push({ what, data, sentAt: this.#world.now, at });
    this.#queue();
  }

  get #world(): Machine["world"] {
    return this.#from.machine.world;
  }

  #queue(): void {
    const [head] = this.#flight;
    if (this.#queued || head === undefined) return;
    this.#queued = true;
    this.#world.arriveAt(Math.max(head.at, this.#world.now), this);
  }

  // -- On the way

  happen(): void {
    this.#queued = false;
    if (this.#flight.length === 0) return;
    if (this.#link.held) {
      this.#link.whenReleased(() => this.#queue());
      return;
    }
    if (this.#link.cut || !this.#to.machine.powered || this.#link.loses()) this.#again();
    else this.#arrive();
  }

  /** It did not get through. */
  #again(): void {
    const [head] = this.#flight;
    const { now } = this.#world;
    if (head === undefined) return;
    if (this.#dead || head.what === "reset") {
      this.#flight = []; // Nobody sends it again.
      return;
    }
    if (this.#isReset) {
      this.#flight = this.#flight.filter(({ what }) => what === "reset");
      this.#queue();
      return;
    }
    this.#silentSince ??= now;
    if (now - this.#silentSince > RETRANSMIT_LIMIT) {
      this.#giveUp();
      return;
    }
    this.#note("retransmitted", head);
    head.at = now + this.#wait;
    this.#wait = Math.min(2 * this.#wait, RETRANSMIT_MAX);
    this.#queue();
  }

  /** The sender's kernel forgets the connection: whoever makes room later gets nothing more. */
  #giveUp(): void {
    this.vanish();
    this.#flight = [];
    this.#from.timedOut();
  }

  #note(kind: TraceKind, { data, sentAt }: Segment): void {
    const from = this.#from.machine;
    const peer = this.#to.machine.name;
    const facts = { peer, connection: this.connection, sentAt };
    this.#world.trace.note(
      kind,
      from,
      data === undefined ? facts : { ...facts, bytes: data.length },
    );
  }

  #arrive(): void {
    this.#wait = RETRANSMIT_FIRST;
    this.#silentSince = undefined;
    const { now } = this.#world;
    for (let head = this.#flight[0]; head !== undefined && head.at <= now; head = this.#flight[0]) {
      this.#flight.shift();
      this.#receive(head);
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
        if (!this.#back.cut || this.#dead) return;
        if (this.#world.now - since > RETRANSMIT_LIMIT) this.#giveUp();
        else this.#awaitAck(since, Math.min(2 * wait, RETRANSMIT_MAX));
      },
    });
  }

  #receive(segment: Segment): void {
    const to = this.#to;
    this.sentAt = segment.sentAt;
    if (segment.data !== undefined) this.#flightBytes -= segment.data.length;
    if (segment.what === "reset") {
      this.#flight = [];
      if (to.boot === to.machine.boot) to.wasReset();
      return;
    }
    if (to.boot !== to.machine.boot || to.deaf || (segment.what === "open" && !to.opened())) {
      this.#refuse();
      return;
    }
    if (segment.what === "fin" || segment.what === "torn") to.ended(segment.what === "torn");
    else if (segment.data !== undefined) {
      this.#unreadBytes += segment.data.length;
      to.arrived(segment.data);
    }
  }

  /** Nobody is there who knows of this connection: the sender is told so. */
  #refuse(): void {
    this.#flight = [];
    this.#unsent = [];
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
    this.#ledger?.read(data, this.#to.machine);
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
        if (this.#dead) return;
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
