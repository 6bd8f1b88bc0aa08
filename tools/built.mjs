/**
 * Lets files of this repository that import from `src/` run on what was built from it: Node finds
 * `dist/x.js` for `src/x.ts`. Without it the scenarios of test/simulation would bring a second copy
 * of the package to the command, which is built.
 *
 * Usage: npm run sim -- run test/simulation/bank.sim.ts
 *
 * @module
 */
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

const SRC = new URL("../src/", import.meta.url).href;
const DIST = new URL("../dist/", import.meta.url).href;

// Once more in the loader's own thread, for its hook.
if (isMainThread) register(import.meta.url);

/** Called by Node for each import. */
export async function resolve(specifier, context, nextResolve) {
  const found = await nextResolve(specifier, context);
  if (!found.url.startsWith(SRC)) return found;
  const url = found.url.replace(SRC, DIST).replace(/\.ts$/u, ".js");
  return { ...found, url, format: "module" };
}
