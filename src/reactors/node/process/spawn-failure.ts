/**
 * Why a program could not be started, in words that help.
 *
 * @module
 */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { quote } from "../../../core/text.ts";
import { SpawnError } from "../../../internet/process-errors.ts";
import type { SpawnOrder } from "../../base/spawn-order.ts";

const REASONS = new Map([
  ["ENOENT", "there is no such program"],
  ["EACCES", "it is not executable for us"],
  ["E2BIG", "its arguments and environment are too long"],
  ["EMFILE", "this process has no descriptor left"],
  ["ENFILE", "the system has no descriptor left"],
  ["EAGAIN", "the system has no room for one more process"],
  ["ENOMEM", "the system has no memory left"],
  ["EPERM", "we may not run it as that user or group"],
  ["EBADF", "a descriptor of ours that it should have is not open"],
  ["ENOTDIR", "a folder on the way to it is none"],
]);

/** Has the system said this, and not Node about an argument? */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "errno" in error;
}

/** The typed error for what the system said. */
export function spawnFailure(order: SpawnOrder, cause: NodeJS.ErrnoException): SpawnError {
  const code = cause.code ?? "UNKNOWN";
  const why = badPath(order.path) ?? REASONS.get(code) ?? cause.message;
  return new SpawnError(order.executable, code, why, { cause });
}

/** The system does not say whether it is the program or its working directory that is missing. */
function badPath(path: string | undefined): string | undefined {
  if (path === undefined || errorOf(() => enter(path)) === undefined) return undefined;
  return `its working directory ${quote(path)} cannot be entered`;
}

function enter(path: string): void {
  if (!statSync(path).isDirectory()) throw systemError("ENOTDIR");
  accessSync(path, constants.X_OK);
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code, syscall: "spawn", errno: 0 });
}

function errorOf(f: () => void): unknown {
  try {
    f();
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * What would go wrong with starting it, for a starter that does not tell: the working directory, or
 * the program, looked for as execvp(3) does.
 */
export function foreseeFailure(order: SpawnOrder, PATH: string): SpawnError | undefined {
  const { path = "." } = order;
  const error = errorOf(() => enter(path)) ?? errorOf(() => find(order.executable, path, PATH));
  return isSystemError(error) ? spawnFailure(order, error) : undefined;
}

function find(executable: string, path: string, PATH: string): void {
  if (executable.includes("/")) {
    checkProgram(resolve(path, executable));
    return;
  }
  const errors = PATH.split(delimiter).map((folder) => {
    return errorOf(() => checkProgram(resolve(path, folder, executable)));
  });
  if (!errors.includes(undefined)) throw errors[0];
}

function checkProgram(file: string): void {
  accessSync(file, constants.X_OK);
  if (!statSync(file).isFile()) throw systemError("EACCES");
}
