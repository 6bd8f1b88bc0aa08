/**
 * Everything that a scenario asks of the platform: where `strict` would stop at the first, they
 * are all answered here as in `virtual`, and noted.
 *
 * @module
 */
import type { EscapeError } from "./escape-error.ts";
import { framesOf, isTheirs } from "./frames.ts";
import { simulate, type SimulateOptions } from "./simulate.ts";
import type { NamedScenario } from "./module.ts";

/** A place from which the platform is asked for something. */
export interface Escape {
  /** What was called, and what to call instead, in a sentence. */
  readonly message: string;
  /** The line of the stack that is not sennit's nor Node's. */
  readonly place: string;
  /** The first seed that came by. */
  readonly seed: number;
  readonly count: number;
}

/** Deep enough to get out of Node's own frames. */
const DEPTH = 40;

/** What is run, and who is told when a seed begins. */
export interface EscapesOrder {
  readonly seeds: readonly number[];
  readonly options: SimulateOptions;
  readonly begins: (seed: number) => void;
}

/** Run these seeds, and list from where they ask for what: the first that was seen first. */
export async function listEscapes(
  { scenario, options: own }: NamedScenario,
  { seeds, options, begins }: EscapesOrder,
): Promise<readonly Escape[]> {
  const found = new Map<string, Escape>();
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  for (const seed of seeds) {
    begins(seed);
    const onEscape = ({ message, stack = "" }: EscapeError): void => {
      const place = placeIn(stack);
      const key = `${message}\n${place}`;
      const known = found.get(key) ?? { message, place, seed, count: 0 };
      found.set(key, { ...known, count: known.count + 1 });
    };
    await simulate(scenario, { ...own, ...options, seed, globals: "virtual", onEscape });
  }
  Error.stackTraceLimit = depth;
  return [...found.values()];
}

function placeIn(stack: string): string {
  const frames = framesOf(stack);
  return (frames.find(isTheirs) ?? frames[0] ?? "").trim();
}
