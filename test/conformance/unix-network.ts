/**
 * Contracts over UNIX sockets.
 *
 * @module
 */
import { UNIXAddress } from "../../src/internet/addresses.ts";
import type { IReactorUNIX } from "../../src/internet/interfaces-unix.ts";
import type { Network } from "../../src/testing/contracts/network.ts";

/** @param freePath Where nothing is yet. */
export function unixNetwork(
  reactor: IReactorUNIX,
  freePath: () => string,
  hasResets: boolean,
): Network {
  return {
    hasResets,
    listen: (factory, options, place = freePath()) =>
      reactor.listenUNIX(String(place), factory, options),
    connect: (place, factory, options) => reactor.connectUNIX(String(place), factory, options),
    placeOf: (port) => {
      const address = port.getHost();
      if (address instanceof UNIXAddress) return address.name;
      throw new TypeError(`expected a UNIX address, got ${address.toString()}`);
    },
  };
}
