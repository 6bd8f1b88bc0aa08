/**
 * `Via`: who has passed a message on. And how far one may go.
 *
 *     Via: 1.1 edge, 1.0 fred (Squid), 1.1 sennit-9f86d081
 *
 * A proxy that finds its own name there has sent the request to itself.
 *
 * Spec: RFC 9110 §7.6.2 (Max-Forwards), §7.6.3 (Via).
 *
 * @module
 */
import type { IReactorRandom } from "../../internet/interfaces-reactor.ts";

const DIGITS = /^\d{1,9}$/u;
/** In hexadecimal: two proxies have the same name once in four billion. */
const NAME_BYTES = 4;

/** A name for a proxy that has none: `sennit-9f86d081`. */
export function madeUpName(reactor: IReactorRandom): string {
  return `sennit-${reactor.randomBytes(NAME_BYTES).toString("hex")}`;
}

/**
 * The version as it stands in Via.
 *
 * @param protocol `HTTP/1.1`, and its like.
 */
export function viaVersion(protocol: string): string {
  return protocol.replace(/^HTTP\//u, "");
}

/** Has `name` passed it on already? @param via The value of Via. */
export function hasPassed(via: string | undefined, name: string): boolean {
  if (via === undefined) return false;
  const lower = name.toLowerCase();
  return via.split(",").some(
    (hop) =>
      hop
        .trim()
        .toLowerCase()
        .split(/[\t ]+/u)[1] === lower,
  );
}

/** How many times a message may still be passed on; `undefined`: nobody said, in a way to read. */
export function forwardsLeft(maxForwards: string | undefined): number | undefined {
  return maxForwards !== undefined && DIGITS.test(maxForwards) ? Number(maxForwards) : undefined;
}
