/**
 * One copy of this package for a program: two would each have a log and a reactor of its own.
 *
 * @module
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where this package is. */
const OURS = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The copy of this package that a module in `directory` would import, if it is not this one.
 *
 * @returns Its directory; `undefined` when it is this one, or there is none to import.
 */
export function otherCopyFor(directory: string): string | undefined {
  let manifest: string;
  try {
    manifest = createRequire(join(directory, "module")).resolve("sennit/package.json");
  } catch {
    // Not installed there: then the module does not import it, or fails by itself.
    return undefined;
  }
  const theirs = dirname(manifest);
  return join(realpathSync(theirs), "/") === join(realpathSync(OURS), "/") ? undefined : theirs;
}
