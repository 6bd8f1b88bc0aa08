/**
 * The command lines of `sennit sim`, checked.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { UsageError } from "../../application/errors.ts";
import type { GlobalsMode } from "../../testing/simulation/globals.ts";
import type { ScenarioOptions } from "../../testing/simulation/module.ts";
import type { FaultProfile } from "../../testing/simulation/swarm.ts";
import { formatToken, parseToken } from "../../testing/simulation/token.ts";
import { type OptionTable, type ParsedOptions, parseOptionsAround } from "../options.ts";

/** Options that all have. */
const COMMON = {
  faults: { type: "string" },
  globals: { type: "string" },
  debug: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
/** Of those that look at one run. */
const ONE_RUN = { ...COMMON, seed: { type: "string" }, token: { type: "string" } } as const;

/** What follows `sennit sim`, and its options. */
const SIM_OPTIONS = {
  run: {
    ...COMMON,
    seeds: { type: "string" },
    from: { type: "string" },
    time: { type: "string" },
    jobs: { type: "string" },
    check: { type: "string" },
    failures: { type: "string" },
    patience: { type: "string" },
    "no-shrink": { type: "boolean" },
    json: { type: "string" },
    html: { type: "string" },
  },
  replay: {
    ...ONE_RUN,
    trace: { type: "boolean" },
    until: { type: "string" },
    html: { type: "string" },
    inspect: { type: "string" },
    patience: { type: "string" },
  },
  shrink: { ...ONE_RUN, time: { type: "string" } },
  when: { ...ONE_RUN, time: { type: "string" } },
  pin: {
    ...ONE_RUN,
    "no-shrink": { type: "boolean" },
    out: { type: "string" },
    runner: { type: "string" },
  },
  doctor: {
    ...COMMON,
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    patience: { type: "string" },
  },
} as const satisfies Readonly<Record<string, OptionTable>>;

/** What can follow `sennit sim`. */
export type SimAction = keyof typeof SIM_OPTIONS;

const FAULTS: readonly FaultProfile[] = ["none", "single", "swarm", "all", "mix"];
const GLOBALS: readonly GlobalsMode[] = ["off", "virtual", "strict"];
/** Seconds in each unit. */
const UNITS = new Map([
  ["ms", 0.001],
  ["", 1],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
]);

/** A command line of `sennit sim`, read as it is needed. What makes no sense is a `UsageError`. */
export class SimSettings {
  readonly action: SimAction;
  readonly #parsed: ParsedOptions;

  /** @throws {UsageError} An option is unknown or lacks its value, or there are two files. */
  constructor(action: SimAction, args: readonly string[]) {
    this.action = action;
    this.#parsed = parseOptionsAround(args, SIM_OPTIONS[action], `sennit sim ${action}`);
    const [extra] = this.#parsed.rest;
    if (extra !== undefined) {
      throw new UsageError(`Cannot use ${quote(extra)} too: expected one file`);
    }
  }

  has(flag: "help" | "debug" | "trace" | "no-shrink"): boolean {
    return this.#parsed.flags.has(flag);
  }

  /** As it was given. */
  text(option: string): string | undefined {
    return this.#parsed.values.get(option);
  }

  /** The file of the scenario. */
  get file(): string {
    const { word } = this.#parsed;
    if (word !== undefined) return word;
    throw new UsageError(`Expected a file; see sennit sim ${this.action} --help`);
  }

  /** What overrules the scenario's own options. */
  get options(): ScenarioOptions {
    const faults = this.oneOf("faults", FAULTS);
    const globals = this.oneOf("globals", GLOBALS);
    return { ...(faults !== undefined && { faults }), ...(globals !== undefined && { globals }) };
  }

  /** The same, as a person would write it: with a space before each. */
  get optionWords(): string {
    const words = Object.entries(this.options).map(([key, value]) => ` --${key} ${String(value)}`);
    return words.join("");
  }

  /** The run that is meant: by its token, or its seed. */
  get token(): string {
    const token = this.text("token");
    const seed = this.number("seed", 0);
    if ((token === undefined) === (seed === undefined)) {
      throw new UsageError(
        `Expected one of --seed and --token; see sennit sim ${this.action} --help`,
      );
    }
    if (token === undefined) return formatToken({ seed: seed ?? 0 });
    try {
      parseToken(token);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new UsageError(error.message, { cause: error });
    }
    return token;
  }

  /** A whole number, `least` or more. */
  number(option: string, least: number): number | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const number = /^\d+$/u.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw wrong(option, `a whole number, ${String(least)} or more`, text);
  }

  /** Seconds: `90`, `90s`, `1.5m`, `2h`, `500ms`. */
  seconds(option: string): number | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|[smh]?)$/u.exec(text) ?? [];
    if (digits === "") throw wrong(option, "a time, as 90s, 1.5m, 2h or 500ms", text);
    return Number(digits) * (UNITS.get(unit) ?? 1);
  }

  /** A part of something: `2%` or `0.02`. */
  part(option: string): number | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const [, digits = "", percent = ""] = /^(\d+(?:\.\d+)?)(%?)$/u.exec(text) ?? [];
    const part = percent === "%" ? Number(digits) / 100 : Number(digits);
    if (digits !== "" && part <= 1) return part;
    throw wrong(option, "a part, as 2% or 0.02", text);
  }

  /** One of some words. */
  oneOf<const Word extends string>(option: string, words: readonly Word[]): Word | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw wrong(option, words.join(", "), text);
  }
}

function wrong(option: string, expected: string, got: string): UsageError {
  return new UsageError(`Cannot use --${option} ${quote(got)}: expected ${expected}`);
}
