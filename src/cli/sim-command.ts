/**
 * `sennit sim`: simulations of a scenario in a file.
 *
 * @module
 */
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import { EXIT_STATUS } from "../application/exit-status.ts";
import type { Command, CommandContext, Ending } from "./command.ts";
import { parseOptions } from "./options.ts";
import { reportError } from "./report.ts";
import { SIM_STATUS } from "./sim/exit-status.ts";
import { type SimAction, SimSettings } from "./sim/settings.ts";

const HELP = `Usage: sennit sim run <file> [options]
       sennit sim replay|shrink|when|pin <file> --seed <n>|--token <token>
       sennit sim doctor <file> [options]

Runs whole network applications in virtual time, from a seed. <file> exports a
scenario: export default simulation("name", async (sim) => …). TypeScript is
fine. See docs/guides/simulation.md.

run: many seeds, in several processes, until something fails. A failure is
shrunk, dated, told and pictured.
  --seeds <n>         how many (default: 1000; with --time, no bound)
  --from <n>          the first one (default: 0)
  --time <time>       for so long: 60s, 10m, 2h
  --jobs <n>          processes (default: one for each core)
  --failures <n>      different failures to look for (default: 1)
  --check <part>      seeds that are run twice to compare (default: 2%)
  --patience <time>   real time that one seed may take (default: 60s)
  --no-shrink         tell the failure as it is
  --json <file>       write what was found, for programs
  --html <directory>  where pictures and traces go (default: .sim)

replay: one run again, told in words.
  --trace             every event, with its number
  --until <time>      every event up to that time
  --html <file>       a picture of it
  --inspect <n>       wait for a debugger, and stop before event <n> of --trace
  --patience <time>   real time that it may take (default: 60s)

shrink: fewer choices, the same failure.       --time <time> (default: 10s)
when: the point of no return, as a chart.      --time <time> (default: 10s)
pin: write a test that runs it again.
  --out <file>        (default: <name>-<seed>.test.ts, or .mjs for node)
  --runner <runner>   vitest or node (default: vitest)
  --no-shrink         as it is

doctor: is it deterministic, and where does it ask the platform for time, chance
or a socket?
  --seeds <n>         how many (default: 100)
  --from <n>          the first one (default: 0); --seed <n> is the same
  --patience <time>   real time that one seed may take (default: 60s)

All of them:
  --faults <kind>     none, single, swarm, all, mix (default: the scenario's)
  --globals <mode>    off, virtual, strict (default: the scenario's)
  --debug             report errors with their stacks
  -h, --help          print this

Exit status:
   0  all is well
   1  a property failed
   2  it is not deterministic
   3  it asks the platform for what its reactor should give
   4  it cannot be simulated: no such file, no scenario in it, no failure there
   5  what must happen sometimes never did
  64  the command line makes no sense
`;

type Action = (settings: SimSettings, context: CommandContext) => Promise<Ending>;

/** Loaded when they are needed: whoever starts a service need not wait for a simulator. */
const ACTIONS: Readonly<Record<SimAction, () => Promise<Action>>> = {
  run: async () => (await import("./sim/run-seeds.ts")).runSeeds,
  replay: async () => (await import("./sim/replay-run.ts")).replayRun,
  shrink: async () => (await import("./sim/look-at-run.ts")).shrinkRun,
  when: async () => (await import("./sim/look-at-run.ts")).whenRun,
  pin: async () => (await import("./sim/look-at-run.ts")).pinRun,
  doctor: async () => (await import("./sim/doctor-report.ts")).examineFile,
};

/** See the top of this file. */
export const simCommand: Command = {
  name: "sim",
  summary: "simulate an application, from seeds",
  help: HELP,
  run,
};

async function run(args: readonly string[], context: CommandContext): Promise<Ending> {
  const { flags, word, rest } = parseOptions(
    args,
    { help: { type: "boolean", short: "h" } },
    "sennit sim",
  );
  if (word === undefined && !flags.has("help")) {
    throw new UsageError(
      `Expected one of ${Object.keys(ACTIONS).join(", ")}; see sennit sim --help`,
    );
  }
  const settings = word === undefined ? undefined : new SimSettings(actionOf(word), rest);
  if (settings === undefined || settings.has("help")) {
    context.writeOut(HELP);
    return { status: EXIT_STATUS.ok };
  }
  try {
    const act = await ACTIONS[settings.action]();
    return await act(settings, context);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    context.writeError(reportError(error, settings.has("debug")));
    return { status: SIM_STATUS.harness };
  }
}

function actionOf(word: string): SimAction {
  switch (word) {
    case "run":
    case "replay":
    case "shrink":
    case "when":
    case "pin":
    case "doctor":
      return word;
    default:
      throw new UsageError(`There is no sennit sim ${quote(word)}; see sennit sim --help`);
  }
}
