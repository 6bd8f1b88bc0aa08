/**
 * Contracts over WebSockets: bytes in messages, on TCP. A site with `overWebSocket` on one
 * side; on the other a client in short, which opens the WebSocket and then speaks the same way.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import type { IAddress } from "../../src/internet/addresses.ts";
import type {
  IClientFactory,
  IConnector,
  IProtocolFactory,
} from "../../src/internet/interfaces-factory.ts";
import type {
  ConnectionLimits,
  IReactorRandom,
  IReactorTCP,
} from "../../src/internet/interfaces-reactor.ts";
import type { ILayer, IProtocol, ITransport } from "../../src/internet/interfaces-transport.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import type { ReactorBase } from "../../src/reactors/base/reactor-base.ts";
import { type Network, portNumber } from "../../src/testing/contracts/network.ts";
import { lines } from "../fixtures/web/http-transcripts.ts";
import type { FieldList } from "../../src/web/http/wire/fields.ts";
import { ResponseReader } from "../../src/web/http/wire/response-reader.ts";
import { Site } from "../../src/web/server/site.ts";
import { acceptKey, handshakeKey } from "../../src/web/websocket/accept-key.ts";
import { overWebSocket, WebSocketByteTransport } from "../../src/web/websocket/over-websocket.ts";
import { WebSocketConnection } from "../../src/web/websocket/websocket-connection.ts";
import { completeWebSocketLimits } from "../../src/web/websocket/websocket-limits.ts";
import { WebSocketResource } from "../../src/web/websocket/websocket-resource.ts";
import {
  handshakeRequestFields,
  type HandshakeQuestion,
  readHandshakeAnswer,
} from "../../src/web/websocket/wire/handshake.ts";

/** Seconds: nobody is to be pinged while a contract waits. */
const PATIENCE = 3600;

/** What it takes. */
type WebSocketReactor = ReactorBase & IReactorTCP & IReactorRandom;

/** What both sides are given. */
interface Means {
  readonly reactor: WebSocketReactor;
  readonly limits: ConnectionLimits;
}

/** What `listenTCP` gets: each of its protocols is HTTP, then a WebSocket, then the factory's. */
class ServerFactory implements IProtocolFactory {
  readonly #factory: IProtocolFactory;
  readonly #site: Site;

  constructor({ reactor, limits }: Means, factory: IProtocolFactory) {
    this.#factory = factory;
    const build = overWebSocket(factory, limits);
    const options = { pingInterval: PATIENCE, writeTimeout: PATIENCE };
    this.#site = new Site(new WebSocketResource(build, options), { reactor });
    this.#site.noisy = false;
  }

  doStart(): void {
    this.#factory.doStart();
  }

  doStop(): void {
    this.#factory.doStop();
  }

  buildProtocol(): IProtocol {
    return this.#site.buildProtocol();
  }
}

/** A client's end: opens the WebSocket, and hands it over. */
class Opening extends Protocol implements ILayer {
  readonly #means: Means;
  readonly #inner: IProtocol;
  readonly #opened: () => void;
  readonly #answer = new ResponseReader();
  readonly #question: HandshakeQuestion;
  #socket: WebSocketConnection | undefined;
  #bytes: WebSocketByteTransport | undefined;

  constructor(means: Means, inner: IProtocol, opened: () => void) {
    super();
    this.#means = means;
    this.#inner = inner;
    this.#opened = opened;
    this.#question = { key: handshakeKey(means.reactor.randomBytes(16)) };
  }

  get upperTransport(): ITransport | undefined {
    return this.#bytes;
  }

  override connectionMade(): void {
    const fields = ["host", "localhost", ...handshakeRequestFields(this.#question)];
    this.transport.write(lines("GET / HTTP/1.1", ...linesOf(fields), ""));
    this.#answer.expect("GET");
  }

  override dataReceived(data: Buffer): void {
    if (this.#socket !== undefined) {
      this.#socket.dataReceived(data);
      return;
    }
    this.#answer.receive(data);
    const head = this.#answer.next();
    if (head?.type !== "response") return;
    const answer = {
      status: head.status,
      field: (name: string) => valueOf(head.fields.list, name),
    };
    readHandshakeAnswer(answer, this.#question, acceptKey(this.#question.key));
    this.#open(this.#answer.takeRest());
  }

  #open(rest: Buffer): void {
    const { reactor, limits } = this.#means;
    this.#bytes = new WebSocketByteTransport(reactor, this.#inner, limits);
    this.#socket = new WebSocketConnection({
      reactor,
      protocol: this.#bytes,
      limits: completeWebSocketLimits({ pingInterval: PATIENCE, writeTimeout: PATIENCE }),
      subprotocol: undefined,
      deflate: undefined,
      mask: () => reactor.randomBytes(4),
    });
    this.#socket.makeConnection(this.transport);
    this.#opened();
    if (rest.length > 0) this.#socket.dataReceived(rest);
  }

  override connectionLost(reason: Failure): void {
    this.#socket?.connectionLost(reason);
  }
}

function linesOf(fields: FieldList): string[] {
  return fields.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${fields[at + 1] ?? ""}`] : []));
}

function valueOf(fields: FieldList, wanted: string): string | undefined {
  const at = fields.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === wanted);
  return at === -1 ? undefined : fields[at + 1];
}

/** What `connectTCP` gets. The connection is made when the WebSocket is open. */
class OpeningFactory implements IClientFactory {
  readonly #means: Means;
  readonly #factory: IClientFactory;
  #connector: IConnector | undefined;

  constructor(means: Means, factory: IClientFactory) {
    this.#means = means;
    this.#factory = factory;
  }

  doStart(): void {
    this.#factory.doStart();
  }

  doStop(): void {
    this.#factory.doStop();
  }

  buildProtocol(address: IAddress): IProtocol | undefined {
    const inner = this.#factory.buildProtocol(address);
    const opened = (): void => {
      if (this.#connector !== undefined) this.#factory.clientConnectionMade(this.#connector);
    };
    return inner && new Opening(this.#means, inner, opened);
  }

  startedConnecting(connector: IConnector): void {
    this.#connector = connector;
    this.#factory.startedConnecting(connector);
  }

  /** Told when the WebSocket is open. */
  clientConnectionMade(): void {}

  clientConnectionFailed(connector: IConnector, reason: Failure): void {
    this.#factory.clientConnectionFailed(connector, reason);
  }

  clientConnectionLost(connector: IConnector, reason: Failure): void {
    this.#factory.clientConnectionLost(connector, reason);
  }
}

/** TCP of this reactor, with WebSockets on it. */
export function webSocketNetwork(reactor: WebSocketReactor, host: string): Network {
  return {
    listen: (factory, limits, place = 0) =>
      reactor.listenTCP(Number(place), new ServerFactory({ reactor, limits }, factory), {
        interface: host,
        ...below(limits),
      }),
    connect: (place, factory, limits) =>
      reactor.connectTCP(
        host,
        Number(place),
        new OpeningFactory({ reactor, limits }, factory),
        below(limits),
      ),
    placeOf: portNumber,
  };
}

/** The bounds are the upper transport's; frames need more room below than what is in them. */
const ROOM = 10_000;

function below<L extends ConnectionLimits>(limits: L): L {
  const { maxBufferedBytes } = limits;
  if (maxBufferedBytes === undefined) return limits;
  return { ...limits, maxBufferedBytes: maxBufferedBytes * ROOM };
}
