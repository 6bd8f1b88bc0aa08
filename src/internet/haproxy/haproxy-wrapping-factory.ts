/**
 * Makes a factory's protocols see the clients of a proxy, instead of the proxy.
 *
 * After: twisted.protocols.haproxy._wrapper.HAProxyWrappingFactory. Differs: the wrapped factory is
 * asked for a protocol when the header is whole, with the client's address (there: at once, with
 * the proxy's); a header has a deadline; those who may send one can be listed; what is broken is
 * aborted, with a reason that can be had.
 *
 * @module
 */
import { Logger } from "../../logger/logger.ts";
import { AddressRanges } from "../address-ranges.ts";
import type { IAddress } from "../addresses.ts";
import type { IProtocolFactory } from "../interfaces-factory.ts";
import type { IReactorTime } from "../interfaces-reactor.ts";
import { type ILoggingContext, providesLoggingContext } from "../interfaces-transport.ts";
import { UntrustedProxyError } from "./errors.ts";
import {
  HAProxyProtocol,
  type HAProxyProtocolParts,
  type HAProxyRefusal,
} from "./haproxy-protocol.ts";
import { checkedHeaderBytes, type ProxyHeaderOptions } from "./wire/proxy-header-reader.ts";

const log = new Logger({ namespace: "sennit.haproxy" });

/** Ours: three times what the spec has for the least (§2: a retransmitted segment). */
const HEADER_TIMEOUT = 10;
/** Seconds between two warnings: who sends garbage must not fill the disk with our words. */
const WARNING_INTERVAL = 10;

/** Options of {@link HAProxyWrappingFactory} and {@link HAProxyServerEndpoint}. */
export interface HAProxyOptions extends ProxyHeaderOptions {
  /**
   * Whose headers are believed: addresses and ranges (`127.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`),
   * and `unix:` for whoever can open a UNIX socket. Connections from elsewhere are closed. Default:
   * everybody's. **Then whoever can connect can claim to be any client:** leave the list out only
   * where nobody but the proxy can reach the port.
   */
  readonly trusted?: Iterable<string>;
  /**
   * Seconds for the whole header, from the begin of the connection, or from the end of its TLS
   * handshake; then it is aborted with `ConnectionTimedOut("proxy header")`. `Infinity` for no
   * deadline. Default: 10.
   */
  readonly headerTimeout?: number;
  /**
   * Told of each connection that is closed for what it sent or did not send, and of the address it
   * came from. Who connects and goes away without a byte is not told of: so do health checks.
   * Default: a warning in the log, at most one in 10 seconds, the others for debugging.
   */
  readonly refused?: (reason: HAProxyRefusal, peer: IAddress) => void;
}

/** The options with their defaults. */
interface Settings {
  readonly trusted: AddressRanges | undefined;
  readonly headerTimeout: number;
  readonly maxHeaderBytes: number;
}

/** @throws {RangeError} An option that makes no sense. */
export function checkedHAProxyOptions(options: HAProxyOptions): Settings {
  const { headerTimeout = HEADER_TIMEOUT, maxHeaderBytes } = options;
  if (!(headerTimeout > 0)) {
    throw new RangeError(
      `Cannot set headerTimeout to ${String(headerTimeout)}: ` +
        "expected more than 0 seconds, or Infinity for no deadline",
    );
  }
  const trusted = options.trusted && [...options.trusted];
  if (trusted?.length === 0) {
    throw new RangeError("Cannot trust an empty list: expected at least one address or range");
  }
  return {
    trusted: trusted && new AddressRanges(trusted),
    headerTimeout,
    maxHeaderBytes: checkedHeaderBytes(maxHeaderBytes),
  };
}

/**
 * Reads the PROXY header (version 1 or 2) that a proxy sends before everything else, then asks the
 * wrapped factory for a protocol.
 *
 * `buildProtocol` gets the client's address, and the protocol's transport tells the addresses of
 * the header; if that does not know them (`UNKNOWN`, `LOCAL`), they are those of the socket. The
 * rest of the header is in the transport's `proxyHeader` ({@link providesProxyHeader}). Everything
 * else is as without a proxy. A connection without a header is closed: there is no guessing (§2).
 *
 * The port's `connections` are those of the clients; one whose header is not whole is the proxy's.
 *
 * For TLS inside of the proxied connection, wrap a factory that speaks TLS; where the proxy itself
 * speaks TLS to us, wrap an endpoint that does.
 *
 * @example
 * ```ts
 * import { Factory, HAProxyWrappingFactory, Protocol } from "sennit/internet";
 * import { MemoryReactor, StringTransport } from "sennit/testing";
 *
 * class Greeter extends Protocol {
 *   override connectionMade(): void {
 *     this.transport.write(`hello ${this.transport.getPeer().toString()}`);
 *   }
 * }
 * const reactor = new MemoryReactor();
 * const greeters = Factory.forProtocol(Greeter);
 * const factory = new HAProxyWrappingFactory(reactor, greeters, { trusted: ["198.51.100.0/24"] });
 *
 * const transport = new StringTransport({ reactor }); // its peer is 198.51.100.1
 * const protocol = factory.buildProtocol(transport.getPeer());
 * if (protocol !== undefined) transport.connect(protocol);
 * transport.deliver("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n");
 * console.log(transport.value().toString()); // hello 192.0.2.7:56324
 * ```
 */
export class HAProxyWrappingFactory implements IProtocolFactory<HAProxyProtocol>, ILoggingContext {
  /** The one that makes the protocols. */
  readonly wrappedFactory: IProtocolFactory;
  readonly #trusted: AddressRanges | undefined;
  readonly #refused: ((reason: HAProxyRefusal, peer: IAddress) => void) | undefined;
  readonly #parts: HAProxyProtocolParts;
  #warned = Number.NEGATIVE_INFINITY;

  /**
   * @param reactor For the deadline.
   * @throws {RangeError} An option that makes no sense.
   */
  constructor(reactor: IReactorTime, wrapped: IProtocolFactory, options: HAProxyOptions = {}) {
    const { trusted, headerTimeout, maxHeaderBytes } = checkedHAProxyOptions(options);
    this.wrappedFactory = wrapped;
    this.#trusted = trusted;
    this.#refused = options.refused;
    this.#parts = {
      reactor,
      factory: wrapped,
      maxHeaderBytes,
      headerTimeout,
      refused: (reason, peer) => this.#tell(reason, peer),
    };
  }

  doStart(): void {
    this.wrappedFactory.doStart();
  }

  doStop(): void {
    this.wrappedFactory.doStop();
  }

  /** Reads the header of a connection from `address`; `undefined` if that is not trusted. */
  buildProtocol(address: IAddress): HAProxyProtocol | undefined {
    if (this.#trusted?.has(address) !== false) return new HAProxyProtocol(this.#parts);
    this.#tell(new UntrustedProxyError(address), address);
    return undefined;
  }

  #tell(reason: HAProxyRefusal, peer: IAddress): void {
    if (this.#refused === undefined) {
      this.#log(reason, peer);
      return;
    }
    try {
      this.#refused(reason, peer);
    } catch (error) {
      log.failure("{factory}: error in refused", error, { factory: this.logPrefix() });
    }
  }

  #log(reason: HAProxyRefusal, peer: IAddress): void {
    const now = this.#parts.reactor.seconds();
    const isDue = now - this.#warned >= WARNING_INTERVAL;
    if (isDue) this.#warned = now;
    log.emit(isDue ? "warn" : "debug", "{factory}: connection from {peer} closed: {reason}", {
      factory: this.logPrefix(),
      peer: peer.toString(),
      reason: reason.message,
    });
  }

  /** The wrapped factory's own, marked. */
  logPrefix(): string {
    const wrapped = this.wrappedFactory;
    const name = providesLoggingContext(wrapped) ? wrapped.logPrefix() : wrapped.constructor.name;
    return `${name} (PROXY)`;
  }
}
