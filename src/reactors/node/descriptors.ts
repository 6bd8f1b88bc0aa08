/**
 * Descriptors that run out while accepting.
 *
 * libuv meets EMFILE by closing what it accepts, without a word, until none are left at all: then
 * log files, resolvers and outgoing connections fail too. So a reserve is kept: a connection whose
 * descriptor lies in it is closed at once, and one log line says so. Node has no way to stop
 * accepting and leave the rest in the backlog.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

/** Kept free for files, names and outgoing connections: a sixteenth, at least 8, at most 256. */
function reserve(limit: number): number {
  return Math.min(256, Math.max(8, Math.floor(limit / 16)));
}

let ceiling: number | undefined;

/** The soft limit of this process, less the reserve. Only Linux tells it: elsewhere no ceiling. */
function descriptorCeiling(): number {
  if (ceiling !== undefined) return ceiling;
  ceiling = Number.POSITIVE_INFINITY;
  try {
    const line = /^Max open files\s+(\d+)/mu.exec(readFileSync("/proc/self/limits", "latin1"));
    const limit = Number(line?.[1] ?? Number.NaN);
    if (limit > 0) ceiling = limit - reserve(limit);
  } catch {
    // No /proc: another system, or a closed sandbox. libuv's own way of shedding load remains.
  }
  return ceiling;
}

/** Descriptors are given out lowest first, so a high one means that those below are taken. */
export function descriptorsExhausted(socket: Socket): boolean {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null) return false;
  const fd: unknown = Reflect.get(handle, "fd");
  return typeof fd === "number" && fd >= descriptorCeiling();
}
