/**
 * The contracts of those who turn names into addresses.
 *
 *     resolveHostName() ─▶ resolutionBegan ─▶ addressResolved … ─▶ resolutionComplete
 *                               └─ cancel(): nothing more is told
 *
 * After: IHostnameResolver, IResolutionReceiver, IHostResolution, IResolverSimple and
 * IReactorPluggableNameResolver of twisted.internet.interfaces. Differs: a resolver that found
 * nothing says why; a resolution can really be cancelled; kinds of addresses are asked for by name,
 * not by class.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import type { IPv4Address, IPv6Address } from "./addresses.ts";
import { type Capability, capability } from "./capabilities.ts";
import type { DNSLookupError, UnknownHostError } from "./errors.ts";

/** What a name resolves to. */
export type IPAddress = IPv4Address | IPv6Address;

/** Why a name did not resolve: it is not there, or whoever was asked could not tell. */
export type ResolutionError = UnknownHostError | DNSLookupError;

/** Options of {@link IHostnameResolver.resolveHostName}. */
export interface ResolveHostNameOptions {
  /** The port of the addresses; nothing is done with it. Default: 0. */
  readonly portNumber?: number;
  /** The kinds that are wanted, in no order. Default: both. */
  readonly addressTypes?: readonly IPAddress["kind"][];
  /** The type of the addresses. Default: `"TCP"`. */
  readonly transportSemantics?: IPAddress["type"];
}

/** A name that is being resolved. */
export interface IHostResolution {
  /** As it was given. */
  readonly name: string;
  /**
   * Let go: the receiver is told nothing more, `resolutionComplete` included. What the platform has
   * begun may go on unseen. Does nothing when the resolution is over.
   */
  cancel(): void;
}

/** Told what a name resolves to. What its methods throw is logged, and goes no further. */
export interface IResolutionReceiver {
  /** First, once; often from inside `resolveHostName`. */
  resolutionBegan(resolution: IHostResolution): void;
  /** An address, the better ones earlier (RFC 6724) as far as the resolver knows. */
  addressResolved(address: IPAddress): void;
  /**
   * Last, once. No address before it means that the name did not resolve.
   *
   * @param reason Why there was no address, or not every one. Without it, and without an address,
   *   there is just none.
   */
  resolutionComplete(reason?: Failure<ResolutionError>): void;
}

/**
 * Resolves names, and tells addresses as they come.
 *
 * Those that come with sennit tell all but `resolutionBegan` in a later turn; a receiver of others
 * had better expect everything from inside `resolveHostName`.
 */
export interface IHostnameResolver {
  /**
   * Begin to resolve. An address in text (`192.0.2.1`, `fe80::1%eth0`) resolves to itself.
   *
   * @returns What `receiver.resolutionBegan` was given.
   */
  resolveHostName(
    receiver: IResolutionReceiver,
    hostName: string,
    options?: ResolveHostNameOptions,
  ): IHostResolution;
}

/** Resolves names, one address each. The old way, and the short one. */
export interface IResolverSimple {
  /**
   * An address of `name`, in text.
   *
   * @param timeouts Seconds for each try; a resolver that tries once takes their sum.
   * @returns Fails with a {@link ResolutionError}. Cancel it to give up.
   */
  getHostByName(name: string, timeouts?: readonly number[]): Deferred<string>;
}

/** A reactor whose names are resolved by what is plugged in. */
export interface IReactorPluggableNameResolver {
  /** Resolves the names that `connectTCP` and endpoints are given. */
  readonly nameResolver: IHostnameResolver;
  /** Use another one from now on; what is under way goes on. @returns The one before. */
  installNameResolver(resolver: IHostnameResolver): IHostnameResolver;
  /**
   * An IPv4 address of `name`, in text. An address is its own, `""` is `0.0.0.0`, both at once.
   *
   * @param timeouts Seconds, of which the sum counts. Default: 1, 3, 11, 45.
   * @returns Fails with a {@link ResolutionError}. Cancel it to give up.
   */
  resolve(name: string, timeouts?: readonly number[]): Deferred<string>;
}
/** Asks whether a reactor's names can be resolved by what is plugged in. */
export const IReactorPluggableNameResolver: Capability<IReactorPluggableNameResolver> = capability(
  "IReactorPluggableNameResolver",
);
