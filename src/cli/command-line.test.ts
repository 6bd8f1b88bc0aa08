/**
 * What a person types, without a process: help, versions, and mistakes.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { runCommandLine } from "./command-line.ts";

async function sennit(...args: readonly string[]) {
  let out = "";
  let error = "";
  const { status } = await runCommandLine(args, {
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    isTerminal: false,
    directory: "/nowhere",
    reactor: new MemoryReactor(),
  });
  return { status, out, error };
}

describe("sennit", () => {
  it("alone explains itself on the error stream, and fails", async () => {
    const { status, out, error } = await sennit();
    assert.strictEqual(status, 64);
    assert.strictEqual(out, "");
    assert.match(error, /^Usage: sennit <command>/u);
  });

  it("--help lists the commands", async () => {
    for (const option of ["--help", "-h"]) {
      const { status, out, error } = await sennit(option);
      assert.strictEqual(status, 0);
      assert.match(out, /^ {2}run {8}start a service$/mu);
      assert.strictEqual(error, "");
    }
  });

  it("--version prints the version", async () => {
    const { status, out } = await sennit("--version");
    assert.strictEqual(status, 0);
    assert.match(out, /^sennit \d+\.\d+\.\d+\S*\n$/u);
  });

  it("refuses what it does not know, in one line", async () => {
    const rows: readonly (readonly [readonly string[], string])[] = [
      [["walk"], 'There is no command "walk"; see sennit --help'],
      [["--walk"], "Unknown option '--walk'; see sennit --help"],
      [["run"], "Expected a module; see sennit run --help"],
      [["run", "--fast", "x.js"], "Unknown option '--fast'; see sennit run --help"],
      [
        ["run", "--log-level"],
        "Option '--log-level <value>' argument missing; see sennit run --help",
      ],
      [
        ["run", "--log-level", "loud", "x.js"],
        'Cannot use --log-level "loud": expected debug, info, warn, error, critical',
      ],
      [
        ["run", "--log-format", "xml", "x.js"],
        'Cannot use --log-format "xml": expected text or json',
      ],
      [
        ["run", "--stop-timeout", "soon", "x.js"],
        'Cannot use --stop-timeout "soon": expected seconds, 0 or more',
      ],
    ];
    for (const [args, message] of rows) {
      assert.deepEqual(await sennit(...args), {
        status: 64,
        out: "",
        error: `sennit: ${message}\n`,
      });
    }
  });
});

describe("sennit run", () => {
  it("--help tells of the options and of each exit status", async () => {
    const { status, out } = await sennit("run", "--help");
    assert.strictEqual(status, 0);
    for (const word of ["--log-level", "--stop-timeout", "64", "66", "69", "70", "78"]) {
      assert.include(out, word);
    }
    for (const line of out.split("\n")) assert.isAtMost(line.length, 80, line);
  });
});

describe("sennit sim", () => {
  it("--help tells of each command, option and exit status", async () => {
    for (const args of [["--help"], ["run", "--help"], ["doctor", "-h"]]) {
      const { status, out } = await sennit("sim", ...args);
      assert.strictEqual(status, 0);
      for (const word of ["replay", "--seeds", "--token", "--globals", "pin", "doctor", "64"]) {
        assert.include(out, word);
      }
      for (const line of out.split("\n")) assert.isAtMost(line.length, 80, line);
    }
  });

  it("refuses what makes no sense, in one line", async () => {
    const rows: readonly (readonly [readonly string[], string])[] = [
      [[], "Expected one of run, replay, shrink, when, pin, doctor; see sennit sim --help"],
      [["walk"], 'There is no sennit sim "walk"; see sennit sim --help'],
      [["run"], "Expected a file; see sennit sim run --help"],
      [["when", "a.ts"], "Expected one of --seed and --token; see sennit sim when --help"],
      [
        ["pin", "a.ts", "--seed", "1", "--runner", "x"],
        'Cannot use --runner "x": expected vitest, node',
      ],
    ];
    for (const [args, message] of rows) {
      const error = `sennit: ${message}\n`;
      assert.deepEqual(await sennit("sim", ...args), { status: 64, out: "", error });
    }
  });
});
