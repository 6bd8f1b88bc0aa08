/**
 * Resets that look like an end.
 *
 * When a reset lies behind bytes that are still unread, the libuv of Node 20 reports the end of the
 * stream in its place: an answer that was cut off would pass for a whole one. The kernel knows
 * better: a connection that was ended in good order still has a peer, one that was reset has none.
 *
 * @module
 */
import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";

/** Asked at the end of the stream, before our own end is out: was it a reset? */
export function wasReset(socket: Socket): boolean {
  if (socket.writableEnded) return false; // With both ends out, the peer is gone in any case.
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null) return false;
  const getpeername: unknown = Reflect.get(handle, "getpeername");
  if (typeof getpeername !== "function") return false; // Not as we know it: believe libuv.
  const status: unknown = Reflect.apply(getpeername, handle, [{}]);
  return typeof status === "number" && status < 0 && getSystemErrorName(status) === "ENOTCONN";
}
