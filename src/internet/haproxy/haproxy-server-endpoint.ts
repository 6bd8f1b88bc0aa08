/**
 * A place to listen behind a proxy.
 *
 * After: twisted.protocols.haproxy.proxyEndpoint. Differs: a class; options.
 *
 * @module
 */
import { WrapperServerEndpoint } from "../endpoints/wrapper-server.ts";
import type { IProtocolFactory, IStreamServerEndpoint } from "../interfaces-factory.ts";
import type { IReactorTime } from "../interfaces-reactor.ts";
import {
  checkedHAProxyOptions,
  type HAProxyOptions,
  HAProxyWrappingFactory,
} from "./haproxy-wrapping-factory.ts";

/** Limits are left out, as in all endpoints' strings; no deadline cannot be said. */
function keywordsOf({ trusted, headerTimeout = Infinity }: HAProxyOptions): [string, string][] {
  const keywords: [string, string][] = [];
  if (trusted !== undefined) keywords.push(["trusted", [...trusted].join(",")]);
  if (headerTimeout !== Infinity) keywords.push(["headerTimeout", String(headerTimeout)]);
  return keywords;
}

/**
 * Listens where another endpoint says, for a proxy that tells who its clients are: see
 * {@link HAProxyWrappingFactory}.
 *
 * @example
 * ```ts
 * import {
 *   Factory,
 *   HAProxyServerEndpoint,
 *   Protocol,
 *   TCP4ServerEndpoint,
 * } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const place = new TCP4ServerEndpoint(reactor, 0, { interface: "127.0.0.1" });
 * const endpoint = new HAProxyServerEndpoint(reactor, place, { trusted: ["127.0.0.1"] });
 * const port = await endpoint.listen(Factory.forProtocol(Protocol));
 * console.log(String(endpoint)); // haproxy:tcp:0:interface=127.0.0.1:trusted=127.0.0.1
 * await port.stopListening();
 * ```
 */
export class HAProxyServerEndpoint extends WrapperServerEndpoint {
  /**
   * @param reactor For the deadline of headers.
   * @throws {RangeError} An option that makes no sense.
   */
  constructor(reactor: IReactorTime, wrapped: IStreamServerEndpoint, options: HAProxyOptions = {}) {
    // Read once: it may be an iterator, and `listen` may be called again.
    const trusted = options.trusted && [...options.trusted];
    const complete: HAProxyOptions = { ...options, ...(trusted && { trusted }) };
    checkedHAProxyOptions(complete);
    const wrap = (factory: IProtocolFactory): HAProxyWrappingFactory =>
      new HAProxyWrappingFactory(reactor, factory, complete);
    super({ wrapped, wrap, prefix: "haproxy", keywords: keywordsOf(complete) });
  }
}
