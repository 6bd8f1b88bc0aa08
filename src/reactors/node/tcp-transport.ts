/**
 * One end of a TCP connection on `node:net`.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { ITCPTransport } from "../../internet/interfaces-transport.ts";
import type { Accepted } from "./accept.ts";
import { tcpAddress } from "./addresses.ts";
import { ConduitTransport, type TransportParts } from "./conduit-transport.ts";
import { SocketConduit } from "./socket-conduit.ts";
import { secured, type TLSWanted } from "./tls-conduit.ts";

/** What a connection of TCP does not tell by itself. */
export type TCPParts = Omit<TransportParts, "host" | "conduit">;

/** The transport of a connection. @throws {Error} TLS is wanted, with keys that do not fit. */
export function tcpTransport(
  connection: Accepted,
  parts: TCPParts,
  tls: TLSWanted | undefined,
): TCPTransport {
  const { socket } = connection;
  const host = tcpAddress(socket.localAddress, socket.localPort);
  const conduit = secured(parts.reactor, new SocketConduit(parts.reactor, connection), tls);
  return new TCPTransport(socket, { ...parts, conduit, host });
}

/** See the top of this file. */
export class TCPTransport extends ConduitTransport implements ITCPTransport {
  readonly #socket: Socket;
  #noDelay = true;
  #keepAlive = false;

  /** @param socket The lowest one, of TCP itself. */
  constructor(socket: Socket, parts: TransportParts) {
    super(parts);
    this.#socket = socket;
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
