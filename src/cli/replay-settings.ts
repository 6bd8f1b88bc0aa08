/**
 * The command line of `sennit replay`, checked.
 *
 * @module
 */
import { resolve } from "node:path";
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import { clientFromString } from "../internet/endpoints/from-string.ts";
import { UnsupportedError } from "../internet/errors.ts";
import type { IStreamClientEndpoint } from "../internet/interfaces-factory.ts";
import type { CommandContext } from "./command.ts";
import type { ParsedOptions } from "./options.ts";
import type { TestRunnerName } from "./recorded-test.ts";

/** For `parseOptions`. */
export const REPLAY_OPTIONS = {
  to: { type: "string" },
  diff: { type: "boolean" },
  speed: { type: "string" },
  patience: { type: "string" },
  "as-test": { type: "string" },
  runner: { type: "string" },
  factory: { type: "string" },
  ignore: { type: "string", multiple: true },
  debug: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const SPEEDS = ["real", "fast"] as const;
const RUNNERS = ["vitest", "node"] as const;
/** What makes sense for one action alone. */
const OF_SERVER = ["diff", "speed", "patience"];
const OF_TEST = ["runner", "factory"];

/** Play it to a server. */
export interface AgainstServer {
  readonly kind: "server";
  readonly endpoint: IStreamClientEndpoint;
  readonly diff: boolean;
  readonly speed: "real" | "fast";
  /** Seconds. */
  readonly patience: number | undefined;
}

/** Write a test. */
export interface AsTest {
  readonly kind: "test";
  readonly out: string;
  readonly runner: TestRunnerName;
  readonly factory: string | undefined;
}

/** What is to be done. Paths are whole. */
export interface ReplaySettings {
  readonly file: string;
  readonly action: AgainstServer | AsTest;
  readonly ignore: readonly RegExp[];
  readonly debug: boolean;
}

/** @throws {UsageError} It makes no sense. */
export function replaySettings(parsed: ParsedOptions, context: CommandContext): ReplaySettings {
  const { word, rest, lists, flags } = parsed;
  if (word === undefined) throw new UsageError("Expected a recording; see sennit replay --help");
  const [extra] = rest;
  if (extra !== undefined) {
    throw new UsageError(`Cannot replay ${quote(extra)} too: expected one recording`);
  }
  return {
    file: resolve(context.directory, word),
    action: actionFrom(parsed, context),
    ignore: (lists.get("ignore") ?? []).map(patternFrom),
    debug: flags.has("debug"),
  };
}

function actionFrom(parsed: ParsedOptions, context: CommandContext): AgainstServer | AsTest {
  const { values } = parsed;
  const [to, out] = [values.get("to"), values.get("as-test")];
  if ((to === undefined) === (out === undefined)) {
    throw new UsageError("Expected one of --to and --as-test; see sennit replay --help");
  }
  refuse(to === undefined ? OF_SERVER : OF_TEST, to === undefined ? "--to" : "--as-test", parsed);
  return to === undefined
    ? testFrom(parsed, resolve(context.directory, out ?? ""))
    : serverFrom(to, parsed, context);
}

function refuse(names: readonly string[], needed: string, { values, flags }: ParsedOptions): void {
  const given = names.find((name) => values.has(name) || flags.has(name));
  if (given !== undefined) throw new UsageError(`Cannot use --${given} without ${needed}`);
}

function testFrom({ values }: ParsedOptions, out: string): AsTest {
  const runner = oneOf(RUNNERS, values.get("runner") ?? "vitest", "--runner");
  return { kind: "test", out, runner, factory: values.get("factory") };
}

function serverFrom(
  to: string,
  { values, flags }: ParsedOptions,
  { reactor }: CommandContext,
): AgainstServer {
  const speed = oneOf(SPEEDS, values.get("speed") ?? "fast", "--speed");
  const patience = values.has("patience") ? Number(values.get("patience")) : undefined;
  if (patience !== undefined && !(patience > 0)) {
    const got = quote(values.get("patience"));
    throw new UsageError(`Cannot use --patience ${got}: expected seconds, more than 0`);
  }
  const endpoint = endpointFrom(to, reactor);
  return { kind: "server", endpoint, diff: flags.has("diff"), speed, patience };
}

function endpointFrom(
  description: string,
  reactor: CommandContext["reactor"],
): IStreamClientEndpoint {
  try {
    return clientFromString(reactor, description);
  } catch (error) {
    const isForeseen =
      error instanceof TypeError ||
      error instanceof RangeError ||
      error instanceof UnsupportedError;
    if (!isForeseen) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

function oneOf<const Value extends string>(
  values: readonly Value[],
  text: string,
  option: string,
): Value {
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  throw new UsageError(`Cannot use ${option} ${quote(text)}: expected ${values.join(" or ")}`);
}

function patternFrom(text: string): RegExp {
  try {
    return new RegExp(text, "mu");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`Cannot use --ignore ${quote(text)}: expected a regular expression`, {
      cause: error,
    });
  }
}
