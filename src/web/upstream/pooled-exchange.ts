/**
 * One request to a pool: waiting for a connection, on one, and perhaps on a second one.
 *
 * A server may close an idle connection at the very moment at which a request is sent on it. Such a
 * request is sent once more, on a new connection, if nothing of an answer has come, if it changes
 * nothing that it would not change by being sent once (RFC 9110 §9.2.2), and if it has no body,
 * which is gone.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import type { ResponseHead } from "../http/wire/events.ts";
import type { FieldList } from "../http/wire/fields.ts";
import type { TakenOver } from "../server/channel.ts";
import { ResponseNeverReceived } from "./errors.ts";
import type { AnswerReceiver, IExchange, OutgoingRequest } from "./exchange.ts";
import type { HTTP1ClientChannel } from "./http1-client-channel.ts";

/** RFC 9110 §9.2.2. */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** What an exchange asks of its pool. */
export interface ExchangePool {
  /** Send it once more, on a new connection. */
  retry(exchange: PooledExchange): void;
  /** It does not want a connection any more. */
  leave(exchange: PooledExchange): void;
}

/** See the top of this file. */
export class PooledExchange implements IExchange, AnswerReceiver {
  readonly #pool: ExchangePool;
  readonly #request: OutgoingRequest;
  #receiver: AnswerReceiver | undefined;
  #channel: HTTP1ClientChannel | undefined;
  #paused = false;
  /** It is on a connection that has served others. */
  #isReused = false;

  constructor(pool: ExchangePool, request: OutgoingRequest, receiver: AnswerReceiver) {
    this.#pool = pool;
    this.#request = request;
    this.#receiver = receiver;
  }

  /** Is it neither over nor given up? */
  get active(): boolean {
    return this.#receiver !== undefined;
  }

  // -- For the pool

  /** Here is a connection. */
  start(channel: HTTP1ClientChannel, isReused: boolean): void {
    this.#channel = channel;
    this.#isReused = isReused;
    channel.request(this.#request, this);
    if (this.#paused) channel.pause();
  }

  /** There will be no connection. */
  fail(error: Error): void {
    this.#take()?.answerFailed(new Failure(error));
  }

  #take(): AnswerReceiver | undefined {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#channel = undefined;
    return receiver;
  }

  // -- For who asks: see IExchange

  pause(): void {
    this.#paused = true;
    this.#channel?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#channel?.resume();
  }

  cancel(): void {
    if (this.#receiver === undefined) return;
    const channel = this.#channel;
    this.#take();
    if (channel === undefined) this.#pool.leave(this);
    else channel.cancel();
  }

  // -- From the connection: see AnswerReceiver

  interimReceived(head: ResponseHead): void {
    this.#receiver?.interimReceived(head);
  }

  headReceived(head: ResponseHead): void {
    this.#receiver?.headReceived(head);
  }

  dataReceived(data: Buffer): void {
    this.#receiver?.dataReceived(data);
  }

  answerEnded(trailers: FieldList): void {
    this.#take()?.answerEnded(trailers);
  }

  answerFailed(reason: Failure): void {
    this.#channel = undefined;
    const { method, body } = this.#request;
    const isStale = this.#isReused && reason.is(ResponseNeverReceived);
    if (isStale && body === undefined && IDEMPOTENT.has(method)) this.#pool.retry(this);
    else this.#take()?.answerFailed(reason);
  }

  switched(head: ResponseHead, taken: TakenOver): void {
    this.#take()?.switched(head, taken);
  }
}
