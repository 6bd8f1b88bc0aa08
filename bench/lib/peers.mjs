/**
 * The echo servers: how each is started, or why it cannot be.
 *
 * Each prints its port as its first line and runs until SIGTERM.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compile } from "./compile.mjs";

/** Names on the command line, and in the tables. */
export const LABELS = {
  sennit: "sennit",
  node: "node:net",
  twisted: "Twisted",
  c: "C epoll",
  asyncio: "asyncio",
  uvloop: "uvloop",
  "sennit-tls": "sennit, TLS",
  "node-tls": "node:tls",
  "sennit-websocket": "sennit",
  ws: "ws",
};

/** The system's own Python first: its packages are not seen by another one on the PATH. */
const PYTHONS = ["/usr/bin/python3", "python3"];

function server(name) {
  return fileURLToPath(new URL(`../servers/${name}`, import.meta.url));
}

/** The interpreter that can import a module, by its own word for itself. */
export function pythonWith(module, advice) {
  for (const python of PYTHONS) {
    const script = `import sys, ${module}; print(sys.executable)`;
    const { status, stdout } = spawnSync(python, ["-c", script], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
  }
  throw new Error(`no Python with ${module}: install ${advice}`);
}

const COMMANDS = {
  sennit: () => [process.execPath, server("sennit-echo.mjs")],
  node: () => [process.execPath, server("node-net.mjs")],
  twisted: () => [pythonWith("twisted", "python3-twisted"), server("twisted-echo.py")],
  c: () => [compile("servers/epoll-echo.c")],
  asyncio: () => [pythonWith("asyncio", "python3"), server("asyncio-echo.py")],
  "sennit-udp": () => [process.execPath, server("sennit-udp-echo.mjs")],
  "node-dgram": () => [process.execPath, server("node-dgram.mjs")],
  "twisted-udp": () => [pythonWith("twisted", "python3-twisted"), server("twisted-udp-echo.py")],
  "sennit-tls": () => [process.execPath, server("sennit-tls-echo.mjs")],
  "node-tls": () => [process.execPath, server("node-tls.mjs")],
  "sennit-websocket": () => [process.execPath, server("sennit-websocket-echo.mjs")],
  ws: () => [process.execPath, server("ws-echo.mjs")],
  uvloop: () => [pythonWith("uvloop", "python3-uvloop"), server("asyncio-echo.py"), "uvloop"],
};

/**
 * The command that starts a peer.
 *
 * @param {string} name
 * @returns {readonly string[]}
 * @throws {Error} Something it needs is missing; the message says what to install.
 */
export function commandOf(name) {
  return COMMANDS[name]();
}
