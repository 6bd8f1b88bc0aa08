/**
 * Which seed a worker is at, for its parent: in a file that both have open, since a worker that is
 * stuck or dead tells nothing any more. A write costs about a microsecond, and wakes nobody.
 *
 * @module
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a ticker says. */
export interface Tick {
  /** How many seeds have been begun. */
  readonly count: number;
  /** The last of them. */
  readonly seed: number;
}

const BYTES = 16;

/** A file for a worker to write to, without a name. @returns Its descriptor. */
export function openTicker(): number {
  const folder = mkdtempSync(join(tmpdir(), "sennit-sim-"));
  try {
    const descriptor = openSync(join(folder, "seed"), "w+");
    writeTick(descriptor, { count: 0, seed: 0 });
    return descriptor;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Say which seed begins. */
export function writeTick(descriptor: number, { count, seed }: Tick): void {
  const bytes = Buffer.allocUnsafe(BYTES);
  bytes.writeDoubleLE(count, 0);
  bytes.writeDoubleLE(seed, 8);
  writeSync(descriptor, bytes, 0, BYTES, 0);
}

/** What was said last. */
export function readTick(descriptor: number): Tick {
  const bytes = Buffer.alloc(BYTES);
  readSync(descriptor, bytes, 0, BYTES, 0);
  return { count: bytes.readDoubleLE(0), seed: bytes.readDoubleLE(8) };
}

/** It is not needed any more. */
export function closeTicker(descriptor: number): void {
  closeSync(descriptor);
}
