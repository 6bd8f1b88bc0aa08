/**
 * One attempt to connect over TCP: the handshake, in simulated packets.
 *
 *     SYN ─▶ nobody there: RST ─▶ refused
 *         ─▶ no answer, no room: again after 1, 2, 4 … seconds, until the system gives up
 *         ─▶ SYN+ACK ─▶ connected; the ACK goes before the first bytes, and the server accepts
 *
 * @module
 */
import type { SimulatedEvent } from "../event-queue.ts";
import type { Listener, Machine, MachineProgram } from "../machine.ts";
import { isLoopback, isWildcard } from "../network.ts";
import { ipFamily } from "../../../internet/ip-family.ts";
import { connectSockets, type SimulatedSocket, type SocketPair } from "./socket.ts";

/** A port of TCP that takes connections. */
export interface TCPListener extends Listener {
  /** Its program. */
  readonly program: MachineProgram;
  /** A client has asked. @returns Does somebody still listen when its handshake is complete? */
  handshake(socket: SimulatedSocket, client: SimulatedPlace): void;
}

/** An address and a port. */
export interface SimulatedPlace {
  readonly address: string;
  readonly port: number;
}

/** Who is told: one of both, once, in an event of its own. */
export interface Dialer {
  connected(socket: SimulatedSocket, local: SimulatedPlace): void;
  failed(error: Error): void;
}

/** Seconds until the first SYN is sent again (RFC 6298 §2.1); then twice as many each time. */
const SYN_FIRST = 1;
/** How often it is sent again (Linux' tcp_syn_retries): given up after 127 seconds. */
const SYN_RETRIES = 6;
/** Bytes of a packet without data. */
const PACKET = 40;

/** See the top of this file. */
export class Dial implements SimulatedEvent {
  readonly #program: MachineProgram;
  readonly #to: SimulatedPlace;
  readonly #local: SimulatedPlace;
  readonly #dialer: Dialer;
  /** When the last SYN left. */
  #sentAt = 0;
  #retries = 0;
  #wanted = true;
  /** Made when the first SYN has arrived. */
  #pair: SocketPair | undefined;

  constructor(
    program: MachineProgram,
    places: { readonly to: SimulatedPlace; readonly local: SimulatedPlace },
    dialer: Dialer,
  ) {
    this.#program = program;
    this.#to = places.to;
    this.#local = places.local;
    this.#dialer = dialer;
    const { trace, monitor } = program.machine.world;
    monitor?.connecting(program.machine);
    trace.note("connecting", program.machine, {
      text: `${this.#to.address}:${String(this.#to.port)}`,
    });
    this.#send();
  }

  /** Nobody is told any more. */
  cancel(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#pair?.client.reset();
  }

  get #machine(): Machine {
    return this.#program.machine;
  }

  get #target(): Machine | undefined {
    return this.#machine.network.hostAt(this.#to.address, this.#machine);
  }

  #send(): void {
    const target = this.#target;
    const { world, network } = this.#machine;
    this.#sentAt = world.now;
    if (target === undefined) {
      this.#again(); // An address that nobody has: silence.
      return;
    }
    const link = network.link(this.#machine, target);
    world.arriveAt(link.arrival(PACKET), this);
  }

  /** The SYN arrives, or does not. */
  happen(): void {
    const target = this.#target;
    if (!this.#wanted || !this.#program.alive || target === undefined) return;
    const link = this.#machine.network.link(this.#machine, target);
    if (link.held) link.whenReleased(() => this.#machine.world.after(0, this));
    else if (link.cut || !target.powered || link.loses()) this.#again();
    else this.#knock(target);
  }

  #knock(target: Machine): void {
    const listener = listenerAt(target, this.#to);
    if (listener === undefined) this.#answer(target, () => this.#fail("ECONNREFUSED"));
    else if (!listener.hasRoom) this.#again();
    else this.#answer(target, () => this.#greeted(listener));
  }

  /** Something comes back from there, unless it gets lost. */
  #answer(target: Machine, f: () => void): void {
    const { world, network } = this.#machine;
    const back = network.link(target, this.#machine);
    world.arriveAt(back.arrival(PACKET), {
      happen: () => {
        if (!this.#wanted || !this.#program.alive) return;
        if (back.cut || back.loses()) this.#again();
        else this.#whenRunning(f);
      },
    });
  }

  #whenRunning(f: () => void): void {
    const { world, stalledUntil } = this.#machine;
    if (stalledUntil > world.now) {
      world.at(stalledUntil, { happen: () => this.#whenRunning(f) });
      return;
    }
    if (!this.#wanted || !this.#program.alive) return;
    world.currentHost = this.#machine;
    f();
  }

  /** No answer. The time until the next SYN runs since the last one left. */
  #again(): void {
    const { world } = this.#machine;
    const at = this.#sentAt + SYN_FIRST * 2 ** this.#retries;
    world.at(Math.max(world.now, at), {
      happen: () => {
        if (!this.#wanted || !this.#program.alive) return;
        if (this.#retries === SYN_RETRIES) this.#whenRunning(() => this.#fail("ETIMEDOUT"));
        else {
          this.#retries += 1;
          this.#send();
        }
      },
    });
  }

  #greeted(listener: TCPListener): void {
    const { client, server, there } = connectSockets(this.#program, listener.program);
    this.#pair = { client, server, there };
    this.#wanted = false;
    listener.handshake(server, this.#local);
    const { trace } = this.#machine.world;
    const peer = listener.program.machine.name;
    trace.note("connected", this.#machine, { peer, connection: client.id });
    there.open();
    this.#dialer.connected(client, this.#local);
  }

  #fail(code: "ECONNREFUSED" | "ETIMEDOUT"): void {
    this.#wanted = false;
    const place = `${this.#to.address}:${String(this.#to.port)}`;
    if (code === "ECONNREFUSED") {
      this.#machine.world.trace.note("refused", this.#machine, { text: place });
    }
    const error = Object.assign(new Error(`connect ${code} ${place}`), { code });
    this.#dialer.failed(error);
  }
}

/** Who listens there. */
function listenerAt(machine: Machine, place: SimulatedPlace): TCPListener | undefined {
  const here = machine.listeners.get(place.port)?.filter(isTCP) ?? [];
  const exact = here.find((one) => one.interface === place.address);
  return exact ?? here.find((one) => covers(one.interface, place.address));
}

function isTCP(listener: Listener): listener is TCPListener {
  return "handshake" in listener;
}

/** Does somebody who listens on `own` get what comes for `address`? `::` is for both families. */
function covers(own: string, address: string): boolean {
  if (own === address || own === "::") return true;
  if (!isWildcard(own)) return false;
  return ipFamily(address) === 4;
}

/** Would two listeners on the same port be in each other's way? */
export function overlap(one: string, other: string): boolean {
  return one === other || covers(one, other) || covers(other, one);
}

/** Can a program of this machine bind that address? */
export function canBind(machine: Machine, address: string): boolean {
  return isWildcard(address) || isLoopback(address) || machine.hasAddress(address);
}
