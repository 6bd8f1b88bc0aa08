/**
 * The pipes of a child as sockets of our own.
 *
 * The ones that node:child_process makes do not do: it reads from them when the child has exited,
 * whether they are paused or not; it closes the standard input then, which a grandchild may still
 * read; and it never reads from that one, so that nobody hears when the child closes it. So one
 * is made from the handle that libuv opened. The handle is not a documented part of Node; where it
 * is not as we know it, Node's sockets are used as they are, with those three differences.
 *
 * @module
 */
import { Socket } from "node:net";
import type { Accepted } from "../accept.ts";
import { Inlet } from "../inlet.ts";

/** The socket of one of `child.stdio`. Not reading yet. @throws {Error} It is none. */
export function childSocket(stream: unknown): Accepted {
  if (!(stream instanceof Socket)) throw new Error("Cannot use a pipe of a child: it is no socket");
  const handle: unknown = Reflect.get(stream, "_handle");
  const isKnown =
    typeof handle === "object" &&
    handle !== null &&
    typeof Reflect.get(handle, "readStop") === "function";
  if (!isKnown) {
    stream.pause();
    return { socket: stream, inlet: undefined };
  }
  Reflect.set(stream, "_handle", null);
  discard(stream);
  const inlet = new Inlet();
  // Reflect.construct, because the types know nothing of `handle` and `pauseOnCreate`.
  const socket: Socket = Reflect.construct(Socket, [
    {
      handle,
      allowHalfOpen: true,
      pauseOnCreate: true,
      readable: true,
      writable: true,
      onread: inlet.onread,
    },
  ]);
  return { socket, inlet };
}

/** Nobody needs this socket. */
export function discard(stream: unknown): void {
  if (!(stream instanceof Socket)) return;
  stream.on("error", () => {}); // There is nobody to be told.
  stream.destroy();
}
