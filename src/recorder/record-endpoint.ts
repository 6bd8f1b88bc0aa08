/**
 * Endpoints whose connections are recorded.
 *
 * @module
 */
import { INSPECT } from "../core/inspect.ts";
import type { Deferred } from "../defer/deferred.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamClientEndpoint,
  IStreamServerEndpoint,
} from "../internet/interfaces-factory.ts";
import type { IProtocol } from "../internet/interfaces-transport.ts";
import { recordFactory } from "./record-factory.ts";
import type { Recorder } from "./recorder.ts";

class RecordedServerEndpoint implements IStreamServerEndpoint {
  readonly #wrapped: IStreamServerEndpoint;
  readonly #recorder: Recorder;

  constructor(wrapped: IStreamServerEndpoint, recorder: Recorder) {
    this.#wrapped = wrapped;
    this.#recorder = recorder;
  }

  listen(factory: IProtocolFactory, options?: AbortOptions): Deferred<IListeningPort> {
    const place = { role: "server", place: this.toString() } as const;
    return this.#wrapped.listen(recordFactory(factory, this.#recorder, place), options);
  }

  toString(): string {
    return this.#wrapped.toString();
  }

  [INSPECT](): string {
    return `recorded(${this.toString()})`;
  }
}

class RecordedClientEndpoint implements IStreamClientEndpoint {
  readonly #wrapped: IStreamClientEndpoint;
  readonly #recorder: Recorder;

  constructor(wrapped: IStreamClientEndpoint, recorder: Recorder) {
    this.#wrapped = wrapped;
    this.#recorder = recorder;
  }

  connect<P extends IProtocol>(factory: IProtocolFactory<P>, options?: AbortOptions): Deferred<P> {
    const place = { role: "client", place: this.toString() } as const;
    return this.#wrapped
      .connect(recordFactory(factory, this.#recorder, place), options)
      .addCallback(({ recordedProtocol }) => recordedProtocol);
  }

  toString(): string {
    return this.#wrapped.toString();
  }

  [INSPECT](): string {
    return `recorded(${this.toString()})`;
  }
}

/**
 * The same place to listen, or to connect to; its connections are recorded.
 *
 * `listen` and `connect` do what they did, and a client gets its own protocol.
 *
 * @example
 * ```ts
 * import { Factory, Protocol, TCP4ServerEndpoint } from "sennit/internet";
 * import { MemoryRecordings, recordEndpoint, Recorder } from "sennit/recorder";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * const recorder = new Recorder({ reactor, store: new MemoryRecordings() });
 * const endpoint = recordEndpoint(new TCP4ServerEndpoint(reactor, 7), recorder);
 * const listening = endpoint.listen(Factory.forProtocol(Protocol));
 * reactor.flush();
 * console.log(`${(await listening).getHost()}`);
 * ```
 */
export function recordEndpoint(
  endpoint: IStreamServerEndpoint,
  recorder: Recorder,
): IStreamServerEndpoint;
export function recordEndpoint(
  endpoint: IStreamClientEndpoint,
  recorder: Recorder,
): IStreamClientEndpoint;
export function recordEndpoint(
  endpoint: IStreamServerEndpoint | IStreamClientEndpoint,
  recorder: Recorder,
): IStreamServerEndpoint | IStreamClientEndpoint {
  return "listen" in endpoint
    ? new RecordedServerEndpoint(endpoint, recorder)
    : new RecordedClientEndpoint(endpoint, recorder);
}
