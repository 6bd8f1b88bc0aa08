/**
 * One attempt to connect a socket of `node:net`.
 *
 * @module
 */
import { createConnection, type NetConnectOpts, type Socket } from "node:net";
import { Failure } from "../../defer/failure.ts";
import type { Accepted } from "./accept.ts";
import { Inlet } from "./inlet.ts";

/** Who is told: one of both, once, in a later turn. */
export interface Dialer {
  /** @param refuse Close it: nobody wants it. */
  connected(connection: Accepted, refuse: () => void): void;
  failed(error: Error): void;
}

/** Begin. @returns Gives it up: nothing is told any more. */
export function dial(where: NetConnectOpts, dialer: Dialer): () => void {
  const inlet = new Inlet();
  let socket: Socket;
  try {
    socket = createConnection({
      ...where,
      allowHalfOpen: true,
      noDelay: true,
      onread: inlet.onread,
    });
  } catch (error) {
    // Node throws at a bindAddress that is none.
    let wanted = true;
    process.nextTick(() => {
      if (wanted) dialer.failed(Failure.of(error).value);
    });
    return () => {
      wanted = false;
    };
  }
  return follow(socket, inlet, dialer);
}

function follow(socket: Socket, inlet: Inlet, dialer: Dialer): () => void {
  let wanted = true;
  socket.pause(); // Until the protocol is there.
  const failed = (error: Error): void => {
    if (wanted) dialer.failed(error);
    wanted = false;
  };
  socket.on("error", failed);
  socket.once("connect", () => {
    if (!wanted) return;
    wanted = false;
    socket.off("error", failed);
    dialer.connected({ socket, inlet }, () => {
      socket.on("error", () => {}); // Nobody is left to be told.
      socket.destroy();
    });
  });
  return () => {
    wanted = false;
    socket.destroy();
  };
}
