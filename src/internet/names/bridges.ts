/**
 * Bridges between the two kinds of resolver: one that streams addresses, and one that gives one.
 *
 * After: twisted.internet._resolver. Differs: cancelling goes through; errors and their causes do
 * too; a simple resolver may give an IPv6 address; deadlines are kept where there is a clock.
 *
 * @module
 */
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { DNSLookupError } from "../errors.ts";
import type { IReactorTime } from "../interfaces-reactor.ts";
import type {
  IHostnameResolver,
  IHostResolution,
  IPAddress,
  IResolutionReceiver,
  IResolverSimple,
  ResolveHostNameOptions,
} from "../interfaces-resolver.ts";
import { addressFromLiteral, literalFromAddress } from "./address-literal.ts";
import { beginResolution } from "./begin-resolution.ts";
import { toHostName } from "./host-name.ts";
import { HostResolution } from "./host-resolution.ts";
import { cannotResolve, noAddress, resolverFailed } from "./resolution-errors.ts";

/** Fires a Deferred with the first address, in text, and lets go of the others. */
export class FirstOneWins implements IResolutionReceiver {
  readonly #deferred: Deferred<string>;
  #resolution: IHostResolution | undefined;

  /** @param deferred Fails with a `ResolutionError` when there is no address. */
  constructor(deferred: Deferred<string>) {
    this.#deferred = deferred;
  }

  resolutionBegan(resolution: IHostResolution): void {
    this.#resolution = resolution;
  }

  addressResolved(address: IPAddress): void {
    if (this.#deferred.called) return;
    this.#resolution?.cancel();
    this.#deferred.callback(literalFromAddress(address));
  }

  resolutionComplete(reason?: Failure): void {
    if (this.#deferred.called) return;
    this.#deferred.errback(noAddress(this.#resolution?.name ?? "", reason));
  }
}

/**
 * A simple resolver from one that streams: the first IPv4 address.
 *
 * @example
 * ```ts
 * import { ComplexResolverSimplifier } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const resolver = new ComplexResolverSimplifier(reactor.nameResolver, reactor);
 * console.log(await resolver.getHostByName("localhost", [5])); // 127.0.0.1
 * ```
 */
export class ComplexResolverSimplifier implements IResolverSimple {
  readonly #resolver: IHostnameResolver;
  readonly #clock: IReactorTime | undefined;

  /** @param clock Without one, timeouts are not looked at: the resolver has its own. */
  constructor(resolver: IHostnameResolver, clock?: IReactorTime) {
    this.#resolver = resolver;
    this.#clock = clock;
  }

  getHostByName(name: string, timeouts: readonly number[] = []): Deferred<string> {
    let letGo = (): void => {};
    const found = new Deferred<string>(() => letGo());
    letGo = beginResolution(
      this.#resolver,
      name,
      { addressTypes: ["IPv4"] },
      {
        address: (address) => {
          if (found.called || address.kind !== "IPv4") return;
          letGo();
          found.callback(address.host);
        },
        complete: (reason) => {
          if (!found.called) found.errback(noAddress(name, reason));
        },
      },
    );
    if (found.called) letGo();
    if (this.#clock === undefined || timeouts.length === 0) return found;
    const seconds = timeouts.reduce((sum, one) => sum + one, 0);
    return found.addTimeout(seconds, this.#clock, (result) => {
      if (!(result instanceof Failure)) return result;
      const why = `no answer within ${String(seconds)} seconds`;
      return new Failure(cannotResolve(DNSLookupError, name, why));
    });
  }
}

/**
 * A resolver that streams, from a simple one: one address or none.
 *
 * @example
 * ```ts
 * import { succeed } from "sennit/defer";
 * import { type IResolverSimple, resolveAll, SimpleResolverComplexifier } from "sennit/internet";
 *
 * const oneForAll: IResolverSimple = { getHostByName: () => succeed("192.0.2.1") };
 * const resolver = new SimpleResolverComplexifier(oneForAll);
 * const addresses = await resolveAll(resolver, "example.com", { portNumber: 80 });
 * console.log(addresses.join()); // 192.0.2.1:80
 * ```
 */
export class SimpleResolverComplexifier implements IHostnameResolver {
  readonly #simple: IResolverSimple;

  constructor(simple: IResolverSimple) {
    this.#simple = simple;
  }

  /** Names that are not ASCII are encoded first, as Twisted does. */
  resolveHostName(
    receiver: IResolutionReceiver,
    hostName: string,
    options: ResolveHostNameOptions = {},
  ): IHostResolution {
    let asked: Deferred<unknown> | undefined;
    const resolution = new HostResolution(hostName, receiver, () => asked?.cancel());
    resolution.begin();
    if (!resolution.active) return resolution;
    try {
      asked = this.#ask(resolution, options);
    } catch (error) {
      resolution.resolutionComplete(resolverFailed(hostName, Failure.of(error)));
    }
    if (!resolution.active) asked?.cancel();
    return resolution;
  }

  #ask(resolution: HostResolution, options: ResolveHostNameOptions): Deferred<unknown> {
    const { name } = resolution;
    const checked = toHostName(name);
    // What is no name (an IPv6 address) goes as it is.
    const asked = this.#simple.getHostByName("name" in checked ? checked.name : name);
    return asked.addCallbacks(
      (text) => tell(resolution, text, options),
      (failure) => resolution.resolutionComplete(resolverFailed(name, failure)),
    );
  }
}

function tell(resolution: HostResolution, text: string, options: ResolveHostNameOptions): void {
  const { name } = resolution;
  const address = addressFromLiteral(text, options);
  if (address === undefined) {
    const why = `the resolver gave ${JSON.stringify(text)}, which is no address`;
    resolution.resolutionComplete(cannotResolve(DNSLookupError, name, why));
    return;
  }
  const { addressTypes = [address.kind] } = options;
  if (!addressTypes.includes(address.kind)) {
    const why = `the resolver knows only an ${address.kind} address`;
    resolution.resolutionComplete(cannotResolve(DNSLookupError, name, why));
    return;
  }
  resolution.addressResolved(address);
  resolution.resolutionComplete();
}
