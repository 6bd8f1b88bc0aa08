/**
 * The C programs, compiled when they are needed.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { packageFolder } from "./sennit.mjs";

const OUTPUT = path.join(packageFolder, "build", "bench");

/**
 * Compile one file, with optimisation.
 *
 * @param {string} source A path in this folder, such as `load/echo-load.c`.
 * @param {{ suffix?: string, flags?: readonly string[] }} [variant] Another program of that file.
 * @returns The path of the program.
 * @throws {Error} There is no compiler, or it found an error.
 */
export function compile(source, { suffix = "", flags = [] } = {}) {
  const program = path.join(OUTPUT, path.basename(source, ".c") + suffix);
  mkdirSync(OUTPUT, { recursive: true });
  const file = fileURLToPath(new URL(`../${source}`, import.meta.url));
  const command = ["-O2", "-std=gnu11", "-o", program, file, ...flags];
  const { error, status, stderr } = spawnSync("cc", command, { encoding: "utf8" });
  if (error !== undefined) throw new Error("No C compiler: install gcc, which brings cc");
  if (status !== 0) throw new Error(`Cannot compile ${source}:\n${stderr}`);
  return program;
}
