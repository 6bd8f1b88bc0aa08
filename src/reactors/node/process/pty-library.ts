/**
 * The optional package that opens pseudo-terminals, and what we need to know of its inside.
 *
 * Its own way of reading does not do: 200 ms after the exit of the process it throws away what has
 * not been read, and it decodes text. Nor does its way of writing: while the process does not read,
 * libuv tries again and again, and nothing else of this program happens. So only the terminal's
 * descriptor is taken from it, the exit of the process, and changes of size.
 *
 * @module
 */
import { createRequire } from "node:module";
import { OptionalPackageError } from "../../../core/optional-package.ts";
import { ProcessFeatureError } from "../../../internet/process-errors.ts";
import type { SpawnOrder, Terminal } from "../../base/spawn-order.ts";
import type { Accepted } from "../accept.ts";
import { childSocket } from "./child-sockets.ts";

/** The one to install has binaries for every platform; the other one, of the same API, will do. */
const PACKAGES = ["@lydell/node-pty", "node-pty"] as const;

/** A process that runs on a terminal. */
export interface OpenedPTY {
  readonly pid: number;
  /** Our end of the terminal. */
  readonly fd: number;
  /** The path of the other end. */
  readonly name: string;
  /** To read from it, and to close it. */
  readonly connection: Accepted;
  /** Call `f` when the process has exited; `signal` is 0 if none ended it. */
  onExit(f: (exitCode: number, signal: number) => void): void;
  resize(columns: number, rows: number): void;
}

/** Loads a package, or throws. */
export type Load = (name: string) => unknown;

/** Load the package. @throws {OptionalPackageError} It is not there. */
export function ptyLibrary(load: Load = createRequire(import.meta.url)): object {
  const errors: unknown[] = [];
  for (const name of PACKAGES) {
    try {
      const library = load(name);
      if (typeof library === "object" && library !== null) return library;
    } catch (error) {
      errors.push(error);
    }
  }
  // The first one's: if it is there and its binary is not, it says so.
  throw new OptionalPackageError("open a pseudo-terminal", PACKAGES[0], { cause: errors[0] });
}

/**
 * Start a program on a terminal of its own.
 *
 * @throws {ProcessFeatureError} Windows, or a version of the package that we do not know.
 * @throws {Error} What forkpty(3) says: no more terminals, or processes.
 */
export function openPTY(library: object, order: SpawnOrder, size: Terminal): OpenedPTY {
  if (process.platform === "win32") {
    throw new ProcessFeatureError("Cannot open a pseudo-terminal on Windows");
  }
  const { args, env, path, uid, gid } = order;
  const pty: unknown = call(library, "spawn", order.executable, args.slice(1), {
    encoding: null,
    cols: size.columns,
    rows: size.rows,
    ...(size.name !== undefined && { name: size.name }),
    ...(env !== undefined && { env }),
    ...(path !== undefined && { cwd: path }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  if (typeof pty !== "object" || pty === null) throw unknownVersion("spawn");
  return opened(pty);
}

function opened(pty: object): OpenedPTY {
  const pid = numberIn(pty, "pid");
  const fd = numberIn(pty, "fd");
  const name: unknown = Reflect.get(pty, "ptsName");
  if (typeof name !== "string") throw unknownVersion("ptsName");
  if (typeof Reflect.get(pty, "_emittedClose") !== "boolean") throw unknownVersion("_emittedClose");
  // It then tells of the exit at once, and keeps its hands off the descriptor.
  Reflect.set(pty, "_emittedClose", true);
  return {
    pid,
    fd,
    name,
    connection: childSocket(Reflect.get(pty, "_socket")),
    onExit: (f) => {
      call(pty, "onExit", (event: object) => f(numberIn(event, "exitCode"), signalIn(event)));
    },
    resize: (columns, rows) => {
      call(pty, "resize", columns, rows);
    },
  };
}

function signalIn(event: object): number {
  const signal: unknown = Reflect.get(event, "signal");
  return typeof signal === "number" ? signal : 0;
}

function numberIn(object: object, name: string): number {
  const value: unknown = Reflect.get(object, name);
  if (typeof value !== "number") throw unknownVersion(name);
  return value;
}

function call(object: object, name: string, ...args: unknown[]): unknown {
  const method: unknown = Reflect.get(object, name);
  if (typeof method !== "function") throw unknownVersion(name);
  return Reflect.apply(method, object, args);
}

function unknownVersion(missing: string): Error {
  const known = `version 1 of ${PACKAGES.join(" or ")}`;
  return new ProcessFeatureError(
    `Cannot open a pseudo-terminal: expected ${known}, found something without ${missing}`,
  );
}
