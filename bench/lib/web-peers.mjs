/**
 * The web servers: how each is started, or why it cannot be.
 *
 * Each is given a folder of files, prints its port as its first line, and runs until SIGTERM.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { pythonWith } from "./peers.mjs";
import { packageFolder } from "./sennit.mjs";

/** Where `npm install --no-save --prefix build/bun bun` puts it; it is `.exe` everywhere. */
const BUN = path.join(packageFolder, "build", "bun", "node_modules", "bun", "bin", "bun.exe");

function server(name) {
  return fileURLToPath(new URL(`../servers/${name}`, import.meta.url));
}

function bun() {
  const { status } = spawnSync(BUN, ["--version"], { stdio: "ignore" });
  if (status === 0) return BUN;
  throw new Error("npm install --no-save --prefix build/bun bun, with its install script allowed");
}

const COMMANDS = {
  sennit: () => [process.execPath, server("web-sennit.mjs")],
  "node:http": () => [process.execPath, server("web-node.mjs")],
  Fastify: () => [process.execPath, server("web-fastify.mjs")],
  Hono: () => [process.execPath, server("web-hono.mjs")],
  Twisted: () => [pythonWith("twisted.web", "python3-twisted"), server("web-twisted.py")],
  Bun: () => [bun(), server("web-bun.mjs")],
};

/** Names in the tables. */
export const webLabels = Object.keys(COMMANDS);

/**
 * The command that starts a server; the folder of files follows it.
 *
 * @param {string} label
 * @returns {readonly string[]}
 * @throws {Error} Something it needs is missing; the message says what to install.
 */
export function webCommandOf(label) {
  return COMMANDS[label]();
}
