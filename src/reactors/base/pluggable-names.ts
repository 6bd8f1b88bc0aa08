/**
 * The resolver that a reactor's names go through: `IReactorPluggableNameResolver`, once for every
 * kind of reactor.
 *
 * After: twisted.internet.base.ReactorBase (`installNameResolver`, `resolve`). Differs: `resolve`
 * takes IPv6 addresses as they are too.
 *
 * @module
 */
import { succeed } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IHostnameResolver } from "../../internet/interfaces-resolver.ts";
import { addressFromLiteral } from "../../internet/names/address-literal.ts";
import { ComplexResolverSimplifier } from "../../internet/names/bridges.ts";

/** Twisted's: seconds of four tries. */
const TIMEOUTS: readonly number[] = [1, 3, 11, 45];

/** See the top of this file. */
export class PluggableNames {
  readonly #clock: IReactorTime;
  #resolver: IHostnameResolver;

  constructor(clock: IReactorTime, resolver: IHostnameResolver) {
    this.#clock = clock;
    this.#resolver = resolver;
  }

  /** The one in use. */
  get nameResolver(): IHostnameResolver {
    return this.#resolver;
  }

  /** Use another one. @returns The one before. */
  install(resolver: IHostnameResolver): IHostnameResolver {
    const before = this.#resolver;
    this.#resolver = resolver;
    return before;
  }

  /** One IPv4 address, in text; an address is its own. */
  resolve(name: string, timeouts: readonly number[] = TIMEOUTS): Deferred<string> {
    if (name === "") return succeed("0.0.0.0");
    if (addressFromLiteral(name) !== undefined) return succeed(name);
    return new ComplexResolverSimplifier(this.#resolver, this.#clock).getHostByName(name, timeouts);
  }
}
