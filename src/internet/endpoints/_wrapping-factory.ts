/**
 * From a client factory's callbacks to one Deferred of a connected protocol.
 *
 *     start() ─▶ startedConnecting ─▶ buildProtocol ─▶ clientConnectionMade ─▶ fires
 *                       └─▶ clientConnectionFailed, clientConnectionLost ─▶ fails
 *
 * The transport is given the user's own protocol, not a wrapper: no byte pays for the endpoint,
 * `transport.protocol` is what the user made, and it has the capabilities it has.
 *
 * After: twisted.internet.endpoints (_WrappingFactory, _WrappingProtocol), which forwards every
 * call. Here as there, a `ClientFactory` given to an endpoint is used as a plain factory:
 * its `startedConnecting`, `clientConnectionFailed` and `clientConnectionLost` are not called.
 *
 * @module
 */
import { fail } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../addresses.ts";
import { ConnectingCancelledError, NoProtocol } from "../errors.ts";
import type { IClientFactory, IConnector, IProtocolFactory } from "../interfaces-factory.ts";
import { type IProtocol, providesLoggingContext } from "../interfaces-transport.ts";
import { abortCause, cancelOnAbort } from "./abort-options.ts";

/** One call of an endpoint's `connect`. */
export interface Attempt {
  /** Where to, for errors made before there is a connector. */
  readonly destination: IAddress;
  readonly signal: AbortSignal | undefined;
  /** `reactor.connectTCP` or its like, with everything but the factory. */
  readonly start: (factory: IClientFactory) => IConnector;
}

/** Connect, and fire once: with the protocol after `connectionMade`, or with what went wrong. */
export function connectThrough<P extends IProtocol>(
  factory: IProtocolFactory<P>,
  { destination, signal, start }: Attempt,
): Deferred<P> {
  if (signal?.aborted === true) return fail(cancelled(destination, signal));
  let connector: IConnector | undefined;
  const connected = new Deferred<P>((deferred) => {
    deferred.errback(cancelled(connector?.getDestination() ?? destination, signal));
    if (connector !== undefined) giveUp(connector);
  });
  try {
    connector = start(new WrappingFactory(factory, connected));
  } catch (error) {
    if (connected.called) throw error;
    connected.errback(error);
  }
  return cancelOnAbort(connected, signal);
}

function cancelled(destination: IAddress, signal: AbortSignal | undefined): Error {
  return new ConnectingCancelledError(
    `Cannot connect to ${destination.toString()}: the attempt was cancelled`,
    destination,
    abortCause(signal),
  );
}

function giveUp(connector: IConnector): void {
  if (connector.state === "connecting") connector.stopConnecting();
  // Cancelled from inside buildProtocol or connectionMade: the connection is there already.
  else connector.disconnect();
}

/** Stands between a reactor and the user's factory during one attempt. */
class WrappingFactory<P extends IProtocol> implements IClientFactory<P> {
  /** There if the wrapped factory has one. */
  readonly logPrefix: (() => string) | undefined;
  readonly #wrapped: IProtocolFactory<P>;
  readonly #connected: Deferred<P>;
  #protocol: P | undefined;

  constructor(wrapped: IProtocolFactory<P>, connected: Deferred<P>) {
    this.#wrapped = wrapped;
    this.#connected = connected;
    this.logPrefix = providesLoggingContext(wrapped) ? () => wrapped.logPrefix() : undefined;
  }

  doStart(): void {
    this.#wrapped.doStart();
  }

  doStop(): void {
    this.#wrapped.doStop();
  }

  startedConnecting(): void {}

  buildProtocol(address: IAddress): P | undefined {
    // Cancelled when the reactor had the connection in hand: nobody wants it.
    if (this.#connected.called) return undefined;
    try {
      return this.#build(address);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #build(address: IAddress): P | undefined {
    const protocol = this.#wrapped.buildProtocol(address);
    if (protocol === undefined) {
      const message = `Cannot connect to ${address.toString()}: the factory made no protocol`;
      this.#fail(new NoProtocol(message, address));
    }
    // Failed just now, or cancelled by the user's buildProtocol.
    if (protocol === undefined || this.#connected.called) return undefined;
    this.#protocol = protocol;
    return protocol;
  }

  clientConnectionMade(): void {
    const protocol = this.#protocol;
    if (protocol !== undefined && !this.#connected.called) this.#connected.callback(protocol);
  }

  clientConnectionFailed(_connector: IConnector, reason: Failure): void {
    this.#fail(reason);
  }

  /** Matters only if the connection is lost before it was made; later the protocol is told. */
  clientConnectionLost(_connector: IConnector, reason: Failure): void {
    this.#fail(reason);
  }

  #fail(reason: unknown): void {
    if (!this.#connected.called) this.#connected.errback(reason);
  }
}
