/**
 * A connection that somebody else has made, on `node:net`.
 *
 * After: twisted.internet.tcp.Server._fromConnectedSocket, and unix.Server's. Differs: the protocol
 * comes in a later turn, by a Deferred; the factory is started and stopped.
 *
 * @module
 */
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import type { Failure } from "../../defer/failure.ts";
import { type IAddress, UNIXAddress } from "../../internet/addresses.ts";
import { NoProtocol } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import {
  type AdoptStreamConnectionOptions,
  checkedDescriptor,
} from "../../internet/interfaces-socket.ts";
import type { IProtocol } from "../../internet/interfaces-transport.ts";
import { CannotAdoptError } from "../../internet/socket-errors.ts";
import { checkedLimits } from "../base/limits.ts";
import type { Closable, ReactorBase } from "../base/reactor-base.ts";
import type { StreamTransport } from "../base/stream-transport.ts";
import { type Accepted, socketOf } from "./accept.ts";
import { tcpAddress } from "./addresses.ts";
import { inspectDescriptor, wrongDomain } from "./adopted-descriptor.ts";
import { tcpTransport } from "./tcp-transport.ts";
import { UNIXTransport } from "./unix-transport.ts";

const UNNAMED = new UNIXAddress("");

/** See `IReactorSocket.adoptStreamConnection`. */
export function adoptConnection<P extends IProtocol>(
  reactor: ReactorBase,
  fileDescriptor: number,
  factory: IProtocolFactory<P>,
  options: AdoptStreamConnectionOptions,
): Deferred<P> {
  checkedDescriptor(fileDescriptor);
  checkedLimits(options);
  let opened: Opened;
  try {
    opened = open(fileDescriptor, options);
  } catch (error) {
    return fail(error);
  }
  return new Adoption(reactor, factory, opened, options).result;
}

/** Both ends, and what connects them. */
interface Opened {
  readonly connection: Accepted;
  readonly peer: IAddress;
  readonly host: IAddress;
}

/** @throws {CannotAdoptError} */
function open(fd: number, { domain }: AdoptStreamConnectionOptions): Opened {
  const listed = inspectDescriptor(fd);
  if (listed !== undefined && listed.state !== "connected") {
    throw new CannotAdoptError(fd, `expected a connection, got a socket that is ${listed.state}`);
  }
  const connection = socketFrom(fd);
  const { localAddress, localPort, remoteAddress, remotePort } = connection.socket;
  const isUNIX = localAddress === undefined;
  const host = isUNIX ? new UNIXAddress(listed?.name ?? "") : tcpAddress(localAddress, localPort);
  const peer = isUNIX ? UNNAMED : tcpAddress(remoteAddress, remotePort);
  const problem =
    peer.kind === "none" ? "expected a connection, got none" : wrongDomain(domain, host);
  if (problem === undefined) return { connection, peer, host };
  connection.socket.destroy();
  throw new CannotAdoptError(fd, problem);
}

function socketFrom(fd: number): Accepted {
  try {
    return socketOf({ fd });
  } catch (cause) {
    // Neither TCP nor UNIX, or in use by this thread.
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CannotAdoptError(fd, why, { cause });
  }
}

/** From the descriptor to the protocol. */
class Adoption<P extends IProtocol> implements Closable {
  readonly result: Deferred<P>;
  readonly #reactor: ReactorBase;
  readonly #factory: IProtocolFactory<P>;
  readonly #opened: Opened;
  readonly #options: AdoptStreamConnectionOptions;
  #transport: StreamTransport | undefined;

  constructor(
    reactor: ReactorBase,
    factory: IProtocolFactory<P>,
    opened: Opened,
    options: AdoptStreamConnectionOptions,
  ) {
    this.#reactor = reactor;
    this.#factory = factory;
    this.#opened = opened;
    this.#options = options;
    this.result = new Deferred<P>((deferred) => {
      deferred.errback(new CancelledError("Adopting was cancelled"));
      // From inside buildProtocol or connectionMade: the connection is there already.
      this.#transport?.loseConnection();
    });
    reactor.opened(this);
    reactor.soon(() => this.#begin());
  }

  closeAtStop(reason: Failure): Deferred<void> {
    this.#fail(reason);
    return succeed(undefined);
  }

  #begin(): void {
    this.#reactor.closed(this);
    const { socket } = this.#opened.connection;
    const refuse = (): void => {
      socket.on("error", () => {}); // Nobody is left to be told.
      socket.destroy();
    };
    if (this.result.called) {
      refuse();
      return;
    }
    try {
      this.#factory.doStart();
    } catch (error) {
      this.#fail(error);
      refuse();
      return;
    }
    if (this.#build()) return;
    refuse();
    this.#stopFactory();
  }

  /** @returns Is there a protocol, which has the connection now? */
  #build(): boolean {
    const { peer } = this.#opened;
    let protocol: P | undefined;
    try {
      protocol = this.#factory.buildProtocol(peer);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (protocol === undefined) {
      this.#fail(new NoProtocol(`The factory has no protocol for ${peer.toString()}`, peer));
    }
    if (protocol === undefined || this.result.called) return false;
    this.#transport = this.#makeTransport();
    const isThere = this.#transport.begin(protocol);
    if (isThere && !this.result.called) this.result.callback(protocol);
    return true;
  }

  #makeTransport(): StreamTransport {
    const { connection, peer, host } = this.#opened;
    const ended = (reason: Failure): void => {
      this.#fail(reason); // If connectionMade threw; else it has fired already.
      this.#stopFactory();
    };
    const parts = { reactor: this.#reactor, limits: this.#options, ended };
    return host instanceof UNIXAddress
      ? new UNIXTransport(connection, { ...parts, peer: UNNAMED, host })
      : tcpTransport(connection, { ...parts, peer }, undefined);
  }

  #stopFactory(): void {
    this.#reactor.contain(() => this.#factory.doStop(), "Error in stopFactory");
  }

  #fail(reason: unknown): void {
    if (!this.result.called) this.result.errback(reason);
  }
}
