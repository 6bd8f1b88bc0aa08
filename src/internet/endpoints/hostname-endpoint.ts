/**
 * A place to connect to by name, over whichever of its addresses answers first.
 *
 * After: twisted.internet.endpoints.HostnameEndpoint. Spec: RFC 8305 (Happy Eyeballs). Differs:
 * addresses of both families take turns; a failed attempt is followed by the next at once; attempts
 * begin before the resolver is through; `timeout` is for everything, not for each attempt; the
 * error tells every attempt's own; the factory is started and stopped once.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import { quote } from "../../core/text.ts";
import { fail } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { HostnameAddress } from "../addresses.ts";
import { UnknownHostError } from "../errors.ts";
import type {
  AbortOptions,
  IProtocolFactory,
  IStreamClientEndpoint,
} from "../interfaces-factory.ts";
import type {
  ConnectionLimits,
  ConnectTCPOptions,
  IReactorTCP,
  IReactorTime,
} from "../interfaces-reactor.ts";
import type {
  IPAddress,
  IReactorPluggableNameResolver,
  ResolveHostNameOptions,
} from "../interfaces-resolver.ts";
import type { IProtocol } from "../interfaces-transport.ts";
import { ipFamily } from "../ip-family.ts";
import { addressFromLiteral } from "../names/address-literal.ts";
import { toHostName } from "../names/host-name.ts";
import { checkedPort } from "../ports.ts";
import { raceConnections } from "./_connection-race.ts";
import { formatStringDescription } from "./string-description.ts";

/** Seconds for everything, unless told otherwise. Twisted's, for each attempt. */
const TIMEOUT = 30;
/** Seconds between attempts, recommended by RFC 8305 §5. */
const ATTEMPT_DELAY = 0.25;
/** The least that RFC 8305 §5 allows: less would be a flood. */
const ATTEMPT_DELAY_MIN = 0.01;
/** Far more than names have that mean well. */
const MAX_ATTEMPTS = 64;

/** What a {@link HostnameEndpoint} asks of its reactor. */
export type HostnameEndpointReactor = IReactorTCP & IReactorTime & IReactorPluggableNameResolver;

/** Options of {@link HostnameEndpoint}. */
export interface HostnameEndpointOptions extends ConnectionLimits {
  /** Seconds for resolving the name and connecting together. Default: 30. */
  readonly timeout?: number;
  /**
   * Our own end: address, or address and port; only addresses of its family are then tried. With a
   * port, attempts stand in each other's way.
   */
  readonly bindAddress?: string | { readonly host: string; readonly port?: number };
  /**
   * Seconds after which the next address is tried while earlier ones go on. At least 0.01. Default:
   * 0.25.
   */
  readonly attemptDelay?: number;
  /** Addresses that are tried at most. Default: 64. */
  readonly maxAttempts?: number;
}

/**
 * Connects to a TCP port of a host that is given by name.
 *
 * The reactor's resolver gives the addresses. They are tried one after the other, IPv6 and IPv4 in
 * turn, each a quarter of a second after the one before, or at once when one fails. Nobody is
 * hurried: an attempt goes on until another is connected or `timeout` has passed. The first
 * connection is asked for its protocol; the others are closed, and the factory never hears of them.
 *
 * @example
 * ```ts
 * import { Factory, HostnameEndpoint, Protocol } from "sennit/internet";
 * import { MemoryReactor, successResultOf } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * reactor.names.set("example.com", "2001:db8::1", "192.0.2.1");
 * reactor.network.routes.set("2001:db8::1", { outcome: "drop" });
 * reactor.listenTCP(80, Factory.forProtocol(Protocol));
 *
 * const endpoint = new HostnameEndpoint(reactor, "example.com", 80);
 * const connecting = endpoint.connect(Factory.forProtocol(Protocol));
 * reactor.advance(0.25); // IPv6 does not answer, so IPv4 has its turn
 * console.log(successResultOf(connecting).transport.getPeer().toString()); // 127.0.0.1:80
 * ```
 */
export class HostnameEndpoint implements IStreamClientEndpoint {
  readonly #reactor: HostnameEndpointReactor;
  readonly #host: string;
  readonly #port: number;
  readonly #options: HostnameEndpointOptions;

  /**
   * @param host A name, internationalized (UTS 46) or not, or an address, which is then the only
   *   one tried; IPv6 with or without brackets. What is neither fails each `connect`.
   * @param port 0 to 65535.
   * @throws {RangeError} No such port, or an option out of its range.
   */
  constructor(
    reactor: HostnameEndpointReactor,
    host: string,
    port: number,
    options: HostnameEndpointOptions = {},
  ) {
    const { timeout = TIMEOUT, attemptDelay = ATTEMPT_DELAY, maxAttempts, bindAddress } = options;
    checkedPort(port);
    if (typeof bindAddress === "object") checkedPort(bindAddress.port ?? 0);
    check("timeout", timeout, 0);
    check("attemptDelay", attemptDelay, ATTEMPT_DELAY_MIN);
    check("maxAttempts", maxAttempts ?? MAX_ATTEMPTS, 1);
    this.#reactor = reactor;
    this.#host = /^\[.*\]$/u.test(host) ? host.slice(1, -1) : host;
    this.#port = port;
    this.#options = options;
  }

  /**
   * Connect. The factory is started, asked for one protocol, and stopped when its connection ends.
   *
   * @returns Fires once: with the protocol when its `connectionMade` has run. Fails with what
   * `buildProtocol` or `connectionMade` threw, with `NoProtocol`, with a `ResolutionError` when
   * there is no address, with `TimeoutError`, whose `phase` and `cause` tell how far it got, with
   * {@link AllAttemptsFailedError}, also for a single address; or, if the host was given as an
   * address, with what its one attempt failed with. Cancelled (or aborted):
   * `ConnectingCancelledError`.
   */
  connect<P extends IProtocol>(
    factory: IProtocolFactory<P>,
    options: AbortOptions = {},
  ): Deferred<P> {
    const goal = this.#goal();
    if (goal instanceof Error) return fail(goal);
    const { timeout = TIMEOUT, attemptDelay = ATTEMPT_DELAY, maxAttempts } = this.#options;
    const plan = {
      reactor: this.#reactor,
      goal,
      destination: typeof goal === "string" ? new HostnameAddress(goal, this.#port) : goal,
      resolve: this.#resolveOptions(),
      connect: this.#connectOptions(timeout),
      timeout,
      attemptDelay,
      maxAttempts: maxAttempts ?? MAX_ATTEMPTS,
    };
    return raceConnections(plan, factory, options);
  }

  /** What to resolve, or the one address. */
  #goal(): string | IPAddress | Error {
    const literal = addressFromLiteral(this.#host, { portNumber: this.#port });
    if (literal !== undefined) return literal;
    const checked = toHostName(this.#host);
    if ("name" in checked) return checked.name;
    return new UnknownHostError(
      `Cannot connect to ${quote(this.#host)}: it is no host name: ${checked.problem}`,
      new HostnameAddress(this.#host, this.#port),
    );
  }

  #resolveOptions(): ResolveHostNameOptions {
    const { bindAddress = "" } = this.#options;
    const family = ipFamily(typeof bindAddress === "string" ? bindAddress : bindAddress.host);
    if (family === 0) return { portNumber: this.#port };
    return { portNumber: this.#port, addressTypes: [family === 4 ? "IPv4" : "IPv6"] };
  }

  #connectOptions(timeout: number): ConnectTCPOptions {
    const { attemptDelay: _delay, maxAttempts: _max, ...options } = this.#options;
    return { ...options, timeout };
  }

  /** What `clientFromString` reads: `host:example.com:80:timeout=5`. Limits are left out. */
  toString(): string {
    const positional = ["host", this.#host, String(this.#port)];
    return formatStringDescription(positional, keywordsOf(this.#options));
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}

function check(what: string, value: number, least: number): void {
  if (value >= least) return;
  throw new RangeError(
    `Cannot make a HostnameEndpoint: expected ${what} to be at least ${String(least)}, ` +
      `got ${String(value)}`,
  );
}

function keywordsOf(options: HostnameEndpointOptions): readonly (readonly [string, string])[] {
  const { timeout = TIMEOUT, bindAddress = "", attemptDelay = ATTEMPT_DELAY } = options;
  const keywords: (readonly [string, string])[] = [];
  if (timeout !== TIMEOUT) keywords.push(["timeout", String(timeout)]);
  const local = typeof bindAddress === "string" ? bindAddress : bindAddress.host;
  if (local !== "") keywords.push(["bindAddress", local]);
  if (attemptDelay !== ATTEMPT_DELAY) keywords.push(["attemptDelay", String(attemptDelay)]);
  return keywords;
}
