#!/usr/bin/env node
/**
 * The program `sennit`.
 *
 * @module
 */
import { EXIT_STATUS, exitStatusOf } from "../application/exit-status.ts";
import { reactor } from "../reactors/default/reactor.ts";
import { runCommandLine } from "./command-line.ts";
import { endProcess } from "./end-process.ts";
import { reportError, reportLine } from "./report.ts";

/** A log that nobody reads any more (`sennit run … | head`) is no reason for a server to end. */
function ignore(): void {}

process.stdout.on("error", ignore);
process.stderr.on("error", ignore);

process.once("uncaughtException", (error) => {
  const status = exitStatusOf(error);
  // What is foreseen, a taken port, says enough in its message; anything else is a bug somewhere.
  process.stderr.write(reportError(error, status === EXIT_STATUS.software));
  void endProcess({ status });
});

// Each command ends the process itself. If Node has nothing left to do before that, something is
// waited for that can never come, and a status of 0 would be a lie.
process.once("beforeExit", () => {
  process.stderr.write(reportLine("Nothing is left to wait for, but the module is not loaded yet"));
  void endProcess({ status: EXIT_STATUS.badModule });
});

const ending = runCommandLine(process.argv.slice(2), {
  writeOut: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
  directory: process.cwd(),
  reactor,
});
void ending.then(endProcess);
