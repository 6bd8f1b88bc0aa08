/**
 * Bytes over a socket of `node:net`: TCP, or a UNIX socket.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Accepted } from "./accept.ts";
import type { Conduit, ConduitOwner } from "../base/conduit.ts";
import type { Inlet } from "./inlet.ts";
import { Linger } from "./linger.ts";
import { wasReset } from "./reset-or-end.ts";
import { type DescriptorHandle, handleOf, writeNow } from "./write-now.ts";

/** Chunks of one turn are joined up to this size; larger ones go out as they are, gathered. */
const JOIN_MAX = 65_536;

// Listeners for all sockets: an idle connection should not cost more memory than it must.

const conduits = new WeakMap<Socket, SocketConduit>();

function ended(this: Socket): void {
  conduits.get(this)?.ended();
}

function failed(this: Socket, error: Error): void {
  conduits.get(this)?.owner?.connectionFailed(error);
}

function closed(this: Socket): void {
  conduits.get(this)?.closed();
}

function deliver(this: Socket, data: Buffer): void {
  conduits.get(this)?.received(data);
}

/** See the top of this file. */
export class SocketConduit implements Conduit {
  owner: ConduitOwner | undefined;
  readonly socket: Socket;
  readonly #reactor: ReactorBase;
  readonly #inlet: Inlet | undefined;
  readonly #handle: DescriptorHandle | undefined;
  /** Has it ever been read? */
  #flowing = false;
  /** Is it to be read now? */
  #reading = false;
  /** The peer's end came while it was not. */
  #heldEnd = false;
  /** Writes whose callback has not come. */
  #writes = 0;
  #written: ((error?: Error | null) => void) | undefined;
  /** `bytesSent` is owed when the last of them comes. */
  #owed = false;

  constructor(reactor: ReactorBase, { socket, inlet }: Accepted) {
    this.#reactor = reactor;
    this.socket = socket;
    this.#inlet = inlet;
    this.#handle = handleOf(socket);
    conduits.set(socket, this);
    socket.on("end", ended);
    socket.on("error", failed);
    socket.on("close", closed);
  }

  /** Its socket, or its inlet, says so. */
  received(data: Buffer): void {
    if (this.owner !== undefined) this.#reactor.deliver(this.owner, data);
  }

  /** Its socket says so. */
  ended(): void {
    if (wasReset(this.socket)) this.socket.destroy(new Error("read ECONNRESET"));
    else if (this.#reading) this.owner?.endReceived();
    else this.#heldEnd = true; // Data events look ahead: this is nobody's business yet.
  }

  /** Its socket is gone. */
  closed(): void {
    this.#inlet?.release();
    // With both ends out Node closes the socket; the protocol may not know of the peer's end yet.
    if (!this.#heldEnd) this.owner?.connectionFailed(new Error("the socket was closed"));
  }

  startReading(): void {
    this.#reading = true;
    if (this.#heldEnd) this.#reactor.soon(() => this.#releaseEnd());
    if (!this.#flowing) {
      this.#flowing = true;
      if (this.#inlet === undefined) this.socket.on("data", deliver);
      else {
        this.#inlet.reader = this;
        // Node's stream asks for its first bytes by itself in the next tick, even if it has been
        // paused by then; asked now, it does so no more.
        this.socket.read(0);
      }
    }
    this.socket.resume();
  }

  stopReading(): void {
    this.#reading = false;
    this.socket.pause();
  }

  #releaseEnd(): void {
    if (!this.#heldEnd || !this.#reading) return;
    this.#heldEnd = false;
    this.owner?.endReceived();
  }

  send(chunks: readonly Uint8Array[]): boolean {
    const [first] = chunks;
    if (first !== undefined && chunks.length === 1) this.#sendOne(first);
    else this.#sendAll(chunks);
    // What the kernel took at once is not counted any more; nor is what it refused.
    if (this.socket.writableLength === 0 && this.socket.errored === null) return true;
    this.#owed = true;
    return false;
  }

  #sendOne(bytes: Uint8Array): void {
    const isFree = this.#handle !== undefined && this.socket.writableLength === 0;
    const taken = isFree ? writeNow(this.#handle, bytes) : 0;
    if (taken < bytes.length) this.#send(taken === 0 ? bytes : bytes.subarray(taken));
  }

  #sendAll(chunks: readonly Uint8Array[]): void {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (bytes <= JOIN_MAX) {
      this.#sendOne(Buffer.concat(chunks, bytes));
      return;
    }
    this.socket.cork();
    for (const chunk of chunks) this.#send(chunk);
    this.socket.uncork();
  }

  #send(bytes: Uint8Array): void {
    this.#writes += 1;
    this.#written ??= (error) => this.#sent(error);
    this.socket.write(bytes, this.#written);
  }

  #sent(error: Error | null | undefined): void {
    if (error) return; // Not sent: the socket's "error" comes next, and ends the connection.
    this.#writes -= 1;
    if (!this.#owed || this.#writes > 0) return;
    this.#owed = false;
    this.owner?.bytesSent();
  }

  shutdown(): void {
    this.socket.end();
  }

  /**
   * Say that we send no more, and let the peer hear it: closing with unread bytes in the kernel
   * would reset the connection and could take our last bytes with it.
   */
  close(): void {
    const { socket } = this;
    if (this.#inlet !== undefined) this.#inlet.reader = undefined;
    socket.end();
    socket.resume();
    if (!socket.readableEnded) new Linger(this.#reactor, socket).start();
  }

  reset(): void {
    resetSocket(this.socket);
  }

  drop(): void {
    this.socket.destroy();
  }

  /** Give the socket away: from here on nobody is told of it. Its errors are the new owner's. */
  release(): Socket {
    const { socket } = this;
    this.owner = undefined;
    if (this.#inlet !== undefined) this.#inlet.reader = undefined;
    this.#inlet?.release();
    conduits.delete(socket);
    socket.off("end", ended);
    socket.off("error", failed);
    socket.off("close", closed);
    socket.off("data", deliver);
    return socket;
  }
}

/** Close a socket at once; with a reset, where it is one of TCP. */
export function resetSocket(socket: Socket): void {
  // UNIX sockets have no ports, and no resets. While a socket is being shut down, libuv refuses to
  // reset it, and Node loses sight of it.
  if (socket.localPort === undefined) socket.destroy();
  else if (socket.writableEnded && !socket.writableFinished) {
    socket.once("finish", () => socket.resetAndDestroy());
  } else socket.resetAndDestroy();
}
