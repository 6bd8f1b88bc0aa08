/**
 * Sends one request: its head, and its body at the pace of the transport.
 *
 * Spec: RFC 9112 §6 (framing), §7.1, RFC 9110 §8.6, §10.1.1.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type {
  IConsumer,
  IPullProducer,
  IPushProducer,
  ITransport,
} from "../../internet/interfaces-transport.ts";
import type { FieldList } from "../http/wire/fields.ts";
import { formatChunkSize, formatLastChunk, formatRequestHead } from "../http/wire/head-writer.ts";
import { PullLoop } from "../server/pull-loop.ts";
import { WrongBodyLength } from "./errors.ts";
import type { OutgoingBody, OutgoingRequest } from "./exchange.ts";

/** Requests that have a body by their nature: that it is empty is said (RFC 9110 §8.6). */
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** Who is told how it goes. */
export interface SenderListener {
  /** Some of the body is with the transport. */
  bodyProgressed(): void;
  /** All of the request is with the transport. */
  requestSent(): void;
  /** The rest of the body will not come. Never from inside `start`. */
  bodyFailed(failure: Failure): void;
}

/** See the top of this file. One for a request. */
export class RequestSender implements IConsumer {
  readonly #reactor: IReactorTime;
  readonly #transport: ITransport;
  readonly #listener: SenderListener;
  readonly #request: OutgoingRequest;
  #state: "new" | "waiting" | "body" | "sent" | "stopped" = "new";
  /** Bytes of the body so far. */
  #bytes = 0;
  #full = false;
  #producer: IPushProducer | undefined;
  #pull: PullLoop | undefined;

  constructor(
    reactor: IReactorTime,
    transport: ITransport,
    request: OutgoingRequest,
    listener: SenderListener,
  ) {
    this.#reactor = reactor;
    this.#transport = transport;
    this.#request = request;
    this.#listener = listener;
  }

  /** Send the head, and the body if nothing is awaited. @param persistent Keep the connection. */
  start(persistent: boolean): void {
    const { method, target, body, expectsContinue = false } = this.#request;
    this.#transport.write(formatRequestHead(method, target, this.#fields(persistent)));
    if (body === undefined) {
      this.#state = "sent";
      this.#listener.requestSent();
    } else if (expectsContinue) this.#state = "waiting";
    else this.#sendBody(body);
  }

  #fields(persistent: boolean): FieldList {
    const { method, fields, body, expectsContinue = false, upgrade } = this.#request;
    const added: string[] = [];
    if (upgrade !== undefined) added.push("connection", "upgrade", "upgrade", upgrade);
    else if (!persistent) added.push("connection", "close");
    if (body === undefined) {
      if (WITH_BODY.has(method)) added.push("content-length", "0");
      return [...fields, ...added];
    }
    if (body.length === undefined) added.push("transfer-encoding", "chunked");
    else added.push("content-length", String(body.length));
    if (expectsContinue) added.push("expect", "100-continue");
    return [...fields, ...added];
  }

  /** Does the body wait for the server's word? */
  get waiting(): boolean {
    return this.#state === "waiting";
  }

  /** Is all of the request with the transport? */
  get sent(): boolean {
    return this.#state === "sent";
  }

  /** Send the body now, if it was waited for. */
  proceed(): void {
    const { body } = this.#request;
    if (this.#state === "waiting" && body !== undefined) this.#sendBody(body);
  }

  /** Send nothing more. */
  stop(): void {
    if (this.#state === "sent" || this.#state === "stopped") return;
    this.#state = "stopped";
    const producer = this.#producer;
    this.unregisterProducer();
    producer?.stopProducing();
  }

  #sendBody(body: OutgoingBody): void {
    this.#state = "body";
    void body.pipeTo(this).addCallbacks(
      (trailers) => this.#bodyEnded(trailers),
      (failure) => this.#bodyFailed(failure),
    );
  }

  #bodyEnded(trailers: FieldList): void {
    if (this.#state !== "body") return;
    const { length } = this.#request.body ?? {};
    if (length === undefined) this.#transport.write(formatLastChunk(trailers));
    else if (this.#bytes < length) {
      this.#wrongLength(length);
      return;
    }
    this.#state = "sent";
    this.#listener.requestSent();
  }

  /** In a later turn: whoever makes the body may be in the middle of telling others the same. */
  #bodyFailed(failure: Failure): void {
    if (this.#state !== "body") return;
    this.stop();
    this.#reactor.callLater(0, () => this.#listener.bodyFailed(failure));
  }

  // -- For the body: see IConsumer

  write(data: Uint8Array | string): void {
    if (this.#state !== "body") return;
    this.#pull?.wrote();
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (bytes.length === 0) return;
    this.#bytes += bytes.length;
    const { length } = this.#request.body ?? {};
    if (length === undefined) {
      this.#transport.write(formatChunkSize(bytes.length));
      this.#transport.write(bytes);
      this.#transport.write("\r\n");
    } else if (this.#bytes <= length) this.#transport.write(bytes);
    else {
      this.#wrongLength(length);
      return;
    }
    this.#listener.bodyProgressed();
  }

  #wrongLength(length: number): void {
    this.#bodyFailed(new Failure(new WrongBodyLength(length, this.#bytes - length)));
  }

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    if (this.#state !== "body") {
      producer.stopProducing();
      return;
    }
    if (streaming) {
      this.#producer = producer;
      if (this.#full) producer.pauseProducing();
      return;
    }
    this.#pull = new PullLoop(this.#reactor, producer, (error) =>
      this.#bodyFailed(Failure.of(error)),
    );
    this.#producer = this.#pull;
    if (!this.#full) this.#pull.resumeProducing();
  }

  unregisterProducer(): void {
    this.#pull?.stop();
    this.#pull = undefined;
    this.#producer = undefined;
  }

  // -- For the channel

  /** The transport's buffer is full. */
  pauseProducing(): void {
    this.#full = true;
    this.#producer?.pauseProducing();
  }

  /** It is empty again. */
  resumeProducing(): void {
    this.#full = false;
    this.#producer?.resumeProducing();
  }
}
