/**
 * Places to listen: sockets that others have opened.
 *
 * After: twisted.internet.endpoints.AdoptedStreamServerEndpoint. Differs: the descriptor is not
 * duplicated, the port owns it; the family need not be told.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { fail } from "../../defer/combinators.ts";
import { CancelledError } from "../../defer/errors.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../interfaces-factory.ts";
import {
  type AdoptStreamPortOptions,
  checkedDescriptor,
  type IReactorSocket,
} from "../interfaces-socket.ts";
import { AlreadyListened } from "../socket-errors.ts";
import { bound } from "./_bound.ts";
import { abortCause } from "./abort-options.ts";
import { formatStringDescription } from "./string-description.ts";

/**
 * Listens on a socket that is bound already.
 *
 * @example
 * ```ts
 * import { AdoptedStreamServerEndpoint, Factory, Protocol } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * // What systemd has opened for us, if it has.
 * const endpoints = reactor.inheritedDescriptors.descriptors.map(
 *   ({ fileDescriptor }) => new AdoptedStreamServerEndpoint(reactor, fileDescriptor),
 * );
 * for (const endpoint of endpoints) await endpoint.listen(Factory.forProtocol(Protocol));
 * ```
 */
export class AdoptedStreamServerEndpoint implements IStreamServerEndpoint {
  readonly #reactor: IReactorSocket;
  readonly #fileDescriptor: number;
  readonly #options: AdoptStreamPortOptions;
  #used = false;

  /**
   * @param fileDescriptor From `listen` on it is the reactor's; see {@link IReactorSocket}.
   * @throws {RangeError} Not a descriptor.
   */
  constructor(
    reactor: IReactorSocket,
    fileDescriptor: number,
    options: AdoptStreamPortOptions = {},
  ) {
    this.#reactor = reactor;
    this.#fileDescriptor = checkedDescriptor(fileDescriptor);
    this.#options = options;
  }

  /**
   * Listen, once.
   *
   * @returns Fires with the port when it listens. Fails with `CannotListenError`, the second time
   * with `AlreadyListened`. Cancelled (or aborted): the port is closed, and it fails with
   * `CancelledError`; aborted beforehand, the descriptor is as it was.
   */
  listen(factory: IProtocolFactory, { signal }: AbortOptions = {}): Deferred<IListeningPort> {
    if (this.#used) {
      return fail(new AlreadyListened(`Cannot listen on ${this.toString()} a second time`));
    }
    if (signal?.aborted === true) return fail(new CancelledError(undefined, abortCause(signal)));
    this.#used = true;
    return bound(
      () => this.#reactor.adoptStreamPort(this.#fileDescriptor, factory, this.#options),
      signal,
    );
  }

  /** What `serverFromString` reads: `fd:3:domain=INET`. Limits are left out. */
  toString(): string {
    const { domain } = this.#options;
    const keywords: [string, string][] = domain === undefined ? [] : [["domain", domain]];
    return formatStringDescription(["fd", String(this.#fileDescriptor)], keywords);
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}
