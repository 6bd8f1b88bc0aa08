/**
 * The contract of standard input and output as one connection: a program in a pipe, at a terminal,
 * or behind inetd is a protocol like any other.
 *
 *     producer ──▶ stdin ─▶ protocol ─▶ stdout ──▶ consumer
 *
 * After: twisted.internet.stdio.StandardIO. Differs: once for each process; a terminal that stands
 * still does not hold up the process; a closed descriptor's number goes to no stranger.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../core/errors.ts";
import { type Capability, capability } from "./capabilities.ts";
import type { IListeningPort, IProtocolFactory } from "./interfaces-factory.ts";
import type { ConnectionLimits } from "./interfaces-reactor.ts";
import type { IProtocol, IStreamTransport } from "./interfaces-transport.ts";

/** Options of {@link IReactorStdio.openStdio}. */
export interface StdioOptions extends ConnectionLimits {
  /** The descriptor that is read. Default: 0. */
  readonly stdin?: number;
  /** The descriptor that is written. Default: 1. */
  readonly stdout?: number;
}

/** Standard input and output. */
export interface IReactorStdio {
  /**
   * Run a protocol over standard input and output, whatever they are: pipes, files, terminals,
   * sockets, `/dev/null`. When this returns, `connectionMade` has been called.
   *
   * The end of the input is the peer's end: `readConnectionLost` for a protocol with halves, else
   * the connection is closed. `loseWriteConnection` is the end that the consumer sees, also while
   * the program lives on (a terminal and a file have none). A consumer that is gone is noticed when
   * something is written: `ConnectionLost`, with `EPIPE` as its cause.
   *
   * The descriptors are the connection's until it is lost; then nothing of it keeps the process
   * alive, and `process.stdout` may be used: a terminal and a file get what is written, a pipe and
   * a socket are closed, and their descriptor leads to the null device. Do not use `process.stdin`
   * and `process.stdout` meanwhile; log to the error output.
   *
   * @throws {StandardIOTakenError} They are, or were, in use: once for each process.
   * @throws {StandardIOError} A descriptor is not open, or not one that can be read or written so.
   * @throws {RangeError} Not two descriptors, or no such limit.
   */
  openStdio(protocol: IProtocol, options?: StdioOptions): IStreamTransport;
  /**
   * The same as a port: it is bound when the descriptors are open, has one connection, and
   * `stopListening` leaves that alone. What `openStdio` throws is the cause of `CannotListenError`.
   */
  listenStdio(factory: IProtocolFactory, options?: StdioOptions): IListeningPort;
}
/** Asks whether a reactor can run protocols over standard input and output. */
export const IReactorStdio: Capability<IReactorStdio> = capability("IReactorStdio");

/** Standard input and output are a connection already, or have been one. */
export class StandardIOTakenError extends LocalProtocolError {
  readonly code = "ERR_STDIO_TAKEN";
}

/** A descriptor cannot be read or written as a stream; the system's error is in `cause`. */
export class StandardIOError extends SennitError {
  readonly code = "ERR_STDIO";
}
