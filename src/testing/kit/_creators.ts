/**
 * Who made what: the stacks of calls, ports and connections, noted while a test watches.
 *
 * @module
 */
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { safeString } from "../../core/text.ts";
import type { MakingWitness } from "../../reactors/base/making-witness.ts";

/** The folder that sennit lies in, `src/` or `dist/`, as frames may name it. */
const HERE_URL = new URL("../../", import.meta.url);
const HERE: readonly string[] = [fileURLToPath(HERE_URL), HERE_URL.href];
const TEST_FILE = /\.test\.[cm]?[jt]s/u;
/** Reactors and this kit: whoever calls into them is of interest. */
const PLUMBING = /[/\\](?:src|dist)[/\\](?:reactors|testing)[/\\]/u;
const RUNTIME = /\bnode:|\(<anonymous>\)/u;
/** Deep enough to get out of endpoints and services, to the test. */
const DEPTH = 60;
/** More of them only bury the first. */
const FRAMES_SHOWN = 3;

/** A stack, put into words when somebody asks: most are never looked at. */
interface Holder {
  readonly stack?: string;
}

/** Notes who makes what of one reactor. */
export class Creators implements MakingWitness {
  readonly #stacks = new WeakMap<object, Holder>();
  readonly #origins = new WeakMap<object, object>();

  made(what: object): void {
    const holder: Holder = {};
    const depth = Error.stackTraceLimit;
    Error.stackTraceLimit = DEPTH;
    Error.captureStackTrace(holder);
    Error.stackTraceLimit = depth;
    this.#stacks.set(what, holder);
  }

  cameOf(what: object, origin: object): void {
    this.#origins.set(what, origin);
  }

  /** Where it was made, in lines; where its port or connector was, if it came of one. */
  creatorOf(what: object): string {
    const origin = this.#origins.get(what);
    if (origin !== undefined) return `it came of ${safeString(origin)}\n${this.creatorOf(origin)}`;
    const holder = this.#stacks.get(what);
    return holder === undefined ? "made before the watch began" : framesOf(holder.stack);
  }
}

/** The lines of a stack that tell who it was: of the program, and of what it called in sennit. */
export function framesOf(stack: unknown): string {
  const lines = typeof stack === "string" ? stack.split("\n") : [];
  const frames = lines.filter((line) => /^\s+at /u.test(line) && !RUNTIME.test(line));
  const ours = frames.filter(isOurs);
  const theirs = frames.filter((frame) => !isOurs(frame));
  const own = theirs.filter((frame) => !frame.includes(`${sep}node_modules${sep}`));
  const called = ours.find((frame) => !PLUMBING.test(frame));
  const shown = [called, ...(own.length > 0 ? own : theirs).slice(0, FRAMES_SHOWN)];
  const told = shown.filter((frame) => frame !== undefined).map((frame) => frame.trim());
  return told.length > 0 ? told.join("\n") : "nobody knows where";
}

function isOurs(frame: string): boolean {
  return HERE.some((folder) => frame.includes(folder)) && !TEST_FILE.test(frame);
}
