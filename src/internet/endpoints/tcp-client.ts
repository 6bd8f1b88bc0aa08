/**
 * Places to connect to: TCP over IPv4 and IPv6.
 *
 * After: twisted.internet.endpoints (TCP4ClientEndpoint, TCP6ClientEndpoint). Differs: an options
 * object; prints itself as the string that describes
 * it; the user's protocol is the transport's protocol, unwrapped.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { HostnameAddress, type IAddress } from "../addresses.ts";
import type {
  AbortOptions,
  IProtocolFactory,
  IStreamClientEndpoint,
} from "../interfaces-factory.ts";
import type { ConnectTCPOptions, IReactorTCP } from "../interfaces-reactor.ts";
import type { IProtocol } from "../interfaces-transport.ts";
import { checkedPort } from "../ports.ts";
import { connectThrough } from "./_wrapping-factory.ts";
import { formatStringDescription } from "./string-description.ts";

/** Seconds that an attempt may take, unless told otherwise. */
const TIMEOUT = 30;

/** What {@link TCPClientEndpoint} is made of. */
interface Place {
  readonly prefix: string;
  readonly reactor: IReactorTCP;
  readonly host: string;
  readonly port: number;
  readonly options: ConnectTCPOptions;
  readonly destination: IAddress;
}

/** What both kinds have in common. */
abstract class TCPClientEndpoint implements IStreamClientEndpoint {
  readonly #place: Place;

  constructor(place: Place) {
    checkedPort(place.port);
    this.#place = place;
  }

  /**
   * Connect. The factory is started, asked for one protocol, and stopped when its connection ends.
   *
   * @returns Fires once: with the protocol when its `connectionMade` has run. Fails with what
   * `buildProtocol` or `connectionMade` threw, with `NoProtocol`, or with the `ConnectError` of the
   * attempt. Cancelled (or aborted): the attempt is given up and it fails with
   * `ConnectingCancelledError`.
   */
  connect<P extends IProtocol>(
    factory: IProtocolFactory<P>,
    { signal }: AbortOptions = {},
  ): Deferred<P> {
    const { reactor, host, port, options, destination } = this.#place;
    return connectThrough(factory, {
      destination,
      signal,
      start: (wrapping) => reactor.connectTCP(host, port, wrapping, options),
    });
  }

  /** What `clientFromString` reads: `tcp:example.com:80:timeout=5`. Limits are left out. */
  toString(): string {
    const { prefix, host, port, options } = this.#place;
    return formatStringDescription([prefix, host, String(port)], keywordsOf(options));
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}

function keywordsOf(options: ConnectTCPOptions): readonly (readonly [string, string])[] {
  const { timeout = TIMEOUT, bindAddress = "" } = options;
  const keywords: (readonly [string, string])[] = [];
  if (timeout !== TIMEOUT) keywords.push(["timeout", String(timeout)]);
  const local = typeof bindAddress === "string" ? bindAddress : bindAddress.host;
  if (local !== "") keywords.push(["bindAddress", local]);
  return keywords;
}

/**
 * Connects to a TCP port over IPv4: a name, of which only IPv4 addresses count, or an address.
 *
 * @example
 * ```ts
 * import {
 *   Factory,
 *   IPv4Address,
 *   Protocol,
 *   TCP4ClientEndpoint,
 *   TCP4ServerEndpoint,
 * } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const factory = Factory.forProtocol(Protocol);
 * const server = new TCP4ServerEndpoint(reactor, 0, { interface: "127.0.0.1" });
 * const port = await server.listen(factory);
 * const address = port.getHost();
 * if (!(address instanceof IPv4Address)) throw new TypeError("expected an IPv4 address");
 *
 * const client = new TCP4ClientEndpoint(reactor, address.host, address.port, { timeout: 5 });
 * const protocol = await client.connect(factory);
 * protocol.transport.loseConnection();
 * await port.stopListening();
 * ```
 */
export class TCP4ClientEndpoint extends TCPClientEndpoint {
  /**
   * @param port 0 to 65535.
   * @param options `timeout` 30 seconds unless told otherwise.
   * @throws {RangeError} No such port.
   */
  constructor(reactor: IReactorTCP, host: string, port: number, options: ConnectTCPOptions = {}) {
    const destination = new HostnameAddress(host, port);
    const complete: ConnectTCPOptions = { timeout: TIMEOUT, ...options, family: 4 };
    super({ prefix: "tcp", reactor, host, port, options: complete, destination });
  }
}

/** Connects to a TCP port over IPv6: a name, of which only IPv6 addresses count, or an address. */
export class TCP6ClientEndpoint extends TCPClientEndpoint {
  /**
   * @param host A name, or an IPv6 address without brackets; a zone (`fe80::1%eth0`) may follow.
   * @param port 0 to 65535.
   * @param options `timeout` 30 seconds unless told otherwise.
   * @throws {RangeError} No such port.
   */
  constructor(reactor: IReactorTCP, host: string, port: number, options: ConnectTCPOptions = {}) {
    const destination = new HostnameAddress(host, port);
    const complete: ConnectTCPOptions = { timeout: TIMEOUT, ...options, family: 6 };
    super({ prefix: "tcp6", reactor, host, port, options: complete, destination });
  }
}
