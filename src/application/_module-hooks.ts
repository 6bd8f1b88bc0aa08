/**
 * A hook for Node's loader, in the loader's own thread: TypeScript outside `node_modules` loses its
 * types. For Nodes that cannot do it themselves; see `_typescript.ts`.
 *
 * @module
 */
import type { LoadHook } from "node:module";
import { fileURLToPath } from "node:url";
import { stripTypes } from "./_strip-types.ts";

/** A file that is TypeScript, and not somebody else's package. */
const OURS = /^file:(?!.*\/node_modules\/).*\.m?ts$/u;

/** Called by Node for each module. TypeScript modules are ES modules. */
export const load: LoadHook = async (url, context, nextLoad) => {
  if (!OURS.test(url)) return nextLoad(url, context);
  const { source } = await nextLoad(url, { ...context, format: "module" });
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  return {
    format: "module",
    shortCircuit: true,
    source: await stripTypes(text, fileURLToPath(url)),
  };
};
