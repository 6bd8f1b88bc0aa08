/**
 * The contract of streams as transports: whatever another library gives as a Node stream (a channel
 * of SSH, a tunnel, a compressor, a test double) carries a protocol.
 *
 *     stream ─▶ reactor.connectStream(stream, protocol) ─▶ transport ◀─▶ protocol
 *
 * The other direction, any transport as a stream, needs no reactor: `sennit/streams`.
 *
 * @module
 */
import type { Duplex, Readable, Writable } from "node:stream";
import { LocalProtocolError } from "../core/errors.ts";
import type { IAddress } from "./addresses.ts";
import { type Capability, capability } from "./capabilities.ts";
import type { ConnectionLimits } from "./interfaces-reactor.ts";
import type { IProtocol, IStreamTransport } from "./interfaces-transport.ts";

/** The two halves of a connection, where they are two streams. */
export interface StreamHalves {
  /** What the peer sends. */
  readonly readable: Readable;
  /** What the peer receives. */
  readonly writable: Writable;
}

/** Options of {@link IReactorStreams.connectStream}. */
export interface ConnectStreamOptions extends ConnectionLimits {
  /** Who is at the other end; text becomes a `NoAddress` with that label. Default: `stream`. */
  readonly peer?: IAddress | string;
  /** Our own end. Default: `stream`. */
  readonly host?: IAddress | string;
}

/**
 * Node streams as transports.
 *
 * @example
 * ```ts
 * import { PassThrough } from "node:stream";
 * import { Protocol } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * class Shout extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data.toString().toUpperCase());
 *   }
 * }
 * const [readable, writable] = [new PassThrough(), new PassThrough()];
 * reactor.connectStream({ readable, writable }, new Shout());
 * readable.end("psst");
 * for await (const chunk of writable) console.log(String(chunk)); // PSST
 * ```
 */
export interface IReactorStreams {
  /**
   * Run a protocol over a stream, which is the transport's from now on: do not read it, write to
   * it or end it. When this returns, `connectionMade` has been called; nothing is read or sent
   * before that, and nothing from inside this call.
   *
   * | of the stream | of the connection |
   * |---|---|
   * | `"end"` | the peer's end, as `IHalfCloseableProtocol` tells it |
   * | `"error"`; `"close"` without an end before it | `ConnectionLost`, the error in `cause` |
   * | a `write` whose callback has not come | `bufferedBytes`, back-pressure on the producer |
   * | `end()` | `loseWriteConnection` |
   * | `end()`, and `destroy()` in 2 seconds if it has not closed by then | `loseConnection` |
   * | `destroy()`; of a TCP socket, a reset | `abortConnection` |
   *
   * The halves of a pair end one by one; when one fails, the other is destroyed. A Duplex is kept
   * from ending its writing half by itself (`allowHalfOpen`). Bytes are copied on both ways, except
   * those of sockets: what a stream shares with others stays theirs.
   *
   * @returns The transport, a whole `IStreamTransport`; on a Node reactor also an `ITLSTransport`.
   * @throws {UnsuitableStreamError} It is destroyed or ended, in object mode, or has an encoding.
   * @throws {TypeError} Neither a Duplex nor a Readable and a Writable.
   * @throws {RangeError} A limit is negative or not a number.
   */
  connectStream(
    stream: Duplex | StreamHalves,
    protocol: IProtocol,
    options?: ConnectStreamOptions,
  ): IStreamTransport;
}
/** Asks whether a reactor can run protocols over Node streams. */
export const IReactorStreams: Capability<IReactorStreams> = capability("IReactorStreams");

/** The stream cannot carry bytes as they are, or not any more. */
export class UnsuitableStreamError extends LocalProtocolError {
  readonly code = "ERR_UNSUITABLE_STREAM";
}
