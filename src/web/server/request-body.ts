/**
 * The body of a request, as it comes.
 *
 *     channel ─▶ (at most 64 KiB wait here) ─▶ for await, a consumer, read()
 *
 * Who does not ask for a body gets none: past the mark the client is not read from any more, and
 * the rest is thrown away after the answer.
 *
 * Differs from Twisted: there a body is received whole before anything is asked.
 *
 * @module
 */
import { LocalProtocolError, SennitError } from "../../core/errors.ts";
import { fail } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IConsumer } from "../../internet/interfaces-transport.ts";
import { Headers } from "../http/headers.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { PackedBytes } from "./packed-bytes.ts";

/** Above it the client is not read from. */
const HIGH_MARK = 65_536;
/** So it is above so many pieces: a piece of a byte takes 170 of memory. */
const PIECES_MAX = 1024;
/** What `read()` and its like take unless told otherwise. */
const READ_MAX = 1_048_576;

const NO_TRAILERS: FieldList = [];

/** A body was to be read whole, and is longer than was allowed. A server answers 413. */
export class BodyTooLargeError extends SennitError {
  readonly code = "ERR_HTTP_BODY_TOO_LARGE";
  /** How a server answers it. */
  readonly status = 413;
  constructor(limit: number) {
    super(`Cannot read a body whole: expected at most ${String(limit)} bytes, got more`);
  }
}

/** A body is read once, in one way. */
export class BodyUsedError extends LocalProtocolError {
  readonly code = "ERR_HTTP_BODY_USED";
  constructor() {
    super("Cannot read a body: it has been read already, or is being read");
  }
}

/** Who feeds a body. */
export interface BodySource {
  /** No more for now. */
  pauseBody(): void;
  /** More. Never delivers before it returns. */
  resumeBody(): void;
  /** Somebody wants it: a client that waits for `100 Continue` is told to go on. */
  bodyWanted(): void;
}

/** Options of the methods that read a body whole. */
export interface ReadOptions {
  /** Bytes, at most. Default: 1 MiB. */
  readonly limit?: number;
}

/** Who takes a body piece by piece: see {@link RequestBody.deliver}. */
export interface BodyReceiver {
  /** Some of it; never empty, and yours. */
  dataReceived(data: Buffer): void;
  /** It is whole; or, with a failure, the rest will not come. Nothing follows. */
  bodyEnded(failure: Failure | undefined): void;
}

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import { Resource, type Request } from "sennit/web";
 *
 * class Upload extends Resource {
 *   override readonly isLeaf = true;
 *   async render_PUT(request: Request): Promise<string> {
 *     let bytes = 0;
 *     for await (const chunk of request.content) bytes += chunk.length;
 *     return `${bytes} bytes\n`;
 *   }
 * }
 * ```
 */
export class RequestBody implements AsyncIterable<Buffer> {
  readonly #source: BodySource;
  /** What Content-Length says; `undefined` if the client does not know itself. */
  readonly length: number | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #paused = false;
  #used = false;
  #ended = false;
  #failure: Failure | undefined;
  #trailers = NO_TRAILERS;
  #receiver: BodyReceiver | undefined;
  /** An iterator that waits. */
  #wake: (() => void) | undefined;

  constructor(source: BodySource, length: number | undefined) {
    this.#source = source;
    this.length = length;
  }

  // -- What the channel tells

  /** Some of the body. */
  receive(data: Buffer): void {
    if (this.#ended) return;
    if (this.#receiver !== undefined) {
      this.#receiver.dataReceived(data);
      return;
    }
    this.#chunks.push(data);
    this.#bytes += data.length;
    if (this.#bytes >= HIGH_MARK || this.#chunks.length >= PIECES_MAX) this.pause();
    this.#wakeUp();
  }

  /** It is whole. */
  receiveEnd(trailers: FieldList): void {
    if (this.#ended) return;
    this.#trailers = trailers;
    this.#over();
  }

  /** The rest will not come. */
  fail(failure: Failure): void {
    if (this.#ended) return;
    this.#failure = failure;
    this.#over();
  }

  // -- What can be asked

  /** Has somebody begun to read it? */
  get used(): boolean {
    return this.#used;
  }

  /** Has all of it come? */
  get complete(): boolean {
    return this.#ended && this.#failure === undefined;
  }

  /** Fields that came after the body; empty before its end. */
  get trailers(): Headers {
    return Headers.of(this.#trailers);
  }

  // -- Reading it

  /**
   * The body in pieces, as they come. Fails with the connection's reason if the client goes first.
   * Who leaves the loop early leaves the rest: it is thrown away after the answer.
   *
   * @throws {BodyUsedError}
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    this.#use();
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        yield chunk;
      } else if (this.#failure !== undefined) throw this.#failure.value;
      else if (this.#ended) return;
      else {
        const more = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.resume();
        await more;
      }
    }
  }

  /**
   * Hand the body to a receiver, at once what waits already. It may `pause()` and `resume()`.
   *
   * @throws {BodyUsedError}
   */
  deliver(receiver: BodyReceiver): void {
    this.#use();
    this.#receiver = receiver;
    const waiting = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    // More comes after this returns, unless the receiver pauses it meanwhile.
    this.resume();
    for (const chunk of waiting) receiver.dataReceived(chunk);
    if (this.#ended) receiver.bodyEnded(this.#failure);
  }

  /**
   * The whole body. Fires when it has come; fails with {@link BodyTooLargeError} as soon as that is
   * sure, and with the connection's reason if the client goes first.
   */
  read(options: ReadOptions = {}): Deferred<Buffer> {
    const limit = options.limit ?? READ_MAX;
    if (this.#used) return fail(new BodyUsedError());
    if ((this.length ?? 0) > limit) return fail(new BodyTooLargeError(limit));
    const done = new Deferred<Buffer>(() => this.pause());
    const chunks = new PackedBytes();
    let bytes = 0;
    this.deliver({
      dataReceived: (data) => {
        bytes += data.length;
        if (done.called) return;
        if (bytes <= limit) chunks.put(data);
        else {
          chunks.take();
          this.pause();
          done.errback(new BodyTooLargeError(limit));
        }
      },
      bodyEnded: (failure) => {
        if (done.called) return;
        if (failure === undefined) done.callback(joined(chunks.take()));
        else done.errback(failure);
      },
    });
    return done;
  }

  /** The whole body as text in UTF-8, as {@link RequestBody.read} has it. */
  text(options: ReadOptions = {}): Deferred<string> {
    return this.read(options).addCallback((bytes) => bytes.toString());
  }

  /**
   * Write the body to a consumer, at the consumer's pace. Fires at its end, with whether all of it
   * went there: `false`, if the consumer did not want the rest. Neither side is closed.
   */
  pipeTo(consumer: IConsumer): Deferred<boolean> {
    if (this.#used) return fail(new BodyUsedError());
    const done = new Deferred<boolean>();
    let isWanted = true;
    let isFull = false;
    const stopProducing = (): void => {
      isWanted = false;
      if (!done.called) done.callback(false);
    };
    const producer = {
      pauseProducing: () => {
        isFull = true;
        this.pause();
      },
      resumeProducing: () => {
        isFull = false;
        this.resume();
      },
      stopProducing,
    };
    consumer.registerProducer(producer, true);
    this.deliver({
      dataReceived: (data) => {
        if (isWanted) consumer.write(data);
      },
      bodyEnded: (failure) => {
        if (isWanted) consumer.unregisterProducer();
        if (done.called) return;
        if (failure === undefined) done.callback(true);
        else done.errback(failure);
      },
    });
    if (isFull) this.pause(); // It was full before it was asked.
    return done;
  }

  /** Let no more come for now: the client waits. */
  pause(): void {
    if (this.#paused || this.#ended) return;
    this.#paused = true;
    this.#source.pauseBody();
  }

  /** Let it come again; nothing is delivered before this returns. */
  resume(): void {
    if (!this.#paused || this.#ended) return;
    this.#paused = false;
    this.#source.resumeBody();
  }

  // -- Inside

  #use(): void {
    if (this.#used) throw new BodyUsedError();
    this.#used = true;
    if (!this.#ended) this.#source.bodyWanted();
  }

  #over(): void {
    this.#ended = true;
    this.#receiver?.bodyEnded(this.#failure);
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
