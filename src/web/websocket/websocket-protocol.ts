/**
 * The contract between a WebSocket and the code that speaks over it: messages, not bytes.
 *
 * After: twisted.web.websocket. Differs: a message in fragments is one message; the peer is paused
 * and paused by; closing says why on both sides.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import type { IPushProducer } from "../../internet/interfaces-transport.ts";

/** One end of a WebSocket, as its protocol sees it. */
export interface IWebSocketTransport {
  /** What was agreed on of the subprotocols; `undefined` for none. */
  readonly subprotocol: string | undefined;
  /** Bytes that wait for the peer. */
  readonly bufferedBytes: number;
  /** Queue a message of text. After `loseConnection` and after the end it is dropped. */
  sendTextMessage(text: string): void;
  /** Queue a message of bytes; they may not be changed until they are sent. */
  sendBytesMessage(bytes: Uint8Array): void;
  /**
   * Ask for a sign of life: `pongReceived` comes with the same bytes.
   *
   * @throws {RangeError} More than 125 bytes.
   */
  ping(payload?: Uint8Array | string): void;
  /**
   * Say goodbye: what was sent goes out first, messages that still come are dropped, and
   * `connectionLost` comes when the peer has said goodbye too, or has not in time.
   *
   * @throws {RangeError} A code that may not be sent, or a reason of more than 123 bytes.
   */
  loseConnection(code?: number, reason?: string): void;
  /** End at once, without a goodbye. */
  abortConnection(): void;
  /** Deliver no more messages, and let the peer wait. Pings are not answered meanwhile. */
  pauseProducing(): void;
  /** Deliver again; never before this returns. */
  resumeProducing(): void;
  /**
   * Told when more than 64 KiB wait for the peer, and when nothing does; stopped when nothing more
   * can be sent, which `loseConnection` does at once.
   *
   * @throws {ProducerAlreadyRegisteredError} There is one already: unregister it first.
   */
  registerProducer(producer: IPushProducer): void;
  /** The producer has no more. */
  unregisterProducer(): void;
  /** For async code: fires when everything sent so far has left. */
  drained(): Deferred<void>;
  /** Who is at the other end. */
  getPeer(): IAddress;
  /** Our own end. */
  getHost(): IAddress;
}

/**
 * The code that speaks over a WebSocket. Called in this order, never re-entered. An exception from
 * any of them is logged and ends this WebSocket, with that exception as the reason; the peer is
 * told 1011.
 */
export interface IWebSocketProtocol {
  /** It is open. Called once, before anything else. */
  makeConnection(transport: IWebSocketTransport): void;
  /** A message of text. */
  textMessageReceived(text: string): void;
  /** A message of bytes; they are yours. */
  bytesMessageReceived(bytes: Buffer): void;
  /** The answer to a ping. */
  pongReceived?(payload: Buffer): void;
  /** Finish what is in hand: the server stops. Without it, goodbye is said with 1001. */
  drain?(): void;
  /**
   * The end: {@link WebSocketClosed} when both have said goodbye, otherwise what ended it before.
   * Once, and last.
   */
  connectionLost(reason: Failure): void;
}

/**
 * Speaks over a WebSocket: override `textMessageReceived`, and whatever else you need.
 *
 * @example
 * ```ts
 * import { Resource, WebSocketProtocol, WebSocketResource } from "sennit/web";
 *
 * class Echo extends WebSocketProtocol {
 *   override textMessageReceived(text: string): void {
 *     this.transport.sendTextMessage(text);
 *   }
 * }
 * const root = new Resource();
 * root.putChild("echo", new WebSocketResource(() => new Echo()));
 * ```
 */
export class WebSocketProtocol implements IWebSocketProtocol {
  #transport: IWebSocketTransport | undefined;

  /** The other end. There from `connectionMade` on. */
  get transport(): IWebSocketTransport {
    assert(this.#transport !== undefined, "a WebSocketProtocol is used before it is connected");
    return this.#transport;
  }

  makeConnection(transport: IWebSocketTransport): void {
    this.#transport = transport;
    this.connectionMade();
  }

  /** It is open. */
  connectionMade(): void {}

  /** A message of text. */
  textMessageReceived(_text: string): void {}

  /** A message of bytes. */
  bytesMessageReceived(_bytes: Buffer): void {}

  /** The answer to a ping. */
  pongReceived(_payload: Buffer): void {}

  /** The end. */
  connectionLost(_reason: Failure): void {}
}
