/**
 * One end of a connection over a UNIX socket, on `node:net`.
 *
 * @module
 */
import type { UNIXAddress } from "../../internet/addresses.ts";
import type { IUNIXTransport } from "../../internet/interfaces-unix.ts";
import type { Accepted } from "./accept.ts";
import type { TransportParts } from "../base/conduit-transport.ts";
import { NodeTransport } from "./node-transport.ts";
import { SocketConduit } from "./socket-conduit.ts";

/** What a connection over a UNIX socket does not tell by itself. */
export interface UNIXParts extends Omit<TransportParts, "conduit"> {
  readonly peer: UNIXAddress;
  readonly host: UNIXAddress;
}

/** See the top of this file. */
export class UNIXTransport extends NodeTransport implements IUNIXTransport {
  readonly #peer: UNIXAddress;
  readonly #host: UNIXAddress;

  constructor(connection: Accepted, parts: UNIXParts) {
    super({ ...parts, conduit: new SocketConduit(parts.reactor, connection) });
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
