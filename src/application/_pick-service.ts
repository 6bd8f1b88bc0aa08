/**
 * The service among the exports of a module.
 *
 * @module
 */
import { quote } from "../core/text.ts";
import { type IService, providesService } from "../service/interfaces.ts";
import { ServiceModuleError } from "./errors.ts";
import type { ServiceContext } from "./service-module.ts";

/** A function of somebody else's: what it makes of the context is looked at afterwards. */
type Maker = (context: ServiceContext) => unknown;

const EXPECTED =
  "expected its default export, or an export named service, to be a service or a function " +
  "that makes one";

/**
 * The service that `exports` holds or makes.
 *
 * @throws {ServiceModuleError} There is none. What a function of the module throws is thrown on.
 */
export async function pickService(
  exports: unknown,
  context: ServiceContext,
  module: string,
): Promise<IService> {
  const candidates = candidatesIn(exports);
  const found = candidates.find((one) => providesService(one) || typeof one === "function");
  if (providesService(found)) return found;
  if (!isMaker(found)) {
    throw new ServiceModuleError(`Cannot run ${quote(module)}: ${EXPECTED}, ${got(candidates)}`);
  }
  if (isClass(found)) {
    throw new ServiceModuleError(`Cannot run ${quote(module)}: ${EXPECTED}, got a class`);
  }
  const made = await found(context);
  if (providesService(made)) return made;
  throw new ServiceModuleError(
    `Cannot run ${quote(module)}: expected the function it exports to return a service, ` +
      `got ${describe(made)}`,
  );
}

/** A CommonJS module is the default export of itself, and may have been an ES module once. */
function candidatesIn(exports: unknown): readonly unknown[] {
  const main = read(exports, "default");
  const all = [main, read(exports, "service"), read(main, "default"), read(main, "service")];
  return all.filter((one) => one !== undefined);
}

function read(exports: unknown, name: string): unknown {
  return typeof exports === "object" && exports !== null ? Reflect.get(exports, name) : undefined;
}

function isMaker(value: unknown): value is Maker {
  return typeof value === "function";
}

function isClass(maker: Maker): boolean {
  return /^class\b/u.test(Function.prototype.toString.call(maker));
}

function got(candidates: readonly unknown[]): string {
  if (candidates.length === 0) return "got neither";
  return `got ${candidates.map((one) => describe(one)).join(" and ")}`;
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? "another object" : quote(value);
}
