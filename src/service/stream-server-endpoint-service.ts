/**
 * A service that listens, and that lets connections finish when it stops.
 *
 * After: twisted.application.internet.StreamServerEndpointService. Differs: binding is part of the
 * start, so what comes after waits for it and a taken port fails it; stopping also ends the
 * connections, which Twisted leaves alone.
 *
 * @module
 */
import { maybeDeferred, succeed } from "../defer/combinators.ts";
import { Deferred, type TimeoutClock } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import type { Failure } from "../defer/failure.ts";
import type {
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../internet/interfaces-factory.ts";
import { checkedSeconds, clockFor, type Deadline } from "./_deadline.ts";
import { drain } from "./_drain.ts";
import { SharedResult } from "./_shared-result.ts";
import { ServiceStateError } from "./errors.ts";
import type { IStopBound } from "./interfaces.ts";
import { Service } from "./service.ts";

/** Ours: enough for a goodbye and for a request that is nearly done. */
const DRAIN_TIMEOUT = 5;
/** Ours: beyond the drain, for the aborted connections to be told. */
const STOP_GRACE = 1;

/** Options of {@link StreamServerEndpointService}. */
export interface StreamServerEndpointServiceOptions {
  /** See {@link IService.name}. */
  readonly name?: string;
  /** Measures `drainTimeout`: a reactor. Default: that of the collection it is in. */
  readonly clock?: TimeoutClock;
  /**
   * Seconds that connections get to finish when the service stops; what is left then is aborted.
   * `Infinity` for no deadline. Default: 5.
   */
  readonly drainTimeout?: number;
}

/**
 * Listens on an endpoint while it runs.
 *
 * When it stops, the port is closed at once. Each connection whose protocol can finish by itself
 * (`IDrainable`) is told to, and any other loses its connection: what was written is flushed.
 *
 * @example
 * ```ts
 * import { Factory, Protocol, serverFromString } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 * import { StreamServerEndpointService } from "sennit/service";
 *
 * const endpoint = serverFromString(reactor, "tcp:0:interface=127.0.0.1");
 * const factory = Factory.forProtocol(Protocol);
 * await using server = new StreamServerEndpointService(endpoint, factory, { clock: reactor });
 * await server.startService();
 * ```
 */
export class StreamServerEndpointService extends Service implements IStopBound {
  readonly endpoint: IStreamServerEndpoint;
  readonly factory: IProtocolFactory;
  readonly #clock: TimeoutClock | undefined;
  readonly #drainTimeout: number;
  #state: "stopped" | "binding" | "listening" | "stopping" = "stopped";
  #deadline: Deadline = { seconds: Infinity, clock: undefined };
  #binding: Deferred<unknown> | undefined;
  #port: IListeningPort | undefined;
  #draining: Deferred<void> | undefined;
  readonly #stopped = new SharedResult();

  constructor(
    endpoint: IStreamServerEndpoint,
    factory: IProtocolFactory,
    options: StreamServerEndpointServiceOptions = {},
  ) {
    super();
    this.endpoint = endpoint;
    this.factory = factory;
    this.#clock = options.clock;
    this.#drainTimeout = checkedSeconds("drainTimeout", options.drainTimeout ?? DRAIN_TIMEOUT);
    if (options.name !== undefined) this.setName(options.name);
  }

  override get running(): boolean {
    return this.#state === "listening";
  }

  /** The port, from when it is bound until all its connections have ended. */
  get port(): IListeningPort | undefined {
    return this.#port;
  }

  /** The time for connections to finish, and a second. */
  get stopBound(): number {
    return this.#drainTimeout + STOP_GRACE;
  }

  /**
   * Listen.
   *
   * @returns Fires when the port is bound. Fails as `listen` does, with `CannotListenError`, and
   * with `CancelledError` when `stopService` comes first. Cancelling it stops the service.
   * @throws {ServiceStateError} It is starting, running or stopping.
   * @throws {TypeError} There is no clock for `drainTimeout`: not its own, not its parents'.
   */
  override startService(): Deferred<void> {
    if (this.#state !== "stopped") {
      throw new ServiceStateError(`Cannot start ${this.toString()}: it is ${this.#state} already`);
    }
    const seconds = this.#drainTimeout;
    this.#deadline = { seconds, clock: clockFor(this, this.#clock, "drainTimeout", seconds) };
    this.#state = "binding";
    const started = new Deferred<void>(() => {
      void this.stopService();
    });
    const binding = maybeDeferred(() => this.endpoint.listen(this.factory));
    this.#binding = binding;
    void binding
      .addCallbacks(
        (port) => this.#bound(port),
        (failure) => this.#notBound(failure),
      )
      .addBoth((result: void | Failure) => {
        if (!started.called) started.callback(result);
      });
    return started;
  }

  #bound(port: IListeningPort): void {
    this.#port = port;
    if (this.#state === "binding") {
      this.#state = "listening";
      return;
    }
    this.#drain(port); // Bound though it was cancelled: an endpoint need not heed that.
    throw new CancelledError("Listening was given up: the service is to stop");
  }

  #notBound(failure: Failure): Failure {
    this.#end();
    return failure;
  }

  /**
   * Close the port and see its connections off; a bind that is under way is cancelled.
   *
   * @returns Fires when the port is closed and all its connections have ended. Cancelling it aborts
   * those that are left.
   */
  override stopService(): Deferred<void> {
    if (this.#state === "stopped") return succeed(undefined);
    const stopped = this.#stopped.share(() => this.#draining?.cancel());
    const before = this.#state;
    this.#state = "stopping";
    if (before === "binding") this.#binding?.cancel();
    else if (before === "listening" && this.#port !== undefined) this.#drain(this.#port);
    return stopped;
  }

  /** Stop, also in the middle of a start. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stopService();
  }

  #drain(port: IListeningPort): void {
    const draining = drain(port, this.#deadline);
    this.#draining = draining;
    void draining.addBoth((result: void | Failure) => this.#end(result));
  }

  #end(result?: Failure | void): void {
    this.#state = "stopped";
    this.#binding = undefined;
    this.#draining = undefined;
    this.#port = undefined;
    this.#stopped.settle(result);
  }
}
