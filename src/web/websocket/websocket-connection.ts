/**
 * A WebSocket on a connection: frames below, messages above.
 *
 *     transport ─▶ FrameReader ─▶ (inflate) ─▶ protocol
 *     transport ◀─ writeFrame  ◀─ (deflate) ◀─ protocol
 *
 *     open ─▶ closing (our goodbye is out) ─▶ closed          a goodbye of theirs is answered
 *
 * Spec: RFC 6455, RFC 7692. A peer that says nothing is pinged, and dropped when it does not
 * answer; one that does not say goodbye is not waited for; one that does not read is dropped.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import {
  ConnectionDone,
  ConnectionLost,
  ConnectionTimedOut,
  ProducerAlreadyRegisteredError,
} from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IDrainable, IPushProducer } from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import { Logger } from "../../logger/logger.ts";
import { DeadlineWatch } from "../server/deadline-watch.ts";
import { deflateMessage, inflateMessage } from "./deflate.ts";
import { WebSocketClosed } from "./websocket-closed.ts";
import type { CompleteWebSocketLimits } from "./websocket-limits.ts";
import type { IWebSocketProtocol, IWebSocketTransport } from "./websocket-protocol.ts";
import { CLOSE_CODE } from "./wire/close-codes.ts";
import type { DeflateAgreement } from "./wire/deflate-parameters.ts";
import { WebSocketProtocolError } from "./wire/errors.ts";
import type { CloseEvent, WebSocketEvent } from "./wire/events.ts";
import { FrameReader } from "./wire/frame-reader.ts";
import { closePayload, writeFrame } from "./wire/frame-writer.ts";
import type { FrameType } from "./wire/opcodes.ts";

const log = new Logger({ namespace: "sennit.web" });

/** Ours: as many pongs may wait for a peer; of what it asks beyond, the last is answered. */
const PONGS_MAX = 64;

/** What a {@link WebSocketConnection} is made of. */
export interface WebSocketParts {
  readonly reactor: IReactorTime;
  readonly protocol: IWebSocketProtocol;
  readonly limits: CompleteWebSocketLimits;
  readonly subprotocol: string | undefined;
  /** What was agreed on of compression, if anything. */
  readonly deflate: DeflateAgreement | undefined;
  /**
   * A client's masks: four bytes that nobody can foretell, new ones each time. A server has none.
   */
  readonly mask?: () => Uint8Array;
}

/** What is waited for. */
type Phase = "silence" | "pong" | "close" | "write";

/** See the top of this file. */
export class WebSocketConnection extends Protocol implements IWebSocketTransport, IDrainable {
  readonly #parts: WebSocketParts;
  readonly #reader: FrameReader;
  readonly #watch: DeadlineWatch<Phase>;
  #state: "open" | "closing" | "closed" = "open";
  #paused = false;
  #readAsked = false;
  #full = false;
  /** While it is full: bytes that the peer has to take some of. */
  #unsent = 0;
  #producer: IPushProducer | undefined;
  /** How many pongs were sent since nothing waited for the peer. */
  #pongs = 0;
  /** The last ping that came while too much waited: older ones need no answer (§5.5.3). */
  #owedPong: Buffer | undefined;
  /** Our goodbye. */
  #goodbye: WebSocketClosed | undefined;
  /** How it ends, once that is known. */
  #reason: Failure | undefined;

  constructor(parts: WebSocketParts) {
    super();
    this.#parts = parts;
    const { maxMessageBytes, maxFragments } = parts.limits;
    this.#reader = new FrameReader({
      role: parts.mask === undefined ? "server" : "client",
      maxMessageBytes,
      maxFragments,
      mayCompress: parts.deflate !== undefined,
    });
    this.#watch = new DeadlineWatch(parts.reactor, (phase) => this.#expired(phase));
  }

  get subprotocol(): string | undefined {
    return this.#parts.subprotocol;
  }

  // -- From the transport

  override connectionMade(): void {
    const pace = {
      pauseProducing: () => this.#filled(),
      resumeProducing: () => this.#emptied(),
      stopProducing: () => {},
    };
    this.transport.registerProducer(pace, true);
    this.#awaitMessage();
    this.#guard("makeConnection", () => this.#parts.protocol.makeConnection(this));
  }

  override dataReceived(data: Buffer): void {
    this.#reader.receive(data);
    this.#awaitMessage();
    this.#read();
  }

  override connectionLost(reason: Failure): void {
    this.#leave("closed");
    this.#watch.stop();
    this.#parts.protocol.connectionLost(this.#reason ?? withoutGoodbye(reason));
  }

  /** The server stops. */
  drain(): void {
    const { protocol } = this.#parts;
    if (protocol.drain === undefined) this.loseConnection(CLOSE_CODE.goingAway);
    else if (this.#state === "open") this.#guard("drain", () => protocol.drain?.());
  }

  // -- Reading

  #read(): void {
    try {
      while (!this.#paused && this.#state !== "closed" && this.#reader.state === "reading") {
        const event = this.#reader.next();
        if (event === undefined) return;
        this.#take(event);
      }
    } catch (error) {
      if (!(error instanceof WebSocketProtocolError)) throw error;
      this.#end(new Failure(error), closePayload(error.closeCode));
    }
  }

  #take(event: WebSocketEvent): void {
    switch (event.type) {
      case "compressed":
        this.#take(inflateMessage(event, this.#parts.limits.maxMessageBytes));
        return;
      case "ping":
        this.#pong(event.data);
        return;
      case "close":
        this.#closeReceived(event);
        return;
      default:
    }
    // After our goodbye nobody is there to hear messages.
    if (this.#state !== "open") return;
    const { protocol } = this.#parts;
    try {
      if (event.type === "text") protocol.textMessageReceived(event.data);
      else if (event.type === "binary") protocol.bytesMessageReceived(event.data);
      else protocol.pongReceived?.(event.data);
    } catch (error) {
      const message = event.type === "text" ? "textMessageReceived" : "bytesMessageReceived";
      this.#broken(event.type === "pong" ? "pongReceived" : message, error);
    }
  }

  #pong(payload: Buffer): void {
    if (this.#state !== "open") return;
    if (this.transport.bufferedBytes === 0) this.#pongs = 0;
    if (this.#pongs < PONGS_MAX) {
      this.#pongs += 1;
      this.#send("pong", payload);
      return;
    }
    const isAwaited = this.#owedPong !== undefined;
    this.#owedPong = Buffer.from(payload); // A copy: it is small, and what it came in may not be.
    if (!isAwaited) void this.transport.drained().addBoth(() => this.#payPong());
  }

  /** Nothing waits any more, or it is over. */
  #payPong(): void {
    const owed = this.#owedPong;
    this.#owedPong = undefined;
    if (owed !== undefined && this.#state === "open") this.#send("pong", owed);
  }

  // -- The end

  loseConnection(code: number = CLOSE_CODE.normal, reason = ""): void {
    const payload = closePayload(code, reason);
    if (this.#state !== "open") return;
    this.#goodbye = new WebSocketClosed(code, reason);
    this.#leave("closing", payload);
    this.#awaitGoodbye();
    this.resumeProducing(); // Their goodbye is wanted all the same.
  }

  abortConnection(): void {
    this.#leave("closed");
    this.transport.abortConnection();
  }

  #closeReceived({ code, reason }: CloseEvent): void {
    const first = this.#goodbye ?? new WebSocketClosed(code, reason);
    const isTold = code !== CLOSE_CODE.noStatus;
    this.#end(new Failure(first), isTold ? closePayload(code) : closePayload());
  }

  /** A callback threw: log it, and drop this connection alone. */
  #broken(where: string, error: unknown): void {
    const failure = Failure.of(error);
    log.failure("{prefix}: error in {where}; the connection is dropped", failure, {
      prefix: `${this.#parts.protocol.constructor.name},${this.getPeer().toString()}`,
      where,
    });
    this.#end(failure, closePayload(CLOSE_CODE.internalError));
  }

  #guard(where: string, f: () => void): void {
    try {
      f();
    } catch (error) {
      this.#broken(where, error);
    }
  }

  /** Nothing more is read. The transport flushes, within its own deadline. */
  #end(reason: Failure, goodbye: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#reason = reason;
    this.#leave("closed", goodbye);
    this.#watch.clear();
    this.transport.unregisterProducer();
    this.transport.loseConnection();
  }

  /** No more messages, in either direction. Who was open says goodbye, if there is one to say. */
  #leave(state: "closing" | "closed", goodbye?: Uint8Array): void {
    const wasOpen = this.#state === "open";
    this.#state = state;
    if (wasOpen && goodbye !== undefined) this.#send("close", goodbye);
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer !== undefined) this.#guard("stopProducing", () => producer.stopProducing());
  }

  // -- Deadlines

  /** The peer has been heard, or can be from now on. */
  #awaitMessage(): void {
    // Who is not heard cannot be blamed for silence.
    if (this.#state !== "open" || this.#full || this.#paused) return;
    this.#watch.set("silence", this.#parts.limits.pingInterval);
  }

  #awaitGoodbye(): void {
    if (this.#state !== "closing" || this.#full) return;
    this.#watch.set("close", this.#parts.limits.closeTimeout);
  }

  #awaitRoom(): void {
    this.#unsent = this.transport.bufferedBytes;
    this.#watch.set("write", this.#parts.limits.writeTimeout);
  }

  #expired(phase: Phase): void {
    if (phase === "silence") {
      this.#watch.set("pong", this.#parts.limits.pongTimeout);
      this.#send("ping", "");
    } else if (phase === "write" && this.transport.bufferedBytes < this.#unsent) {
      this.#awaitRoom(); // It is slow, but it reads.
    } else {
      const seconds = this.#parts.limits[`${phase}Timeout`];
      this.#reason = new Failure(new ConnectionTimedOut(phase, seconds));
      this.abortConnection();
    }
  }

  // -- Sending

  sendTextMessage(text: string): void {
    this.#sendMessage("text", text);
  }

  sendBytesMessage(bytes: Uint8Array): void {
    this.#sendMessage("binary", bytes);
  }

  #sendMessage(type: "text" | "binary", message: Uint8Array | string): void {
    if (this.#state !== "open") return;
    const { deflate } = this.#parts;
    if (deflate === undefined) {
      this.#send(type, message);
      return;
    }
    const bytes = typeof message === "string" ? Buffer.from(message) : message;
    const deflated = deflateMessage(bytes, deflate);
    this.#send(type, deflated ?? bytes, deflated !== undefined);
  }

  ping(payload: Uint8Array | string = ""): void {
    if (this.#state === "open") this.#send("ping", payload);
  }

  #send(type: FrameType, payload: Uint8Array | string, compressed = false): void {
    const wasFull = this.#full;
    const mask = this.#parts.mask?.();
    for (const piece of writeFrame(type, payload, { compressed, mask })) {
      if (this.#full) this.#unsent += piece.length;
      this.transport.write(piece);
    }
    // Not before the frame is whole: a producer may have something to say about it.
    const producer = this.#producer;
    if (wasFull || !this.#full || producer === undefined) return;
    this.#guard("pauseProducing", () => producer.pauseProducing());
  }

  get bufferedBytes(): number {
    return this.transport.bufferedBytes;
  }

  drained(): Deferred<void> {
    return this.transport.drained();
  }

  registerProducer(producer: IPushProducer): void {
    if (this.#producer !== undefined) {
      throw new ProducerAlreadyRegisteredError(
        "Cannot register a producer: one is registered already; unregister it first",
      );
    }
    if (this.#state !== "open") {
      producer.stopProducing();
      return;
    }
    this.#producer = producer;
    if (this.#full) producer.pauseProducing();
  }

  unregisterProducer(): void {
    this.#producer = undefined;
  }

  /** The transport holds much: what waits for the peer must become less. */
  #filled(): void {
    this.#full = true;
    if (this.#state !== "closed") this.#awaitRoom();
  }

  /** Nothing waits for the peer. */
  #emptied(): void {
    this.#full = false;
    this.#watch.clear();
    this.#awaitMessage();
    this.#awaitGoodbye();
    const producer = this.#producer;
    if (producer !== undefined) this.#guard("resumeProducing", () => producer.resumeProducing());
  }

  // -- Pace

  pauseProducing(): void {
    if (this.#state !== "open") return;
    this.#paused = true;
    this.transport.pauseProducing();
    if (!this.#full) this.#watch.clear();
  }

  resumeProducing(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#awaitMessage();
    this.transport.resumeProducing();
    if (this.#readAsked || this.#reader.bufferedBytes === 0) return;
    this.#readAsked = true;
    this.#parts.reactor.callLater(0, () => {
      this.#readAsked = false;
      this.#read();
    });
  }

  getPeer(): IAddress {
    return this.transport.getPeer();
  }

  getHost(): IAddress {
    return this.transport.getHost();
  }
}

/** An end that would be in good order for bytes is none for messages: it may cut one off. */
function withoutGoodbye(reason: Failure): Failure {
  if (!reason.is(ConnectionDone)) return reason;
  return new Failure(
    new ConnectionLost("WebSocket was lost: the connection ended without a goodbye", {
      cause: reason.value,
    }),
  );
}
