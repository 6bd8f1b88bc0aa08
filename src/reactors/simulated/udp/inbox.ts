/**
 * What a kernel has received for a port and the program has not read: datagrams, and the news that
 * nobody listens at the peer's.
 *
 * The program is told at once, within the event in which a datagram arrives; while it stands still
 * they wait, and then come one in each event.
 *
 * @module
 */
import { DATAGRAM_COST } from "../../../internet/interfaces-udp.ts";
import type { SimulatedEvent } from "../event-queue.ts";
import type { MachineProgram } from "../machine.ts";
import type { Datagram } from "./datagram-table.ts";

/** Who reads it. */
export interface InboxOwner {
  datagramCame(datagram: Datagram): void;
  refusalCame(): void;
}

/** See the top of this file. */
export class Inbox implements SimulatedEvent {
  readonly #program: MachineProgram;
  readonly #owner: InboxOwner;
  readonly #limit: number;
  #waiting: Datagram[] = [];
  #waitingBytes = 0;
  #refused = false;
  #readAsked = false;

  /** @param limit Bytes, and `DATAGRAM_COST` for each datagram: with more it is full. */
  constructor(program: MachineProgram, owner: InboxOwner, limit: number) {
    this.#program = program;
    this.#owner = owner;
    this.#limit = limit;
  }

  /** Is what comes now lost? */
  get full(): boolean {
    return this.#waitingBytes > this.#limit;
  }

  /** A datagram has come: it is read at once, if it can be. */
  take(datagram: Datagram): void {
    if (this.#waiting.length > 0 || this.#isStalled) this.takeLater(datagram);
    else if (this.#begin()) this.#owner.datagramCame(datagram);
  }

  /** The same, read in an event of its own. */
  takeLater(datagram: Datagram): void {
    this.#waiting.push(datagram);
    this.#waitingBytes += datagram.data.length + DATAGRAM_COST;
    this.#readSoon();
  }

  /** Nobody listens at the peer's. Several of these are one. */
  refuse(): void {
    if (this.#isStalled) {
      this.#refused = true;
      this.#readSoon();
    } else if (this.#begin()) this.#owner.refusalCame();
  }

  /** Was there a refusal that nobody has read? Now it is read. */
  takeRefusal(): boolean {
    const refused = this.#refused;
    this.#refused = false;
    return refused;
  }

  /** Forget what waits. */
  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#refused = false;
  }

  get #isStalled(): boolean {
    const { stalledUntil, world } = this.#program.machine;
    return stalledUntil > world.now;
  }

  /** The program's code is about to run. @returns Is there a program? */
  #begin(): boolean {
    const { alive, machine } = this.#program;
    if (alive) machine.world.currentHost = machine;
    return alive;
  }

  #readSoon(): void {
    if (this.#readAsked) return;
    this.#readAsked = true;
    const { stalledUntil, world } = this.#program.machine;
    world.at(Math.max(world.now, stalledUntil), this);
  }

  happen(): void {
    this.#readAsked = false;
    if (this.#isStalled) this.#readSoon();
    else if (this.#begin()) this.#readOne();
  }

  #readOne(): void {
    if (this.takeRefusal()) {
      if (this.#waiting.length > 0) this.#readSoon();
      this.#owner.refusalCame();
      return;
    }
    const first = this.#waiting.shift();
    if (first === undefined) return;
    this.#waitingBytes -= first.data.length + DATAGRAM_COST;
    if (this.#waiting.length > 0) this.#readSoon();
    this.#owner.datagramCame(first);
  }
}
