/**
 * A connection of HTTP/1 to a server: one request at a time.
 *
 *     OutgoingRequest ─▶ RequestSender ─▶ bytes
 *     AnswerReceiver ◀── ResponseReader ◀─ bytes        then the next one
 *
 * Both ways go at the pace of whoever is slower. An answer may begin, and end, before the request
 * is whole: what is left of it is then not sent, and the connection is closed.
 *
 * Spec: RFC 9112 §9, RFC 9110 §10.1.1, §15.2. After: twisted.web._newclient.HTTP11ClientProtocol.
 * Differs: interim answers, upgrades and trailers; every phase has a deadline; an answer that ends
 * with the connection must end in good order.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import { ConnectionDone, ConnectionTimedOut } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import {
  type IHalfCloseableProtocol,
  type IProtocol,
} from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import type { ResponseHead } from "../http/wire/events.ts";
import type { FieldList } from "../http/wire/fields.ts";
import type { CompleteLimits } from "../http/wire/limits.ts";
import { HTTPMessageError } from "../http/wire/message-error.ts";
import { ResponseReader } from "../http/wire/response-reader.ts";
import { DeadlineWatch } from "../server/deadline-watch.ts";
import { Successor } from "../server/successor.ts";
import type { UpstreamDeadlines } from "./deadlines.ts";
import { ResponseFailed, ResponseNeverReceived, UpstreamStateError } from "./errors.ts";
import type { AnswerReceiver, IExchange, OutgoingRequest } from "./exchange.ts";
import { RequestSender, type SenderListener } from "./request-sender.ts";

/** Who keeps a connection between requests. */
export interface ChannelOwner {
  /** It is free for the next request. */
  channelFree(channel: HTTP1ClientChannel): void;
  /** It has ended. */
  channelLost(channel: HTTP1ClientChannel): void;
}

/** What a {@link HTTP1ClientChannel} is made of. */
export interface HTTP1ClientChannelOptions {
  readonly reactor: IReactorTime;
  readonly limits: CompleteLimits;
  readonly deadlines: Required<UpstreamDeadlines>;
  /** Keep it after the first answer. */
  readonly persistent: boolean;
  readonly owner: ChannelOwner;
}

/** See the top of this file. */
export class HTTP1ClientChannel
  extends Protocol
  implements IExchange, SenderListener, IHalfCloseableProtocol
{
  readonly #options: HTTP1ClientChannelOptions;
  readonly #reader: ResponseReader;
  /** What we wait for from the server. */
  readonly #awaited: DeadlineWatch<"head" | "body" | "idle">;
  /** What we wait for before we can send. */
  readonly #sending: DeadlineWatch<"write" | "continue">;
  #request: OutgoingRequest | undefined;
  #receiver: AnswerReceiver | undefined;
  #sender: RequestSender | undefined;
  /** Of the answer that is being received. */
  #head: ResponseHead | undefined;
  /** Something has come since the request. */
  #heard = false;
  #full = false;
  /** The receiver wants nothing for now. */
  #paused = false;
  #readPaused = false;
  #reading = false;
  #closed = false;
  readonly #successor = new Successor();

  constructor(options: HTTP1ClientChannelOptions) {
    super();
    this.#options = options;
    this.#reader = new ResponseReader(options.limits);
    this.#awaited = new DeadlineWatch(options.reactor, (phase) => this.#expired(phase));
    this.#sending = new DeadlineWatch(options.reactor, (phase) => this.#expired(phase));
  }

  // -- For those who ask

  /** Can it take a request? */
  get free(): boolean {
    return !this.#closed && this.#receiver === undefined;
  }

  /**
   * Send a request; its receiver is told nothing before this returns.
   *
   * @throws {UpstreamStateError} There is one already, or the connection has ended.
   */
  request(request: OutgoingRequest, receiver: AnswerReceiver): void {
    if (!this.free) {
      throw new UpstreamStateError("Cannot send a request: the connection is not free");
    }
    const { reactor, persistent, deadlines } = this.#options;
    this.#request = request;
    this.#receiver = receiver;
    this.#heard = false;
    this.#paused = false;
    this.#awaited.clear();
    this.#reader.expect(request.method);
    const sender = new RequestSender(reactor, this.transport, request, this);
    this.#sender = sender;
    if (this.#full) sender.pauseProducing();
    sender.start(persistent);
    if (sender.waiting) {
      this.#sending.set("continue", deadlines.continueTimeout);
      this.#awaited.set("head", deadlines.headTimeout);
    }
    this.#setPace();
  }

  pause(): void {
    this.#paused = true;
    if (this.#awaited.phase === "body") this.#awaited.clear();
    if (!this.#reading) this.#setPace();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#awaitBody();
    this.#options.reactor.callLater(0, () => this.#read());
  }

  cancel(): void {
    if (this.#receiver === undefined) return;
    this.#receiver = undefined;
    this.#abort();
  }

  /** Close it, if it is free. */
  close(): void {
    if (!this.free) return;
    this.#leave();
    this.transport.loseConnection();
  }

  // -- The connection

  override connectionMade(): void {
    this.transport.registerProducer(this, true);
  }

  override dataReceived(data: Buffer): void {
    if (this.#successor.started) {
      this.#successor.dataReceived(data);
      return;
    }
    if (this.#closed) return;
    this.#heard = true;
    this.#reader.receive(data);
    this.#read();
  }

  /** The server says no more. It may be the end of its answer. */
  readConnectionLost(): void {
    const halfCloseable = this.#successor.halfCloseable;
    if (halfCloseable !== undefined) halfCloseable.readConnectionLost();
    else if (this.#successor.started) this.transport.loseConnection();
    else if (this.#receiver === undefined) this.close();
    else this.#finish(new ConnectionDone());
  }

  writeConnectionLost(): void {
    this.#successor.halfCloseable?.writeConnectionLost();
  }

  override connectionLost(reason: Failure): void {
    if (!this.#closed) this.#finish(reason.value);
    this.#closed = true;
    this.#awaited.stop();
    this.#sending.stop();
    this.#successor.connectionLost(reason);
    this.#options.owner.channelLost(this);
  }

  /** There will be no more: is what has come an answer? */
  #finish(reason: Error): void {
    const isInOrder = reason instanceof ConnectionDone;
    const end = isInOrder ? this.#endOfAnswer() : undefined;
    if (end !== undefined) this.#answerOver(end);
    else if (this.#heard) this.#fail(new ResponseFailed(reason));
    else this.#fail(new ResponseNeverReceived(reason));
  }

  #endOfAnswer(): FieldList | undefined {
    try {
      return this.#reader.receiveEnd()?.trailers;
    } catch (error) {
      if (error instanceof HTTPMessageError) return undefined;
      throw error;
    }
  }

  // -- The answer

  #read(): void {
    if (this.#reading || this.#closed) return;
    this.#reading = true;
    try {
      while (!this.#closed && !this.#paused && this.#readEvent());
    } catch (error) {
      if (!(error instanceof HTTPMessageError)) throw error;
      this.#fail(error);
    } finally {
      this.#reading = false;
    }
    this.#setPace();
  }

  #readEvent(): boolean {
    const event = this.#reader.next();
    if (event === undefined) return false;
    if (event.type === "response") this.#headReceived(event);
    else if (event.type === "end") this.#answerOver(event.trailers);
    else {
      this.#awaitBody();
      this.#receiver?.dataReceived(event.data);
    }
    return true;
  }

  #headReceived(head: ResponseHead): void {
    if (head.switches) this.#switch(head);
    else if (head.status < 200) this.#interimReceived(head);
    else {
      this.#head = head;
      this.#awaitBody();
      if (isRefusal(head) || this.#sender?.waiting === true) this.#stopSending();
      this.#receiver?.headReceived(head);
    }
  }

  #interimReceived(head: ResponseHead): void {
    const { headTimeout } = this.#options.deadlines;
    if (this.#awaited.phase === "head") this.#awaited.set("head", headTimeout);
    if (head.status === 100) this.#proceed();
    this.#receiver?.interimReceived(head);
  }

  /** It is whole: the connection is free for the next, if it can be. */
  #answerOver(trailers: FieldList): void {
    const receiver = this.#receiver;
    const isFree =
      this.#head?.keepAlive === true &&
      this.#sender?.sent === true &&
      this.#reader.unreadBytes === 0 &&
      this.#options.persistent;
    const isWhole = this.#sender?.sent === true;
    this.#receiver = undefined;
    this.#forget();
    if (isFree) {
      this.#awaited.set("idle", this.#options.deadlines.idleTimeout);
      this.#options.owner.channelFree(this);
    } else if (isWhole) this.close();
    else this.#abort();
    receiver?.answerEnded(trailers);
  }

  #forget(): void {
    this.#sender?.stop();
    this.#sender = undefined;
    this.#request = undefined;
    this.#head = undefined;
    this.#paused = false;
    this.#awaited.clear();
    this.#sending.clear();
  }

  /** RFC 9110 §7.8: a server may not switch to what it was not asked for. */
  #switch(head: ResponseHead): void {
    const { upgrade, method } = this.#request ?? {};
    const { upgrade: chosen } = head.fields;
    const isAsked = chosen !== undefined && upgrade?.toLowerCase() === chosen.toLowerCase();
    if (head.status === 101 ? !isAsked : method !== "CONNECT") {
      throw new HTTPMessageError("switch-unasked", "Cannot switch to what was not asked for");
    }
    const receiver = this.#receiver;
    const rest = this.#reader.takeRest();
    const { transport } = this;
    this.#receiver = undefined;
    this.#leave();
    transport.pauseProducing();
    const start = (protocol: IProtocol): void => {
      this.#successor.start(protocol, transport, rest);
    };
    receiver?.switched(head, { transport, start });
  }

  // -- The request: see SenderListener

  bodyProgressed(): void {
    if (this.#awaited.phase === "body") this.#awaitBody();
  }

  requestSent(): void {
    if (this.#head !== undefined) return;
    this.#awaited.set("head", this.#options.deadlines.headTimeout);
  }

  bodyFailed(failure: Failure): void {
    if (this.#receiver !== undefined) this.#fail(failure.value);
  }

  #proceed(): void {
    if (this.#sender?.waiting !== true) return;
    this.#sending.clear();
    this.#awaited.clear();
    this.#sender.proceed();
  }

  #stopSending(): void {
    this.#sending.clear();
    this.#sender?.stop();
  }

  /** The transport's buffer is full. */
  pauseProducing(): void {
    this.#full = true;
    if (this.#sender?.sent === false) {
      this.#sending.set("write", this.#options.deadlines.writeTimeout);
    }
    this.#sender?.pauseProducing();
  }

  /** It is empty again. */
  resumeProducing(): void {
    this.#full = false;
    if (this.#sending.phase === "write") this.#sending.clear();
    this.#sender?.resumeProducing();
  }

  /** The connection is gone: `connectionLost` tells everybody. */
  stopProducing(): void {}

  // -- What goes wrong

  #expired(phase: "head" | "body" | "idle" | "write" | "continue"): void {
    if (phase === "idle") this.close();
    else if (phase === "continue") this.#proceed();
    else {
      const seconds = this.#options.deadlines[`${phase}Timeout`];
      this.#fail(new ConnectionTimedOut(phase, seconds));
    }
  }

  #fail(error: Error): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#abort();
    receiver?.answerFailed(new Failure(error));
  }

  #abort(): void {
    this.#leave();
    this.transport.abortConnection();
  }

  /** Speak HTTP no more. */
  #leave(): void {
    this.#closed = true;
    this.#forget();
    this.#awaited.stop();
    this.#sending.stop();
    this.transport.unregisterProducer();
  }

  #awaitBody(): void {
    if (this.#head === undefined || this.#paused) return;
    this.#awaited.set("body", this.#options.deadlines.bodyTimeout);
  }

  /** Read from the server, or do not. */
  #setPace(): void {
    if (this.#closed || this.#readPaused === this.#paused) return;
    this.#readPaused = this.#paused;
    if (this.#paused) this.transport.pauseProducing();
    else this.transport.resumeProducing();
  }
}

/** The server does not want the rest of the request (RFC 9112 §9.5). */
function isRefusal({ status, keepAlive }: ResponseHead): boolean {
  return status >= 400 && !keepAlive;
}
