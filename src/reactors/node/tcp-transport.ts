/**
 * One end of a TCP connection on `node:net`.
 *
 * @module
 */
import type { Socket } from "node:net";
import { succeed } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import type { ConnectionLimits, IDelayedCall } from "../../internet/interfaces-reactor.ts";
import type { ITCPTransport } from "../../internet/interfaces-transport.ts";
import type { Closable, ReactorBase } from "../base/reactor-base.ts";
import { StreamTransport } from "../base/stream-transport.ts";
import type { Accepted } from "./accept.ts";
import { tcpAddress } from "./addresses.ts";
import type { Inlet } from "./inlet.ts";

/** Chunks of one turn are joined up to this size; larger ones go out as they are, gathered. */
const JOIN_MAX = 65_536;
/** Seconds that a closed connection may take to hear our last bytes before its socket goes. */
const LINGER = 2;

/** See the top of this file. */
export class TCPTransport extends StreamTransport implements ITCPTransport {
  readonly #reactor: ReactorBase;
  readonly #socket: Socket;
  readonly #inlet: Inlet | undefined;
  readonly #peer: IAddress;
  readonly #host: IAddress;
  #flowing = false;
  #noDelay = true;
  #keepAlive = false;
  /** Writes whose callback has not come. */
  #writes = 0;
  /** `bytesSent` is owed when the last of them comes. */
  #owed = false;

  constructor(
    reactor: ReactorBase,
    { socket, inlet }: Accepted,
    peer: IAddress,
    limits: ConnectionLimits,
    ended: (reason: Failure) => void,
  ) {
    super(reactor, limits, ended);
    this.#reactor = reactor;
    this.#socket = socket;
    this.#inlet = inlet;
    this.#peer = peer;
    this.#host = tcpAddress(socket.localAddress, socket.localPort);
    socket.on("end", () => this.endReceived());
    socket.on("error", (error) => this.connectionFailed(error));
    socket.on("close", () => this.connectionFailed(new Error("the socket was closed")));
  }

  getPeer(): IAddress {
    return this.#peer;
  }

  getHost(): IAddress {
    return this.#host;
  }

  protected startReading(): void {
    if (!this.#flowing) {
      this.#flowing = true;
      const deliver = (data: Buffer): void => this.bytesReceived(data);
      if (this.#inlet === undefined) this.#socket.on("data", deliver);
      else this.#inlet.deliver = deliver;
    }
    this.#socket.resume();
  }

  protected stopReading(): void {
    this.#socket.pause();
  }

  protected sendBytes(chunks: readonly Uint8Array[]): boolean {
    const [first] = chunks;
    if (first !== undefined && chunks.length === 1) this.#send(first);
    else this.#sendAll(chunks);
    // What the kernel took at once is not counted any more.
    if (this.#socket.writableLength === 0) return true;
    this.#owed = true;
    return false;
  }

  #sendAll(chunks: readonly Uint8Array[]): void {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (bytes <= JOIN_MAX) {
      this.#send(Buffer.concat(chunks, bytes));
      return;
    }
    this.#socket.cork();
    for (const chunk of chunks) this.#send(chunk);
    this.#socket.uncork();
  }

  #send(bytes: Uint8Array): void {
    this.#writes += 1;
    this.#socket.write(bytes, this.#written);
  }

  readonly #written = (): void => {
    this.#writes -= 1;
    if (!this.#owed || this.#writes > 0) return;
    this.#owed = false;
    this.bytesSent();
  };

  protected shutdownWriting(): void {
    this.#socket.end();
  }

  /**
   * Say that we send no more, and let the peer hear it: closing with unread bytes in the kernel
   * would reset the connection and could take our last bytes with it.
   */
  protected closeConnection(): void {
    const socket = this.#socket;
    if (this.#inlet !== undefined) this.#inlet.deliver = undefined;
    socket.end();
    socket.resume();
    if (!socket.readableEnded) new Linger(this.#reactor, socket).start();
  }

  protected resetConnection(): void {
    this.#socket.resetAndDestroy();
  }

  protected dropConnection(): void {
    this.#socket.destroy();
  }

  getTcpNoDelay(): boolean {
    return this.#noDelay;
  }

  setTcpNoDelay(enabled: boolean): void {
    this.#noDelay = enabled;
    this.#socket.setNoDelay(enabled);
  }

  getTcpKeepAlive(): boolean {
    return this.#keepAlive;
  }

  setTcpKeepAlive(enabled: boolean, initialDelay = 0): void {
    this.#keepAlive = enabled;
    this.#socket.setKeepAlive(enabled, initialDelay * 1000);
  }
}

/** A socket whose protocol is gone, until the peer has closed too. */
class Linger implements Closable {
  readonly #reactor: ReactorBase;
  readonly #socket: Socket;
  #alarm: IDelayedCall | undefined;

  constructor(reactor: ReactorBase, socket: Socket) {
    this.#reactor = reactor;
    this.#socket = socket;
  }

  start(): void {
    this.#reactor.opened(this);
    this.#alarm = this.#reactor.callLater(LINGER, () => this.#socket.destroy());
    this.#socket.once("close", () => {
      if (this.#alarm?.active === true) this.#alarm.cancel();
      this.#reactor.closed(this);
    });
  }

  closeAtStop(): Deferred<void> {
    this.#socket.destroy();
    return succeed(undefined);
  }
}
