/**
 * Protocols of bytes over a WebSocket: any `Protocol` speaks with a page as with a socket.
 *
 * What is written in one turn leaves as one message, 128 KiB at most; what a message holds comes as
 * one `dataReceived`. A WebSocket has no half-close: `loseWriteConnection` closes it, and what is
 * written after the peer's goodbye is dropped.
 *
 * @module
 */
import { StringDecoder } from "node:string_decoder";
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../../internet/addresses.ts";
import { ConnectionDone, UnsupportedError } from "../../internet/errors.ts";
import type { IProtocolFactory } from "../../internet/interfaces-factory.ts";
import type { ConnectionLimits, IReactorTime } from "../../internet/interfaces-reactor.ts";
import { type IProtocol, providesDrain } from "../../internet/interfaces-transport.ts";
import { ReactorBase } from "../../reactors/base/reactor-base.ts";
import { StreamTransport } from "../../reactors/base/stream-transport.ts";
import { errorPage } from "../server/error-page.ts";
import { WebSocketClosed } from "./websocket-closed.ts";
import type { IWebSocketProtocol, IWebSocketTransport } from "./websocket-protocol.ts";
import type { BuildWebSocket } from "./websocket-resource.ts";
import { CLOSE_CODE } from "./wire/close-codes.ts";

/** Options of {@link overWebSocket}. */
export interface OverWebSocketOptions extends ConnectionLimits {
  /**
   * How bytes are sent: as `binary` messages, or as `text`, for protocols of text in UTF-8; a page
   * gets strings then. Either is received. Default: `binary`.
   */
  readonly as?: "binary" | "text";
}

/**
 * For a {@link WebSocketResource}: each WebSocket is a connection of a protocol of this factory,
 * with the contract of a transport. The factory is not started or stopped by it.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 * import { overWebSocket, Resource, WebSocketResource } from "sennit/web";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data);
 *   }
 * }
 * const root = new Resource();
 * root.putChild("echo", new WebSocketResource(overWebSocket(Factory.forProtocol(Echo))));
 * ```
 */
export function overWebSocket(
  factory: IProtocolFactory,
  options: OverWebSocketOptions = {},
): BuildWebSocket {
  return (request) => {
    const reactor = reactorBase(request.reactor);
    const protocol = factory.buildProtocol(request.getClientAddress());
    if (protocol === undefined) return errorPage(503, "No more connections are taken.");
    return new WebSocketByteTransport(reactor, protocol, options);
  };
}

function reactorBase(reactor: IReactorTime): ReactorBase {
  if (reactor instanceof ReactorBase) return reactor;
  throw new UnsupportedError("transports over WebSockets", reactor.constructor.name);
}

/** The transport of a protocol of bytes; to the WebSocket it is the protocol. */
export class WebSocketByteTransport extends StreamTransport implements IWebSocketProtocol {
  readonly #byteProtocol: IProtocol;
  readonly #decoder: StringDecoder | undefined;
  #socket: IWebSocketTransport | undefined;
  #closeCode: number = CLOSE_CODE.normal;

  constructor(reactor: ReactorBase, protocol: IProtocol, options: OverWebSocketOptions) {
    super(reactor, options);
    this.#byteProtocol = protocol;
    this.#decoder = options.as === "text" ? new StringDecoder("utf8") : undefined;
  }

  // -- The WebSocket's protocol

  makeConnection(socket: IWebSocketTransport): void {
    this.#socket = socket;
    this.begin(this.#byteProtocol);
  }

  textMessageReceived(text: string): void {
    if (text !== "") this.bytesReceived(Buffer.from(text));
  }

  bytesMessageReceived(bytes: Buffer): void {
    if (bytes.length > 0) this.bytesReceived(bytes);
  }

  connectionLost(reason: Failure): void {
    const { value } = reason;
    const isDone = value instanceof WebSocketClosed;
    this.connectionFailed(isDone ? new ConnectionDone(value.message, { cause: value }) : value);
  }

  drain(): void {
    this.#closeCode = CLOSE_CODE.goingAway;
    if (providesDrain(this.#byteProtocol)) this.#byteProtocol.drain();
    else this.loseConnection();
  }

  // -- The transport

  getPeer(): IAddress {
    return this.#open().getPeer();
  }

  getHost(): IAddress {
    return this.#open().getHost();
  }

  protected sendBytes(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#open();
    const [first] = chunks;
    const bytes = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
    if (this.#decoder === undefined) socket.sendBytesMessage(bytes);
    else {
      // Half a character waits for its other half.
      const text = this.#decoder.write(toBuffer(bytes));
      if (text !== "") socket.sendTextMessage(text);
    }
    if (socket.bufferedBytes === 0) return true;
    // With the platform, not just with the socket below: then they are the writer's again.
    void socket.drained().addCallbacks(
      () => this.bytesSent(),
      () => {}, // connectionLost() tells why.
    );
    return false;
  }

  protected startReading(): void {
    this.#open().resumeProducing();
  }

  protected stopReading(): void {
    this.#open().pauseProducing();
  }

  protected shutdownWriting(): void {
    this.#open().loseConnection(this.#closeCode);
  }

  protected closeConnection(): void {
    this.#open().loseConnection(this.#closeCode);
  }

  protected resetConnection(): void {
    this.#open().abortConnection();
  }

  protected dropConnection(): void {
    this.#open().loseConnection(CLOSE_CODE.goingAway);
  }

  #open(): IWebSocketTransport {
    if (this.#socket !== undefined) return this.#socket;
    throw new UnsupportedError("a connection before it is made", "WebSocketByteTransport");
  }
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
