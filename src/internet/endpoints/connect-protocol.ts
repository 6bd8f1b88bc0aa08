/**
 * Connect a protocol that is made already.
 *
 * After: twisted.internet.endpoints.connectProtocol.
 *
 * @module
 */
import { fail } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { ConnectingCancelledError } from "../errors.ts";
import type {
  AbortOptions,
  IProtocolFactory,
  IStreamClientEndpoint,
} from "../interfaces-factory.ts";
import type { IProtocol } from "../interfaces-transport.ts";
import { abortCause, cancelOnAbort } from "./abort-options.ts";

/** Gives one protocol, once. */
class OneShotFactory<P extends IProtocol> implements IProtocolFactory<P> {
  #protocol: P | undefined;

  constructor(protocol: P) {
    this.#protocol = protocol;
  }

  doStart(): void {}

  doStop(): void {}

  buildProtocol(): P | undefined {
    const protocol = this.#protocol;
    this.#protocol = undefined;
    return protocol;
  }
}

/**
 * Connect `protocol` to `endpoint`, for when there will be one connection and a factory would say
 * nothing.
 *
 * @returns What the endpoint's `connect` returns: fires with `protocol`, connected.
 *
 * @example
 * ```ts
 * import { connectProtocol, Protocol, type IStreamClientEndpoint } from "sennit/internet";
 *
 * class Hello extends Protocol {
 *   override connectionMade(): void {
 *     this.transport.write("hello\n");
 *   }
 * }
 *
 * async function greet(endpoint: IStreamClientEndpoint): Promise<void> {
 *   const hello = await connectProtocol(endpoint, new Hello());
 *   hello.transport.loseConnection();
 * }
 * ```
 */
export function connectProtocol<P extends IProtocol>(
  endpoint: IStreamClientEndpoint,
  protocol: P,
  { signal }: AbortOptions = {},
): Deferred<P> {
  if (signal?.aborted === true) {
    const message = "Cannot connect a protocol: the attempt was cancelled before it began";
    return fail(new ConnectingCancelledError(message, undefined, abortCause(signal)));
  }
  // The signal is ours to follow: other people's endpoints know nothing of a second argument.
  return cancelOnAbort(endpoint.connect(new OneShotFactory(protocol)), signal);
}
