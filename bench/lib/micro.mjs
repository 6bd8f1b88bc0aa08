/**
 * Two ways of doing one thing, each in a process of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { runForJson } from "./processes.mjs";

/** Seconds after which a child is taken for broken. */
const CHILD_SECONDS = 120;

/**
 * The command that runs `micro/SCRIPT` with these words.
 *
 * @param {string} script
 * @param {readonly unknown[]} parameters
 */
export function microCommand(script, parameters) {
  const path = fileURLToPath(new URL(`../micro/${script}`, import.meta.url));
  return [process.execPath, path, ...parameters.map(String)];
}

/**
 * Run it for its one line of JSON.
 *
 * @param {string} script
 * @param {readonly unknown[]} parameters
 */
export function runMicro(script, parameters) {
  return runForJson(microCommand(script, parameters), { seconds: CHILD_SECONDS });
}
