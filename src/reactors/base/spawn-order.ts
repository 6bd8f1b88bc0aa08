/**
 * What is to be started, checked where it comes in.
 *
 * A NUL ends a string for the system: what stands behind it in an argument would be lost without a
 * word.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type {
  ChildFD,
  ProcessOptions,
  SpawnProcessOptions,
  TerminalOptions,
} from "../../internet/interfaces-process.ts";
import { checkedDelay } from "./delayed-calls.ts";
import { checkedLimits } from "./limits.ts";

/** Ours: what a child may have by default on most systems, and more than anybody names. */
const CHILD_FD_MAX = 1023;
/** Seconds from TERM to KILL. Ours: what init systems give, and a person waits. */
const KILL_TIMEOUT = 5;
const DEFAULT_FDS: Readonly<Record<number, ChildFD>> = { 0: "w", 1: "r", 2: "r" };
/** The kernel keeps a size in sixteen bits. */
const WINDOW_MAX = 65_535;

/** A terminal, with every option. */
export type Terminal = Required<Pick<TerminalOptions, "columns" | "rows">> &
  Pick<TerminalOptions, "name">;

type Environment = Readonly<Record<string, string>>;

/** What to start, with every default filled in that is the same on every platform. */
export interface SpawnOrder extends ProcessOptions {
  readonly env?: Environment;
  readonly executable: string;
  readonly args: readonly string[];
  readonly childFDs: ReadonlyMap<number, ChildFD>;
  readonly terminal: Terminal | undefined;
  readonly killTimeout: number;
  readonly endAtStop: boolean;
  readonly processGroup: boolean;
}

/**
 * The order that the arguments of `spawnProcess` are.
 *
 * @throws {TypeError} What cannot be handed to a program. @throws {RangeError} A number that is no
 * limit, size or descriptor.
 */
export function spawnOrder(executable: string, options: SpawnProcessOptions): SpawnOrder {
  const { args = [executable], env, path, usePTY = false, childFDs, ...rest } = options;
  if (executable === "") throw new TypeError('Cannot start a program: expected its name, got ""');
  checkText("the executable", executable);
  if (path !== undefined) checkText("the working directory", path);
  for (const arg of args) checkText("an argument", arg);
  if (usePTY !== false && childFDs !== undefined) {
    throw new TypeError("Cannot use childFDs together with usePTY: a terminal is one descriptor");
  }
  return {
    ...checkedLimits(rest),
    ...(env !== undefined && { env: checkedEnvironment(env) }),
    ...(path !== undefined && { path }),
    executable,
    args,
    childFDs: checkedFDs(childFDs ?? DEFAULT_FDS),
    terminal: usePTY === false ? undefined : terminal(usePTY === true ? {} : usePTY),
    killTimeout: checkedDelay(options.killTimeout ?? KILL_TIMEOUT),
    endAtStop: options.endAtStop ?? false,
    processGroup: usePTY !== false || (options.processGroup ?? false),
  };
}

function checkedEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const checked: [string, string][] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    checkText("a name in the environment", name);
    checkText(`${name} in the environment`, value);
    // What stands behind it would be the beginning of the value. (Windows has names like "=C:".)
    if (name.includes("=", 1)) {
      throw new TypeError(
        `Cannot start a program: expected a name without "=", got ${quote(name)}`,
      );
    }
    checked.push([name, value]);
  }
  return Object.fromEntries(checked);
}

function checkText(what: string, text: unknown): void {
  if (typeof text !== "string") {
    throw new TypeError(`Cannot start a program: expected ${what} to be text, got ${quote(text)}`);
  }
  if (!text.includes("\0")) return;
  throw new TypeError(`Cannot start a program: expected ${what} without NULs, got ${quote(text)}`);
}

function checkedFDs(fds: Readonly<Record<number, ChildFD>>): ReadonlyMap<number, ChildFD> {
  const checked = new Map<number, ChildFD>();
  for (const [name, use] of Object.entries(fds)) {
    const fd = Number(name);
    if (!isWhole(fd, CHILD_FD_MAX)) {
      const range = `a number from 0 to ${String(CHILD_FD_MAX)}`;
      throw new RangeError(`Cannot use childFDs: expected ${range}, got ${quote(name)}`);
    }
    if (use !== "r" && use !== "w" && !isWhole(use, Number.MAX_SAFE_INTEGER)) {
      const wanted = '"r", "w" or a descriptor of ours';
      throw new RangeError(
        `Cannot use childFDs: expected ${wanted} for ${name}, got ${quote(use)}`,
      );
    }
    checked.set(fd, use);
  }
  return checked;
}

function terminal({ columns = 80, rows = 24, name }: TerminalOptions): Terminal {
  checkWindow(columns, rows);
  if (name !== undefined) checkText("the terminal's name", name);
  return { columns, rows, ...(name !== undefined && { name }) };
}

/** @throws {RangeError} No size of a terminal. */
export function checkWindow(columns: number, rows: number): void {
  for (const size of [columns, rows]) {
    if (isWhole(size, WINDOW_MAX) && size > 0) continue;
    const range = `whole numbers from 1 to ${String(WINDOW_MAX)}`;
    const got = `${String(columns)} and ${String(rows)}`;
    throw new RangeError(`Cannot set a window size: expected ${range}, got ${got}`);
  }
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
