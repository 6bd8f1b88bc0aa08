/**
 * sennit as its users get it: the built files, found through the `exports` of its manifest.
 *
 * This folder is a package of its own, so Node does not look the name up in the manifest next
 * door by itself; a `require` that stands in that folder does.
 *
 * @module
 */
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const manifest = new URL("../../package.json", import.meta.url);

/** The folder of the package. */
export const packageFolder = fileURLToPath(new URL(".", manifest));

/**
 * Import a door by its public name, such as `sennit/defer`.
 *
 * @param {string} door
 */
export function load(door) {
  return import(pathToFileURL(createRequire(manifest).resolve(door)));
}
