/**
 * A port on a UNIX socket of a simulated host.
 *
 * @module
 */
import { UNIXAddress } from "../../../internet/addresses.ts";
import { CannotListenError } from "../../../internet/errors.ts";
import type { IProtocolFactory } from "../../../internet/interfaces-factory.ts";
import type { ListenUNIXOptions } from "../../../internet/interfaces-unix.ts";
import { checkedMode, checkedUNIXName, isAbstract } from "../../../internet/unix-names.ts";
import { Failure } from "../../../defer/failure.ts";
import { checkedLimits } from "../../base/limits.ts";
import { ListeningPort } from "../../base/listening-port.ts";
import type { Descriptor } from "../machine.ts";
import type { SimulatedSystem } from "../system.ts";
import type { SimulatedSocket } from "../tcp/socket.ts";
import { kernelName, type NameOwner } from "./socket-names.ts";
import { SimulatedUNIXTransport, UNNAMED } from "./transport.ts";

/** Twisted's. */
const BACKLOG = 50;
const MODE = 0o666;

/** What a {@link SimulatedUNIXPort} is made of. */
export interface SimulatedUNIXPortPlace {
  readonly address: string;
  readonly factory: IProtocolFactory;
  readonly options: ListenUNIXOptions;
}

/** Somebody who takes connections over a UNIX socket. */
export interface UNIXListener extends NameOwner {
  readonly program: SimulatedSystem;
  /** A client has connected; its program goes on, whether it is accepted or not. */
  queue(socket: SimulatedSocket): void;
}

/** See the top of this file. */
export class SimulatedUNIXPort extends ListeningPort implements UNIXListener, Descriptor {
  readonly program: SimulatedSystem;
  readonly #host: UNIXAddress;
  readonly #mode: number;
  readonly #options: ListenUNIXOptions;
  /** As the kernel knows it, while it is bound. */
  #name: string | undefined;
  /** Connections that the program has not accepted. */
  #queued = 0;

  constructor(system: SimulatedSystem, { address, factory, options }: SimulatedUNIXPortPlace) {
    super(system, factory, checkedLimits(options).maxConnections);
    this.program = system;
    this.#host = new UNIXAddress(checkedUNIXName(address));
    this.#mode = checkedMode(options.mode ?? MODE);
    this.#options = options;
  }

  getHost(): UNIXAddress {
    return this.#host;
  }

  /** Linux takes one more than it was asked for. */
  get hasRoom(): boolean {
    return this.#queued <= (this.#options.backlog ?? BACKLOG);
  }

  protected bind(): void {
    this.program.soon(() => {
      try {
        this.#bind(kernelName(this.#host.name));
      } catch (error) {
        this.bindFailed(new CannotListenError("", this.#host.name, Failure.of(error).value));
        return;
      }
      this.bound();
    });
  }

  /** @throws {Error} Why not. */
  #bind(name: string): void {
    const { socketNames, descriptors } = this.program.machine;
    const isLocking = this.#options.wantPID === true && !isAbstract(name);
    if (isLocking && socketNames.lock(name, this.program)) socketNames.remove(name);
    if (!socketNames.bind(name, this, this.#mode)) {
      if (isLocking) socketNames.unlock(name, this.program);
      throw Object.assign(new Error("bind EADDRINUSE"), { code: "EADDRINUSE" });
    }
    this.#name = name;
    descriptors.add(this);
  }

  protected unbind(): void {
    const { socketNames, descriptors } = this.program.machine;
    const name = this.#name;
    this.#name = undefined;
    descriptors.delete(this);
    if (name !== undefined) {
      socketNames.release(name, this);
      if (this.#options.wantPID === true) socketNames.unlock(name, this.program);
    }
    this.program.later(() => this.unbound());
  }

  closeByKernel(): void {
    const name = this.#name;
    this.#name = undefined;
    if (name !== undefined) this.program.machine.socketNames.abandon(name, this);
  }

  vanish(): void {
    this.closeByKernel();
  }

  // -- Connections

  queue(socket: SimulatedSocket): void {
    this.#queued += 1;
    socket.whenOpened = () => {
      const isBound = this.#name !== undefined;
      if (isBound) this.#accept(socket);
      else this.#queued -= 1;
      return isBound;
    };
  }

  /** The program learns of it when it runs. */
  #accept(socket: SimulatedSocket): void {
    const { alive, machine } = this.program;
    const { world, stalledUntil } = machine;
    if (stalledUntil > world.now && alive) {
      world.at(stalledUntil, { happen: () => this.#accept(socket) });
      return;
    }
    this.#queued -= 1;
    if (!alive) return;
    world.currentHost = machine;
    if (this.#name === undefined) {
      socket.drop();
      return;
    }
    world.trace.note("accepted", machine, { connection: socket.id });
    const parts = { reactor: this.program, peer: UNNAMED, host: this.#host, limits: this.#options };
    this.accepted(
      UNNAMED,
      (ended) => new SimulatedUNIXTransport({ ...parts, conduit: socket, ended }),
      () => socket.drop(),
    );
  }
}
