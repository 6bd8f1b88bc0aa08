/**
 * Bytes over any Node stream: one Duplex, or a Readable and a Writable.
 *
 * Streams are asked (`"readable"`, then `read()`), not listened to: `"data"` may come from inside
 * whatever call made a byte available, and then `dataReceived` would be re-entered.
 *
 * @module
 */
import { Socket } from "node:net";
import { Duplex, finished, type Readable, type Writable } from "node:stream";
import { Failure } from "../../defer/failure.ts";
import { type StreamHalves, UnsuitableStreamError } from "../../internet/interfaces-streams.ts";
import type { ReactorBase } from "../base/reactor-base.ts";
import type { Conduit, ConduitOwner } from "../base/conduit.ts";
import { Linger, type Lingering } from "./linger.ts";
import { wasReset } from "./reset-or-end.ts";
import { resetSocket } from "./socket-conduit.ts";

/**
 * Reads before other I/O has its turn: a stream that always has more must not shut it out, nor two
 * in memory that talk to each other.
 */
const READS_MAX = 16;
/** Chunks that need not be copied are joined up to this size, and gathered above it. */
const JOIN_MAX = 65_536;

/** What a {@link DuplexConduit} is made of. */
export interface DuplexParts extends StreamHalves {
  readonly reactor: ReactorBase;
  /**
   * May others keep the bytes that they write to these streams, or that we do? Then they are
   * copied; never those of a socket, which come from the system and are with it when it says so.
   */
  readonly shared: boolean;
  /**
   * After a close, does the peer need some time to hear our last bytes? If not, the reading half is
   * destroyed at once.
   */
  readonly lingers: boolean;
}

/** See the top of this file. */
export class DuplexConduit implements Conduit {
  owner: ConduitOwner | undefined;
  readonly #reactor: ReactorBase;
  readonly #readable: Readable;
  readonly #writable: Writable;
  readonly #copiesRead: boolean;
  readonly #copiesWritten: boolean;
  readonly #lingers: boolean;
  /** Has it ever been read? */
  #listening = false;
  #reading = false;
  /** We are inside `read`, or inside what is done with its bytes. */
  #pumping = false;
  #readsLeft = READS_MAX;
  #goesOnLater = false;
  /** The peer's end has come; has the owner been told? */
  #end: "open" | "held" | "told" = "open";
  /** Writes whose callback has not come. */
  #writes = 0;
  /** `bytesSent` is owed when the last of them comes. */
  #owed = false;
  /** Our end was told. */
  #shut = false;
  /** The writing half is closed. */
  #isDeaf = false;
  #over = false;

  /** @throws {UnsuitableStreamError} @throws {TypeError} See `IReactorStreams.connectStream`. */
  constructor({ reactor, readable, writable, shared, lingers }: DuplexParts) {
    checkReadable(readable);
    checkWritable(writable);
    this.#reactor = reactor;
    this.#readable = readable;
    this.#writable = writable;
    this.#copiesRead = shared && !(readable instanceof Socket);
    this.#copiesWritten = shared && !(writable instanceof Socket);
    this.#lingers = lingers;
    // Else Node ends the writing half when the reading half has ended, whatever waits to be sent.
    if (readable instanceof Duplex) readable.allowHalfOpen = true;
    if (readable.readableEnded) this.#end = "held";
    readable.on("end", () => this.#ended());
    readable.on("close", () => this.#readableClosed());
    readable.on("error", (error: unknown) => this.#fail(error));
    if (isSame(readable, writable)) return;
    writable.on("close", () => this.#writableClosed());
    writable.on("error", (error: unknown) => this.#fail(error));
  }

  // -- Reading

  startReading(): void {
    this.#reading = true;
    if (!this.#listening) {
      this.#listening = true;
      this.#readable.on("readable", () => this.#pump());
    }
    this.#reactor.soon(() => {
      if (this.#end === "held") this.#tellEnd();
      else this.#pump();
    });
  }

  stopReading(): void {
    this.#reading = false;
  }

  #pump(): void {
    if (this.#pumping || this.#goesOnLater) return;
    this.#pumping = true;
    try {
      while (this.#reading && this.#takeOne());
    } finally {
      this.#pumping = false;
    }
  }

  /** @returns Is the next one to be taken? */
  #takeOne(): boolean {
    if (this.#readsLeft === 0) return this.#goOnLater();
    const chunk = this.#read();
    if (chunk === null || chunk === undefined) return false;
    if (!(chunk instanceof Uint8Array)) {
      const what = "Cannot read bytes from a stream: somebody has set an encoding on it";
      this.#fail(new UnsuitableStreamError(what));
      return false;
    }
    this.#readsLeft -= 1;
    this.owner?.bytesReceived(this.#copiesRead ? Buffer.from(chunk) : asBuffer(chunk));
    return true;
  }

  #goOnLater(): boolean {
    this.#goesOnLater = true;
    this.#reactor.later(() => {
      this.#goesOnLater = false;
      this.#readsLeft = READS_MAX;
      this.#pump();
    });
    return false;
  }

  #read(): unknown {
    try {
      return this.#readable.read();
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  #ended(): void {
    if (this.#end !== "open") return;
    if (this.#readable instanceof Socket && wasReset(this.#readable)) {
      this.#fail(new Error("read ECONNRESET"));
      return;
    }
    this.#end = "held"; // Streams look ahead: while nobody reads, it is nobody's business.
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#end !== "held" || !this.#reading) return;
    this.#end = "told";
    this.owner?.endReceived();
    this.#checkGone();
  }

  // -- Writing

  send(chunks: readonly Uint8Array[]): boolean {
    try {
      this.#sendAll(chunks);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (this.#writable.writableLength === 0 && this.#writable.errored === null) return true;
    this.#owed = true;
    return false;
  }

  #sendAll(chunks: readonly Uint8Array[]): void {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const [first] = chunks;
    if (this.#copiesWritten) this.#send(Buffer.concat(chunks, bytes));
    else if (first !== undefined && chunks.length === 1) this.#send(first);
    else if (bytes <= JOIN_MAX) this.#send(Buffer.concat(chunks, bytes));
    else {
      this.#writable.cork();
      for (const chunk of chunks) this.#send(chunk);
      this.#writable.uncork();
    }
  }

  #send(bytes: Uint8Array): void {
    this.#writes += 1;
    this.#writable.write(bytes, this.#written);
  }

  readonly #written = (error?: Error | null): void => {
    if (error) {
      this.#fail(error);
      return;
    }
    this.#writes -= 1;
    if (!this.#owed || this.#writes > 0) return;
    this.#owed = false;
    this.owner?.bytesSent();
  };

  // -- Ending

  shutdown(): void {
    this.#shut = true;
    try {
      this.#writable.end();
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.owner = undefined;
    this.#over = true; // From here on each half ends by itself: one's trouble is not the other's.
    if (!this.#shut) this.shutdown();
    if (isSame(this.#readable, this.#writable)) {
      this.#letClose(this.#readable);
      return;
    }
    if (!this.#writable.destroyed) {
      new Linger(this.#reactor, untilFinished(this.#writable)).start();
    }
    if (this.#lingers && !this.#readable.readableEnded) this.#letClose(this.#readable);
    else this.#destroy(this.#readable);
  }

  /** Give it time to close by itself, and read on for nobody: unread bytes would reset a socket. */
  #letClose(stream: Readable): void {
    this.startReading();
    if (!stream.destroyed) new Linger(this.#reactor, stream).start();
  }

  reset(): void {
    this.#over = true;
    this.#reading = false;
    if (this.#writable instanceof Socket) resetSocket(this.#writable);
    else this.#destroy(this.#writable);
    if (!isSame(this.#readable, this.#writable)) this.#destroy(this.#readable);
  }

  drop(): void {
    this.#over = true;
    this.#destroyBoth();
  }

  #readableClosed(): void {
    if (this.#end === "open") this.#fail(new Error("the stream was closed before its end"));
    else if (isSame(this.#readable, this.#writable)) this.#writableClosed();
  }

  /** Nobody takes bytes any more. A child that has ended may have left some for us all the same. */
  #writableClosed(): void {
    this.#isDeaf = true;
    this.#checkGone();
  }

  /** Both halves are gone, one of them without our doing. */
  #checkGone(): void {
    if (!this.#isDeaf || this.#shut || this.#end !== "told") return;
    // Later: the end alone may be all that there is to say.
    this.#reactor.soon(() => this.#fail(new Error("the stream was closed for writing")));
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.owner?.connectionFailed(Failure.of(error).value);
    this.#destroyBoth();
  }

  #destroyBoth(): void {
    this.#reading = false;
    this.#destroy(this.#readable);
    if (!isSame(this.#readable, this.#writable)) this.#destroy(this.#writable);
  }

  #destroy(stream: Readable | Writable): void {
    this.#reactor.contain(() => stream.destroy(), "Error in destroying a stream");
  }
}

/** What it does with our bytes when it has them all is its affair: it may be read, and slowly. */
function untilFinished(stream: Writable): Lingering {
  return {
    destroy: () => stream.destroy(),
    once: (_event, done) => finished(stream, { readable: false }, done),
  };
}

function isSame(one: object, other: object): boolean {
  return one === other;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function refuse(why: string): never {
  throw new UnsuitableStreamError(`Cannot connect a stream: ${why}`);
}

function checkReadable(stream: Readable): void {
  if (typeof stream.read !== "function" || typeof stream.on !== "function") {
    throw new TypeError("Cannot connect a stream: expected a Readable, or a Duplex");
  }
  if (stream.destroyed) refuse("it is destroyed");
  if (stream.readableObjectMode) refuse("expected bytes, it has objects to read");
  const encoding = stream.readableEncoding ?? undefined;
  if (encoding !== undefined) refuse(`expected bytes, it has text to read (${encoding})`);
}

function checkWritable(stream: Writable): void {
  if (typeof stream.write !== "function" || typeof stream.on !== "function") {
    throw new TypeError("Cannot connect a stream: expected a Writable, or a Duplex");
  }
  if (stream.destroyed) refuse("it is destroyed");
  if (stream.writableObjectMode) refuse("expected one that takes bytes, it takes objects");
  if (stream.writableEnded) refuse("its writing half has ended already");
}
