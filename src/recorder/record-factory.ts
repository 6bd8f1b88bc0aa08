/**
 * Factories whose protocols are recorded.
 *
 * @module
 */
import type { IAddress } from "../internet/addresses.ts";
import type {
  IClientFactory,
  IConnector,
  IProtocolFactory,
} from "../internet/interfaces-factory.ts";
import {
  type ILoggingContext,
  type IProtocol,
  providesLoggingContext,
} from "../internet/interfaces-transport.ts";
import type { Failure } from "../defer/failure.ts";
import type { Recorder } from "./recorder.ts";
import { type RecordedPlace, RecordingProtocol } from "./recording-protocol.ts";

/** Makes recorded protocols of another factory's. */
class RecordingFactory<P extends IProtocol>
  implements IProtocolFactory<RecordingProtocol<P>>, ILoggingContext
{
  readonly #wrapped: IProtocolFactory<P>;
  readonly #recorder: Recorder;
  readonly #place: RecordedPlace;

  constructor(wrapped: IProtocolFactory<P>, recorder: Recorder, place: RecordedPlace) {
    this.#wrapped = wrapped;
    this.#recorder = recorder;
    this.#place = place;
  }

  doStart(): void {
    this.#wrapped.doStart();
  }

  doStop(): void {
    this.#wrapped.doStop();
  }

  buildProtocol(address: IAddress): RecordingProtocol<P> | undefined {
    const protocol = this.#wrapped.buildProtocol(address);
    return protocol && new RecordingProtocol(protocol, this.#recorder, this.#place);
  }

  /** The wrapped factory's own. */
  logPrefix(): string {
    const wrapped = this.#wrapped;
    return providesLoggingContext(wrapped) ? wrapped.logPrefix() : wrapped.constructor.name;
  }
}

/** The same for a factory that is told of attempts. */
class RecordingClientFactory<P extends IProtocol>
  extends RecordingFactory<P>
  implements IClientFactory<RecordingProtocol<P>>
{
  readonly #wrapped: IClientFactory<P>;

  constructor(wrapped: IClientFactory<P>, recorder: Recorder, place: RecordedPlace) {
    super(wrapped, recorder, place);
    this.#wrapped = wrapped;
  }

  startedConnecting(connector: IConnector): void {
    this.#wrapped.startedConnecting(connector);
  }

  clientConnectionMade(connector: IConnector): void {
    this.#wrapped.clientConnectionMade(connector);
  }

  clientConnectionFailed(connector: IConnector, reason: Failure): void {
    this.#wrapped.clientConnectionFailed(connector, reason);
  }

  clientConnectionLost(connector: IConnector, reason: Failure): void {
    this.#wrapped.clientConnectionLost(connector, reason);
  }
}

/**
 * A factory for servers, and for whatever takes an {@link IProtocolFactory}: each connection of it
 * is recorded.
 *
 * The recorded protocol has its transport, its capabilities and its life as without: what it
 * received and wrote is in the recording as it saw it, so inside of TLS, and behind a PROXY header
 * if the factory stands there.
 *
 * @param place Stands in the header of recordings. Default: a server, somewhere.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 * import { MemoryRecordings, Recorder, recordFactory } from "sennit/recorder";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * const recorder = new Recorder({ reactor, store: new MemoryRecordings() });
 * reactor.listenTCP(7, recordFactory(Factory.forProtocol(Protocol), recorder));
 * ```
 */
export function recordFactory<P extends IProtocol>(
  factory: IProtocolFactory<P>,
  recorder: Recorder,
  place: Partial<RecordedPlace> = {},
): IProtocolFactory<RecordingProtocol<P>> {
  return new RecordingFactory(factory, recorder, { role: "server", place: "", ...place });
}

/** The same for `connectTCP` and its like. Default of `place`: a client, somewhere. */
export function recordClientFactory<P extends IProtocol>(
  factory: IClientFactory<P>,
  recorder: Recorder,
  place: Partial<RecordedPlace> = {},
): IClientFactory<RecordingProtocol<P>> {
  return new RecordingClientFactory(factory, recorder, { role: "client", place: "", ...place });
}
