/**
 * The classes that programs extend to talk in datagrams.
 *
 * After: twisted.internet.protocol (AbstractDatagramProtocol, DatagramProtocol,
 * ConnectedDatagramProtocol). Differs: `transport` is never missing; on several ports it is that of
 * the latest; who has not started has one that drops what is written.
 *
 * @module
 */
import { succeed } from "../defer/combinators.ts";
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import { IPv4Address } from "./addresses.ts";
import { NotListeningError } from "./datagram-errors.ts";
import type { ILoggingContext } from "./interfaces-transport.ts";
import type {
  IConnectedDatagramProtocol,
  IDatagramProtocol,
  IUDPTransport,
  UDPAddress,
} from "./interfaces-udp.ts";

const NOWHERE = new IPv4Address("UDP", "0.0.0.0", 0);

/** The transport of a protocol on no port: takes everything, sends nothing. */
class NotListening implements IUDPTransport {
  readonly bufferedBytes = 0;
  readonly droppedDatagrams = 0;
  readonly failedDatagrams = 0;
  readonly oversizedDatagrams = 0;
  write(): void {}
  writeSequence(): void {}
  connect(): void {
    throw new NotListeningError("Cannot connect a protocol that is on no port");
  }
  getHost(): UDPAddress {
    return NOWHERE;
  }
  getPeer(): UDPAddress | undefined {
    return undefined;
  }
  getBroadcastAllowed(): boolean {
    return false;
  }
  setBroadcastAllowed(): void {}
  getUnicastTTL(): number | undefined {
    return undefined;
  }
  setUnicastTTL(): void {}
  stopListening(): Deferred<void> {
    return succeed(undefined);
  }
}

const NOT_LISTENING = new NotListening();

/**
 * Sends and receives datagrams. Override `datagramReceived`, and whatever else you need; see
 * {@link IDatagramProtocol} for who calls what, when.
 *
 * One protocol may be on several ports: `startProtocol` is called once, at the first, and
 * `stopProtocol` after the last. Its `transport` is then the port that was bound last; to answer
 * through another one, keep it.
 *
 * @example
 * ```ts
 * import { DatagramProtocol, type UDPAddress } from "sennit/internet";
 * import { MemoryReactor } from "sennit/testing";
 *
 * class Echo extends DatagramProtocol {
 *   override datagramReceived(data: Buffer, address: UDPAddress): void {
 *     this.transport.write(data, address);
 *   }
 * }
 * class Asker extends DatagramProtocol {
 *   override startProtocol(): void {
 *     this.transport.write("hello", { host: "127.0.0.1", port: 7 });
 *   }
 *   override datagramReceived(data: Buffer, address: UDPAddress): void {
 *     console.log(`${address}: ${data}`); // 127.0.0.1:7: hello
 *   }
 * }
 * const reactor = new MemoryReactor(); // or the one of sennit/reactor
 * reactor.listenUDP(7, new Echo());
 * reactor.listenUDP(0, new Asker());
 * reactor.flush();
 * ```
 */
export class DatagramProtocol implements IDatagramProtocol, ILoggingContext {
  /** The port. On no port, it drops what is written. */
  transport: IUDPTransport = NOT_LISTENING;
  readonly #transports = new Set<IUDPTransport>();

  /** Called by a port; override {@link DatagramProtocol.startProtocol} instead. */
  makeConnection(transport: IUDPTransport): void {
    this.#transports.add(transport);
    this.transport = transport;
    if (this.#transports.size > 1) return;
    try {
      this.startProtocol();
    } catch (error) {
      this.#forget(transport); // It never started, so it is not stopped either.
      throw error;
    }
  }

  /** Called by a port; override {@link DatagramProtocol.stopProtocol} instead. */
  doStop(transport: IUDPTransport): void {
    this.#forget(transport);
    if (this.#transports.size === 0) this.stopProtocol();
  }

  #forget(transport: IUDPTransport): void {
    this.#transports.delete(transport);
    this.transport = [...this.#transports].at(-1) ?? NOT_LISTENING;
  }

  /** The first port is bound: say hello, join groups. */
  startProtocol(): void {}

  /** The last port is closed; nothing is called after it. */
  stopProtocol(): void {}

  /** One datagram, whole; it is yours. */
  datagramReceived(_data: Buffer, _address: UDPAddress): void {}

  /** Nobody listens at the peer that the port is connected to. */
  connectionRefused(): void {}

  /** How its log lines begin: the name of the class. */
  logPrefix(): string {
    return this.constructor.name;
  }
}

/**
 * One that talks to a single peer, and says which in `startProtocol`. Datagrams come from there
 * only.
 *
 * @example
 * ```ts
 * import { ConnectedDatagramProtocol } from "sennit/internet";
 * import { MemoryReactor } from "sennit/testing";
 *
 * class Asker extends ConnectedDatagramProtocol {
 *   override startProtocol(): void {
 *     this.transport.connect("127.0.0.1", 7);
 *     this.transport.write("hello");
 *   }
 *   override datagramReceived(data: Buffer): void {
 *     console.log(`${data}`);
 *   }
 *   override connectionRefused(): void {
 *     console.log("nobody there");
 *     void this.transport.stopListening();
 *   }
 * }
 * const reactor = new MemoryReactor();
 * reactor.listenUDP(0, new Asker());
 * reactor.flush(); // prints "nobody there"
 * ```
 */
export class ConnectedDatagramProtocol
  extends DatagramProtocol
  implements IConnectedDatagramProtocol
{
  /** `connect` did not work: no route, say. It may be tried again. */
  connectionFailed(_reason: Failure): void {}
}
