/**
 * A simulated server of WebSockets: it says everything again, and tells everybody the news.
 *
 * @module
 */
import { Deferred } from "../../src/defer/deferred.ts";
import type { Failure } from "../../src/defer/failure.ts";
import { ConnectionClosed } from "../../src/internet/errors.ts";
import type { Protocol } from "../../src/internet/protocol.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { Resource } from "../../src/web/server/resource.ts";
import { Site } from "../../src/web/server/site.ts";
import { WebSocketClosed } from "../../src/web/websocket/websocket-closed.ts";
import {
  type IWebSocketProtocol,
  WebSocketProtocol,
} from "../../src/web/websocket/websocket-protocol.ts";
import { WebSocketResource } from "../../src/web/websocket/websocket-resource.ts";
import { WebSocketProtocolError } from "../../src/web/websocket/wire/errors.ts";
import { contentOf, type Talk, type TalkBook } from "./websocket-talk.ts";

/** Seconds between two pieces of news, and how many there are. */
const NEWS_EVERY = 0.5;
const NEWS = 20;

/** The site, for one run of its program. */
export class HallSite extends Site {
  readonly #book: TalkBook;

  constructor(book: TalkBook, reactor: SimulatedReactor) {
    const hall = new Hall(book, reactor);
    const root = new Resource();
    for (const deflate of [false, true]) {
      const build = (talk: Talk): IWebSocketProtocol => new Speaker(hall, talk);
      root.putChild(
        deflate ? "packed" : "plain",
        new WebSocketResource((request) => hall.build(request.arg("talk"), build), { deflate }),
      );
    }
    super(root, { reactor });
    this.#book = book;
    hall.tellNews(0);
  }

  override buildProtocol(): Protocol {
    const { sim, isStopping } = this.#book;
    if (isStopping) sim.unreachable("a server that stops takes a connection");
    return super.buildProtocol();
  }
}

class Hall {
  readonly book: TalkBook;
  readonly reactor: SimulatedReactor;
  readonly speakers = new Set<Speaker>();

  constructor(book: TalkBook, reactor: SimulatedReactor) {
    this.book = book;
    this.reactor = reactor;
  }

  /** It takes as long as the client has asked for. */
  build(
    id: string | undefined,
    make: (talk: Talk) => IWebSocketProtocol,
  ): Deferred<IWebSocketProtocol> {
    const talk = this.book.of(id);
    const built = new Deferred<IWebSocketProtocol>();
    if (talk === undefined) {
      this.book.sim.unreachable("a handshake has lost its query");
      return built;
    }
    if (talk.plan.build === 0) built.callback(make(talk));
    else this.reactor.callLater(talk.plan.build, () => built.callback(make(talk)));
    return built;
  }

  /** All at once; what comes after the last one is silence. */
  tellNews(number: number): void {
    if (number === NEWS) return;
    for (const speaker of this.speakers)
      speaker.transport.sendTextMessage(`news ${String(number)}`);
    this.reactor.callLater(NEWS_EVERY, () => this.tellNews(number + 1));
  }
}

class Speaker extends WebSocketProtocol {
  readonly #hall: Hall;
  readonly #talk: Talk;

  constructor(hall: Hall, talk: Talk) {
    super();
    this.#hall = hall;
    this.#talk = talk;
  }

  override connectionMade(): void {
    const { paced } = this.#talk.plan;
    this.#talk.made += 1;
    this.#talk.program = this.#hall.reactor;
    this.#hall.speakers.add(this);
    if (this.#hall.book.isStopping) this.#hall.book.sim.reached("one is opened while it stops");
    if (!paced) return;
    const { transport } = this;
    const { sim } = this.#hall.book;
    transport.registerProducer({
      pauseProducing: () => {
        sim.reached("a speaker waits for its hearer");
        transport.pauseProducing();
      },
      resumeProducing: () => transport.resumeProducing(),
      stopProducing: () => {},
    });
  }

  override textMessageReceived(text: string): void {
    if (this.#isExpected(text)) this.transport.sendTextMessage(text);
    this.#endAfterLast();
  }

  override bytesMessageReceived(bytes: Buffer): void {
    if (this.#isExpected(bytes)) this.transport.sendBytesMessage(bytes);
    this.#endAfterLast();
  }

  /** Is it the next one, and whole? */
  #isExpected(content: string | Buffer): boolean {
    const { plan, id, heard } = this.#talk;
    const message = plan.messages[heard];
    this.#talk.heard += 1;
    const expected = message === undefined ? undefined : contentOf(id, heard, message);
    const isRight = expected !== undefined && isSame(expected, content);
    if (!isRight) this.#hall.book.sim.unreachable("a message comes otherwise than it was sent");
    return isRight;
  }

  #endAfterLast(): void {
    const { plan, heard } = this.#talk;
    const isOurs = ["server", "rude", "both"].includes(plan.ender);
    if (!isOurs || heard !== plan.messages.length) return;
    this.#talk.dismissed = plan.code;
    this.transport.loseConnection(plan.code, "enough");
  }

  override connectionLost(reason: Failure): void {
    const talk = this.#talk;
    talk.lost += 1;
    talk.reason = reason;
    this.#hall.speakers.delete(this);
    const { sim } = this.#hall.book;
    const { value } = reason;
    if (value instanceof WebSocketClosed) {
      const isKnown = value.closeCode === (talk.dismissed ?? talk.said);
      const isDrained = value.closeCode === 1001 && this.#hall.book.isStopping;
      if (!isKnown && !isDrained) sim.unreachable("a WebSocket is closed with another code");
    } else if (value instanceof WebSocketProtocolError) {
      if (talk.plan.ender !== "fault") sim.unreachable("a peer is blamed that did nothing wrong");
    } else if (!(value instanceof ConnectionClosed)) {
      sim.unreachable(`a WebSocket ends with ${value.name}`);
    }
  }
}

function isSame(expected: string | Buffer, got: string | Buffer): boolean {
  if (typeof expected === "string" || typeof got === "string") return expected === got;
  return expected.equals(got);
}

/** Of {@link contentOf}: is it what came? */
export { isSame as isSameContent };
