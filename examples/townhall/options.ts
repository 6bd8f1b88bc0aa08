/**
 * What can be set, and what it is otherwise.
 *
 * @module
 */
import { nameProblem, tidyName } from "./names.ts";

/** Every limit of a town hall. Times are seconds. */
export interface TownhallOptions {
  /** The room where everybody arrives. Default: `hall`. */
  readonly firstRoom?: string;
  /** Connections at once; one more hears that the house is full. Default: 2,000. */
  readonly peopleMax?: number;
  /** Rooms at once, the first one included. Default: 200. */
  readonly roomsMax?: number;
  /** Characters in the name of a person or a room. Default: 24. */
  readonly nameCharactersMax?: number;
  /** Bytes in a line without its end; a longer one ends the connection. Default: 1,024. */
  readonly lineBytesMax?: number;
  /** From the connection to a name. Default: 120. */
  readonly nameTimeout?: number;
  /** From the last line of somebody to their end. Default: 600. */
  readonly idleTimeout?: number;
  /** From a warning to that end; 0 warns nobody. Default: 60. */
  readonly idleWarning?: number;
  /** Lines that somebody may send at once. Default: 10. */
  readonly burstLines?: number;
  /** Lines per second that somebody may send for ever. Default: 5. */
  readonly linesPerSecond?: number;
  /** Lines dropped after the warning before their sender is. Default: 20. */
  readonly droppedLinesMax?: number;
  /** Bytes that may wait for somebody who does not read, before they go. Default: 262,144. */
  readonly unreadBytesMax?: number;
}

/** Every option, set. */
export type TownhallSettings = Required<TownhallOptions>;

/** What each option is when nobody says. */
export const DEFAULTS: TownhallSettings = {
  firstRoom: "hall",
  peopleMax: 2000,
  roomsMax: 200,
  nameCharactersMax: 24,
  lineBytesMax: 1024,
  nameTimeout: 120,
  idleTimeout: 600,
  idleWarning: 60,
  burstLines: 10,
  linesPerSecond: 5,
  droppedLinesMax: 20,
  unreadBytesMax: 262_144,
};

/** The least that each number may be. `idleWarning` and `droppedLinesMax` may be nothing at all. */
const LEAST: ReadonlyMap<string, number> = new Map([
  ["idleWarning", 0],
  ["droppedLinesMax", 0],
  ["burstLines", 1],
]);

/**
 * `options`, and the defaults for the rest.
 *
 * @throws {RangeError} A number that makes no sense, or a first room that nobody could join.
 */
export function settingsFrom(options: TownhallOptions): TownhallSettings {
  const merged = { ...DEFAULTS, ...options };
  const settings = { ...merged, firstRoom: tidyName(merged.firstRoom) };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === "number") checkNumber(name, value);
  }
  const problem = nameProblem(settings.firstRoom, settings.nameCharactersMax);
  if (problem !== undefined) {
    const got = JSON.stringify(settings.firstRoom).slice(0, 80);
    throw new RangeError(`Cannot open a town hall: expected a name as firstRoom, got ${got}`);
  }
  return settings;
}

function checkNumber(name: string, value: number): void {
  const least = LEAST.get(name);
  if (least === undefined ? value > 0 : value >= least) return;
  const expected = least === undefined ? "more than 0" : `at least ${String(least)}`;
  throw new RangeError(
    `Cannot open a town hall: expected ${name} to be ${expected}, got ${String(value)}`,
  );
}
