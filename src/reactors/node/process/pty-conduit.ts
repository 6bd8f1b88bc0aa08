/**
 * Bytes over our end of a terminal: a layer over its socket, which reads.
 *
 * It writes past Node, for which a terminal is something that blocks: while the process does not
 * read, libuv would try again and again, and nothing else of this program would happen. The
 * descriptor itself does not block, but nobody tells when there is room again, so that we ask.
 *
 * And it reads what Node leaves: when the other end is closed, libuv may report the end of the
 * stream with some kilobytes still on their way through the kernel.
 *
 * @module
 */
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import type { IDelayedCall } from "../../../internet/interfaces-reactor.ts";
import type { ReactorBase } from "../../base/reactor-base.ts";
import type { Conduit, ConduitOwner } from "../../base/conduit.ts";
import { SocketConduit } from "../socket-conduit.ts";
import type { OpenedPTY } from "./pty-library.ts";
import { isSystemError } from "./spawn-failure.ts";

/** Seconds between attempts to write, while the process does not read; doubled each time. */
const RETRY_FIRST = 0.001;
const RETRY_MAX = 0.064;
/** More than a terminal holds. */
const READ_BYTES = 65_536;

/** See the top of this file. */
export class PTYConduit implements Conduit, ConduitOwner {
  owner: ConduitOwner | undefined;
  readonly #reactor: ReactorBase;
  readonly #lower: SocketConduit;
  readonly #fd: number;
  #theirs: number | undefined;
  #reading = false;
  /** Node has come to the end; then: the owner has. */
  #end: "open" | "seen" | "told" = "open";
  #left = Buffer.alloc(0);
  #wait = RETRY_FIRST;
  #retry: IDelayedCall | undefined;

  constructor(reactor: ReactorBase, { connection, fd, name }: OpenedPTY) {
    this.#reactor = reactor;
    this.#lower = new SocketConduit(reactor, connection);
    this.#lower.owner = this;
    this.#fd = fd;
    // A process may close its terminal before it exits, on purpose or in its last moments. Then
    // Node would close ours, and that hangs up on it. So we keep the other end open as well.
    this.#theirs = open(name);
  }

  // -- What the socket tells

  bytesReceived(data: Buffer): void {
    this.owner?.bytesReceived(data);
  }

  endReceived(): void {
    this.#end = "seen";
    this.#readRest();
  }

  connectionFailed(error: Error): void {
    if (this.#end === "told") return;
    // When nobody has the other end open any more, reading from a terminal is an error: its end.
    if (codeOf(error) === "EIO") this.#tellEnd();
    else this.owner?.connectionFailed(error);
  }

  bytesSent(): void {} // Nothing is sent over it.

  handshakeDone(): void {} // Nor agreed on.

  // -- Reading

  startReading(): void {
    this.#reading = true;
    if (this.#end === "open") this.#lower.startReading();
    else this.#reactor.soon(() => this.#readRest());
  }

  stopReading(): void {
    this.#reading = false;
    this.#lower.stopReading();
  }

  #readRest(): void {
    while (this.#reading && this.#end === "seen") {
      const data = this.#tryRead();
      if (data === undefined) this.#tellEnd();
      else this.owner?.bytesReceived(data);
    }
  }

  /** @returns What there is; `undefined` at the end, which is an error of its own. */
  #tryRead(): Buffer | undefined {
    // The descriptor's number may be somebody else's by then.
    if (this.#lower.socket.destroyed) return undefined;
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    try {
      const bytes = readSync(this.#fd, buffer);
      return bytes === 0 ? undefined : Buffer.from(buffer.subarray(0, bytes));
    } catch (error) {
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }

  #tellEnd(): void {
    this.#end = "told";
    if (this.#left.length === 0) this.owner?.endReceived();
    else this.owner?.connectionFailed(new Error("the terminal was hung up"));
  }

  // -- Writing

  send(chunks: readonly Uint8Array[]): boolean {
    this.#left = Buffer.concat(chunks);
    return this.#write();
  }

  /** @returns Is all of it out? Otherwise it goes on by itself. */
  #write(): boolean {
    if (this.#lower.socket.destroyed) return false;
    const written = this.#tryWrite();
    if (written === undefined) return false;
    this.#left = this.#left.subarray(written);
    if (this.#left.length === 0) return true;
    this.#wait = written > 0 ? RETRY_FIRST : Math.min(this.#wait * 2, RETRY_MAX);
    this.#retry = this.#reactor.callLater(this.#wait, () => {
      this.#retry = undefined;
      if (this.#write()) this.owner?.bytesSent();
    });
    return false;
  }

  /** @returns Bytes written; `undefined`: none ever will be. */
  #tryWrite(): number | undefined {
    try {
      return writeSync(this.#fd, this.#left);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code === "EAGAIN") return 0;
      // What is still to be read comes first, and its end is told then.
      if (this.#end === "told") this.#reactor.soon(() => this.owner?.connectionFailed(error));
      return undefined;
    }
  }

  // -- Closing

  shutdown(): void {} // There is no half of a terminal.

  /** At once: what is sent lies in the terminal already. */
  close(): void {
    this.drop();
  }

  /** The process has exited: what it has written is all, unless others have the terminal. */
  exited(): void {
    if (this.#theirs !== undefined) closeSync(this.#theirs);
    this.#theirs = undefined;
  }

  reset(): void {
    this.drop();
  }

  drop(): void {
    if (this.#retry?.active === true) this.#retry.cancel();
    this.exited();
    this.#lower.drop();
  }
}

/** `undefined`: then a process that closes its terminal is hung up on, and nothing worse. */
function open(name: string): number | undefined {
  try {
    return openSync(name, constants.O_RDWR | constants.O_NOCTTY);
  } catch {
    // No descriptor left, or the process is gone already.
    return undefined;
  }
}

function codeOf(error: Error): string | undefined {
  return isSystemError(error) ? error.code : undefined;
}
