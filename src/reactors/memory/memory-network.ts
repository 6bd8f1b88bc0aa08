/**
 * What the ports, connectors and wires of one memory reactor share.
 *
 * @module
 */
import type { IAddress } from "../../internet/addresses.ts";
import type { MemoryEnd, MemoryWire } from "./memory-wire.ts";

/** A port, as connectors see it. */
export interface MemoryDoor {
  /** Its address, as those who connect see it. */
  readonly reached: IAddress;
  /** A client comes in. @returns The wire to it, of which the server has no protocol yet. */
  connect(client: MemoryEnd): MemoryWire;
}

/** How attempts to reach a host go: for tests of what is slow, refused or never answered. */
export interface MemoryRoute {
  /** Seconds until it is decided. Default: 0. */
  readonly delay?: number;
  /**
   * `reach`: connected if somebody listens on the port, else refused. `drop`: nothing ever comes
   * back. Default: `reach`.
   */
  readonly outcome?: "reach" | "refuse" | "drop";
}

/** The first port that is given out (RFC 6335 §6). */
const EPHEMERAL_FIRST = 49_152;

/** Who listens where, and what is in flight. */
export class MemoryNetwork {
  /** The ports that listen, by number; UNIX sockets by name. */
  readonly bound = new Map<number | string, MemoryDoor>();
  /** The hosts, by address, that are not just here. Those without an entry are: see `bound`. */
  readonly routes: Map<string, MemoryRoute> = new Map();
  readonly #wires = new Set<MemoryWire>();
  #ephemeral = EPHEMERAL_FIRST - 1;

  /** A port number that nobody has. */
  ephemeralPort(): number {
    do this.#ephemeral += 1;
    while (this.bound.has(this.#ephemeral));
    return this.#ephemeral;
  }

  /** Deliver what this wire carries, until both of its ends are closed. */
  addWire(wire: MemoryWire): void {
    this.#wires.add(wire);
  }

  /** Move each wire one step, and call `between` after each. @returns Did anything happen? */
  deliver(between: () => void): boolean {
    let busy = false;
    for (const wire of this.#wires) {
      if (wire.deliver()) busy = true;
      if (wire.over) this.#wires.delete(wire);
      between();
    }
    return busy;
  }
}
