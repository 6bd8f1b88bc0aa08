/**
 * The connections to one server: those that work, and those that wait for the next request.
 *
 *     request ─▶ an idle connection, the one used last
 *            ├─▶ a new one, while fewer than `maxConnections` are open
 *            ├─▶ the line, while fewer than `maxWaiting` are in it
 *            └─▶ UpstreamBusyError
 *
 * After: twisted.web.client.HTTPConnectionPool. Differs: for one server; open connections are
 * bounded, not only idle ones; the one used last is used first, so that those too many grow old and
 * go.
 *
 * @module
 */
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { connectProtocol } from "../../internet/endpoints/connect-protocol.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import type { IStreamClientEndpoint } from "../../internet/interfaces-factory.ts";
import type { IDelayedCall, IReactorTime } from "../../internet/interfaces-reactor.ts";
import { type CompleteLimits, completeLimits, type HTTPLimits } from "../http/wire/limits.ts";
import { completeDeadlines, type UpstreamDeadlines } from "./deadlines.ts";
import { UpstreamBusyError, UpstreamStateError } from "./errors.ts";
import type { AnswerReceiver, IExchange, OutgoingRequest } from "./exchange.ts";
import { type ChannelOwner, HTTP1ClientChannel } from "./http1-client-channel.ts";
import { type ExchangePool, PooledExchange } from "./pooled-exchange.ts";

/** Options of a pool of connections to a server behind. The limits are those of answers. */
export interface UpstreamPoolOptions extends UpstreamDeadlines, HTTPLimits {
  /** Idle connections that are kept at most; 0: each serves one request. Default: 32. */
  readonly maxIdle?: number;
  /** Connections that are open at most, upgraded ones included. Default: 512. */
  readonly maxConnections?: number;
  /** Requests that wait for a connection at most; one more fails. Default: 1,024. */
  readonly maxWaiting?: number;
}

const MAX_IDLE = 32;
const MAX_CONNECTIONS = 512;
const MAX_WAITING = 1024;
const CLOSED = "Cannot send a request: the pool is closed";

/** See the top of this file. */
export class UpstreamPool implements ChannelOwner, ExchangePool {
  readonly #reactor: IReactorTime;
  readonly #endpoint: IStreamClientEndpoint;
  readonly #limits: CompleteLimits;
  readonly #deadlines: Required<UpstreamDeadlines>;
  readonly #maxIdle: number;
  readonly #maxConnections: number;
  readonly #maxWaiting: number;
  /** The one used last is at the end. */
  readonly #idle: HTTP1ClientChannel[] = [];
  readonly #connecting = new Map<PooledExchange, Deferred<HTTP1ClientChannel>>();
  /** In the order in which they came, each with its deadline. */
  readonly #waiting = new Map<PooledExchange, IDelayedCall | undefined>();
  #connections = 0;
  /** Those who wait for the end; `undefined`: nobody has closed it. */
  #closing: Deferred<void>[] | undefined;

  /** @throws {RangeError} A bound that is no whole number, or too small. */
  constructor(
    reactor: IReactorTime,
    endpoint: IStreamClientEndpoint,
    options: UpstreamPoolOptions = {},
  ) {
    this.#reactor = reactor;
    this.#endpoint = endpoint;
    this.#limits = completeLimits(options);
    this.#deadlines = completeDeadlines(options);
    this.#maxIdle = bound("maxIdle", options.maxIdle ?? MAX_IDLE, 0);
    this.#maxConnections = bound("maxConnections", options.maxConnections ?? MAX_CONNECTIONS, 1);
    this.#maxWaiting = bound("maxWaiting", options.maxWaiting ?? MAX_WAITING, 0);
  }

  /** Connections that are open or being made. */
  get connections(): number {
    return this.#connections + this.#connecting.size;
  }

  /** Those of them without a request. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Requests in the line. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Send a request. `receiver` is told nothing before this returns. */
  request(request: OutgoingRequest, receiver: AnswerReceiver): IExchange {
    const exchange = new PooledExchange(this, request, receiver);
    if (this.#closing === undefined) this.#place(exchange);
    else this.#failLater(exchange, new UpstreamStateError(CLOSED));
    return exchange;
  }

  /** Send no more. @returns Fires when the requests under way are over, and all is closed. */
  close(): Deferred<void> {
    this.#closing ??= [];
    for (const exchange of this.#waiting.keys()) {
      this.leave(exchange);
      this.#failLater(exchange, new UpstreamStateError(CLOSED));
    }
    for (const channel of this.#idle.splice(0)) channel.close();
    if (this.connections === 0) return succeed(undefined);
    const closed = new Deferred<void>();
    this.#closing.push(closed);
    return closed;
  }

  // -- Placing requests

  #place(exchange: PooledExchange): void {
    const channel = this.#takeIdle();
    if (channel !== undefined) exchange.start(channel, true);
    else if (this.connections < this.#maxConnections) this.#connect(exchange);
    else if (this.#waiting.size < this.#maxWaiting) this.#wait(exchange);
    else this.#failLater(exchange, new UpstreamBusyError(this.#waiting.size));
  }

  /** One that is being closed is in the list until it has ended. */
  #takeIdle(): HTTP1ClientChannel | undefined {
    for (;;) {
      const channel = this.#idle.pop();
      if (channel === undefined || channel.free) return channel;
    }
  }

  #failLater(exchange: PooledExchange, error: Error): void {
    this.#reactor.callLater(0, () => exchange.fail(error));
  }

  #wait(exchange: PooledExchange): void {
    const { waitTimeout } = this.#deadlines;
    const expired = (): void => {
      this.#waiting.delete(exchange);
      exchange.fail(new ConnectionTimedOut("wait", waitTimeout));
    };
    const deadline = waitTimeout > 0 ? this.#reactor.callLater(waitTimeout, expired) : undefined;
    this.#waiting.set(exchange, deadline);
  }

  #connect(exchange: PooledExchange): void {
    const { connectTimeout } = this.#deadlines;
    const channel = new HTTP1ClientChannel({
      reactor: this.#reactor,
      limits: this.#limits,
      deadlines: this.#deadlines,
      persistent: this.#maxIdle > 0,
      owner: this,
    });
    const connecting = connectProtocol(this.#endpoint, channel);
    this.#connecting.set(exchange, connecting);
    if (connectTimeout > 0) {
      void connecting.addTimeout(connectTimeout, this.#reactor, () => {
        return new Failure(new ConnectionTimedOut("connect", connectTimeout));
      });
    }
    void connecting.addCallbacks(
      () => this.#connected(exchange, channel),
      (failure) => this.#connectFailed(exchange, failure),
    );
  }

  #connected(exchange: PooledExchange, channel: HTTP1ClientChannel): void {
    this.#connecting.delete(exchange);
    this.#connections += 1;
    exchange.start(channel, false);
  }

  #connectFailed(exchange: PooledExchange, failure: Failure): void {
    this.#connecting.delete(exchange);
    this.#failLater(exchange, failure.value);
    this.#roomForOne();
  }

  /** A connection is gone, or did not come about; another may have its place already. */
  #roomForOne(): void {
    if (this.connections === 0) for (const one of this.#closing?.splice(0) ?? []) one.callback();
    if (this.connections >= this.#maxConnections) return;
    const next = this.#nextWaiting();
    if (next !== undefined) this.#connect(next);
  }

  #nextWaiting(): PooledExchange | undefined {
    const [first] = this.#waiting.keys();
    if (first !== undefined) this.leave(first);
    return first;
  }

  // -- For exchanges: see ExchangePool

  /** The connection that it was on is gone: this one takes its place. */
  retry(exchange: PooledExchange): void {
    this.#connect(exchange);
  }

  leave(exchange: PooledExchange): void {
    this.#waiting.get(exchange)?.cancel();
    this.#waiting.delete(exchange);
    this.#connecting.get(exchange)?.cancel();
  }

  // -- For connections: see ChannelOwner

  channelFree(channel: HTTP1ClientChannel): void {
    const next = this.#nextWaiting();
    if (next !== undefined) next.start(channel, true);
    else if (this.#closing === undefined) this.#keep(channel);
    else channel.close();
  }

  #keep(channel: HTTP1ClientChannel): void {
    this.#idle.push(channel);
    if (this.#idle.length > this.#maxIdle) this.#idle.shift()?.close();
  }

  channelLost(channel: HTTP1ClientChannel): void {
    const at = this.#idle.indexOf(channel);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#connections -= 1;
    this.#roomForOne();
  }
}

function bound(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(
    `Cannot set ${name}: expected a whole number from ${String(least)} on, got ${String(value)}`,
  );
}
