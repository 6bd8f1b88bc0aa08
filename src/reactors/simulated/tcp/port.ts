/**
 * A TCP port of a simulated host.
 *
 * @module
 */
import type { IAddress } from "../../../internet/addresses.ts";
import { CannotListenError } from "../../../internet/errors.ts";
import type { IProtocolFactory } from "../../../internet/interfaces-factory.ts";
import type { ListenTCPOptions } from "../../../internet/interfaces-reactor.ts";
import { checkedLimits } from "../../base/limits.ts";
import { ListeningPort } from "../../base/listening-port.ts";
import type { SimulatedSystem } from "../system.ts";
import type { TLSWanted } from "../tls/tls-wanted.ts";
import { canBind, overlap, type SimulatedPlace, type TCPListener } from "./dial.ts";
import type { SimulatedSocket } from "./socket.ts";
import { simulatedTransport, tcpAddress } from "./transport.ts";

/** Twisted's. */
const BACKLOG = 50;
const ANY_IPV4 = "0.0.0.0";

/** What a {@link SimulatedPort} is made of. */
export interface SimulatedPortPlace {
  readonly port: number;
  readonly factory: IProtocolFactory;
  readonly options: ListenTCPOptions;
  readonly tls?: TLSWanted | undefined;
}

/** See the top of this file. */
export class SimulatedPort extends ListeningPort implements TCPListener {
  readonly program: SimulatedSystem;
  readonly #place: SimulatedPortPlace;
  #port: number;
  /** Connections that the program has not accepted, or whose handshake is not complete. */
  readonly #knocking = new Set<SimulatedSocket>();

  constructor(system: SimulatedSystem, place: SimulatedPortPlace) {
    super(system, place.factory, checkedLimits(place.options).maxConnections);
    this.program = system;
    this.#place = place;
    this.#port = place.port;
  }

  get interface(): string {
    const { interface: name = "" } = this.#place.options;
    return name === "" ? ANY_IPV4 : name;
  }

  get port(): number {
    return this.#port;
  }

  get hasRoom(): boolean {
    for (const one of this.#knocking) if (one.gone) this.#knocking.delete(one);
    return this.#knocking.size < (this.#place.options.backlog ?? BACKLOG);
  }

  getHost(): IAddress {
    return tcpAddress(this.interface, this.#port);
  }

  protected bind(): void {
    this.program.soon(() => {
      const why = this.#obstacle();
      if (why === undefined) this.bound();
      else {
        const cause = Object.assign(new Error(`listen ${why}`), { code: why });
        const { options, port } = this.#place;
        this.bindFailed(new CannotListenError(options.interface ?? "", port, cause));
      }
    });
  }

  /** Bind it. @returns Why not. */
  #obstacle(): "EADDRNOTAVAIL" | "EADDRINUSE" | undefined {
    const { machine } = this.program;
    if (!canBind(machine, this.interface)) return "EADDRNOTAVAIL";
    const isTaken = (port: number): boolean =>
      machine.listeners.get(port)?.some((one) => overlap(one.interface, this.interface)) === true;
    const { port } = this.#place;
    if (port !== 0 && isTaken(port)) return "EADDRINUSE";
    this.#port = port === 0 ? machine.ephemeralPort(isTaken) : port;
    machine.listeners.set(this.#port, [...(machine.listeners.get(this.#port) ?? []), this]);
    machine.descriptors.add(this);
    return undefined;
  }

  protected unbind(): void {
    this.#leave();
    this.program.later(() => this.unbound());
  }

  #leave(): void {
    const { listeners, descriptors } = this.program.machine;
    const others = listeners.get(this.#port)?.filter((one) => one !== this) ?? [];
    if (others.length === 0) listeners.delete(this.#port);
    else listeners.set(this.#port, others);
    descriptors.delete(this);
  }

  closeByKernel(): void {
    this.#leave();
  }

  vanish(): void {
    this.#leave();
  }

  // -- Connections

  handshake(socket: SimulatedSocket, client: SimulatedPlace): void {
    this.#knocking.add(socket);
    socket.whenOpened = () => {
      const { machine, alive } = this.program;
      if (!alive || machine.listeners.get(this.#port)?.includes(this) !== true) {
        this.#knocking.delete(socket);
        return false;
      }
      this.#accept(socket, client);
      return true;
    };
  }

  /** The program learns of it when it runs. */
  #accept(socket: SimulatedSocket, client: SimulatedPlace): void {
    const { world, stalledUntil } = this.program.machine;
    if (stalledUntil > world.now) {
      world.at(stalledUntil, { happen: () => this.#accept(socket, client) });
      return;
    }
    if (!this.program.alive) return;
    this.#knocking.delete(socket);
    world.currentHost = this.program.machine;
    world.trace.note("accepted", this.program.machine, { connection: socket.id });
    const peer = tcpAddress(client.address, client.port);
    const { options: limits, tls } = this.#place;
    const host = tcpAddress(this.#reached(client), this.#port);
    this.accepted(
      peer,
      (ended) => simulatedTransport(this.program, socket, { peer, host, limits, ended }, tls),
      () => socket.drop(),
    );
  }

  /** The address that the client went to: of the same family as its own. */
  #reached(client: SimulatedPlace): string {
    return client.address.includes(":")
      ? this.#own("::1", "ipv6", client)
      : this.#own("127.0.0.1", "ipv4", client);
  }

  #own(loopback: string, family: "ipv4" | "ipv6", client: SimulatedPlace): string {
    return client.address === loopback ? loopback : this.program.machine[family];
  }
}
