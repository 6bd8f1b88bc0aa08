/**
 * Lets Node 20 run a script in TypeScript: node --import ./examples/strip-types.mjs examples/x.ts
 *
 * The file is loaded twice: by the program, where it registers itself, and by the thread of the
 * loader, where `load` takes the types out. Types are replaced by spaces, so that the lines and
 * columns in a stack are those of the source.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transformSync } from "@swc/wasm-typescript";

if (isMainThread) register(import.meta.url);

/** The loader hook of `node:module`. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = transformSync(await readFile(filename, "utf8"), {
    filename,
    mode: "strip-only",
  });
  return { format: "module", source: code, shortCircuit: true };
}
