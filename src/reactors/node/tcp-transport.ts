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
import { wasReset } from "./reset-or-end.ts";

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
  /** Has it ever been read? */
  #flowing = false;
  /** Is it to be read now? */
  #reading = false;
  /** The peer's end came while it was not. */
  #heldEnd = false;
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
    socket.on("end", () => this.#ended());
    socket.on("error", (error) => this.connectionFailed(error));
    socket.on("close", () => this.#closed());
  }

  #ended(): void {
    if (wasReset(this.#socket)) this.#socket.destroy(new Error("read ECONNRESET"));
    else if (this.#reading) this.endReceived();
    else this.#heldEnd = true; // Data events look ahead: this is nobody's business yet.
  }

  #closed(): void {
    this.#inlet?.release();
    // With both ends out Node closes the socket; the protocol may not know of the peer's end yet.
    if (!this.#heldEnd) this.connectionFailed(new Error("the socket was closed"));
  }

  getPeer(): IAddress {
    return this.#peer;
  }

  getHost(): IAddress {
    return this.#host;
  }

  protected startReading(): void {
    this.#reading = true;
    if (this.#heldEnd) this.#reactor.soon(() => this.#releaseEnd());
    if (!this.#flowing) {
      this.#flowing = true;
      const deliver = (data: Buffer): void => this.bytesReceived(data);
      if (this.#inlet === undefined) this.#socket.on("data", deliver);
      else {
        this.#inlet.deliver = deliver;
        // Node's stream asks for its first bytes by itself in the next tick, even if it has been
        // paused by then; asked now, it does so no more.
        this.#socket.read(0);
      }
    }
    this.#socket.resume();
  }

  protected stopReading(): void {
    this.#reading = false;
    this.#socket.pause();
  }

  #releaseEnd(): void {
    if (!this.#heldEnd || !this.#reading) return;
    this.#heldEnd = false;
    this.endReceived();
  }

  protected sendBytes(chunks: readonly Uint8Array[]): boolean {
    const [first] = chunks;
    if (first !== undefined && chunks.length === 1) this.#send(first);
    else this.#sendAll(chunks);
    // What the kernel took at once is not counted any more; nor is what it refused.
    if (this.#socket.writableLength === 0 && this.#socket.errored === null) return true;
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

  readonly #written = (error?: Error | null): void => {
    if (error) return; // Not sent: the socket's "error" comes next, and ends the connection.
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
    const socket = this.#socket;
    // While it is being shut down, libuv refuses to reset a socket, and Node loses sight of it.
    if (socket.writableEnded && !socket.writableFinished) {
      socket.once("finish", () => socket.resetAndDestroy());
    } else socket.resetAndDestroy();
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
