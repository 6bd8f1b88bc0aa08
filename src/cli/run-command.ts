/**
 * `sennit run`: start the service that a module exports, and stop it in good order.
 *
 * After: twist. Differs: a module instead of a plugin; arguments are the module's own.
 *
 * @module
 */
import { basename, extname, resolve } from "node:path";
import { SennitError } from "../core/errors.ts";
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import { EXIT_STATUS, exitStatusOf } from "../application/exit-status.ts";
import { loadServiceModule } from "../application/load-service-module.ts";
import { beginLogging, isLogFormat, LOG_FORMATS, type LogFormat } from "../application/logging.ts";
import { type ApplicationOutcome, runApplication } from "../application/run-application.ts";
import type { Failure } from "../defer/failure.ts";
import { isLogLevel, LOG_LEVELS, type LogLevel } from "../logger/levels.ts";
import { Logger } from "../logger/logger.ts";
import type { Command, CommandContext, Ending } from "./command.ts";
import { type ParsedOptions, parseOptions } from "./options.ts";
import { recordRun } from "./record-run.ts";
import { reportError } from "./report.ts";

const NAME = "sennit run";

const HELP = `Usage: sennit run [options] <module> [arguments]

Starts the service that a module exports, and runs until it is told to stop.

  <module>     a file (app.ts, dist/app.js) or an installed package. Its default
               export, or the one named service, is a service, or a function
               that is given { reactor, args, log } and makes one. TypeScript
               is fine, as long as its types can simply be removed.
  [arguments]  for the module: they are in args, untouched

Options:
  --log-level <level>       ${LOG_LEVELS.join(", ")} (default: info)
  --log-format <format>     ${LOG_FORMATS.join(" or ")} (default: text on a terminal,
                            json elsewhere)
  --stop-timeout <seconds>  time for each service to stop in, unless it says
                            otherwise (default: 10)
  --record <directory>      write what each connection says to a file of its
                            own, passwords too; see sennit replay
  --debug                   report errors with their stacks
  -h, --help                print this

The log goes to the standard output, errors that end the program to the standard
error. SIGINT and SIGTERM stop the service in good order; a second one, at once.

Exit status:
   0   it has ended by itself, in good order
  64   the command line makes no sense
  66   there is no such module
  69   a port is taken, or the privilege for it is missing
  70   the service failed to start or to stop, or an exception was not caught
  78   the module cannot be loaded, or exports no service
  A program that a signal has stopped ends by that signal (130, 143 in a shell).
`;

const OPTIONS = {
  "log-level": { type: "string" },
  "log-format": { type: "string" },
  "stop-timeout": { type: "string" },
  record: { type: "string" },
  debug: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** See the top of this file. */
export const runCommand: Command = { name: "run", summary: "start a service", help: HELP, run };

/** The command line, checked. */
interface Settings {
  readonly module: string;
  readonly args: readonly string[];
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly stopTimeout: number | undefined;
  readonly record: string | undefined;
  readonly debug: boolean;
}

async function run(args: readonly string[], context: CommandContext): Promise<Ending> {
  const parsed = parseOptions(args, OPTIONS, NAME);
  if (parsed.flags.has("help")) {
    context.writeOut(HELP);
    return { status: EXIT_STATUS.ok };
  }
  const settings = settingsFrom(parsed, context.isTerminal);
  try {
    return await start(settings, context);
  } catch (error) {
    context.writeError(reportError(error, settings.debug));
    return { status: exitStatusOf(error) };
  }
}

function settingsFrom(parsed: ParsedOptions, isTerminal: boolean): Settings {
  const { values, flags, word, rest } = parsed;
  const level = values.get("log-level") ?? "info";
  const format = values.get("log-format") ?? (isTerminal ? "text" : "json");
  if (word === undefined) throw new UsageError(`Expected a module; see ${NAME} --help`);
  if (!isLogLevel(level)) throw wrongValue("--log-level", LOG_LEVELS.join(", "), level);
  if (!isLogFormat(format)) throw wrongValue("--log-format", LOG_FORMATS.join(" or "), format);
  const stopTimeout = secondsFrom(values.get("stop-timeout"));
  const record = values.get("record");
  const debug = flags.has("debug");
  return { module: word, args: rest, level, format, stopTimeout, record, debug };
}

function secondsFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = text === "" ? Number.NaN : Number(text);
  if (seconds >= 0) return seconds;
  throw wrongValue("--stop-timeout", "seconds, 0 or more", text);
}

function wrongValue(option: string, expected: string, got: string): UsageError {
  return new UsageError(`Cannot use ${option} ${quote(got)}: expected ${expected}`);
}

async function start(settings: Settings, context: CommandContext): Promise<Ending> {
  const { level, format, record } = settings;
  const { reactor, directory, writeOut } = context;
  beginLogging({ write: writeOut, level, format });
  if (record === undefined) return runModule(settings, context);
  // Before the module is loaded, which may connect at once.
  const end = recordRun(resolve(directory, record), reactor);
  try {
    return await runModule(settings, context);
  } finally {
    await end();
  }
}

async function runModule(settings: Settings, context: CommandContext): Promise<Ending> {
  const { module, args, stopTimeout } = settings;
  const { reactor, directory } = context;
  const log = new Logger({ namespace: basename(module, extname(module)) });
  const service = await loadServiceModule(module, { reactor, args, log }, { directory });
  const outcome = await runApplication(service, {
    reactor,
    ...(stopTimeout === undefined ? {} : { stopTimeout }),
  });
  return endingOf(outcome, settings, context);
}

function endingOf(
  outcome: ApplicationOutcome,
  settings: Settings,
  { writeError }: CommandContext,
): Ending {
  const { startFailure, stopFailure, signal } = outcome;
  if (startFailure !== undefined) {
    writeError(startReport(startFailure, settings));
    return { status: exitStatusOf(startFailure.value) };
  }
  // What went wrong while it stopped is in the log, service by service.
  const status = stopFailure === undefined ? EXIT_STATUS.ok : EXIT_STATUS.software;
  return { status, signal };
}

/** Errors of ours say what was not possible; those of others mostly do not. */
function startReport(failure: Failure, { module, debug }: Settings): string {
  const isOurs = failure.is(SennitError);
  const prefix = isOurs ? "" : `Cannot start ${quote(module)}: ${failure.type}: `;
  return reportError(failure, debug, prefix);
}
