/**
 * Children: started on a core of their own, read line by line, and ended whatever happens.
 *
 * Each is ended by its own process id. Where `setpriv` is there, the system itself ends the
 * children of a harness that was killed; where `taskset` is there, they are pinned.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import os from "node:os";

/** Enough of what a child complained about to say why it failed. */
const ERROR_TEXT_MAX = 8192;
/** Seconds between the polite signal and the other one. */
const STOP_SECONDS = 3;

/** Core of the measured process. */
export const SERVER_CORE = 0;
/** Core of whatever drives it. */
export const LOAD_CORE = 1;

/** Children that have not ended. */
const living = new Set();

const hasSetpriv = runs("setpriv", ["--version"]);
/** Are children pinned to cores? */
export const isPinning = os.availableParallelism() > 1 && runs("taskset", ["--version"]);

/**
 * Does this command end well?
 *
 * @param {string} command
 * @param {readonly string[]} parameters
 */
function runs(command, parameters) {
  return spawnSync(command, parameters, { stdio: "ignore" }).status === 0;
}

/** A command, and the words that go before it. `taskset` and `setpriv` keep the process id. */
function wrapped(command, core) {
  const guard = hasSetpriv ? ["setpriv", "--pdeathsig", "KILL"] : [];
  const pin = isPinning && core !== undefined ? ["taskset", "-c", String(core)] : [];
  return [...guard, ...pin, ...command];
}

/** A running child. */
export class Child {
  #child;
  #lines = [];
  #partial = "";
  #errorText = "";
  #spawnError;
  #hasEnded = false;
  #ended;
  #wake = () => {};

  /**
   * @param {readonly string[]} command
   * @param {number} [core]
   */
  constructor(command, core) {
    const [program, ...parameters] = wrapped(command, core);
    this.#child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
    living.add(this);
    this.#child.stdout.setEncoding("utf8").on("data", (text) => this.#receive(text));
    this.#child.stderr.setEncoding("utf8").on("data", (text) => {
      this.#errorText = (this.#errorText + text).slice(-ERROR_TEXT_MAX);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        this.#spawnError = error;
        resolve();
      });
      this.#child.on("close", resolve);
    }).then(() => {
      living.delete(this);
      this.#hasEnded = true;
      this.#wake();
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Why it failed, in one line: the last one that names an error, else the last one. */
  get complaint() {
    if (this.#spawnError !== undefined) return this.#spawnError.message;
    const lines = this.#errorText.split("\n").filter((line) => line.trim() !== "");
    const telling = lines.findLast((line) => /^\S*(error|cannot)\b/iu.test(line)) ?? lines.at(-1);
    return telling ?? `ended with ${this.#child.signalCode ?? this.#child.exitCode}`;
  }

  #receive(text) {
    const pieces = (this.#partial + text).split("\n");
    this.#partial = pieces.pop();
    this.#lines.push(...pieces);
    this.#wake();
  }

  /**
   * The next line of its output.
   *
   * @param {number} seconds How long to wait for it.
   * @throws {Error} It ended without one, with its complaint; or the time is over.
   */
  async nextLine(seconds) {
    const patience = new AbortController();
    const timeout = setTimeout(() => {
      patience.abort();
      this.#wake();
    }, seconds * 1000);
    while (this.#lines.length === 0 && !this.#hasEnded && !patience.signal.aborted) {
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(timeout);
    if (this.#lines.length > 0) return this.#lines.shift();
    throw new Error(this.#hasEnded ? this.complaint : `said nothing in ${seconds} seconds`);
  }

  /** End it: politely, then for sure. */
  async stop() {
    if (this.#hasEnded) return;
    this.#child.kill("SIGTERM");
    const timeout = setTimeout(() => this.kill(), STOP_SECONDS * 1000);
    await this.#ended;
    clearTimeout(timeout);
  }

  /** End it at once. */
  kill() {
    this.#child.kill("SIGKILL");
  }
}

/**
 * Run a command that prints one line of JSON, and end it.
 *
 * @param {readonly string[]} command
 * @param {{ core?: number, seconds: number }} options
 */
export async function runForJson(command, { core, seconds }) {
  const child = new Child(command, core);
  try {
    return JSON.parse(await child.nextLine(seconds));
  } finally {
    await child.stop();
  }
}

/** From now on no child outlives this process. */
export function guardChildren() {
  process.on("exit", () => {
    for (const child of living) child.kill();
  });
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    process.on(signal, () => process.exit(code));
  }
}
