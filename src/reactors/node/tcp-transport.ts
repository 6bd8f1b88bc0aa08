/**
 * One end of a TCP connection on `node:net`.
 *
 * @module
 */
import type { Socket } from "node:net";
import { type IAddress, NoAddress } from "../../internet/addresses.ts";
import type { ITCPTransport } from "../../internet/interfaces-transport.ts";
import type { Accepted } from "./accept.ts";
import { tcpAddress } from "./addresses.ts";
import type { TransportParts } from "../base/conduit-transport.ts";
import { NodeTransport } from "./node-transport.ts";
import { SocketConduit } from "./socket-conduit.ts";
import { secured, type TLSWanted } from "./tls-conduit.ts";

/** Few ask for it, and idle connections should not cost more memory than they must. */
const NOT_ASKED = new NoAddress("(closed socket)");

/** What a connection of TCP does not tell by itself. */
export type TCPParts = Omit<TransportParts, "host" | "conduit">;

/** The transport of a connection. @throws {Error} TLS is wanted, with keys that do not fit. */
export function tcpTransport(
  connection: Accepted,
  parts: TCPParts,
  tls: TLSWanted | undefined,
): TCPTransport {
  const conduit = secured(parts.reactor, new SocketConduit(parts.reactor, connection), tls);
  return new TCPTransport(connection.socket, { ...parts, conduit, host: NOT_ASKED });
}

/** See the top of this file. */
export class TCPTransport extends NodeTransport implements ITCPTransport {
  readonly #socket: Socket;
  #noDelay = true;
  #keepAlive = false;
  #host: IAddress | undefined;

  /** @param socket The lowest one, of TCP itself. */
  constructor(socket: Socket, parts: TransportParts) {
    super(parts);
    this.#socket = socket;
  }

  /** Known after the end if it was asked for before. */
  override getHost(): IAddress {
    const { localAddress, localPort } = this.#socket;
    this.#host ??= localAddress === undefined ? undefined : tcpAddress(localAddress, localPort);
    return this.#host ?? super.getHost();
  }

  getTcpNoDelay(): boolean {
    return this.#noDelay;
  }

  setTcpNoDelay(enabled: boolean): void {
    this.#noDelay = enabled;
    this.#socket.setNoDelay(enabled);
  }

  getTcpKeepAlive(): boolean {
    return this.#keepAlive;
  }

  setTcpKeepAlive(enabled: boolean, initialDelay = 0): void {
    this.#keepAlive = enabled;
    this.#socket.setKeepAlive(enabled, initialDelay * 1000);
  }
}
