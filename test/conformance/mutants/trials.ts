/**
 * All mutants on trial: each in a copy of its own, before the contracts that must find it out.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "./child.ts";
import { Children } from "./children.ts";
import { Copies } from "./copies.ts";
import type { Mutant, Platform } from "./mutant.ts";

const FOLDER = fileURLToPath(new URL("../../../build/mutants", import.meta.url));
/** Seconds. A mutant over real sockets that waits in vain is found out by this. */
const PATIENCE = 1;
/** Seconds. A right reactor takes its time on a busy machine. */
const RIGHT_PATIENCE = 20;

/** A mutant, by the topic whose table it stands in. */
export interface Suspect {
  readonly topic: string;
  readonly mutant: Mutant;
}

/** The contracts that must find a mutant out: `topic: title`. */
export function contractsFor({ topic, mutant }: Suspect): readonly string[] {
  return mutant.kills.map((title) => `${topic}: ${title}`);
}

/** See the top of this file. */
export class Trials implements Disposable {
  readonly #folder: string;
  readonly #copies: Copies;
  readonly #children: Children;
  #count = 0;

  constructor() {
    mkdirSync(FOLDER, { recursive: true });
    this.#folder = mkdtempSync(join(FOLDER, "run-"));
    this.#copies = new Copies(this.#folder);
    this.#children = new Children(this.#copies.right);
  }

  /** Have contracts tried on a mutant. Default: those that must find it out. */
  accuse(suspect: Suspect, contracts = contractsFor(suspect)): Promise<Report> {
    const { mutant } = suspect;
    this.#count += 1;
    const name = `mutant-${String(this.#count)}`;
    return this.#children.ask(() => {
      const copy = this.#copies.mutate(mutant, name);
      return { copy, on: mutant.on ?? "memory", contracts, patience: PATIENCE };
    });
  }

  /** Have contracts tried on a copy without any edit: it must pass. */
  exonerate(on: Platform, contracts: readonly string[]): Promise<Report> {
    const { right: copy } = this.#copies;
    return this.#children.ask(() => ({ copy, on, contracts, patience: RIGHT_PATIENCE }));
  }

  /** Hold the trials that were asked for. */
  hold(): Promise<void> {
    return this.#children.work();
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
