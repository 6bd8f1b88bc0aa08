/**
 * What is said when a name does not resolve: by resolvers, and by those who wanted to connect.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { Failure } from "../../defer/failure.ts";
import type { IAddress } from "../addresses.ts";
import { DNSLookupError, UnknownHostError } from "../errors.ts";
import type { ResolutionError } from "../interfaces-resolver.ts";

/** A resolver's error. `UnknownHostError`: the name is not there; else the resolver failed. */
export function cannotResolve(
  Class: typeof UnknownHostError | typeof DNSLookupError,
  name: string,
  why: string,
  options?: ErrorOptions,
): ResolutionError {
  const message = `Cannot resolve ${quote(name)}: ${why}`;
  return new Class(message, undefined, options);
}

/** Whatever a resolver threw or failed with, as a resolver's error. */
export function resolverFailed(name: string, failure: Failure): ResolutionError {
  const { value } = failure;
  if (value instanceof UnknownHostError || value instanceof DNSLookupError) return value;
  return cannotResolve(DNSLookupError, name, `the resolver failed: ${value.message}`, {
    cause: value,
  });
}

/** There was no address for `name`; `reason` is what the resolver said, if anything. */
export function noAddress(name: string, reason: Failure | undefined): ResolutionError {
  if (reason !== undefined) return resolverFailed(name, reason);
  return cannotResolve(DNSLookupError, name, "the resolver found no address");
}

/** The same for somebody who wanted to connect to `destination`. */
export function cannotConnectToName(
  destination: IAddress,
  error: ResolutionError,
): ResolutionError {
  // What the system said, if it was the system: our own words around it are said already.
  const said = error.cause instanceof Error ? error.cause : error;
  const Class = error instanceof UnknownHostError ? UnknownHostError : DNSLookupError;
  const message = `Cannot connect to ${destination.toString()}: ${said.message}`;
  return new Class(message, destination, { cause: said });
}
