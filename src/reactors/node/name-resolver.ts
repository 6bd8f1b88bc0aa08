/**
 * Names as the system resolves them: `getaddrinfo`, and so `/etc/hosts`, mDNS and whatever else it
 * is set up to ask.
 *
 * After: twisted.internet._resolver.GAIResolver. Differs: says why there is no address; can be
 * cancelled; has a deadline; asks little at a time. Nothing is kept: `getaddrinfo` does not tell
 * for how long an answer holds.
 *
 * @module
 */
import { succeed } from "../../defer/combinators.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import { DNSLookupError, UnknownHostError } from "../../internet/errors.ts";
import type { IDelayedCall } from "../../internet/interfaces-reactor.ts";
import type {
  IHostnameResolver,
  IHostResolution,
  IPAddress,
  IResolutionReceiver,
  ResolutionError,
  ResolveHostNameOptions,
} from "../../internet/interfaces-resolver.ts";
import { addressFromLiteral } from "../../internet/names/address-literal.ts";
import { unresolvableBecause } from "../../internet/names/host-name.ts";
import { HostResolution } from "../../internet/names/host-resolution.ts";
import { cannotResolve } from "../../internet/names/resolution-errors.ts";
import { checkedDelay } from "../base/delayed-calls.ts";
import type { Closable, ReactorBase } from "../base/reactor-base.ts";
import { type LookupFunction, Lookups } from "./lookups.ts";

/** Seconds, the sum of Twisted's four tries. */
const TIMEOUT = 60;
/** Far more than a program asks at once, and soon out of date. */
const MAX_WAITING = 10_000;

/** What `getaddrinfo` says of names that are not there, or have no address of the family. */
const UNKNOWN = new Set(["ENOTFOUND", "ENODATA", "EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY"]);

/** Options of {@link NodeNameResolver}. */
export interface NodeNameResolverOptions {
  /** Seconds until a name is given up, the time it waits for its turn included. Default: 60. */
  readonly timeout?: number;
  /**
   * Names that the system is asked for at once. Default: 2, or half of `UV_THREADPOOL_SIZE`: what
   * libuv does at once anyway.
   */
  readonly concurrent?: number;
  /** How the system is asked: `dns.lookup`, or one with its manners that caches. */
  readonly lookup?: LookupFunction;
  /** Names that may wait for their turn; one more fails at once. Default: 10,000. */
  readonly maxWaiting?: number;
}

/**
 * The resolver that a `NodeReactor` has from the start.
 *
 * @example
 * ```ts
 * import { NodeNameResolver, NodeReactor } from "sennit/reactors";
 *
 * await using reactor = new NodeReactor();
 * reactor.installNameResolver(new NodeNameResolver(reactor, { timeout: 5 }));
 * console.log(await reactor.resolve("localhost")); // 127.0.0.1
 * ```
 */
export class NodeNameResolver implements IHostnameResolver {
  readonly #reactor: ReactorBase;
  readonly #timeout: number;
  readonly #maxWaiting: number;
  readonly #lookups: Lookups;

  /** @throws {RangeError} A timeout that is negative or not a number. */
  constructor(reactor: ReactorBase, options: NodeNameResolverOptions = {}) {
    const { timeout = TIMEOUT, concurrent, lookup, maxWaiting = MAX_WAITING } = options;
    this.#reactor = reactor;
    this.#timeout = checkedDelay(timeout);
    this.#maxWaiting = maxWaiting;
    this.#lookups = new Lookups(concurrent, lookup);
  }

  resolveHostName(
    receiver: IResolutionReceiver,
    hostName: string,
    options: ResolveHostNameOptions = {},
  ): IHostResolution {
    const reactor = this.#reactor;
    const lookup = new Lookup(reactor, hostName, receiver);
    lookup.resolution.begin();
    if (!lookup.resolution.active) return lookup.resolution;
    const literal = addressFromLiteral(hostName, options);
    const problem = this.#problem(hostName);
    if (literal !== undefined) lookup.later(() => lookup.tell([literal], options));
    else if (problem !== undefined) lookup.later(() => lookup.end(problem));
    else lookup.ask(this.#lookups, this.#timeout, options);
    return lookup.resolution;
  }

  #problem(name: string): ResolutionError | undefined {
    const why = unresolvableBecause(name);
    if (why !== undefined) return cannotResolve(UnknownHostError, name, why);
    const { waiting } = this.#lookups;
    if (waiting < this.#maxWaiting) return undefined;
    return cannotResolve(DNSLookupError, name, `${String(waiting)} names wait for their turn`);
  }
}

/** One resolution, in the reactor's books until it ends. */
class Lookup implements Closable {
  readonly resolution: HostResolution;
  readonly #reactor: ReactorBase;
  #forget: () => void = () => {};
  #alarm: IDelayedCall | undefined;

  constructor(reactor: ReactorBase, name: string, receiver: IResolutionReceiver) {
    this.#reactor = reactor;
    this.resolution = new HostResolution(name, receiver, () => this.#letGo());
  }

  /** Nobody need be asked. */
  later(f: () => void): void {
    this.#reactor.opened(this);
    this.#reactor.later(f);
  }

  ask(lookups: Lookups, timeout: number, options: ResolveHostNameOptions): void {
    const { name } = this.resolution;
    this.#reactor.opened(this);
    this.#alarm = this.#reactor.callLater(timeout, () => {
      const why = `no answer within ${String(timeout)} seconds`;
      this.end(cannotResolve(DNSLookupError, name, why));
    });
    this.#forget = lookups.ask(name, familyOf(options), (error, found = []) => {
      if (error !== null) this.end(this.#refusedBy(error));
      else
        this.tell(
          found.map((one) => addressFromLiteral(one.address, options)),
          options,
        );
    });
  }

  #refusedBy(cause: NodeJS.ErrnoException): ResolutionError {
    const Class = UNKNOWN.has(cause.code ?? "") ? UnknownHostError : DNSLookupError;
    return cannotResolve(Class, this.resolution.name, cause.message, { cause });
  }

  /** The end, with what was found. */
  tell(found: readonly (IPAddress | undefined)[], options: ResolveHostNameOptions): void {
    const { addressTypes = ["IPv4", "IPv6"] } = options;
    let told = false;
    for (const address of found) {
      if (address === undefined || !addressTypes.includes(address.kind)) continue;
      told = true;
      this.resolution.addressResolved(address);
    }
    const why = "no address of that kind";
    this.end(told ? undefined : cannotResolve(UnknownHostError, this.resolution.name, why));
  }

  /** The end, without more. */
  end(error?: ResolutionError): void {
    if (this.resolution.active) this.#letGo();
    this.resolution.resolutionComplete(error);
  }

  closeAtStop({ value }: Failure): Deferred<unknown> {
    this.end(cannotResolve(DNSLookupError, this.resolution.name, value.message, { cause: value }));
    return succeed(undefined);
  }

  #letGo(): void {
    this.#forget();
    if (this.#alarm?.active === true) this.#alarm.cancel();
    this.#reactor.closed(this);
  }
}

function familyOf({ addressTypes }: ResolveHostNameOptions): 0 | 4 | 6 {
  if (addressTypes === undefined) return 0;
  const four = addressTypes.includes("IPv4");
  if (addressTypes.includes("IPv6")) return four ? 0 : 6;
  return four ? 4 : 0;
}
