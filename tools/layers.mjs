/**
 * Checks which folder imports which (.dependency-cruiser.cjs), and that the checker has read
 * anything at all: beside a TypeScript that it does not know it finds no modules, and no fault.
 *
 * Usage: node tools/layers.mjs
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Fewer than there have ever been since the first stage. */
const MODULES_MIN = 50;

const cruiser = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
const options = ["src", "--config", ".dependency-cruiser.cjs", "--output-type", "err-long"];
const run = spawnSync(process.execPath, [cruiser, ...options], { cwd: ROOT, encoding: "utf8" });
process.stdout.write(run.stdout);
process.stderr.write(run.stderr);
const modules = Number(/\((?<count>\d+) modules,/u.exec(run.stdout)?.groups.count ?? 0);
process.exitCode = run.status ?? 1;
if (modules <= MODULES_MIN) {
  console.error(`layers: expected more than ${MODULES_MIN} modules, got ${modules}`);
  process.exitCode = 1;
}
