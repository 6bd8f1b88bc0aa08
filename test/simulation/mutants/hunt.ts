/**
 * All mutants, each in a copy of the source and a process of its own.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Copies } from "../../conformance/mutants/copies.ts";
import type { Prowled } from "./prowl.ts";
import type { Mutant } from "./table.ts";

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL("../../../build/mutants", import.meta.url));
const CONFIG = fileURLToPath(new URL("tsconfig.copy.json", import.meta.url));
const MANIFEST = new URL("../../../package.json", import.meta.url);
/** Seconds of real time beyond the budget after which a child is taken for hung. */
const GRACE = 60;

/** How a mutant fared. */
export interface Trail {
  readonly mutant: string;
  readonly plain: Prowled;
  readonly harsh: Prowled;
}

/** See the top of this file. */
export class Hunt implements Disposable {
  readonly #folder: string;
  readonly #copies: Copies;
  readonly #budget: number;
  #count = 0;
  readonly #turns: Promise<unknown>[];

  /** @param budget Seconds for each mutant. */
  constructor(budget: number) {
    mkdirSync(FOLDER, { recursive: true });
    this.#folder = mkdtempSync(join(FOLDER, "hunt-"));
    this.#copies = new Copies(this.#folder, { config: CONFIG, manifest: manifestOfCopy() });
    this.#budget = budget;
    this.#turns = Array.from({ length: availableParallelism() }, () => Promise.resolve());
  }

  /** Look for one. As many at a time as there are processors. */
  pursue(mutant: Mutant): Promise<Trail> {
    this.#count += 1;
    const index = this.#count % this.#turns.length;
    const trail = (this.#turns[index] ?? Promise.resolve()).then(() => this.#pursue(mutant));
    this.#turns[index] = trail.catch(() => undefined);
    return trail;
  }

  async #pursue(mutant: Mutant): Promise<Trail> {
    const copy = this.#copies.mutate(mutant, `mutant-${String(this.#count)}-${slug(mutant.name)}`);
    const plain = await this.#prowl(copy, "plain", mutant.scenarios);
    const harsh = await this.#prowl(copy, "harsh", mutant.scenarios);
    return { mutant: mutant.name, plain, harsh };
  }

  /** The right source, before the same scenarios: nothing must be found. */
  exonerate(scenarios: readonly string[]): Promise<Prowled> {
    return this.#prowl(this.#copies.right, "harsh", scenarios);
  }

  async #prowl(copy: string, mode: string, scenarios: readonly string[]): Promise<Prowled> {
    const script = join(copy, "test/simulation/mutants/prowl.js");
    const words = [script, mode, String(this.#budget), ...scenarios];
    try {
      const timeout = (this.#budget + GRACE) * 1000;
      const { stdout } = await run(process.execPath, words, { timeout });
      const prowled: Prowled = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
      return prowled;
    } catch (error) {
      // A program that hangs or ends is found out whoever looks at it.
      return { scenario: "(its process)", why: String(error), seeds: 0, seconds: 0 };
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function slug(name: string): string {
  return name.replaceAll(/[^a-z]+/gu, "-").slice(0, 40);
}

/** The public names lead to the source of the copy, not to `dist`. */
function manifestOfCopy(): string {
  const manifest: unknown = JSON.parse(readFileSync(MANIFEST, "utf8"));
  return JSON.stringify(manifest, (key, value: unknown) =>
    key === "default" && typeof value === "string" ? value.replace("./dist/", "./src/") : value,
  );
}

/** For people: what was found by whom. */
export function describeTrails(trails: readonly Trail[]): string {
  const lines = trails.map(({ mutant, plain, harsh }) => {
    const by = ({ scenario, seed = 0, seconds }: Prowled): string =>
      scenario === undefined
        ? "not found"
        : `${scenario}, seed ${String(seed)}, ${seconds.toFixed(1)} s`;
    return `| ${mutant} | ${by(plain)} | ${by(harsh)} | ${shrinking(harsh)} |`;
  });
  const head = "| planted | whole chunks, no faults | simulator | shrunk |";
  return [head, "|---|---|---|---|", ...lines].join("\n");
}

function shrinking({ shrunk }: Prowled): string {
  if (shrunk === undefined) return "";
  const { before, after, seconds } = shrunk;
  return `${String(before)} to ${String(after)} choices, ${seconds.toFixed(1)} s`;
}
