/**
 * Places to connect to: UNIX sockets.
 *
 * After: twisted.internet.endpoints.UNIXClientEndpoint. Differs: an options object; prints itself
 * as the string that describes it; the user's protocol is the transport's protocol, unwrapped.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { UNIXAddress } from "../addresses.ts";
import type {
  AbortOptions,
  IProtocolFactory,
  IStreamClientEndpoint,
} from "../interfaces-factory.ts";
import type { IProtocol } from "../interfaces-transport.ts";
import type { ConnectUNIXOptions, IReactorUNIX } from "../interfaces-unix.ts";
import { checkedUNIXName } from "../unix-names.ts";
import { connectThrough } from "./_wrapping-factory.ts";
import { formatStringDescription } from "./string-description.ts";

const TIMEOUT = 30;

/**
 * Connects to a UNIX socket. See {@link UNIXServerEndpoint} for an example of both.
 */
export class UNIXClientEndpoint implements IStreamClientEndpoint {
  readonly #reactor: IReactorUNIX;
  readonly #address: string;
  readonly #options: ConnectUNIXOptions;

  /**
   * @param address A path, or on Linux `\0` and an abstract name.
   * @param options `timeout` 30 seconds, `checkPID` false, unless told otherwise.
   * @throws {RangeError} No such address.
   */
  constructor(reactor: IReactorUNIX, address: string, options: ConnectUNIXOptions = {}) {
    this.#reactor = reactor;
    this.#address = checkedUNIXName(address);
    this.#options = { timeout: TIMEOUT, checkPID: false, ...options };
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
    return connectThrough(factory, {
      destination: new UNIXAddress(this.#address),
      signal,
      start: (wrapping) => this.#reactor.connectUNIX(this.#address, wrapping, this.#options),
    });
  }

  /** What `clientFromString` reads: `unix:/run/app.sock:timeout=5`. Limits are left out. */
  toString(): string {
    const { timeout = TIMEOUT, checkPID = false } = this.#options;
    const keywords: (readonly [string, string])[] = [];
    if (checkPID) keywords.push(["lockfile", "1"]);
    if (timeout !== TIMEOUT) keywords.push(["timeout", String(timeout)]);
    return formatStringDescription(["unix", this.#address], keywords);
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}
