/**
 * The file that a person means by the name of a module.
 *
 * @module
 */
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { quote } from "../core/text.ts";
import { ServiceModuleNotFoundError } from "./errors.ts";

/**
 * The file of a module: `app.ts` and `./app.ts` are paths from `directory`, as is any name under
 * which there is a file; else `name` and `@scope/name/part` are packages that `directory` can see.
 *
 * @throws {ServiceModuleNotFoundError} There is no such file, or it is a directory.
 */
export function findModule(specifier: string, directory: string): string {
  const path = specifier.startsWith("file:")
    ? fileURLToPath(specifier)
    : resolve(directory, specifier);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === false) return path;
  const inPackage = isPath(specifier) ? undefined : findInPackage(specifier, directory);
  if (inPackage !== undefined) return inPackage;
  const why = found === undefined ? `no such file: ${path}` : "it is a directory; name the file";
  throw new ServiceModuleNotFoundError(`Cannot find module ${quote(specifier)}: ${why}`);
}

function isPath(specifier: string): boolean {
  return /^(?:\.{1,2}(?:[/\\]|$)|file:)/u.test(specifier) || isAbsolute(specifier);
}

/** The main file of a package, or the one that it exports under that name. */
function findInPackage(specifier: string, directory: string): string | undefined {
  try {
    // As require() finds it: import.meta.resolve() looks from here, not from where the person is.
    // A package that exports to `import` alone is not found so, and must be named by its path.
    const file = createRequire(join(directory, "module")).resolve(specifier);
    return isAbsolute(file) ? file : undefined;
  } catch {
    // Whatever the reason, the person gets one: there is no such file.
    return undefined;
  }
}
