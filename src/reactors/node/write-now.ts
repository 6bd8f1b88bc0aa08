/**
 * Bytes straight into the kernel, by the descriptor of a socket. By way of the socket's stream each
 * write has a request, two calls back, and a tick. (Node 20, with `ReactorBase.deliver`, which
 * spares another tick: an answer of 13 bytes takes 0.80 times the CPU time, TCP echo of 64 B over
 * 1,000 connections 0.88 times. See docs/decisions/0011.)
 *
 * The descriptor is that of a handle, which is not a documented part of Node. Where there is none,
 * as on Windows, the stream has everything to do, and everything works the same, only slower.
 *
 * @module
 */
import { writeSync } from "node:fs";
import type { Socket } from "node:net";

/** What Node's socket has its descriptor from; it is negative once the socket is closed. */
export interface DescriptorHandle {
  readonly fd?: unknown;
}

/** The handle of a connected socket. */
export function handleOf(socket: Socket): DescriptorHandle | undefined {
  const handle: unknown = Reflect.get(socket, "_handle");
  return typeof handle === "object" && handle !== null && "fd" in handle ? handle : undefined;
}

/**
 * Write what the kernel takes at once. Nothing may wait in the socket's stream, or it comes late.
 *
 * @returns How many bytes it has taken; with 0, the stream will find out why.
 */
export function writeNow(handle: DescriptorHandle, bytes: Uint8Array): number {
  const { fd } = handle;
  if (typeof fd !== "number" || fd < 0) return 0;
  try {
    return writeSync(fd, bytes);
  } catch {
    return 0;
  }
}
