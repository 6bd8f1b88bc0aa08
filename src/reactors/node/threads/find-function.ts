/**
 * From a callee to the function: on the side where it shall run.
 *
 * @module
 */
import { constants, Script } from "node:vm";
import { ThreadTaskNotFoundError } from "../../../internet/interfaces-threads.ts";
import { type Callee, nameOf, partsOf } from "./callee.ts";

/** Any function: what it takes and returns is between its author and its caller. */
export type AnyFunction = (...args: readonly unknown[]) => unknown;

/** A program has a few tasks; one that makes up sources without end must not fill the memory. */
const KEPT_MAX = 1000;

/** Is it one? */
export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}

/**
 * The function of a module.
 *
 * @throws {ThreadTaskNotFoundError} There is none of that name. What the import throws goes on.
 */
export async function importFunction(url: string, name: string): Promise<AnyFunction> {
  const module: unknown = await import(/* @vite-ignore */ url);
  const found: unknown =
    typeof module === "object" && module !== null ? Reflect.get(module, name) : undefined;
  if (isFunction(found)) return found;
  const got = found === undefined ? "nothing of that name" : `something of type ${typeof found}`;
  throw new ThreadTaskNotFoundError(
    `Cannot call ${name} of ${url}: expected it to export a function, got ${got}`,
  );
}

/** Finds functions, and keeps what it has found. */
export class FunctionFinder {
  readonly #found = new Map<Callee, AnyFunction>();

  /** The function, if it was found before. */
  known(callee: Callee): AnyFunction | undefined {
    return this.#found.get(callee);
  }

  /** The function. What the import of its module throws, it throws each time. */
  async find(callee: Callee): Promise<AnyFunction> {
    const found = await look(callee);
    if (this.#found.size === KEPT_MAX) this.#found.clear();
    this.#found.set(callee, found);
    return found;
  }
}

async function look(callee: Callee): Promise<AnyFunction> {
  const parts = partsOf(callee);
  if (parts.kind === "module") return importFunction(parts.module, parts.name);
  if (parts.kind === "source") return compileFunction(parts.source, nameOf(callee));
  throw new ThreadTaskNotFoundError(`Cannot call ${parts.name}: it is a name of the main thread`);
}

/** Some compilers wrap each named function into a call of `__name`, to keep its name. */
function sameFunction(f: unknown): unknown {
  return f;
}

/** For arrow functions that use the `this` around them: using it fails like a missing variable. */
const NO_THIS: object = new Proxy(
  {},
  Object.fromEntries(
    ["get", "set", "has", "ownKeys", "getPrototypeOf", "defineProperty", "deleteProperty"].map(
      (trap) => [
        trap,
        (): never => {
          throw new ReferenceError("this is not defined");
        },
      ],
    ),
  ),
);

function compileFunction(source: string, name: string): AnyFunction {
  const script = new Script(`"use strict"; (function (__name) { return (${source}\n); })`, {
    filename: name,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const make: unknown = script.runInThisContext();
  const made: unknown = isFunction(make) ? Reflect.apply(make, NO_THIS, [sameFunction]) : undefined;
  if (isFunction(made)) return made;
  throw new ThreadTaskNotFoundError(`Cannot call ${name}: it is no function`);
}
