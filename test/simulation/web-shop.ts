/**
 * A simulated web server that answers in every way there is: at once, later, bit by bit in three
 * manners, with an error, not to the end.
 *
 * @module
 */
import { Deferred } from "../../src/defer/deferred.ts";
import type { Protocol } from "../../src/internet/protocol.ts";
import type { SimulatedReactor } from "../../src/reactors/simulated/simulated-reactor.ts";
import { Headers } from "../../src/web/http/headers.ts";
import {
  Answer,
  type Eventually,
  NOT_DONE_YET,
  type RenderResult,
} from "../../src/web/server/answer.ts";
import type { HTTPDeadlines } from "../../src/web/server/deadlines.ts";
import { errorPage } from "../../src/web/server/error-page.ts";
import type { Request } from "../../src/web/server/request.ts";
import { Site } from "../../src/web/server/site.ts";
import { bytesOf, type Sent, type WebLedger } from "./web-ledger.ts";

/** Bytes of an upload that `/limited` takes. */
export const UPLOAD_LIMIT = 1000;

/** A resource fails, as it is meant to. */
export class PlannedError extends Error {
  override readonly name = "PlannedError";
}

/** How a shop is. */
export interface ShopOptions extends HTTPDeadlines {
  /** Where it is, behind a proxy. */
  readonly place?: string;
}

/** The site, for one run of its program. */
export class ShopSite extends Site {
  readonly #ledger: WebLedger;

  constructor(ledger: WebLedger, reactor: SimulatedReactor, options: ShopOptions = {}) {
    const shop = new Shop(ledger, reactor, options.place ?? "");
    super((request) => shop.serve(request), {
      ...options,
      reactor,
      accessLog: (request) => {
        const sent = ledger.of(numberOf(request));
        if (sent !== undefined) sent.logged += 1;
      },
    });
    this.#ledger = ledger;
  }

  override buildProtocol(): Protocol {
    const { sim, isStopping } = this.#ledger;
    if (isStopping) sim.unreachable("a server that stops takes a connection");
    return super.buildProtocol();
  }
}

function numberOf(request: Request): string | undefined {
  return request.getHeader("x-id") ?? request.arg("id");
}

/** What an answer is made of. */
interface Order {
  readonly body: Buffer;
  readonly piece: number;
  readonly pause: number;
}

class Shop {
  readonly #ledger: WebLedger;
  readonly #reactor: SimulatedReactor;
  readonly #place: string;

  constructor(ledger: WebLedger, reactor: SimulatedReactor, place: string) {
    this.#ledger = ledger;
    this.#reactor = reactor;
    this.#place = place;
  }

  serve(request: Request): Eventually<RenderResult> {
    const sent = this.#ledger.of(numberOf(request));
    if (sent === undefined) return errorPage(400, "This request has no number.");
    sent.begun += 1;
    if (sent.errand.place !== this.#place) this.#ledger.sim.unreachable("a request goes astray");
    sent.program = this.#reactor;
    sent.isFinal = this.#ledger.isStopping;
    const over = (isLost: boolean): void => {
      sent.over += 1;
      sent.lost = isLost;
    };
    void request.notifyFinish().addCallbacks(
      () => over(false),
      () => over(true),
    );
    request.setHeader("x-id", String(sent.id));
    const { expects = false, bytes = 0, chunk = 0 } = sent.errand.upload ?? {};
    // Of what has no body, somebody in between need not say so.
    if (expects && bytes + chunk > 0 && !request.requestHeaders.hasHeader("expect")) {
      this.#ledger.sim.unreachable("a server is not asked whether it wants a body");
    }
    return this.#answer(request, sent);
  }

  #answer(request: Request, sent: Sent): Eventually<RenderResult> {
    const order = {
      body: bytesOf(sent.id, Number(request.arg("bytes"))),
      piece: Number(request.arg("piece")),
      pause: Number(request.arg("pause")),
    };
    switch (request.path) {
      case "/whole":
        return order.body;
      case "/later":
        return this.#later(order);
      case "/said":
        return this.#said(request, order);
      case "/pieces":
        return new Answer(this.#pieces(order));
      case "/pushed":
        return this.#pushed(request, order);
      case "/pulled":
        return this.#pulled(request, order);
      case "/early":
        request.interim(103, new Headers({ link: "</style.css>" }));
        return this.#later(order);
      case "/web":
        return new Response(this.#stream(order));
      case "/trailed":
        return this.#trailed(request, order);
      case "/cut":
        return new Answer(this.#pieces(order, true));
      case "/broken":
        throw new PlannedError("this page is broken");
      case "/missing":
        return errorPage(404, "There is no such page.");
      default:
        return this.#receive(request, sent, order.body);
    }
  }

  #pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#reactor.callLater(seconds, resolve);
    });
  }

  // -- Answers

  #later({ body, pause }: Order): Deferred<Buffer> {
    const answer = new Deferred<Buffer>();
    this.#reactor.callLater(pause, () => answer.callback(body));
    return answer;
  }

  /** By hand, and with its length. Nobody can go before the last byte and have it all. */
  #said(request: Request, { body, pause }: Order): RenderResult {
    const half = body.length >> 1;
    if (half === body.length) return body;
    request.setHeader("content-length", body.length);
    request.write(body.subarray(0, half));
    this.#reactor.callLater(pause, () => {
      request.write(body.subarray(half));
      request.finish();
    });
    return NOT_DONE_YET;
  }

  async *#pieces(order: Order, isCut = false): AsyncGenerator<Buffer, void, undefined> {
    const { body, piece, pause } = order;
    const close = this.#ledger.openSource(this.#reactor);
    try {
      for (let at = 0; at < body.length; at += piece) {
        yield body.subarray(at, at + piece);
        if (pause > 0) await this.#pause(pause);
      }
      if (isCut) throw new PlannedError("this page has no end");
    } finally {
      close();
    }
  }

  /** As the platform has it. */
  #stream({ body, piece, pause }: Order): ReadableStream<Uint8Array> {
    const close = this.#ledger.openSource(this.#reactor);
    let at = 0;
    let isClosed = false;
    // Also one that is closed can be cancelled, while something of it waits.
    const cancel = (): void => {
      if (!isClosed) close();
    };
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (pause > 0) await this.#pause(pause);
      if (at < body.length) controller.enqueue(body.subarray(at, at + piece));
      at += piece;
      if (at < body.length) return;
      controller.close();
      close();
      isClosed = true;
    };
    return new ReadableStream({ pull, cancel });
  }

  /** With a field behind the body. */
  async #trailed(request: Request, { body, pause }: Order): Promise<RenderResult> {
    const half = body.length >> 1;
    request.write(body.subarray(0, half));
    await this.#pause(pause);
    request.write(body.subarray(half));
    request.finish(new Headers({ "x-sum": request.responseHeaders.get("x-id") ?? "" }));
    return NOT_DONE_YET;
  }

  /** A producer that makes bytes by itself. */
  #pushed(request: Request, { body, piece, pause }: Order): typeof NOT_DONE_YET {
    let at = 0;
    let state: "running" | "paused" | "stopped" = "running";
    const go = (): void => {
      if (state !== "running") return;
      request.write(body.subarray(at, at + piece));
      at += piece;
      if (at < body.length) this.#reactor.callLater(pause, go);
      else {
        state = "stopped";
        request.unregisterProducer();
        request.finish();
      }
    };
    const producer = {
      pauseProducing: () => {
        this.#ledger.sim.reached("a producer is paused");
        state = "paused";
      },
      resumeProducing: () => {
        if (state !== "paused") return;
        state = "running";
        this.#reactor.callLater(0, go);
      },
      stopProducing: () => {
        state = "stopped";
      },
    };
    request.registerProducer(producer, true);
    this.#reactor.callLater(pause, go);
    return NOT_DONE_YET;
  }

  /** A producer that is asked. */
  #pulled(request: Request, { body, piece }: Order): typeof NOT_DONE_YET {
    let at = 0;
    const producer = {
      resumeProducing: () => {
        request.write(body.subarray(at, at + piece));
        at += piece;
        if (at < body.length) return;
        request.unregisterProducer();
        request.finish();
      },
      stopProducing: () => {},
    };
    request.registerProducer(producer, false);
    return NOT_DONE_YET;
  }

  // -- Uploads

  async #receive(request: Request, sent: Sent, answer: Buffer): Promise<RenderResult> {
    const { path, content } = request;
    if (path === "/ignored") {
      sent.counted += 1;
      return answer;
    }
    if (path === "/hasty") return this.#hasty(request, sent, answer);
    if (path === "/mirror") return this.#mirror(request, sent);
    if (path === "/slowly") await this.#pause(0.5);
    const limit = path === "/limited" ? UPLOAD_LIMIT : 1_048_576;
    const body = path === "/bits" ? await this.#readBits(request) : await content.read({ limit });
    const { upload } = sent.errand;
    if (upload === undefined || !body.equals(bytesOf(sent.id, upload.bytes))) {
      this.#ledger.sim.unreachable("an upload has other bytes than were sent");
    }
    const hasSum = content.trailers.get("x-sum") === String(sent.id);
    if ((upload?.chunk ?? 0) > 0 && !hasSum) {
      this.#ledger.sim.unreachable("an upload has lost what is behind it");
    }
    sent.counted += 1;
    return answer;
  }

  /** Reads the body when its answer has begun, and does not wait for it. */
  async #hasty(request: Request, sent: Sent, answer: Buffer): Promise<RenderResult> {
    sent.counted += 1;
    request.write(answer.subarray(0, answer.length >> 1));
    await this.#pause(0.01);
    void request.content.read().addErrback(() => {});
    await this.#pause(0.01);
    request.write(answer.subarray(answer.length >> 1));
    request.finish();
    return NOT_DONE_YET;
  }

  /** The upload is the answer, as it comes. */
  async #mirror(request: Request, sent: Sent): Promise<RenderResult> {
    sent.counted += 1;
    await request.content.pipeTo(request);
    request.finish();
    return NOT_DONE_YET;
  }

  async #readBits(request: Request): Promise<Buffer> {
    const bits: Buffer[] = [];
    for await (const bit of request.content) {
      bits.push(bit);
      if (bits.length % 8 === 1) await this.#pause(0.02);
    }
    return Buffer.concat(bits);
  }
}
