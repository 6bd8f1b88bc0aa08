/**
 * The transport of a simulated connection over a UNIX socket.
 *
 * @module
 */
import { UNIXAddress } from "../../../internet/addresses.ts";
import type { IUNIXTransport } from "../../../internet/interfaces-unix.ts";
import type { TransportParts } from "../../base/conduit-transport.ts";
import { SimulatedTransport } from "../tcp/transport.ts";

/** The name of a client's end. */
export const UNNAMED: UNIXAddress = new UNIXAddress("");

/** What a {@link SimulatedUNIXTransport} is made of. */
export interface SimulatedUNIXParts extends TransportParts {
  readonly peer: UNIXAddress;
  readonly host: UNIXAddress;
}

/** See the top of this file. */
export class SimulatedUNIXTransport extends SimulatedTransport implements IUNIXTransport {
  readonly #peer: UNIXAddress;
  readonly #host: UNIXAddress;

  constructor(parts: SimulatedUNIXParts) {
    super(parts);
    this.#peer = parts.peer;
    this.#host = parts.host;
  }

  override getPeer(): UNIXAddress {
    return this.#peer;
  }

  override getHost(): UNIXAddress {
    return this.#host;
  }
}
