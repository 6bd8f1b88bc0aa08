/**
 * TypeScript modules, also on a Node that does not know them.
 *
 * @module
 */
import { register } from "node:module";

let isRegistered = false;

/** Is it a TypeScript module, by its name? */
export function isTypeScript(file: string): boolean {
  return /\.m?ts$/u.test(file);
}

/**
 * Make `import` of TypeScript work from now on, for the whole process: on Nodes that cannot strip
 * types (before 22.18), and on all others for modules in a package that is CommonJS by its
 * `package.json`, as `npm init` makes them.
 */
export function enableTypeScript(): void {
  if (isRegistered) return;
  isRegistered = true;
  // The same ending as this file has: .js once it is built.
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  register(`./_module-hooks${ending}`, import.meta.url);
}
