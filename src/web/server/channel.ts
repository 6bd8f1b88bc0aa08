/**
 * What a request needs of the connection it came on: HTTP/1's, HTTP/2's, or a handler's of somebody
 * else.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import type { IAddress } from "../../internet/addresses.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type {
  IConsumer,
  IProtocol,
  IStreamTransport,
} from "../../internet/interfaces-transport.ts";
import type { Headers } from "../http/headers.ts";
import type { FieldList } from "../http/wire/fields.ts";

/** The head of an answer. */
export interface AnswerHead {
  readonly code: number;
  readonly phrase: string;
  readonly headers: Headers;
  /** The answer has no body, whatever its fields say: to HEAD, 204, 304. */
  readonly bodiless: boolean;
}

/** See the top of this file. The request sees to the order of the calls. */
export interface IRequestChannel extends IConsumer {
  /** `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`. */
  readonly clientproto: string;
  /** Measures time, for what goes on after the request. */
  readonly reactor: IReactorTime;
  /**
   * `true`: what was written is the writer's again, and may be overwritten, when `drained()` fires
   * and when a producer that was paused is resumed. Elsewhere somebody may hold it for longer.
   */
  readonly returnsBytes?: boolean;
  /** Should one wait before writing more? See {@link IRequestChannel.drained}. */
  readonly full: boolean;
  /** Who is at the other end: a client, or a proxy. */
  getPeer(): IAddress;
  /** Our own end. */
  getHost(): IAddress;
  /** Is it encrypted? */
  isSecure(): boolean;
  /** Seconds since 1970; `undefined` where the site's reactor does not know the time of day. */
  wallClock(): number | undefined;
  /** Head and whole body. Nothing follows. */
  respond(head: AnswerHead, body: Uint8Array | string): void;
  /** The head; the body follows in `write`s, to `finish`. */
  begin(head: AnswerHead): void;
  /**
   * Some of the body. It is empty where the answer has none: a pull producer that wrote is asked
   * on, to its end.
   */
  write(data: Uint8Array | string): void;
  /** The body is whole. */
  finish(trailers: FieldList): void;
  /** An answer before the answer: 100, 102, 103. Nothing happens where the client knows none. */
  interim(code: number, fields: FieldList): void;
  /** The body is not wanted for a while. */
  pauseBody(): void;
  /** It is wanted again. Never delivers before it returns. */
  resumeBody(): void;
  /** Fires when more may be written; at once if not `full`. Fails when the client has gone. */
  drained(): Deferred<void>;
  /** Give the request up: the client sees an answer that is cut off. */
  abort(): void;
  /**
   * Answer with this head (101, or 200 to CONNECT), and speak something else on this connection
   * from here on.
   *
   * @returns The transport and what came behind the request; `undefined` where it is not possible.
   */
  takeOver(head: AnswerHead): TakenOver | undefined;
}

/** A connection that is no HTTP any more. */
export interface TakenOver {
  /** The connection. It is not read from before `start`. */
  readonly transport: IStreamTransport;
  /** Hand it to a protocol: `makeConnection`, and then what came behind the request. */
  start(protocol: IProtocol): void;
}
