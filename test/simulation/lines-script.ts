/**
 * What the scenario of lines sends: scripts of lines, raw bytes and pauses, drawn from the seed,
 * and what their reader must tell of them.
 *
 * @module
 */
import { ConnectionDone } from "../../src/internet/errors.ts";
import type { Simulation } from "../../src/testing/simulation/simulation.ts";
import { isWhole } from "./whole.ts";

/** The longest line that the reader takes, in bytes. */
export const LINE_MAX = 40;
/** Which of them ends a line; the line `delimiter` changes it. */
const DELIMITERS = ["\r\n", "\n"] as const;

/** A script, in bytes, and what its reader must tell of it. */
export interface Script {
  readonly id: string;
  readonly bytes: Buffer;
  readonly cuts: readonly Cut[];
  readonly expected: readonly string[];
  /** Lines that are answered. */
  readonly replies: readonly string[];
  /** Who hangs up when everything is said. */
  readonly ends: "writer" | "reader";
}

/** So many bytes, after so many seconds. */
export interface Cut {
  readonly bytes: number;
  readonly after: number;
}

/** Writes down a script while it is drawn. */
export class ScriptWriter {
  readonly #sim: Simulation;
  readonly #parts: Buffer[] = [];
  readonly #expected: string[] = [];
  readonly #replies: string[] = [];
  #delimiter = 0;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  /** Draw one. */
  draw(id: string): Script {
    this.#line(`hello ${id}`);
    const count = this.#sim.between(1, 8);
    for (let item = 0; item < count; item += 1) this.#item();
    const ending = this.#sim.pick(5);
    if (ending === 1) this.#tooLong();
    else if (ending === 2) this.#switch();
    else if (ending === 3) this.#quit();
    const bytes = Buffer.concat(this.#parts);
    const ends = ending === 1 || ending === 3 ? "reader" : "writer";
    const [expected, replies] = [this.#expected, this.#replies];
    return { id, bytes, cuts: this.#cut(bytes.length), expected, replies, ends };
  }

  get #end(): string {
    return DELIMITERS[this.#delimiter] ?? "";
  }

  #line(text: string): void {
    this.#parts.push(Buffer.from(text + this.#end));
    this.#expected.push(`line ${text}`);
    this.#replies.push(`ok ${text}`);
  }

  #item(): void {
    const sim = this.#sim;
    switch (sim.pick(5)) {
      case 1: {
        const raw = this.#noise(sim.between(0, 100));
        this.#line(`raw ${String(raw.length)}`);
        this.#parts.push(raw);
        if (raw.length > 0) this.#expected.push(`raw ${raw.toString("hex")}`);
        break;
      }
      case 2:
        this.#line(`pause ${String(sim.between(0, 100))}`);
        break;
      case 3:
        this.#line("delimiter");
        this.#delimiter = 1 - this.#delimiter;
        break;
      case 4: // As long as it may be.
        this.#line(`say ${"y".repeat(LINE_MAX - 4)}`);
        break;
      default:
        this.#line(`say ${"x".repeat(sim.pick(10))}`);
    }
  }

  /** What looks like lines, and is not. */
  #noise(length: number): Buffer {
    return Buffer.from("a\r\nraw 3\r\n\n".repeat(10).slice(0, length));
  }

  /** By one byte at least; or without an end, with room for the start of one. */
  #tooLong(): void {
    const isWhole = this.#sim.chance(0.5);
    const bytes = LINE_MAX + (isWhole ? 1 : 2) + this.#sim.pick(10);
    this.#parts.push(Buffer.alloc(bytes, "z"));
    if (isWhole) this.#parts.push(Buffer.from(`${this.#end}say more${this.#end}`));
    this.#expected.push("too long");
  }

  /** What follows is said to nobody. */
  #quit(): void {
    this.#line("quit");
    this.#parts.push(Buffer.from(`say more${this.#end}raw 4${this.#end}xxxx`));
  }

  #switch(): void {
    const rest = this.#noise(this.#sim.between(0, 100));
    this.#line("switch");
    this.#parts.push(rest);
    this.#expected.push(`rest ${rest.toString("hex")}`);
  }

  #cut(length: number): readonly Cut[] {
    const cuts: Cut[] = [];
    let left = length;
    const count = isWhole(this.#sim) ? 0 : this.#sim.pick(6);
    for (let cut = count; cut > 0 && left > 1; cut -= 1) {
      const bytes = this.#sim.between(1, left - 1);
      left -= bytes;
      cuts.push({ bytes, after: this.#sim.pick(50) / 1000 });
    }
    return [...cuts, { bytes: left, after: 0 }];
  }
}

/** What a reader or a writer tells. */
export interface Told {
  readonly events: string[];
  reason?: Error;
}

/** What came of a script. */
export interface Outcome {
  /** What readers tell, of all scripts. */
  readonly read: readonly Told[];
  /** What the writer tells, if it was connected. */
  readonly written: Told | undefined;
  /** Must everything have gone well? */
  readonly strict: boolean;
}

/** What was read is what was sent, and all of it if both ends were closed in good order. */
export function checkScript(
  { id, expected, replies }: Script,
  { read: all, written, strict }: Outcome,
): void {
  const [read, again] = all.filter(({ events }) => events[0] === `line hello ${id}`);
  if (again !== undefined) throw new Error(`Script ${id} came twice`);
  const isClean =
    read?.reason instanceof ConnectionDone && written?.reason instanceof ConnectionDone;
  if (strict && !isClean) throw new Error(`Script ${id} was not read: ${String(read?.reason)}`);
  checkPrefix(`Reader of ${id}`, read?.events ?? [], { of: expected, whole: isClean });
  checkPrefix(`Writer of ${id}`, written?.events ?? [], { of: replies, whole: isClean });
}

function checkPrefix(
  who: string,
  events: readonly string[],
  { of: expected, whole }: { readonly of: readonly string[]; readonly whole: boolean },
): void {
  const isRest = (event: string): boolean => event.startsWith("rest ");
  for (const [at, event] of events.entries()) {
    const wanted = expected[at] ?? "nothing";
    const fits = !whole && isRest(event) ? wanted.startsWith(event) : wanted === event;
    if (!fits) throw new Error(`${who}: expected ${wanted}, got ${event}`);
  }
  if (whole && events.length < expected.length) {
    throw new Error(`${who}: expected ${expected[events.length] ?? ""}, got the end`);
  }
}
