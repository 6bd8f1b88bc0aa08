/**
 * `sennit <command>`: which command, and what there is.
 *
 * @module
 */
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import { EXIT_STATUS } from "../application/exit-status.ts";
import type { Command, CommandContext, Ending } from "./command.ts";
import { parseOptions } from "./options.ts";
import { replayCommand } from "./replay-command.ts";
import { reportLine } from "./report.ts";
import { runCommand } from "./run-command.ts";
import { serveCommand } from "./serve-command.ts";
import { simCommand } from "./sim-command.ts";
import { packageVersion } from "./version.ts";

const COMMANDS: readonly Command[] = [runCommand, serveCommand, replayCommand, simCommand];

const HELP = `Usage: sennit <command> [options]

Event-driven networking: protocols, reactors, services.

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join("\n")}

Options:
  -h, --help     print this; sennit <command> --help tells more of a command
  -V, --version  print the version
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/**
 * Do what `args` (without the program's own name) say.
 *
 * @returns How the process is to end. It does not fail for anything that a person can do wrong.
 */
export async function runCommandLine(
  args: readonly string[],
  context: CommandContext,
): Promise<Ending> {
  try {
    return await dispatch(args, context);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    context.writeError(reportLine(error.message));
    return { status: EXIT_STATUS.usage };
  }
}

async function dispatch(args: readonly string[], context: CommandContext): Promise<Ending> {
  const { flags, word, rest } = parseOptions(args, OPTIONS, "sennit");
  if (flags.has("version")) {
    context.writeOut(`sennit ${packageVersion()}\n`);
    return { status: EXIT_STATUS.ok };
  }
  if (flags.has("help")) {
    context.writeOut(HELP);
    return { status: EXIT_STATUS.ok };
  }
  if (word === undefined) {
    context.writeError(HELP);
    return { status: EXIT_STATUS.usage };
  }
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return command.run(rest, context);
  throw new UsageError(`There is no command ${quote(word)}; see sennit --help`);
}
