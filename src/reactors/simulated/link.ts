/**
 * The way from one host to another: how long it takes, how much it carries, what it loses.
 *
 * @module
 */
import { ChoiceStream } from "./choices.ts";
import type { NetworkNode, World } from "./world.ts";

/** A range from the benign value to the worst one; one number is both. */
export type Range = number | readonly [benign: number, worst: number];

/** How a link treats what it carries. Rates are from 0 to 1. */
export interface LinkOptions {
  /** Seconds from one end to the other. Default: half a millisecond; on one host 10 µs. */
  readonly latency?: Range;
  /** Bytes a second. Default: no bound. */
  readonly bandwidth?: number;
  /** How often a segment or datagram is lost. Streams send it again, which takes time. */
  readonly loss?: number;
  /** How often a datagram is lost, where that is not as often as a segment. */
  readonly datagramLoss?: number;
  /** How often a datagram comes twice. */
  readonly duplication?: number;
  /** How often a datagram is overtaken by later ones. */
  readonly reordering?: number;
  /** How often a byte of a datagram is changed. (UDP itself drops what its checksum finds.) */
  readonly corruption?: number;
  /** Bytes of the longest datagram, headers included; longer ones are lost. Default: no bound. */
  readonly mtu?: number;
  /** Routers on the way, which a datagram may not be allowed to pass. Default: 0. */
  readonly hops?: number;
  /** How often a read gets only a part of what is there, be it one byte. */
  readonly segmentation?: number;
  /** How often a read comes later than it could, when more has come. */
  readonly coalescing?: number;
  /** Bytes that may be under way or unread before the sender must wait. Default: 64 KiB. */
  readonly window?: number;
  /** Bytes that the sender's kernel takes beyond that. Default: 64 KiB. */
  readonly sendBuffer?: number;
}

/** Seconds after which the first segment of a stream is sent again (RFC 6298 §2.4, in Linux). */
export const RETRANSMIT_FIRST = 0.2;
/** The longest time between two tries. */
export const RETRANSMIT_MAX = 120;
/** Seconds after which a stream's peer that never answers is given up: Linux' 15 tries. */
export const RETRANSMIT_LIMIT = 924;
/** The same where the program has closed its socket: Linux' 8 tries. */
export const ORPHAN_LIMIT = 102;
/** Seconds after which an incomplete handshake is forgotten: Linux' 5 more tries of a SYN+ACK. */
export const SYN_ACK_LIMIT = 63;

const LATENCY = 0.0005;
const LATENCY_WITHIN = 0.000_01;
const WINDOW = 65_536;
const MICROSECOND = 0.000_001;
/** Bytes that wait for a line with a bound; a datagram that finds more is lost. */
const LINE_QUEUE = 262_144;
/** Seconds between two datagrams, at least: those of one link stay in order. */
const SPACING = 1e-9;
/** Seconds by which a datagram that is overtaken comes later. */
const OVERTAKEN = 0.01;
/** The longest time that a read is put off, in microseconds. */
const COALESCED = 5000;

/**
 * {@link LinkOptions}, with what they leave open filled in. Links that are alike share them: a
 * thousand hosts have ten thousand links, and what all events read is to stay in the cache.
 */
export interface LinkSettings extends Required<Omit<LinkOptions, "latency" | "datagramLoss">> {
  /** In seconds. */
  readonly latency: number;
  /** In microseconds. */
  readonly jitter: number;
  readonly datagramLoss: number | undefined;
}

/** How hosts are connected to each other, unless somebody says otherwise. */
export const SETTINGS: LinkSettings = {
  latency: LATENCY,
  jitter: 0,
  bandwidth: Number.POSITIVE_INFINITY,
  loss: 0,
  datagramLoss: undefined,
  duplication: 0,
  reordering: 0,
  corruption: 0,
  mtu: Number.POSITIVE_INFINITY,
  hops: 0,
  segmentation: 0,
  coalescing: 0,
  window: WINDOW,
  sendBuffer: WINDOW,
};

/** The same for a host and itself. */
export const SETTINGS_WITHIN: LinkSettings = { ...SETTINGS, latency: LATENCY_WITHIN };

/** Other settings; what `options` do not name stays. */
export function changed(settings: LinkSettings, options: LinkOptions): LinkSettings {
  const { latency, ...others } = options;
  const named = Object.entries(others).filter(([, value]) => value !== undefined);
  const result = { ...settings, ...Object.fromEntries(named) };
  if (latency === undefined) return result;
  const [benign, worst] = typeof latency === "number" ? [latency, latency] : latency;
  const jitter = Math.max(0, Math.round((worst - benign) / MICROSECOND));
  return { ...result, latency: benign, jitter };
}

/**
 * See the top of this file. One direction; the way back is another link. It is its own stream of
 * choices: with ten thousand links one object less is 3% less time for every event.
 */
export class Link extends ChoiceStream {
  readonly from: NetworkNode;
  readonly to: NetworkNode;
  readonly #world: World;
  #settings: LinkSettings;
  /** How many have cut it. */
  #cuts = 0;
  #holds = 0;
  /** What happens when it is whole again: what was held back goes on. */
  #held: (() => void)[] | undefined;
  #busyUntil = 0;
  #lastDatagram = 0;

  /** @param settings Those of others that are like it. Default: those of {@link LinkOptions}. */
  constructor(
    world: World,
    from: NetworkNode,
    to: NetworkNode,
    settings: LinkSettings = from === to ? SETTINGS_WITHIN : SETTINGS,
  ) {
    super(world.choices, `net:${from.name}>${to.name}`);
    this.#world = world;
    this.from = from;
    this.to = to;
    this.#settings = settings;
  }

  /** How it treats what it carries. */
  get settings(): LinkSettings {
    return this.#settings;
  }

  /** Change how it treats what it carries; what is not named stays. */
  set(options: LinkOptions): void {
    this.#settings = changed(this.#settings, options);
  }

  /** The same, for one that is to share its settings with others. */
  share(settings: LinkSettings): void {
    this.#settings = settings;
  }

  get window(): number {
    return this.#settings.window;
  }

  get sendBuffer(): number {
    return this.#settings.sendBuffer;
  }

  get mtu(): number {
    return this.#settings.mtu;
  }

  get hops(): number {
    return this.#settings.hops;
  }

  // -- Time

  /** When `bytes` that leave now arrive. */
  arrival(bytes: number): number {
    const { now } = this.#world;
    const { latency, jitter: most, bandwidth } = this.#settings;
    const jitter = most === 0 ? 0 : this.pick(most + 1) * MICROSECOND;
    if (bandwidth === Number.POSITIVE_INFINITY) return now + latency + jitter;
    this.#busyUntil = Math.max(now, this.#busyUntil) + bytes / bandwidth;
    return this.#busyUntil + latency + jitter;
  }

  /** The same for a datagram: after those that left before it, unless it is overtaken. */
  datagramArrival(bytes: number): number {
    const overtaken = this.#overtaken();
    const at = this.arrival(bytes);
    if (overtaken > 0) return at + overtaken;
    this.#lastDatagram = Math.max(at, this.#lastDatagram + SPACING);
    return this.#lastDatagram;
  }

  /** Does so much wait for the line that a datagram finds no place? */
  get congested(): boolean {
    const { bandwidth } = this.#settings;
    if (bandwidth === Number.POSITIVE_INFINITY) return false;
    return (this.#busyUntil - this.#world.now) * bandwidth > LINE_QUEUE;
  }

  /** The time there and back, about. */
  get roundTrip(): number {
    return 2 * this.#settings.latency;
  }

  // -- What goes wrong by chance

  /** Is this segment lost? */
  loses(): boolean {
    const { loss } = this.#settings;
    return loss > 0 && this.happens(loss);
  }

  /** Is this datagram lost? */
  losesDatagram(): boolean {
    const { loss, datagramLoss: rate = loss } = this.#settings;
    return rate > 0 && this.happens(rate);
  }

  /** Does this datagram come twice? */
  duplicates(): boolean {
    return this.happens(this.#settings.duplication);
  }

  /** Change a byte of this datagram, maybe. */
  corrupt(data: Buffer): void {
    const { corruption } = this.#settings;
    if (corruption === 0 || data.length === 0 || !this.happens(corruption)) return;
    const at = this.pick(data.length);
    data.writeUInt8(data.readUInt8(at) ^ (1 << this.pick(8)), at);
  }

  /** Seconds by which this datagram comes later than those after it. */
  #overtaken(): number {
    return this.happens(this.#settings.reordering) ? OVERTAKEN : 0;
  }

  /** How many of `available` bytes a read gets. */
  readable(available: number): number {
    const { segmentation } = this.#settings;
    if (segmentation === 0 || available === 1) return available;
    if (!this.happens(segmentation)) return available;
    switch (this.pick(4)) {
      case 0:
        return 1;
      case 1:
        return available - 1;
      case 2:
        return Math.min(available - 1, this.between(1, 16));
      default:
        return this.between(1, available - 1);
    }
  }

  /** Seconds by which a read is put off. */
  late(): number {
    const { coalescing } = this.#settings;
    if (coalescing === 0 || !this.happens(coalescing)) return 0;
    return this.between(1, COALESCED) * MICROSECOND;
  }

  // -- Cut and held

  /** Does nothing get through? */
  get cut(): boolean {
    return this.#cuts > 0;
  }

  /** Let nothing through, until whoever cut it heals it. */
  sever(): void {
    this.#cuts += 1;
  }

  /** Take back one {@link Link.sever}. */
  heal(): void {
    this.#cuts -= 1;
  }

  /** Keep what arrives, until it is released. */
  hold(): void {
    this.#holds += 1;
  }

  /** Take back one {@link Link.hold}: what was kept arrives. */
  release(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const go of held) go();
  }

  /** Is what arrives kept? */
  get held(): boolean {
    return this.#holds > 0;
  }

  /** Call `go` when it is released. */
  whenReleased(go: () => void): void {
    this.#held ??= [];
    this.#held.push(go);
  }
}
