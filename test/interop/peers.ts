/**
 * Programs that others wrote, for our tests to talk with.
 *
 * A program that is missing is a skip which names the Debian package to install; with
 * `SENNIT_PEERS=required` in the environment it is a failure.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "vitest";

/** A program that may be there. */
export class Peer {
  readonly #path: string | undefined;
  readonly #wanted: string;
  readonly #debianPackage: string;

  constructor(path: string | undefined, wanted: string, debianPackage: string) {
    this.#path = path;
    this.#wanted = wanted;
    this.#debianPackage = debianPackage;
  }

  /** Where it is. Call it first in a test, which ends here if there is no such program. */
  path(context: TestContext): string {
    if (this.#path !== undefined) return this.#path;
    const missing = `no ${this.#wanted}: apt-get install ${this.#debianPackage}`;
    if (process.env["SENNIT_PEERS"] === "required") throw new Error(missing);
    return context.skip(missing);
  }
}

/** A command on the PATH. */
export function peer(command: string, debianPackage: string): Peer {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const path = folders.map((folder) => join(folder, command)).find(isExecutable);
  return new Peer(path, command, debianPackage);
}

/** A Python that has `module`: the system's own first, whose packages no other one sees. */
export function pythonPeer(module: string, debianPackage: string): Peer {
  const pythons = ["/usr/bin/python3", "python3"];
  const python = pythons.find((one) => spawnSync(one, ["-c", `import ${module}`]).status === 0);
  return new Peer(python, `Python with ${module}`, debianPackage);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: the next folder.
    return false;
  }
}
