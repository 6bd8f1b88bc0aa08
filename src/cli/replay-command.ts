/**
 * `sennit replay`: a recorded connection once more, to a live server, or as a test.
 *
 * @module
 */
import { plural } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import { EXIT_STATUS, exitStatusOf } from "../application/exit-status.ts";
import { ConnectError } from "../internet/errors.ts";
import { readRecordingFile } from "../recorder/read-recording-file.ts";
import { replayAgainst } from "../recorder/replay-against.ts";
import { UnplayableRecordingError } from "../recorder/unplayable-recording-error.ts";
import type { Recording } from "../recorder/wire/recorded-event.ts";
import { compareWithRecording, formatDifference } from "../recorder/wire/recording-difference.ts";
import { RecordingFormatError } from "../recorder/wire/recording-error.ts";
import type { Command, CommandContext, Ending } from "./command.ts";
import { parseOptionsAround } from "./options.ts";
import { writeRecordedTest } from "./recorded-test.ts";
import {
  type AgainstServer,
  type AsTest,
  REPLAY_OPTIONS,
  type ReplaySettings,
  replaySettings,
} from "./replay-settings.ts";
import { reportError } from "./report.ts";

const NAME = "sennit replay";

const HELP = `Usage: sennit replay <file> --to <endpoint> [options]
       sennit replay <file> --as-test <out> [options]

Takes a recording (sennit run --record) and does once more what its client did,
to a server that listens now; or writes a test that replays it to a protocol.

  <file>                one recording: a file of JSON lines

To a server:
  --to <endpoint>       where it is: tcp:127.0.0.1:8023, tls:example.com:443,
                        unix:/run/app.sock
  --diff                show where its answers are different
  --speed <speed>       real: with the pauses of the recording; fast: without
                        them (default: fast). An answer is waited for either way
  --patience <seconds>  for how long (default: 5)

As a test:
  --as-test <out>       the file to write; the recording is copied beside it
  --runner <runner>     vitest or node (default: vitest)
  --factory <module>    what makes the protocol's factory: ./echo.ts#echoes, or
                        the default export of ./echo.ts. Without it there is a
                        place in the test to fill in

Both:
  --ignore <pattern>    a regular expression, with the flags m and u: what it
                        matches is not compared, as dates; as often as you like
  --debug               report errors with their stacks
  -h, --help            print this

Exit status:
   0   the answers are the same; or the test is written
   1   the answers are different
  64   the command line makes no sense
  65   the file is no recording, or not one that can be replayed
  66   there is no such file
  69   the server cannot be reached
`;

/** The answers are different: as `diff` and `cmp` have it. */
const DIFFERENT = 1;
/** EX_DATAERR of sysexits.h. */
const BAD_RECORDING = 65;
/** EX_NOINPUT. */
const NO_FILE = EXIT_STATUS.moduleNotFound;

/** See the top of this file. */
export const replayCommand: Command = {
  name: "replay",
  summary: "replay a recorded connection to a server, or as a test",
  help: HELP,
  run,
};

async function run(args: readonly string[], context: CommandContext): Promise<Ending> {
  const parsed = parseOptionsAround(args, REPLAY_OPTIONS, NAME);
  if (parsed.flags.has("help")) {
    context.writeOut(HELP);
    return { status: EXIT_STATUS.ok };
  }
  const settings = replaySettings(parsed, context);
  try {
    const recording = await readRecordingFile(settings.file);
    const { action } = settings;
    return action.kind === "server"
      ? await playToServer(recording, settings.ignore, action, context)
      : writeTest(recording, settings, action, context);
  } catch (error) {
    // A usage error is told by whoever called; what is foreseen has a status.
    if (error instanceof UsageError) throw error;
    context.writeError(reportError(error, settings.debug));
    return { status: statusOf(error) };
  }
}

async function playToServer(
  recording: Recording,
  ignore: readonly RegExp[],
  { endpoint, diff, speed, patience }: AgainstServer,
  { reactor, writeOut }: CommandContext,
): Promise<Ending> {
  const more = patience === undefined ? {} : { patience };
  const answers = await replayAgainst(recording, endpoint, { reactor, speed, ...more });
  const direction = recording.header.role === "server" ? "out" : "in";
  const difference = compareWithRecording(recording, direction, answers, { ignore });
  if (difference === undefined) {
    writeOut(`The answers are the same: ${plural(answers.length, "byte")}\n`);
    return { status: EXIT_STATUS.ok };
  }
  const at = `at byte ${String(difference.offset)}`;
  writeOut(diff ? `${formatDifference(difference)}\n` : `The answers are different ${at}\n`);
  return { status: DIFFERENT };
}

function writeTest(
  { header }: Recording,
  { file, ignore }: ReplaySettings,
  { out, runner, factory }: AsTest,
  { directory, writeOut }: CommandContext,
): Ending {
  const test = { recording: file, header, out, runner, factory, ignore, directory };
  for (const written of writeRecordedTest(test)) writeOut(`Written: ${written}\n`);
  return { status: EXIT_STATUS.ok };
}

function statusOf(error: unknown): number {
  const isUnfit =
    error instanceof RecordingFormatError || error instanceof UnplayableRecordingError;
  if (isUnfit) return BAD_RECORDING;
  if (error instanceof ConnectError) return EXIT_STATUS.unavailable;
  const isFile = error instanceof Error && "syscall" in error;
  return isFile ? NO_FILE : exitStatusOf(error);
}
