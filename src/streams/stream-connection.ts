/**
 * One connection, for code that wants a stream and not a protocol.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { Deferred } from "../defer/deferred.ts";
import type { IAddress } from "../internet/addresses.ts";
import type { IStreamTransport } from "../internet/interfaces-transport.ts";

/**
 * What `connect` and `listen` give. Read it in one way: as `duplex`, as `readable`, or chunk by
 * chunk with `for await`; the first that is used decides. Write by `write()`, by `duplex` or by
 * `writable`. Nothing is read before somebody asks, and a reader that lags makes the peer wait: a
 * peer's end is noticed when it is read, a connection that broke at the latest when it is written
 * to.
 *
 * The peer's end is the end of reading alone: answer, and then `close()` (or `await using`).
 */
export interface StreamConnection extends AsyncDisposable, AsyncIterable<Buffer, undefined> {
  /** Who is at the other end; still known after the end. */
  readonly peer: IAddress;
  /** Our own end. */
  readonly host: IAddress;
  /** What is below: for its switches, and for `startTLS`. */
  readonly transport: IStreamTransport;
  /**
   * A Duplex of Node's, for `pipeline` and whatever else takes one. `end()` ends our half,
   * `destroy()` aborts the connection, unless all is written and nothing is wrong: then it is
   * closed. A lost connection is its `"error"`, with the reason; that one alone, if nobody listens
   * for it, ends nothing but this stream.
   */
  readonly duplex: Duplex;
  /**
   * What the peer sends, as a stream of the web. Cancelled: what still comes is thrown away, and
   * when our half ends too, the connection is closed.
   */
  readonly readable: ReadableStream<Uint8Array>;
  /**
   * What the peer receives. `close()` ends our half, `abort()` aborts the connection. (The `signal`
   * of a `pipeTo` waits for the write that is under way, says its specification; `abort()` of the
   * connection does not.)
   */
  readonly writable: WritableStream<Uint8Array>;
  /** Each chunk, however the network cut them; it is yours. Leaving the loop closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined, undefined>;
  /**
   * Send bytes, or text as UTF-8. Do not change the bytes until it fires.
   *
   * @returns Fires when they are with the platform: wait for it, and the peer sets the pace. Fails
   * with `ConnectionLost`, after `end()` with `StreamStateError`; `transport.write` is for those
   * who do not care.
   * @throws {TypeError} Neither bytes nor text.
   */
  write(data: Uint8Array | string): Deferred<void>;
  /** End our half, after what was written. Fires when the peer was told; fails if it is lost. */
  end(): Deferred<void>;
  /**
   * Read no more, send what was written, by `duplex` too, and close. What waits in `writable` and
   * was not taken yet fails: close that one first.
   *
   * @returns Fires when the connection is over, however it ended.
   */
  close(): Deferred<void>;
  /** Close at once: what is queued is dropped, the peer sees a reset where the platform can. */
  abort(): void;
}
