/**
 * What must never happen in a simulation, whatever the program does. Always on.
 *
 *     order         connectionMade comes once and first, connectionLost once and last, with why
 *     re-entrance   nothing is delivered to a protocol that is busy
 *     bytes         what is read is what was written, from its beginning and without a gap
 *     backpressure  a producer that was paused has gone on writing
 *     livelock      time stands still, or almost, and events happen all the same
 *     storm         a host begins to connect again and again
 *
 * The first three watch the reactor itself: it may deliver late, in pieces, or not at all, never
 * anything else. The others watch the program.
 *
 * @module
 */
import { SennitError } from "../../core/errors.ts";
import type { Trace, TracedHost } from "./trace.ts";

/** How much is too much. */
export interface MonitorOptions {
  /** Bytes that may be written after a transport has paused its push producer. Default: 1 MiB. */
  readonly bytesWhilePaused?: number;
  /** Events in a second of the simulation. Default: 1,000,000. */
  readonly eventsPerSecond?: number;
  /** Attempts to connect of one host in a second of the simulation. Default: 1000. */
  readonly attemptsPerSecond?: number;
}

/** Which of the rules at the top of this file. */
export type MonitorRule = "order" | "re-entrance" | "bytes" | "backpressure" | "livelock" | "storm";

/** Where something happened that must not. */
export interface MonitorPlace {
  readonly rule: MonitorRule;
  /** The host, if it has a place. */
  readonly host?: TracedHost | undefined;
  /** The number of the connection, as in the trace. */
  readonly connection?: number | undefined;
  /** What the protocol is called. */
  readonly protocol?: string | undefined;
}

/** A rule was broken. It ends the simulation. */
export class MonitorError extends SennitError {
  readonly code = "ERR_SIMULATION_MONITOR";
  readonly rule: MonitorRule;
  /** The name of the host, if it has a place. */
  readonly host: string | undefined;
  readonly connection: number | undefined;
  readonly protocol: string | undefined;

  constructor({ rule, host, connection, protocol }: MonitorPlace, what: string) {
    const where = [
      protocol,
      host === undefined ? undefined : `on ${host.name}`,
      connection === undefined ? undefined : `connection ${String(connection)}`,
    ].filter((part) => part !== undefined);
    super(where.length === 0 ? what : `${where.join(", ")}: ${what}`);
    this.rule = rule;
    this.host = host?.name;
    this.connection = connection;
    this.protocol = protocol;
  }
}

/** What a monitor needs of its world. */
export interface MonitoredWorld {
  /** Seconds since it began. */
  readonly now: number;
  readonly trace: Trace;
  /** End the simulation. */
  fail(error: unknown): void;
}

const BYTES_WHILE_PAUSED = 1_048_576;
const EVENTS_PER_SECOND = 1_000_000;
const ATTEMPTS_PER_SECOND = 1000;
/** More rounds of calls and promises within one event than any program needs. */
const ROUNDS_MAX = 100_000;

interface Attempts {
  since: number;
  count: number;
}

/** See the top of this file. */
export class Monitor {
  /** See {@link MonitorOptions.bytesWhilePaused}. */
  readonly bytesWhilePaused: number;
  /** How often a protocol has written to a connection whose end it was told of. No failure. */
  writesAfterLoss = 0;
  readonly #world: MonitoredWorld;
  readonly #eventsPerSecond: number;
  readonly #attemptsPerSecond: number;
  /** Events until the next look at the clock. */
  #eventsLeft: number;
  /** When that was looked at last. */
  #looked = 0;
  /** By host. */
  readonly #attempts = new Map<number, Attempts>();

  constructor(world: MonitoredWorld, options: MonitorOptions = {}) {
    this.#world = world;
    this.bytesWhilePaused = options.bytesWhilePaused ?? BYTES_WHILE_PAUSED;
    this.#eventsPerSecond = options.eventsPerSecond ?? EVENTS_PER_SECOND;
    this.#attemptsPerSecond = options.attemptsPerSecond ?? ATTEMPTS_PER_SECOND;
    this.#eventsLeft = this.#eventsPerSecond;
  }

  /** A rule is broken: the trace says so, and the simulation ends. */
  violated(place: MonitorPlace, what: string): void {
    const { trace } = this.#world;
    const { host, connection } = place;
    const text = `${place.rule}: ${what}`;
    trace.note("violated", host, connection === undefined ? { text } : { text, connection });
    this.#world.fail(new MonitorError(place, what));
  }

  /** An event has happened. @param host Where, if it has a place. */
  happened(host: TracedHost | undefined): void {
    this.#eventsLeft -= 1;
    if (this.#eventsLeft > 0) return;
    const { now } = this.#world;
    const took = now - this.#looked;
    this.#looked = now;
    this.#eventsLeft = this.#eventsPerSecond;
    if (took >= 1) return;
    const events = String(this.#eventsPerSecond);
    const what = `${events} events within ${took.toFixed(6)} seconds: more than eventsPerSecond`;
    this.violated({ rule: "livelock", host }, what);
  }

  /**
   * Calls that were asked for soon have asked for more, so many times within one event.
   *
   * @returns Is that too often? Then it is a failure, and they are not to be made.
   */
  isEndless(rounds: number, host: TracedHost | undefined): boolean {
    if (rounds < ROUNDS_MAX) return false;
    this.violated({ rule: "livelock", host }, `one event led to ${String(rounds)} rounds of calls`);
    return true;
  }

  /** A host begins to connect. */
  connecting(host: TracedHost): void {
    const { now } = this.#world;
    let attempts = this.#attempts.get(host.id);
    if (attempts === undefined) {
      attempts = { since: now, count: 0 };
      this.#attempts.set(host.id, attempts);
    } else if (now - attempts.since >= 1) {
      attempts.since = now;
      attempts.count = 0;
    }
    attempts.count += 1;
    if (attempts.count !== this.#attemptsPerSecond + 1) return;
    const count = String(attempts.count);
    const what = `${count} attempts to connect within a second: more than attemptsPerSecond`;
    this.violated({ rule: "storm", host }, what);
  }
}
