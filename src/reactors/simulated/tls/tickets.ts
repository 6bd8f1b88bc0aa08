/**
 * Sessions that may be taken up again. Both ends keep them in memory, so that they end with the
 * program: what is module-wide here would outlive a host, and make one simulation depend on those
 * before it.
 *
 * Spec: RFC 8446 §2.2, RFC 5077.
 *
 * @module
 */
import type { ITLSClientOptions } from "../../../internet/interfaces-tls.ts";
import type { SimulatedSystem } from "../system.ts";
import type { KnownCertificate } from "./known-certificate.ts";
import type { TLSContext } from "./tls-context.ts";

/** Seconds: OpenSSL's. */
const TICKET_LIFETIME = 7200;

/** A server's memory of a session. It travels as a number. */
export class Ticket {
  /** Who knows the key of it. */
  readonly system: SimulatedSystem;
  /** Under which settings for clients without a name; with others the key is another. */
  readonly first: TLSContext;
  /** What was demanded of the client: see `TLSContext.demand`. */
  readonly demand: string;
  readonly version: number;
  readonly suite: number;
  /** The client's certificate. */
  readonly peer: KnownCertificate | undefined;
  /** When it was made, in seconds since 1970. */
  readonly made: number;

  constructor(content: Readonly<Omit<Ticket, "isFor">>) {
    this.system = content.system;
    this.first = content.first;
    this.demand = content.demand;
    this.version = content.version;
    this.suite = content.suite;
    this.peer = content.peer;
    this.made = content.made;
  }

  /** May a connection go on with it, of this program and these settings, at that date? */
  isFor(system: SimulatedSystem, first: TLSContext, date: number): boolean {
    if (this.system !== system || this.first !== first || this.demand !== first.demand)
      return false;
    return date >= this.made && date <= this.made + TICKET_LIFETIME;
  }
}

/** A client's memory of a session. */
export interface KeptSession {
  /** The number of the ticket. */
  readonly ticket: number;
  readonly version: number;
  /** Who the server was: it does not show it once more. */
  readonly peer: KnownCertificate | undefined;
}

const kept = new WeakMap<SimulatedSystem, WeakMap<ITLSClientOptions, KeptSession>>();

/** The last session of a client with these options: they name the server. */
export function keptSession(
  system: SimulatedSystem,
  options: ITLSClientOptions,
): KeptSession | undefined {
  return kept.get(system)?.get(options);
}

/** Keep a session for the next connection. */
export function keepSession(
  system: SimulatedSystem,
  options: ITLSClientOptions,
  session: KeptSession,
): void {
  const sessions = kept.get(system) ?? new WeakMap<ITLSClientOptions, KeptSession>();
  kept.set(system, sessions);
  sessions.set(options, session);
}
