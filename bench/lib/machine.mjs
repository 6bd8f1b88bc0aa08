/**
 * What the numbers were made on.
 *
 * @module
 */
import os from "node:os";
import { isPinning } from "./processes.mjs";

/** One line about the machine, without a date. */
export function machineFacts() {
  const cores = os.cpus();
  const pinning = isPinning ? "server and load pinned to a core each" : "not pinned";
  return [
    `${cores.length} × ${cores[0]?.model.trim() ?? os.arch()}`,
    `${os.type()} ${os.release()}`,
    `Node ${process.version}`,
    pinning,
  ].join("; ");
}
