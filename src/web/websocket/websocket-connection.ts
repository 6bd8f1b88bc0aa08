/**
 * A WebSocket on a connection: frames below, messages above.
 *
 *     transport ─▶ FrameReader ─▶ (inflate) ─▶ protocol
 *     transport ◀─ writeFrame  ◀─ (deflate) ◀─ protocol
 *
 *     open ─▶ closing (our goodbye is out) ─▶ closed          a goodbye of theirs is answered
 *
 * Spec: RFC 6455, RFC 7692. A peer that says nothing is pinged, and dropped when it does not answer;
 * one that does not say goodbye is not waited for; one that does not read is dropped.
 *
 * @module
 */
import type { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IDrainable, IPushProducer } from "../../internet/interfaces-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import { DeadlineWatch } from "../server/deadline-watch.ts";
import { deflateMessage, inflateMessage } from "./deflate.ts";
import type { IWebSocketProtocol, IWebSocketTransport } from "./websocket-protocol.ts";
import { WebSocketClosed } from "./websocket-closed.ts";
import { CLOSE_CODE } from "./wire/close-codes.ts";
import type { DeflateAgreement } from "./wire/deflate-parameters.ts";
import { WebSocketProtocolError } from "./wire/errors.ts";
import type { WebSocketEvent } from "./wire/events.ts";
import { FrameReader } from "./wire/frame-reader.ts";
import { closePayload, writeFrame } from "./wire/frame-writer.ts";
import type { FrameType } from "./wire/opcodes.ts";

/** The bounds of a WebSocket. Times are in seconds; 0 is none. */
export interface WebSocketLimits {
  /** The longest message in bytes, over all its frames, and inflated. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Frames of one message. Default: 16,384. */
  readonly maxFragments?: number;
  /** The peer has said nothing for so long: it is pinged. Default: 30. */
  readonly pingInterval?: number;
  /** And for so long after that: it is dropped. Default: 20. */
  readonly pongTimeout?: number;
  /** How long the peer's goodbye is waited for. Default: 10. */
  readonly closeTimeout?: number;
  /** The peer takes nothing of what waits for it: it is dropped. Default: 60. */
  readonly writeTimeout?: number;
}

/** {@link WebSocketLimits} without gaps. */
export type CompleteWebSocketLimits = Required<WebSocketLimits>;

const LIMITS: CompleteWebSocketLimits = {
  maxMessageBytes: 1_048_576,
  maxFragments: 16_384,
  pingInterval: 30,
  pongTimeout: 20,
  closeTimeout: 10,
  writeTimeout: 60,
};

/** With the defaults for what is not given. @throws {RangeError} One is below 0. */
export function completeWebSocketLimits(limits: WebSocketLimits): CompleteWebSocketLimits {
  const complete = {
    maxMessageBytes: limits.maxMessageBytes ?? LIMITS.maxMessageBytes,
    maxFragments: limits.maxFragments ?? LIMITS.maxFragments,
    pingInterval: limits.pingInterval ?? LIMITS.pingInterval,
    pongTimeout: limits.pongTimeout ?? LIMITS.pongTimeout,
    closeTimeout: limits.closeTimeout ?? LIMITS.closeTimeout,
    writeTimeout: limits.writeTimeout ?? LIMITS.writeTimeout,
  };
  for (const [name, value] of Object.entries(complete)) {
    if (value >= 0) continue;
    throw new RangeError(`Cannot set ${name}: expected 0 or more, got ${String(value)}`);
  }
  return complete;
}

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
  #reading = false;
  #full = false;
  #producer: IPushProducer | undefined;
  /** The last ping that came while the peer did not read: older ones need no answer (§5.5.3). */
  #owedPong: Buffer | undefined;
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
    const { transport } = this;
    transport.registerProducer(
      {
        pauseProducing: () => this.#filled(),
        resumeProducing: () => this.#emptied(),
        stopProducing: () => {},
      },
      true,
    );
    this.#awaitMessage();
    this.#parts.protocol.makeConnection(this);
  }

  override dataReceived(data: Buffer): void {
    this.#reader.receive(data);
    if (this.#watch.phase === "silence" || this.#watch.phase === "pong") this.#awaitMessage();
    this.#read();
  }

  override connectionLost(reason: Failure): void {
    this.#state = "closed";
    this.#watch.stop();
    const producer = this.#producer;
    this.#producer = undefined;
    producer?.stopProducing();
    this.#parts.protocol.connectionLost(this.#reason ?? reason);
  }

  /** The server stops. */
  drain(): void {
    const { protocol } = this.#parts;
    if (protocol.drain === undefined) this.loseConnection(CLOSE_CODE.goingAway);
    else protocol.drain();
  }

  // -- Reading

  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (!this.#paused && this.#state !== "closed" && this.#reader.state === "reading") {
        const event = this.#reader.next();
        if (event === undefined) return;
        this.#take(event);
      }
    } catch (error) {
      if (!(error instanceof WebSocketProtocolError)) throw error;
      this.#fail(error);
    } finally {
      this.#reading = false;
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
        this.#closeReceived(event.code, event.reason);
        return;
      default:
    }
    // After our goodbye nobody is there to hear messages.
    if (this.#state !== "open") return;
    const { protocol } = this.#parts;
    if (event.type === "text") protocol.textMessageReceived(event.data);
    else if (event.type === "binary") protocol.bytesMessageReceived(event.data);
    else protocol.pongReceived?.(event.data);
  }

  #pong(payload: Buffer): void {
    if (this.#state !== "open") return;
    if (this.#full) this.#owedPong = payload;
    else this.#send("pong", payload);
  }

  // -- The end

  #closeReceived(code: number, reason: string): void {
    this.#reason ??= new Failure(new WebSocketClosed(code, reason));
    if (this.#state === "open") {
      const isTold = code !== CLOSE_CODE.noStatus;
      this.#send("close", isTold ? closePayload(code) : closePayload());
    }
    this.#end();
  }

  /** The peer broke the rules: say so, and do not wait for an answer. */
  #fail(error: WebSocketProtocolError): void {
    this.#reason ??= new Failure(error);
    if (this.#state === "open") this.#send("close", closePayload(error.closeCode));
    this.#end();
  }

  /** Nothing more is read. The transport flushes, within its own deadline. */
  #end(): void {
    this.#state = "closed";
    this.#watch.clear();
    this.transport.unregisterProducer();
    this.transport.loseConnection();
  }

  loseConnection(code: number = CLOSE_CODE.normal, reason = ""): void {
    const payload = closePayload(code, reason);
    if (this.#state !== "open") return;
    this.#send("close", payload);
    this.#state = "closing";
    this.#reason = new Failure(new WebSocketClosed(code, reason));
    this.#setDeadline("close", this.#parts.limits.closeTimeout);
    if (this.#paused) this.resumeProducing(); // Their goodbye is wanted all the same.
  }

  abortConnection(): void {
    this.transport.abortConnection();
  }

  // -- Deadlines

  #awaitMessage(): void {
    if (this.#state === "open") this.#setDeadline("silence", this.#parts.limits.pingInterval);
  }

  #setDeadline(phase: Phase, seconds: number): void {
    this.#watch.set(phase, seconds);
  }

  #expired(phase: Phase): void {
    if (phase === "silence") {
      this.#send("ping", "");
      this.#setDeadline("pong", this.#parts.limits.pongTimeout);
      return;
    }
    const seconds = this.#parts.limits[`${phase}Timeout`];
    this.#reason = new Failure(new ConnectionTimedOut(phase, seconds));
    this.transport.abortConnection();
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
    const mask = this.#parts.mask?.();
    const frame = writeFrame(type, payload, { compressed, mask });
    for (const piece of frame) this.transport.write(piece);
  }

  get bufferedBytes(): number {
    return this.transport.bufferedBytes;
  }

  drained(): Deferred<void> {
    return this.transport.drained();
  }

  registerProducer(producer: IPushProducer): void {
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

  #filled(): void {
    this.#full = true;
    this.#setDeadline("write", this.#parts.limits.writeTimeout);
    this.#producer?.pauseProducing();
  }

  #emptied(): void {
    this.#full = false;
    if (this.#state === "closing") this.#setDeadline("close", this.#parts.limits.closeTimeout);
    else this.#awaitMessage();
    const owed = this.#owedPong;
    this.#owedPong = undefined;
    if (owed !== undefined) this.#pong(owed);
    this.#producer?.resumeProducing();
  }

  // -- Pace

  pauseProducing(): void {
    if (this.#state !== "open") return;
    this.#paused = true;
    this.transport.pauseProducing();
    // Who is not heard cannot be blamed for silence.
    if (!this.#full) this.#watch.clear();
  }

  resumeProducing(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#full) this.#awaitMessage();
    this.transport.resumeProducing();
    this.#parts.reactor.callLater(0, () => this.#read());
  }

  getPeer(): IAddress {
    return this.transport.getPeer();
  }

  getHost(): IAddress {
    return this.transport.getHost();
  }
}
