/**
 * The files of one program: the disk of its host, at the speed of one.
 *
 * @module
 */
import type { SimulatedEvent } from "../event-queue.ts";
import type { MachineProgram } from "../machine.ts";
import type { DiskOperation } from "./disk-troubles.ts";
import { SimulatedFiles } from "./simulated-files.ts";

/** Seconds that an operation takes: one in the page cache, one that must reach the disk. */
const CACHED = 0.000_02;
const SYNCED = 0.001;
/** Bytes a second. */
const SPEED = 500_000_000;

/** For a program that has just been started. It ends with the program. */
export function programFiles(program: MachineProgram): SimulatedFiles {
  const { machine } = program;
  return new SimulatedFiles({
    disk: machine.disk,
    latency: (operation, bytes) => (isSync(operation) ? SYNCED : CACHED) + bytes / SPEED,
    later: (seconds, f) => machine.world.after(seconds, new ProgramEvent(program, f)),
  });
}

function isSync(operation: DiskOperation): boolean {
  return operation === "sync" || operation === "syncDirectory";
}

/** Something that happens in a program, if it lives by then, and as soon as it runs. */
class ProgramEvent implements SimulatedEvent {
  readonly #program: MachineProgram;
  readonly #f: () => void;

  constructor(program: MachineProgram, f: () => void) {
    this.#program = program;
    this.#f = f;
  }

  happen(): void {
    const { machine, alive } = this.#program;
    if (!alive) return;
    const { world, stalledUntil } = machine;
    if (stalledUntil > world.now) {
      world.at(stalledUntil, this);
      return;
    }
    world.currentHost = machine;
    this.#f();
  }
}
