/**
 * Accepted connections as sockets that read through an {@link Inlet}.
 *
 * node:net has the `onread` option for sockets that connect, none for those that a server accepts:
 * there the socket must be made from the handle that libuv accepted. The handle is not a documented
 * part of Node; where it is not as we know it, connections come as Node makes them, with `"data"`
 * events, and everything works the same, only slower.
 *
 * @module
 */
import { type Server, Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import { Inlet } from "./inlet.ts";

/** A connection that came in. Not reading yet. */
export interface Accepted {
  readonly socket: Socket;
  /** Missing where the socket has `"data"` events. */
  readonly inlet: Inlet | undefined;
}

/** Who is told. */
export interface Acceptor {
  accepted(connection: Accepted): void;
  failed(error: Error): void;
}

/** From now on, what the listening `server` accepts goes to `acceptor`. */
export function acceptInto(server: Server, acceptor: Acceptor): void {
  const handle: unknown = Reflect.get(server, "_handle");
  const known =
    typeof handle === "object" &&
    handle !== null &&
    typeof Reflect.get(handle, "onconnection") === "function";
  if (!known) {
    server.on("connection", (socket) => acceptor.accepted({ socket, inlet: undefined }));
    return;
  }
  Reflect.set(handle, "onconnection", (status: number, accepted: unknown) => {
    if (status !== 0) acceptor.failed(new Error(`accept: ${getSystemErrorName(status)}`));
    else acceptor.accepted(socketOf({ handle: accepted }));
  });
}

/** A socket from what there is of it: libuv's handle, or a descriptor. */
export function socketOf(origin: { readonly handle: unknown } | { readonly fd: number }): Accepted {
  const inlet = new Inlet();
  // Reflect.construct, because the types know nothing of `handle` and `pauseOnCreate`.
  const socket: Socket = Reflect.construct(Socket, [
    {
      ...origin,
      allowHalfOpen: true,
      pauseOnCreate: true,
      readable: true,
      writable: true,
      onread: inlet.onread,
    },
  ]);
  socket.setNoDelay(true);
  return { socket, inlet };
}
