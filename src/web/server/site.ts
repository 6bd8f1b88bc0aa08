/**
 * A web site: a factory of HTTP connections, and a tree of resources that answers them.
 *
 *     connection ─▶ HTTP1Channel ─▶ Request ─▶ Site ─▶ getChild … getChild ─▶ render ─▶ the answer
 *
 * After: twisted.web.server.Site. Differs: resources may be async; every limit and deadline has a
 * default; what goes wrong in a resource is logged with the request, and answered with 500.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { Factory } from "../../internet/factory.ts";
import type { IProtocol } from "../../internet/interfaces-transport.ts";
import type { Protocol } from "../../internet/protocol.ts";
import {
  type IReactorTime,
  type IReactorWallClock,
  providesWallClock,
} from "../../internet/interfaces-reactor.ts";
import { Logger } from "../../logger/logger.ts";
import { formatHTTPDate } from "../http/http-date.ts";
import { type CompleteLimits, completeLimits, type HTTPLimits } from "../http/wire/limits.ts";
import { isLater } from "./and-then.ts";
import type { Eventually, RenderResult } from "./answer.ts";
import { HTTP_DEADLINES, type HTTPDeadlines } from "./deadlines.ts";
import { errorPage } from "./error-page.ts";
import { HTTP2Connection } from "../http2/http2-connection.ts";
import {
  type CompleteHTTP2Limits,
  completeHTTP2Limits,
  type HTTP2Limits,
} from "../http2/limits.ts";
import { HTTP1Channel } from "./http1-channel.ts";
import type { IResource } from "./resource-interface.ts";
import { Request, type RequestParts } from "./request.ts";
import { renderTree } from "./render-tree.ts";
import { sendAnswer } from "./send-answer.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { SitePort } from "./site-port.ts";
import { UsualHeads } from "./usual-heads.ts";

const log = new Logger({ namespace: "sennit.web" });

/** Answers every request of a site: the short way, where one resource is enough. */
export type SiteHandler = (request: Request) => Eventually<RenderResult>;

/** What a site speaks, the best first: `acceptableProtocols` of its certificate's options. */
export const HTTP_PROTOCOLS: readonly string[] = ["h2", "http/1.1"];

/** Options of {@link Site}. */
export interface SiteOptions extends HTTPDeadlines, HTTPLimits {
  /** Measures the deadlines. If it knows the time of day, answers tell it in `Date`. */
  readonly reactor: IReactorTime;
  /** Makes the requests: a subclass of {@link Request}, say. What it throws is answered. */
  readonly requestFactory?: (parts: RequestParts) => Request;
  /**
   * HTTP/2, with its limits; `false`: HTTP/1 alone. A client that knows that we speak it may begin
   * with it; for browsers, offer {@link HTTP_PROTOCOLS} in TLS. Default: its default limits.
   */
  readonly http2?: HTTP2Limits | false;
  /** Remembers visitors, for `request.getSession()`. Default: nobody does. */
  readonly sessions?: Sessions;
  /** Show visitors what went wrong, with the stack. Default: `false`. */
  readonly displayTracebacks?: boolean;
  /** The value of `Server`; `""` for none. Default: `sennit`. */
  readonly server?: string;
  /** Told of each request when it is over. `request.disconnected`: its client has gone first. */
  readonly accessLog?: (request: Request) => void;
}

/**
 * See the top of this file.
 *
 * @example
 * ```ts
 * import { Site } from "sennit/web";
 * import { Clock } from "sennit/testing";
 *
 * // In a program: import { reactor } from "sennit/reactor", and
 * // serverFromString(reactor, "tcp:8080").listen(site).
 * const site = new Site((request) => `You asked for ${request.path}`, { reactor: new Clock() });
 * console.log(site.logPrefix()); // Site
 * ```
 */
export class Site extends Factory implements SitePort {
  readonly reactor: IReactorTime;
  /** Where every path begins. */
  readonly root: IResource | SiteHandler;
  readonly limits: CompleteLimits;
  readonly deadlines: Required<HTTPDeadlines>;
  readonly displayTracebacks: boolean;
  readonly usualHeads = new UsualHeads();
  readonly #server: string;
  readonly #http2: CompleteHTTP2Limits | undefined;
  readonly #clock: IReactorWallClock | undefined;
  readonly #requestFactory: ((parts: RequestParts) => Request) | undefined;
  readonly #accessLog: ((request: Request) => void) | undefined;
  readonly #sessions: Sessions | undefined;
  /** Requests of a factory that has failed, and why: their answer is that error's. */
  readonly #unmade = new WeakMap<Request, Failure>();
  #second = -1;
  #standing: string;

  constructor(root: IResource | SiteHandler, options: SiteOptions) {
    super();
    const { reactor, requestFactory, displayTracebacks, server, accessLog, http2 } = options;
    this.reactor = reactor;
    this.root = root;
    this.limits = completeLimits(options);
    this.deadlines = deadlinesOf(options);
    this.displayTracebacks = displayTracebacks ?? false;
    this.#server = server === "" ? "" : `Server: ${server ?? "sennit"}\r\n`;
    this.#standing = this.#server;
    this.#http2 = http2 === false ? undefined : completeHTTP2Limits(http2 ?? {});
    this.#clock = providesWallClock(reactor) ? reactor : undefined;
    this.#requestFactory = requestFactory;
    this.#accessLog = accessLog;
    this.#sessions = options.sessions;
  }

  override buildProtocol(): Protocol {
    return new HTTP1Channel(this);
  }

  // -- For channels: see SitePort

  /** Make a request of its parts. */
  makeRequest(received: RequestParts): Request {
    const sessions = this.#sessions;
    const parts = sessions === undefined ? received : { ...received, sessions };
    if (this.#requestFactory === undefined) return new Request(parts);
    try {
      return this.#requestFactory(parts);
    } catch (error) {
      // Who calls may be in the middle of the answer before.
      const request = new Request(parts);
      this.#unmade.set(request, Failure.of(error));
      return request;
    }
  }

  /** Answer a request. */
  process(request: Request): void {
    try {
      if (this.#requestFactory !== undefined) this.#checkMade(request);
      const { root } = this;
      const result = typeof root === "function" ? root(request) : renderTree(root, request);
      this.#settle(request, result);
    } catch (error) {
      this.#failed(request, error);
    }
  }

  buildHTTP2(): IProtocol | undefined {
    return this.#http2 === undefined ? undefined : new HTTP2Connection(this, this.#http2);
  }

  processed(request: Request): void {
    try {
      this.#accessLog?.(request);
    } catch (error) {
      log.failure("{request}: error in the access log", Failure.of(error), { request });
    }
  }

  wallClock(): number | undefined {
    return this.#clock?.wallClock();
  }

  standingFields(): string {
    if (this.#clock === undefined) return this.#standing;
    const second = Math.floor(this.#clock.wallClock());
    if (second !== this.#second) {
      this.#second = second;
      this.#standing = `${this.#server}Date: ${formatHTTPDate(second)}\r\n`;
    }
    return this.#standing;
  }

  // -- Inside

  #checkMade(request: Request): void {
    const failure = this.#unmade.get(request);
    if (failure !== undefined) throw failure.value;
  }

  #settle(request: Request, result: Eventually<RenderResult>): void {
    if (!isLater(result)) {
      const sent = sendAnswer(request, result);
      sent?.then(undefined, (error: unknown) => this.#failed(request, error));
      return;
    }
    const settled = (value: Eventually<RenderResult>): Eventually<RenderResult> => {
      try {
        this.#settle(request, value);
      } catch (error) {
        this.#failed(request, error);
      }
      return value; // It may be another request's as well: something that is made once, for all.
    };
    // A Deferred answers as soon as it fires; a promise, a turn later.
    if (result instanceof Deferred) {
      void result.addCallbacks(settled, (failure) => this.#failed(request, failure.value));
    } else result.then(settled, (error: unknown) => this.#failed(request, error));
  }

  /** A resource failed: its fault, or the client's (`error.status`). */
  #failed(request: Request, error: unknown): void {
    if (request.disconnected) return; // Nobody is there to be told; it is most likely the reason.
    const status = statusOf(error);
    if (status === 500) {
      log.failure("{request}: error in a resource", Failure.of(error), { request });
    }
    if (request.startedWriting) {
      request.loseConnection();
      return;
    }
    this.#answerError(request, status, error);
  }

  #answerError(request: Request, status: number, error: unknown): void {
    const shown = this.displayTracebacks || status < 500;
    const detail = shown ? describe(error, this.displayTracebacks) : "The server has failed.";
    for (const [name] of request.responseHeaders.copy()) request.responseHeaders.removeHeader(name);
    try {
      void sendAnswer(request, errorPage(status, detail));
    } catch (again) {
      log.failure("{request}: error in the error page", Failure.of(again), { request });
      request.loseConnection();
    }
  }
}

/** An error may say how it is answered. */
function statusOf(error: unknown): number {
  if (error instanceof URIError) return 400;
  const isObject = typeof error === "object" && error !== null;
  const status: unknown = isObject ? Reflect.get(error, "status") : undefined;
  const isStatus = typeof status === "number" && Number.isInteger(status);
  return isStatus && status >= 400 && status <= 599 ? status : 500;
}

function describe(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return withStack ? (error.stack ?? error.message) : error.message;
}

function deadlinesOf(options: HTTPDeadlines): Required<HTTPDeadlines> {
  const { idleTimeout, headTimeout, bodyTimeout, handlerTimeout, writeTimeout } = {
    ...HTTP_DEADLINES,
    ...options,
  };
  const deadlines = { idleTimeout, headTimeout, bodyTimeout, handlerTimeout, writeTimeout };
  for (const [name, seconds] of Object.entries(deadlines)) {
    if (!(seconds >= 0)) {
      throw new RangeError(
        `Cannot make a Site: expected ${name} of 0 or more, got ${String(seconds)}`,
      );
    }
  }
  return deadlines;
}
