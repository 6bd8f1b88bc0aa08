/**
 * A client of simulated WebSockets, made of the readers and writers of frames alone: it sends
 * messages in fragments, with pings in between, and ends as it was told to.
 *
 * @module
 */
import type { Failure } from "../../src/defer/failure.ts";
import { ClientFactory } from "../../src/internet/factory.ts";
import type { IDelayedCall } from "../../src/internet/interfaces-reactor.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { formatRequestHead } from "../../src/web/http/wire/head-writer.ts";
import { ResponseReader } from "../../src/web/http/wire/response-reader.ts";
import { acceptKey, handshakeKey } from "../../src/web/websocket/accept-key.ts";
import { deflateMessage, inflateMessage } from "../../src/web/websocket/deflate.ts";
import type { DeflateAgreement } from "../../src/web/websocket/wire/deflate-parameters.ts";
import type { CloseEvent, WebSocketEvent } from "../../src/web/websocket/wire/events.ts";
import { FrameReader } from "../../src/web/websocket/wire/frame-reader.ts";
import { closePayload, writeFrame } from "../../src/web/websocket/wire/frame-writer.ts";
import {
  handshakeRequestFields,
  readHandshakeAnswer,
} from "../../src/web/websocket/wire/handshake.ts";
import type { FrameType } from "../../src/web/websocket/wire/opcodes.ts";
import { isSameContent } from "./websocket-hall.ts";
import {
  contentOf,
  type Message,
  type Talk,
  type TalkBook,
  type TalkPlan,
} from "./websocket-talk.ts";

/** Where the server listens. */
export const HALL_PORT = 80;
/** Seconds without a byte after which a client hangs up: longer than the server's pings take. */
const PATIENCE = 70;
const MESSAGE_MAX = 1_048_576;
/** With what a client says goodbye at the same time as the server. */
const OWN_CODE = 4000;

/** What a client has to say, one conversation after the other. */
export interface Calls {
  readonly book: TalkBook;
  readonly reactor: SimulatedReactor;
  readonly left: TalkPlan[];
}

/** Talk until everything is said. */
export function call(calls: Calls): void {
  const { left, reactor } = calls;
  const factory = ClientFactory.building(() => {
    const [plan] = left;
    return plan === undefined ? undefined : new Caller(calls, plan);
  });
  const again = (connector: { connect(): void }): void => {
    if (left.length === 0) return;
    reactor.callLater(0.05 + reactor.random(), () => connector.connect());
  };
  factory.clientConnectionLost = again;
  factory.clientConnectionFailed = again;
  const name = calls.book.isProxied ? "front" : "server";
  reactor.connectTCP(name, HALL_PORT, factory, { timeout: 5 });
}

class Caller extends Protocol {
  readonly #calls: Calls;
  readonly #talk: Talk;
  readonly #answer = new ResponseReader();
  readonly #key: string;
  #frames: FrameReader | undefined;
  #deflate: DeflateAgreement | undefined;
  #patience: IDelayedCall | undefined;
  readonly #timers = new Set<IDelayedCall>();
  #news: number | undefined;
  #pings = 0;
  #pongs = 0;
  /** It answers no more. */
  #isSilent = false;
  #isOver = false;

  constructor(calls: Calls, plan: TalkPlan) {
    super();
    this.#calls = calls;
    this.#talk = calls.book.begin(plan);
    this.#key = handshakeKey(calls.reactor.randomBytes(16));
  }

  override connectionMade(): void {
    const { reactor } = this.#calls;
    this.#patience = reactor.callLater(PATIENCE, () => this.transport.abortConnection());
    this.#answer.expect("GET");
    const { id, plan } = this.#talk;
    const path = `/${plan.deflate ? "packed" : "plain"}?talk=${String(id)}`;
    const question = handshakeRequestFields({ key: this.#key, deflate: plan.deflate });
    this.transport.write(formatRequestHead("GET", path, ["host", "server", ...question]));
    if (plan.eager) void this.#speak();
  }

  #wrong(what: string): void {
    this.#calls.book.sim.unreachable(what);
  }

  // -- What comes

  override dataReceived(data: Buffer): void {
    this.#patience?.reset(PATIENCE);
    if (this.#frames === undefined) this.#readAnswer(data);
    else this.#frames.receive(data);
    this.#readFrames();
    const { readPause } = this.#talk.plan;
    if (readPause === 0) return;
    this.transport.pauseProducing();
    this.#later(readPause, () => this.transport.resumeProducing());
  }

  #readAnswer(data: Buffer): void {
    this.#answer.receive(data);
    const head = this.#answer.next();
    if (head?.type !== "response") return;
    if (this.#calls.book.isProxied && (head.status === 502 || head.status === 504)) {
      this.#calls.book.sim.reached("there is nobody behind the proxy");
      this.#isOver = true;
      this.transport.abortConnection();
      return;
    }
    const { deflate } = this.#talk.plan;
    const { list } = head.fields;
    const field = (name: string): string | undefined => {
      const at = list.findIndex((one, index) => index % 2 === 0 && one === name);
      return at === -1 ? undefined : list[at + 1];
    };
    const accept = acceptKey(this.#key);
    const asked = { key: this.#key, deflate };
    this.#deflate = readHandshakeAnswer({ status: head.status, field }, asked, accept).deflate;
    if (deflate !== (this.#deflate !== undefined)) this.#wrong("compression is not agreed on");
    this.#frames = new FrameReader({
      role: "client",
      maxMessageBytes: MESSAGE_MAX,
      mayCompress: deflate,
    });
    this.#frames.receive(this.#answer.takeRest());
    if (!this.#talk.plan.eager) void this.#speak();
  }

  #readFrames(): void {
    for (let event = this.#frames?.next(); event !== undefined; event = this.#frames?.next()) {
      this.#take(event);
    }
  }

  #take(event: WebSocketEvent): void {
    if (event.type === "compressed") this.#take(inflateMessage(event, MESSAGE_MAX));
    else if (event.type === "close") this.#closed(event);
    else if (event.type === "pong") this.#pong(event.data);
    else if (event.type === "ping") {
      if (!this.#isSilent && this.#talk.said === undefined) this.#send("pong", event.data);
    } else if (typeof event.data === "string" && event.data.startsWith("news ")) {
      this.#hearNews(Number(event.data.slice(5)));
    } else this.#echoed(event.data);
  }

  #pong(data: Buffer): void {
    // Of pings that wait for one another, the last alone need be answered.
    const number = Number(data.toString());
    if (number < this.#pongs || number >= this.#pings) this.#wrong("a pong that nobody asked for");
    this.#pongs = number + 1;
  }

  #hearNews(number: number): void {
    if (this.#news !== undefined && number !== this.#news + 1) this.#wrong("news is missing");
    this.#news = number;
  }

  #echoed(content: string | Buffer): void {
    const { id, plan, echoed } = this.#talk;
    const message = plan.messages[echoed];
    this.#talk.echoed += 1;
    const isRight = message !== undefined && isSameContent(contentOf(id, echoed, message), content);
    if (!isRight) this.#wrong("a message comes back otherwise than it went");
    if (this.#talk.echoed === plan.messages.length) this.#allEchoed();
  }

  // -- What goes

  async #speak(): Promise<void> {
    const { plan } = this.#talk;
    for (const [at, message] of plan.messages.entries()) {
      if (this.#isOver) return;
      this.#say(at, message);
      if (plan.pause > 0) await this.#pause(plan.pause);
    }
    if (this.#isOver) return;
    if (plan.ender === "hasty") this.#sayGoodbye(plan.code);
    else if (plan.ender === "both") this.#sayGoodbye(OWN_CODE);
  }

  #say(at: number, message: Message): void {
    const { type, fragment, pings } = message;
    const content = contentOf(this.#talk.id, at, message);
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const packed = this.#deflate === undefined ? undefined : deflateMessage(bytes, this.#deflate);
    const whole = packed ?? bytes;
    const step = fragment === 0 ? Math.max(1, whole.length) : fragment;
    for (let from = 0; from === 0 || from < whole.length; from += step) {
      if (pings) this.#ping();
      const isLast = from + step >= whole.length;
      const kind = from === 0 ? type : "continuation";
      const compressed = from === 0 && packed !== undefined;
      this.#send(kind, whole.subarray(from, from + step), { fin: isLast, compressed });
    }
  }

  #ping(): void {
    this.#send("ping", Buffer.from(String(this.#pings)));
    this.#pings += 1;
  }

  #send(
    type: FrameType,
    payload: Uint8Array,
    options: { readonly fin?: boolean; readonly compressed?: boolean } = {},
  ): void {
    const mask = this.#calls.reactor.randomBytes(4);
    this.transport.writeSequence(writeFrame(type, payload, { ...options, mask }));
  }

  #sayGoodbye(code: number): void {
    if (this.#talk.said !== undefined) return;
    this.#talk.said = code;
    this.#send("close", closePayload(code));
  }

  // -- The end

  /** Everything has come back: end it, if it is for us to do. */
  #allEchoed(): void {
    const { ender, code, fault } = this.#talk.plan;
    if (ender === "client") this.#sayGoodbye(code);
    else if (ender === "abort") this.transport.abortConnection();
    else if (ender === "silence" || ender === "rude") this.#isSilent = true;
    else if (ender === "fault") this.transport.write(Buffer.from(fault.bytes));
  }

  /** Goodbye from there: the first, or the answer to ours. */
  #closed({ code, reason }: CloseEvent): void {
    const { said, plan, dismissed, echoed } = this.#talk;
    const { sim } = this.#calls.book;
    if (dismissed !== undefined && code === dismissed) {
      if (reason !== "enough") this.#wrong("the reason of a goodbye is lost");
      if (echoed !== plan.messages.length) this.#wrong("goodbye overtakes a message");
      this.#done();
      if (plan.ender === "rude") return;
    } else if (code === 1001) sim.reached("a WebSocket is closed because its server stops");
    else if (plan.ender === "fault" && code === plan.fault.code) this.#done();
    else if (said === code) {
      if (echoed !== plan.messages.length) this.#wrong("goodbye overtakes a message");
      this.#done();
    } else this.#wrong(`a WebSocket is closed with ${String(code)}`);
    this.#sayGoodbye(code);
    this.#isOver = true;
  }

  /** This conversation was had. */
  #done(): void {
    const { left } = this.#calls;
    if (left[0] === this.#talk.plan) left.shift();
  }

  override connectionLost(_reason: Failure): void {
    this.#isOver = true;
    if (this.#patience?.active === true) this.#patience.cancel();
    for (const timer of this.#timers) if (timer.active) timer.cancel();
    const { plan, echoed } = this.#talk;
    const isSudden = ["abort", "silence", "rude"].includes(plan.ender);
    if (isSudden && echoed === plan.messages.length) this.#done();
  }

  #pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#later(seconds, resolve);
    });
  }

  /** Unless the connection ends first. */
  #later(seconds: number, f: () => void): void {
    const timer = this.#calls.reactor.callLater(seconds, () => {
      this.#timers.delete(timer);
      f();
    });
    this.#timers.add(timer);
  }
}
