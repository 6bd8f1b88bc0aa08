/**
 * What a user calls a task, made into what a thread can be told.
 *
 * @module
 */
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { quote } from "../../../core/text.ts";
import {
  ThreadTaskClosureError,
  ThreadTaskRefusedError,
} from "../../../internet/interfaces-threads.ts";
import { type Callee, moduleCallee, nameOf, sourceCallee } from "./callee.ts";
import { compiles, freeVariable } from "./free-variables.ts";

/** A program has a few tasks; one that makes up sources without end must not fill the memory. */
const CHECKED_MAX = 1000;

/** Names that a thread adds to the globals of a function: see `compile-function.ts`. */
const ADDED: ReadonlySet<string> = new Set(["__name"]);

/** By task, so that a task is looked at once. */
const callees = new WeakMap<object, Callee>();
/** Sources that were found good: an inline function is a new object each time it is passed by. */
const checked = new Set<string>();

/**
 * The callee of a task.
 *
 * @throws {ThreadTaskRefusedError} It is nothing that a thread can run.
 * @throws {ThreadTaskClosureError} The function uses a variable from outside of it.
 */
export function calleeOf(task: unknown): Callee {
  if ((typeof task !== "object" && typeof task !== "function") || task === null) {
    throw new ThreadTaskRefusedError(
      `Cannot run ${quote(task)} in a thread: expected a function, or { module, export }`,
    );
  }
  const known = callees.get(task);
  if (known !== undefined) return known;
  const callee = typeof task === "function" ? fromFunction(task) : fromModule(task);
  callees.set(task, callee);
  return callee;
}

// -- Modules

/** @throws {ThreadTaskRefusedError} It names no function, or none that a thread could find. */
export function fromModule(task: object): Callee {
  const { module, export: name = "default" }: { module?: unknown; export?: unknown } = task;
  if (typeof name !== "string" || !(typeof module === "string" || module instanceof URL)) {
    throw new ThreadTaskRefusedError(
      "Cannot run an object in a thread: expected { module, export }, a URL and a name, " +
        `got { module: ${quote(module)}, export: ${quote(name)} }`,
    );
  }
  return moduleCallee(typeof module === "string" ? absoluteURL(module) : module.href, name);
}

function absoluteURL(module: string): string {
  if (isAbsolute(module)) return pathToFileURL(module).href; // First: "C:" would pass for a scheme.
  if (URL.canParse(module)) return new URL(module).href;
  throw new ThreadTaskRefusedError(
    `Cannot run module ${quote(module)} in a thread, which does not know where you are: expected ` +
      'a URL or an absolute path, as new URL("./work.js", import.meta.url) or ' +
      'import.meta.resolve("the-package") give',
  );
}

// -- Functions

// oxlint-disable-next-line typescript/no-unsafe-function-type -- any function may be tried.
function fromFunction(task: Function): Callee {
  const source = Function.prototype.toString.call(task);
  const callee = sourceCallee(source, task.name);
  if (checked.has(source)) return callee;
  const why = refusal(task, source);
  if (why !== undefined) {
    throw new ThreadTaskRefusedError(`Cannot run ${nameOf(callee)} in a thread: ${why}`);
  }
  const variable = freeVariable(source, (name) => name in globalThis || ADDED.has(name));
  if (variable !== undefined) throw new ThreadTaskClosureError(nameOf(callee), variable);
  if (checked.size === CHECKED_MAX) checked.clear();
  checked.add(source);
  return callee;
}

// oxlint-disable-next-line typescript/no-unsafe-function-type -- see above.
function refusal(task: Function, source: string): string | undefined {
  if (source.endsWith("{ [native code] }")) {
    return "it is native or bound, and has no source; wrap it in a function that calls it";
  }
  if (/^class\b/u.test(source)) return "it is a class; wrap it in a function that makes one";
  if (Object.prototype.toString.call(task).endsWith("GeneratorFunction]")) {
    return "it is a generator, whose result cannot cross; collect what it yields";
  }
  if (compiles(`(${source})`)) return undefined;
  if (compiles(`({ ${source} })`)) {
    return "it is a method, which needs its object; put it into a module as a function";
  }
  return "its source is no expression in strict mode; put it into a module as a function";
}
