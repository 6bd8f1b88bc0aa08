/**
 * The build that comes before the measuring: what is measured is what users run.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { packageFolder } from "./sennit.mjs";

/** Run the package's build. @returns What it said when it failed, else `undefined`. */
export function buildPackage() {
  const { error, status, stdout, stderr } = spawnSync("npm", ["run", "build"], {
    cwd: packageFolder,
    encoding: "utf8",
  });
  if (status === 0) return undefined;
  return error === undefined ? `${stdout}${stderr}`.trim() : error.message;
}
