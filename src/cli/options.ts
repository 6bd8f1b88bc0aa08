/**
 * Options before the first word, and the rest left as it is.
 *
 *     --log-level debug  app.ts  --port 8000 -- x
 *     ╰──── options ───╯ ╰word╯  ╰─── rest ─────╯
 *
 * @module
 */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "../application/errors.ts";

/** What `parseArgs` of `node:util` wants to know of each option. */
export type OptionTable = NonNullable<ParseArgsConfig["options"]>;

/** A command line, taken apart. */
export interface ParsedOptions {
  /** Of options that take a value: the last one given. */
  readonly values: ReadonlyMap<string, string>;
  /** Of options that may be repeated: all that were given. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** The names of the options that take no value. */
  readonly flags: ReadonlySet<string>;
  /** The first argument that is no option. */
  readonly word: string | undefined;
  /** What follows it, untouched. */
  readonly rest: readonly string[];
}

/**
 * Take `args` apart.
 *
 * @param command For messages: `sennit run`.
 * @throws {UsageError} An option is unknown, or lacks its value.
 */
export function parseOptions(
  args: readonly string[],
  options: OptionTable,
  command: string,
): ParsedOptions {
  const at = indexOfWord(args, options);
  const parsed = strictly(args.slice(0, at), options, command);
  const values = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  const flags = new Set<string>();
  for (const [name, value] of Object.entries(parsed)) {
    if (typeof value === "string") values.set(name, value);
    else if (Array.isArray(value)) lists.set(name, value.map(String));
    else flags.add(name);
  }
  return { values, lists, flags, word: args[at], rest: args.slice(at + 1) };
}

/**
 * The same where options may stand on both sides of the word.
 *
 * @returns In `rest`, the words that are too many.
 * @throws {UsageError} An option is unknown, or lacks its value.
 */
export function parseOptionsAround(
  args: readonly string[],
  options: OptionTable,
  command: string,
): ParsedOptions {
  const before = parseOptions(args, options, command);
  const after = parseOptions(before.rest, options, command);
  const lists = new Map(before.lists);
  for (const [name, values] of after.lists) {
    lists.set(name, [...(lists.get(name) ?? []), ...values]);
  }
  return {
    values: new Map([...before.values, ...after.values]),
    lists,
    flags: new Set([...before.flags, ...after.flags]),
    word: before.word,
    rest: after.word === undefined ? [] : [after.word, ...after.rest],
  };
}

/** Where the first word is; the number of arguments when there is none. */
function indexOfWord(args: readonly string[], options: OptionTable): number {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const word = tokens.find((token) => token.kind === "positional");
  return word?.index ?? args.length;
}

function strictly(args: string[], options: OptionTable, command: string): object {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node goes on to explain where arguments stand that look like options: not so here.
    const [what = ""] = error.message.split(/\. |\n/u);
    throw new UsageError(`${what}; see ${command} --help`, { cause: error });
  }
}
