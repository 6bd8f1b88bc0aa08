/**
 * What is in a file: as programs see it, and as the disk has it.
 *
 *     kept ──▶ write ──▶ write ──▶ truncate ──▶ write ──▶ seen
 *      ▲       synced    unsynced  unsynced     unsynced
 *      └─ for sure       when power is lost: each of them by choice
 *
 * As in a kernel, the disk is given whole sectors, as they are at that moment: of what was written
 * to one sector, something can survive only together with all that was written to it before. What
 * survives of the changes after a `truncate` needs that as well.
 *
 * After a sync that failed, the kernel takes what was to be synced for clean: programs still see
 * it, and no later sync will bring it to the disk.
 *
 * @module
 */
import type { ChoiceStream } from "../choices.ts";
import { GrowableBytes } from "./growable-bytes.ts";

/** Bytes. Disks write these wholly or not at all. */
const SECTOR = 512;

/**
 * Changes that a file may have waiting. With more of them the kernel writes back the older half, as
 * it does with what is half a minute old.
 */
const CHANGES_MAX = 8192;

/** `given up`: a sync of it has failed. */
type State = "unsynced" | "synced" | "given up";

interface Write {
  readonly kind: "write";
  readonly position: number;
  readonly bytes: Uint8Array;
  /** The file was shorter than that. */
  readonly grows: boolean;
  state: State;
}

interface Resize {
  readonly kind: "resize";
  readonly size: number;
  state: State;
}

type Change = Write | Resize;

/** What of a change was on its way to the disk when power was lost. */
interface Fate {
  /** Sectors of the file that were not: from the first, to before the second. */
  readonly lost: readonly [from: number, until: number];
  /** The size of the file was. */
  readonly sized: boolean;
}

/** What of a change is there. */
interface Survival {
  readonly change: Change;
  readonly sectors: readonly number[];
  readonly sized: boolean;
}

const WHOLE: Fate = { lost: [0, 0], sized: true };

/** See the top of this file. */
export class SimulatedContent {
  readonly #seen = new GrowableBytes();
  readonly #kept = new GrowableBytes();
  #changes: Change[] = [];

  get size(): number {
    return this.#seen.size;
  }

  /** Copy into all of `into`. @returns How many bytes there were. */
  read(into: Uint8Array, position: number): number {
    return this.#seen.read(into, position);
  }

  /** A copy of all, as programs see it. */
  toBuffer(): Buffer {
    return this.#seen.toBuffer();
  }

  /** A copy of the bytes is kept. */
  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    const grows = position + bytes.length > this.size;
    this.#seen.write(bytes, position);
    this.#add({ kind: "write", position, bytes: Uint8Array.from(bytes), grows, state: "unsynced" });
  }

  /** Cut off, or fill up with zeros. */
  resize(size: number): void {
    if (size === this.size) return;
    this.#seen.resize(size);
    this.#add({ kind: "resize", size, state: "unsynced" });
  }

  /** All that there is survives. */
  sync(): void {
    for (const change of this.#changes) if (change.state === "unsynced") change.state = "synced";
    const left = this.#changes.findIndex(({ state }) => state !== "synced");
    this.#keep(left === -1 ? this.#changes.length : left);
  }

  /** A sync has failed: what it was to bring to the disk is never synced any more. */
  giveUp(): void {
    for (const change of this.#changes) if (change.state === "unsynced") change.state = "given up";
  }

  /** Power is lost. What was not synced is there wholly, in part or not at all. */
  lose(choices: ChoiceStream): void {
    const fates = this.#changes.map((change) => fateOf(change, choices));
    for (const survival of survivalsOf(this.#changes, fates)) survive(this.#kept, survival);
    this.#changes = [];
    this.#seen.become(this.#kept);
  }

  #add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > CHANGES_MAX) this.#keep(CHANGES_MAX / 2);
  }

  /** The oldest ones are on the disk for sure. */
  #keep(count: number): void {
    for (const change of this.#changes.splice(0, count)) {
      if (change.kind === "write") this.#kept.write(change.bytes, change.position);
      else this.#kept.resize(change.size);
    }
  }
}

/** The sectors that a write touches: from the first, to before the second. */
function sectorsOf({ position, bytes }: Write): readonly [from: number, until: number] {
  return [Math.floor(position / SECTOR), Math.ceil((position + bytes.length) / SECTOR)];
}

function fateOf(change: Change, choices: ChoiceStream): Fate {
  if (change.state === "synced") return WHOLE;
  if (change.kind === "resize") return { lost: [0, 0], sized: choices.pick(2) === 0 };
  const [from, until] = sectorsOf(change);
  const fate = choices.pick(until - from > 1 ? 3 : 2);
  if (fate === 0) return WHOLE;
  const lost = fate === 1 ? ([from, until] as const) : tornFrom(from, until, choices);
  // The file may have got its size all the same: with zeros where the bytes are missing.
  return { lost, sized: change.grows && choices.pick(2) === 1 };
}

/** Some of them, but not all. */
function tornFrom(
  from: number,
  until: number,
  choices: ChoiceStream,
): readonly [from: number, until: number] {
  const count = until - from;
  const first = choices.pick(count);
  const most = first === 0 ? count - 1 : count - first;
  return [from + first, from + first + 1 + choices.pick(most)];
}

/** What follows from the fates: from the last change to the first, see the top of this file. */
function survivalsOf(changes: readonly Change[], fates: readonly Fate[]): readonly Survival[] {
  const onDisk = new Set<number>();
  let anyLater = false;
  return changes
    .map((change, at) => ({ change, fate: fates[at] ?? WHOLE }))
    .toReversed()
    .map(({ change, fate }): Survival => {
      const sectors = change.kind === "write" ? survivingSectors(change, fate, onDisk) : [];
      const sized = fate.sized || (change.kind === "resize" && anyLater);
      anyLater ||= sized || sectors.length > 0;
      return { change, sectors, sized };
    })
    .toReversed();
}

function survivingSectors(write: Write, { lost }: Fate, onDisk: Set<number>): readonly number[] {
  const [from, until] = sectorsOf(write);
  const sectors: number[] = [];
  for (let sector = from; sector < until; sector += 1) {
    if (sector < lost[0] || sector >= lost[1]) onDisk.add(sector);
    if (onDisk.has(sector)) sectors.push(sector);
  }
  return sectors;
}

function survive(kept: GrowableBytes, { change, sectors, sized }: Survival): void {
  if (change.kind === "resize") {
    if (sized) kept.resize(change.size);
    return;
  }
  const { position, bytes } = change;
  for (const sector of sectors) {
    const from = Math.max(sector * SECTOR, position);
    const until = Math.min((sector + 1) * SECTOR, position + bytes.length);
    kept.write(bytes.subarray(from - position, until - position), from);
  }
  const end = position + bytes.length;
  if (sized && kept.size < end) kept.resize(end);
}
