/**
 * A server's connections, one after the other.
 *
 * @module
 */
import { fail, succeed } from "../defer/combinators.ts";
import { Deferred } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import { Failure } from "../defer/failure.ts";
import type { IAddress } from "../internet/addresses.ts";
import { abortCause } from "../internet/endpoints/abort-options.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../internet/interfaces-factory.ts";
import { Logger } from "../logger/logger.ts";
import type { StreamConnection } from "./stream-connection.ts";
import { type StreamOptions, StreamProtocol } from "./stream-protocol.ts";

const log = new Logger({ namespace: "sennit.streams" });

/** Ours: as many as a port commonly has waiting in the system. */
const WAITING_MAX = 50;

/** Options of {@link listen}. */
export interface ListenOptions extends StreamOptions, AbortOptions {
  /**
   * Connections that may wait to be taken; one more is closed at once, with a log line. While they
   * wait they are not read. Default: 50.
   */
  readonly maxWaiting?: number;
}

/** The connections of a port. For one loop. */
export interface ConnectionListener
  extends AsyncIterableIterator<StreamConnection, undefined, undefined>,
    AsyncDisposable {
  /** Fires with the port when it is bound; fails as the endpoint's `listen`. */
  readonly listening: Deferred<IListeningPort>;
  /** Connections that wait to be taken. */
  readonly waiting: number;
  /**
   * End the loop and close the port. Connections that nobody has taken are aborted, those that were
   * taken live on. Fires when the port is closed; at once while it is not bound yet.
   */
  close(): Deferred<void>;
}

/**
 * Listen, at once, and take the connections with `for await`.
 *
 * Leaving the loop is `close()`. When the port is closed by somebody else (its reactor stops), the
 * loop ends.
 *
 * @param options `signal`: aborting it ends the loop with a `CancelledError`, and closes the port.
 * @throws {RangeError} A `maxWaiting` that is no number of connections, or no `highWaterMark`.
 *
 * @example
 * ```ts
 * import { pipeline } from "node:stream/promises";
 * import { clientFromString, serverFromString } from "sennit/internet";
 * import { connect, listen } from "sennit/streams";
 * import { reactor } from "sennit/reactor";
 *
 * const server = listen(serverFromString(reactor, "tcp:0:interface=127.0.0.1"));
 * const port = await server.listening;
 *
 * const client = await connect(clientFromString(reactor, `tcp:${port.getHost()}`));
 * await client.write("hello");
 * await client.end();
 *
 * for await (const connection of server) {
 *   await pipeline(connection.duplex, connection.duplex); // an echo
 *   break; // one will do: this closes the port
 * }
 * for await (const chunk of client) console.log(chunk.toString()); // hello
 * await client.close();
 * ```
 */
export function listen(
  endpoint: IStreamServerEndpoint,
  options: ListenOptions = {},
): ConnectionListener {
  return new Connections(endpoint, options);
}

type Step = IteratorResult<StreamConnection, undefined>;

interface Asker {
  readonly resolve: (step: Step) => void;
  readonly reject: (error: Error) => void;
}

const OVER: Step = { done: true, value: undefined };

class Connections implements ConnectionListener, IProtocolFactory {
  readonly #options: ListenOptions;
  readonly #maxWaiting: number;
  readonly #binding: Deferred<IListeningPort> | undefined;
  /** Those who asked for `listening` and have no answer yet. */
  #unanswered: Deferred<IListeningPort>[] = [];
  #port: IListeningPort | undefined;
  #isOver = false;
  /** Why it is over, if it was not meant to be. */
  #failure: Failure | undefined;
  /** The next who asks has not been told. */
  #untold = false;
  /** Too many wait, and that was logged. */
  #refusing = false;
  readonly #waiting = new Set<StreamProtocol>();
  #askers: Asker[] = [];

  constructor(endpoint: IStreamServerEndpoint, options: ListenOptions) {
    this.#options = options;
    this.#maxWaiting = checkedCount(options.maxWaiting ?? WAITING_MAX);
    void new StreamProtocol(options); // Says what is wrong with them, while the caller is there.
    const { signal } = options;
    if (signal?.aborted === true) {
      this.#aborted();
      return;
    }
    signal?.addEventListener("abort", this.#aborted, { once: true });
    this.#binding = endpoint.listen(this);
    void this.#binding.addCallbacks(
      (port) => this.#bound(port),
      (failure) => this.#end(failure),
    );
  }

  #bound(port: IListeningPort): void {
    this.#port = port;
    for (const one of this.#unanswered.splice(0)) one.callback(port);
    if (this.#isOver) void port.stopListening();
  }

  get listening(): Deferred<IListeningPort> {
    if (this.#port !== undefined) return succeed(this.#port);
    if (this.#failure !== undefined) return fail(this.#failure);
    const listening = new Deferred<IListeningPort>();
    this.#unanswered.push(listening);
    return listening;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  // -- For the port

  doStart(): void {}

  /** The port is closed. Before it is bound this says nothing that its Deferred does not. */
  doStop(): void {
    if (this.#port !== undefined) this.#end();
  }

  buildProtocol(address: IAddress): StreamProtocol | undefined {
    if (this.#isOver || this.#isFull(address)) return undefined;
    return new Arriving(this.#options, {
      made: (connection) => this.#arrived(connection),
      lost: (connection) => this.#waiting.delete(connection),
    });
  }

  #isFull(address: IAddress): boolean {
    const isFull = this.#askers.length === 0 && this.#waiting.size >= this.#maxWaiting;
    if (this.#waiting.size <= this.#maxWaiting / 2) this.#refusing = false;
    if (isFull && !this.#refusing) {
      this.#refusing = true;
      const fields = { max: this.#maxWaiting, address: address.toString() };
      log.warn("{max} connections wait to be taken; that of {address} is closed", fields);
    }
    return isFull;
  }

  #arrived(connection: StreamProtocol): void {
    const asker = this.#askers.shift();
    if (asker === undefined) this.#waiting.add(connection);
    else asker.resolve({ done: false, value: connection });
  }

  // -- For the loop

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    const [connection] = this.#waiting;
    if (connection !== undefined) {
      this.#waiting.delete(connection);
      return Promise.resolve({ done: false, value: connection });
    }
    if (this.#isOver) return this.#afterwards();
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
    });
  }

  #afterwards(): Promise<Step> {
    const failure = this.#untold ? this.#failure : undefined;
    this.#untold = false;
    return failure === undefined ? Promise.resolve(OVER) : Promise.reject(failure.value);
  }

  async return(): Promise<Step> {
    await this.close();
    return OVER;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  close(): Deferred<void> {
    this.#end();
    return this.#port?.stopListening() ?? succeed(undefined);
  }

  readonly #aborted = (): void => {
    this.#end(new Failure(new CancelledError(undefined, abortCause(this.#options.signal))));
  };

  #end(failure?: Failure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.signal?.removeEventListener("abort", this.#aborted);
    this.#failure = failure;
    this.#tellAskers(failure);
    for (const connection of this.#waiting) connection.abort();
    this.#waiting.clear();
    if (this.#port !== undefined) void this.#port.stopListening();
    else this.#giveUp();
  }

  #tellAskers(failure: Failure | undefined): void {
    const [first, ...others] = this.#askers.splice(0);
    if (failure === undefined) first?.resolve(OVER);
    else if (first === undefined) this.#untold = true;
    else first.reject(failure.value);
    for (const asker of others) asker.resolve(OVER);
  }

  /** It is not bound, and will not be. */
  #giveUp(): void {
    const why = this.#failure ?? new Failure(new CancelledError("Listening was given up"));
    this.#failure ??= why;
    for (const one of this.#unanswered.splice(0)) one.errback(why);
    this.#binding?.cancel();
  }
}

/** Says when it is there and when it is gone. */
class Arriving extends StreamProtocol {
  readonly #hooks: Record<"made" | "lost", (connection: StreamProtocol) => void>;

  constructor(
    options: StreamOptions,
    hooks: Record<"made" | "lost", (connection: StreamProtocol) => void>,
  ) {
    super(options);
    this.#hooks = hooks;
  }

  override connectionMade(): void {
    super.connectionMade();
    this.#hooks.made(this);
  }

  override connectionLost(reason: Failure): void {
    super.connectionLost(reason);
    this.#hooks.lost(this);
  }

  /** For those who look at it: that it waited is history. */
  override logPrefix(): string {
    return "StreamProtocol";
  }
}

function checkedCount(count: number): number {
  if (Number.isInteger(count) && count >= 0) return count;
  throw new RangeError(`Cannot use maxWaiting: expected a whole number, got ${String(count)}`);
}
