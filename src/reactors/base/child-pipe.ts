/**
 * One descriptor of a child, from our end: the protocol of the transport that moves its bytes.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import type { ILoggingContext, IProtocol } from "../../internet/interfaces-transport.ts";
import type { StreamTransport } from "./stream-transport.ts";

/** A pipe, as a kind of reactor hands it over. */
export interface OpenedPipe {
  /** The child's number for it. */
  readonly fd: number;
  /** What we do with it. Of a pipe that we only write, what comes is nobody's. */
  readonly use: "r" | "w" | "rw";
  /** Moves its bytes; it has not begun. Told of the child's end of it also when we only write. */
  readonly transport: StreamTransport;
}

/** Whom a pipe tells: its process. */
export interface PipeOwner {
  /** Bytes from the child. */
  pipeReceived(pipe: ChildPipe, data: Buffer): void;
  /** It is closed. */
  pipeLost(pipe: ChildPipe, reason: Failure): void;
  /** How log lines begin. */
  logPrefix(): string;
}

/** See the top of this file. */
export class ChildPipe implements IProtocol, ILoggingContext {
  readonly fd: number;
  readonly use: "r" | "w" | "rw";
  readonly transport: StreamTransport;
  readonly #owner: PipeOwner;

  constructor({ fd, use, transport }: OpenedPipe, owner: PipeOwner) {
    this.fd = fd;
    this.use = use;
    this.transport = transport;
    this.#owner = owner;
  }

  get reads(): boolean {
    return this.use !== "w";
  }

  get writes(): boolean {
    return this.use !== "r";
  }

  /** Close our end when all is written, whenever that is. */
  close(): void {
    // Not loseConnection, which has a deadline: a child that is slow would find an early end of its
    // input, and take what it has for all.
    if (this.writes) this.transport.loseWriteConnection();
    else this.transport.loseConnection();
  }

  makeConnection(): void {}

  connectionMade(): void {}

  dataReceived(data: Buffer): void {
    if (this.reads) this.#owner.pipeReceived(this, data);
  }

  /** The child has closed its end: nobody reads what we write, or nobody writes what we read. */
  readConnectionLost(): void {
    this.transport.loseConnection();
  }

  /** All is written. */
  writeConnectionLost(): void {
    this.transport.loseConnection();
  }

  connectionLost(reason: Failure): void {
    this.#owner.pipeLost(this, reason);
  }

  logPrefix(): string {
    return `${this.#owner.logPrefix()},fd ${String(this.fd)}`;
  }
}
