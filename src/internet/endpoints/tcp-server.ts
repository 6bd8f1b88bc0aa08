/**
 * Places to listen: TCP over IPv4 and IPv6.
 *
 * After: twisted.internet.endpoints (TCP4ServerEndpoint, TCP6ServerEndpoint). Differs: an options
 * object; cancelling the Deferred stops listening; prints itself as the string that describes it.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../interfaces-factory.ts";
import type { IReactorTCP, ListenTCPOptions } from "../interfaces-reactor.ts";
import { checkedPort } from "../ports.ts";
import { bound } from "./_bound.ts";
import { formatStringDescription } from "./string-description.ts";

/** How many connections wait to be accepted, unless told otherwise. */
const BACKLOG = 50;
/** Every IPv6 address, and every IPv4 address where the system maps them. */
const ANY_IPV6 = "::";

/** What {@link TCPServerEndpoint} is made of. */
interface Place {
  readonly prefix: string;
  readonly reactor: IReactorTCP;
  readonly port: number;
  /** Defaults filled in. */
  readonly options: ListenTCPOptions;
  /** What is not the default, for the string form. */
  readonly keywords: readonly (readonly [string, string])[];
}

/** What both kinds have in common. */
abstract class TCPServerEndpoint implements IStreamServerEndpoint {
  readonly #place: Place;

  constructor(place: Place) {
    checkedPort(place.port);
    this.#place = place;
  }

  /**
   * Listen.
   *
   * @returns Fires with the port when it is bound; its `getHost()` then tells the real number.
   * Fails with `CannotListenError`, or with whatever the reactor threw. Cancelled (or aborted): the
   * port is closed, and it fails with `CancelledError`.
   */
  listen(factory: IProtocolFactory, { signal }: AbortOptions = {}): Deferred<IListeningPort> {
    const { reactor, port, options } = this.#place;
    return bound(() => reactor.listenTCP(port, factory, options), signal);
  }

  /** What `serverFromString` reads: `tcp:8000:interface=127.0.0.1`. Limits are left out. */
  toString(): string {
    const { prefix, port, keywords } = this.#place;
    return formatStringDescription([prefix, String(port)], keywords);
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}

function keywordsOf(
  options: ListenTCPOptions,
  defaultInterface: string,
): readonly (readonly [string, string])[] {
  const { interface: networkInterface = defaultInterface, backlog = BACKLOG } = options;
  const keywords: (readonly [string, string])[] = [];
  if (networkInterface !== defaultInterface) keywords.push(["interface", networkInterface]);
  if (backlog !== BACKLOG) keywords.push(["backlog", String(backlog)]);
  return keywords;
}

/**
 * Listens on a TCP port, over IPv4 unless `interface` says otherwise.
 *
 * @example
 * ```ts
 * import { Factory, Protocol, TCP4ServerEndpoint } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const endpoint = new TCP4ServerEndpoint(reactor, 0, { interface: "127.0.0.1" });
 * const port = await endpoint.listen(Factory.forProtocol(Protocol));
 * console.log(`listening on ${port.getHost().toString()}`);
 * await port.stopListening();
 * ```
 */
export class TCP4ServerEndpoint extends TCPServerEndpoint {
  /**
   * @param port 0 to 65535; 0 lets the system choose.
   * @param options `backlog` 50, `interface` every IPv4 address, unless told otherwise.
   * @throws {RangeError} No such port.
   */
  constructor(reactor: IReactorTCP, port: number, options: ListenTCPOptions = {}) {
    super({
      prefix: "tcp",
      reactor,
      port,
      options: { backlog: BACKLOG, interface: "", ...options },
      keywords: keywordsOf(options, ""),
    });
  }
}

/** Listens on a TCP port over IPv6: on `"::"`, unless `interface` names one address. */
export class TCP6ServerEndpoint extends TCPServerEndpoint {
  /**
   * @param port 0 to 65535; 0 lets the system choose.
   * @param options `backlog` 50, `interface` `"::"` unless told otherwise; empty is `"::"` as well.
   * @throws {RangeError} No such port.
   */
  constructor(reactor: IReactorTCP, port: number, options: ListenTCPOptions = {}) {
    const given = options.interface ?? "";
    // Empty means every IPv4 address to a reactor: nothing that this class should do.
    const complete = { backlog: BACKLOG, ...options, interface: given === "" ? ANY_IPV6 : given };
    const keywords = keywordsOf(complete, ANY_IPV6);
    super({ prefix: "tcp6", reactor, port, options: complete, keywords });
  }
}
