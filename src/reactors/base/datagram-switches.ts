/**
 * What can be set at a port for datagrams, checked where it comes in.
 *
 * @module
 */
import type { ListenUDPOptions } from "../../internet/interfaces-udp.ts";

/** What a socket can be told; what is missing stays as it is. */
export interface DatagramSwitches {
  readonly broadcast?: boolean;
  readonly unicastTTL?: number;
  /** Of datagrams to groups. */
  readonly ttl?: number;
  readonly loopback?: boolean;
  /** Of datagrams to groups: an address or a name. */
  readonly outgoingInterface?: string;
}

/** One change of membership in a group. */
export interface Membership {
  readonly change: "join" | "leave";
  readonly group: string;
  /** An address or a name; empty for the system's choice. */
  readonly networkInterface: string;
  /** Missing: any. */
  readonly source: string | undefined;
}

/** Twisted's. */
const PACKET_BYTES = 8192;
/** Ours: a burst of some hundred large datagrams, or some thousand small ones. */
const BUFFERED_BYTES = 4 << 20;

/** The limits, those that were not given included. */
export type DatagramLimits = Required<Pick<ListenUDPOptions, "maxPacketSize" | "maxBufferedBytes">>;

/** What a buffer of the system's may be asked to hold: what fits into its `int`. */
const SYSTEM_BUFFER_MAX = 2_147_483_647;

/** The limits of a port. @throws {RangeError} One is negative, or NaN; or no size of a buffer. */
export function checkedDatagramLimits(options: ListenUDPOptions): DatagramLimits {
  const { maxPacketSize = PACKET_BYTES, maxBufferedBytes = BUFFERED_BYTES } = options;
  const limits = { maxPacketSize, maxBufferedBytes };
  for (const [name, limit] of Object.entries(limits)) {
    // Not `limit < 0`, which NaN is not either.
    if (!(limit >= 0)) {
      throw new RangeError(`Cannot use ${name}: expected at least 0, got ${String(limit)}`);
    }
  }
  const { receiveBufferBytes, sendBufferBytes } = options;
  for (const [name, size] of Object.entries({ receiveBufferBytes, sendBufferBytes })) {
    if (size === undefined || isBufferSize(size)) continue;
    throw new RangeError(`Cannot use ${name}: expected a whole number from 1, got ${String(size)}`);
  }
  return limits;
}

function isBufferSize(size: number): boolean {
  return Number.isInteger(size) && size > 0 && size <= SYSTEM_BUFFER_MAX;
}

/** A number of routers to pass. @throws {RangeError} Not a whole number from `least` to 255. */
export function checkedHops(hops: number, least: 0 | 1): number {
  if (Number.isInteger(hops) && hops >= least && hops <= 255) return hops;
  const range = `expected a whole number from ${String(least)} to 255`;
  throw new RangeError(`Cannot use TTL ${String(hops)}: ${range}`);
}
