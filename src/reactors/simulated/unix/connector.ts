/**
 * A client of a UNIX socket on a simulated host.
 *
 * The kernel connects at once, or says why not; while the server's queue is full, it is asked again
 * and again.
 *
 * @module
 */
import { Failure } from "../../../defer/failure.ts";
import { UNIXAddress } from "../../../internet/addresses.ts";
import type { IClientFactory } from "../../../internet/interfaces-factory.ts";
import type { IDelayedCall } from "../../../internet/interfaces-reactor.ts";
import type { ConnectUNIXOptions } from "../../../internet/interfaces-unix.ts";
import { BadFileError } from "../../../internet/unix-errors.ts";
import { checkedUNIXName, isAbstract } from "../../../internet/unix-names.ts";
import { connectError } from "../../base/connect-errors.ts";
import { type Attempt, Connector } from "../../base/connector.ts";
import { checkedLimits } from "../../base/limits.ts";
import type { SimulatedSystem } from "../system.ts";
import { connectSockets } from "../tcp/socket.ts";
import type { UNIXListener } from "./port.ts";
import { kernelName, lockOf, type NameOwner } from "./socket-names.ts";
import { SimulatedUNIXTransport, UNNAMED } from "./transport.ts";

/** Seconds until the next try where the server's queue is full, as the Node reactor does. */
const RETRY = 0.02;
/** The right of the owner to write: connecting takes no other. */
const OWNER_MAY = 0o200;

/** What a {@link SimulatedUNIXConnector} is made of. */
export interface SimulatedUNIXConnectorPlace {
  readonly address: string;
  readonly factory: IClientFactory;
  readonly options: ConnectUNIXOptions;
}

/** See the top of this file. */
export class SimulatedUNIXConnector extends Connector {
  readonly #system: SimulatedSystem;
  readonly #destination: UNIXAddress;
  readonly #options: ConnectUNIXOptions;

  constructor(system: SimulatedSystem, place: SimulatedUNIXConnectorPlace) {
    super(system, place.factory, checkedLimits(place.options).timeout);
    this.#system = system;
    this.#destination = new UNIXAddress(checkedUNIXName(place.address));
    this.#options = place.options;
  }

  getDestination(): UNIXAddress {
    return this.#destination;
  }

  protected attempt(): Attempt {
    const { machine } = this.#system;
    const text = this.#destination.toString();
    machine.world.trace.note("connecting", machine, { text });
    let wanted = true;
    let retry: IDelayedCall | undefined;
    const ask = (): void => {
      if (wanted && !this.#connect()) retry = this.#system.callLater(RETRY, ask);
    };
    this.#system.later(ask);
    return {
      cancel: () => {
        wanted = false;
        if (retry?.active === true) retry.cancel();
      },
    };
  }

  /** @returns Is it decided? */
  #connect(): boolean {
    const name = this.#name();
    if (typeof name !== "string") {
      this.failed(name);
      return true;
    }
    const there = this.#system.machine.socketNames.at(name);
    if (there === undefined) return this.#fail(isAbstract(name) ? "ECONNREFUSED" : "ENOENT");
    if (!isAbstract(name) && (there.mode & OWNER_MAY) === 0) return this.#fail("EACCES");
    const { owner } = there;
    if (owner === undefined) return this.#fail("ECONNREFUSED");
    if (!owner.hasRoom) return false;
    if (isListener(owner)) this.#connected(owner);
    return true;
  }

  #name(): string | BadFileError {
    try {
      const name = kernelName(this.#destination.name);
      if (this.#options.checkPID !== true || isAbstract(name)) return name;
      const isLocked = this.#system.machine.socketNames.isLocked(name);
      return isLocked ? name : this.#badFile(`no process that is alive holds ${lockOf(name)}`);
    } catch (error) {
      const { value } = Failure.of(error);
      return this.#badFile(value.message, { cause: value });
    }
  }

  #badFile(why: string, options?: ErrorOptions): BadFileError {
    const message = `Cannot connect to ${this.#destination.toString()}: ${why}`;
    return new BadFileError(message, this.#destination, options);
  }

  #fail(code: "ECONNREFUSED" | "ENOENT" | "EACCES"): true {
    const { machine } = this.#system;
    const text = this.#destination.toString();
    machine.world.trace.note("refused", machine, { text });
    const error = Object.assign(new Error(`connect ${code} ${text}`), { code });
    this.failed(connectError(this.#destination, error));
    return true;
  }

  #connected(listener: UNIXListener): void {
    const { client, server, there } = connectSockets(this.#system, listener.program, "UNIX");
    listener.queue(server);
    const { machine } = this.#system;
    const peer = listener.program.machine.name;
    machine.world.trace.note("connected", machine, { peer, connection: client.id });
    there.open();
    const parts = { reactor: this.#system, conduit: client, limits: this.#options };
    const ends = { peer: this.#destination, host: UNNAMED };
    this.succeeded(
      ends.peer,
      (ended) => new SimulatedUNIXTransport({ ...parts, ...ends, ended }),
      () => client.drop(),
    );
  }
}

function isListener(owner: NameOwner): owner is UNIXListener {
  return "queue" in owner;
}
