/**
 * A hook for Node's loader, in the loader's own thread: TypeScript outside `node_modules` loses its
 * types, and is an ES module whatever its package says. See `_typescript.ts`.
 *
 * @module
 */
import type { LoadHook } from "node:module";
import { fileURLToPath } from "node:url";
import { stripTypes } from "./_strip-types.ts";

/** A file that is TypeScript, and not somebody else's package. */
const OURS = /^file:(?!.*\/node_modules\/).*\.m?ts$/u;

const native: unknown = Reflect.get(process.features, "typescript");
/** From 22.18 on Node strips types by itself, once it is told that there are some. */
const isNative = native !== undefined && native !== false;

/** A format that Node 20's types do not know. */
const MODULE_TYPESCRIPT: Readonly<Record<string, unknown>> = { format: "module-typescript" };

/** Called by Node for each module. TypeScript modules are ES modules. */
export const load: LoadHook = async (url, context, nextLoad) => {
  if (!OURS.test(url)) return nextLoad(url, context);
  if (isNative) return nextLoad(url, { ...context, ...MODULE_TYPESCRIPT });
  const { source } = await nextLoad(url, { ...context, format: "module" });
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  return {
    format: "module",
    shortCircuit: true,
    source: await stripTypes(text, fileURLToPath(url)),
  };
};
