/**
 * Every address of a name, for those who would rather wait for a list.
 *
 * @module
 */
import { fail } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { abortCause, cancelOnAbort } from "../endpoints/abort-options.ts";
import type { AbortOptions } from "../interfaces-factory.ts";
import type {
  IHostnameResolver,
  IPAddress,
  ResolveHostNameOptions,
} from "../interfaces-resolver.ts";
import { beginResolution } from "./begin-resolution.ts";
import { noAddress } from "./resolution-errors.ts";

/**
 * All addresses that `resolver` tells of `name`, in its order.
 *
 * @returns Fires with one or more. Fails with a `ResolutionError` when there is none; cancelled, or
 * aborted, with `CancelledError`.
 *
 * @example
 * ```ts
 * import { resolveAll } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const signal = AbortSignal.timeout(5000);
 * const addresses = await resolveAll(reactor.nameResolver, "localhost", { signal });
 * console.log(addresses.map(({ host }) => host)); // [ '127.0.0.1' ], or ::1 as well
 * ```
 */
export function resolveAll(
  resolver: IHostnameResolver,
  name: string,
  { signal, ...options }: ResolveHostNameOptions & AbortOptions = {},
): Deferred<IPAddress[]> {
  const cancelled = (): Error =>
    new CancelledError(`Resolving ${JSON.stringify(name)} was cancelled`, abortCause(signal));
  if (signal?.aborted === true) return fail(cancelled());
  let letGo = (): void => {};
  const resolved = new Deferred<IPAddress[]>((deferred) => {
    letGo();
    deferred.errback(cancelled());
  });
  const addresses: IPAddress[] = [];
  letGo = beginResolution(resolver, name, options, {
    address: (address) => addresses.push(address),
    complete: (reason) => {
      if (addresses.length > 0) resolved.callback(addresses);
      else resolved.errback(noAddress(name, reason));
    },
  });
  return cancelOnAbort(resolved, signal);
}
