/**
 * What stands behind `sennit run examples/townhall/townhall.ts`: where to listen, then options.
 *
 *     tcp:8023:interface=127.0.0.1  idleTimeout=60  firstRoom=foyer
 *
 * @module
 */
import { DEFAULTS, type TownhallOptions, type TownhallSettings } from "./options.ts";

/** Ours: 23 is telnet's port, which only root may bind; and nobody but this machine is let in. */
const ENDPOINT = "tcp:8023:interface=127.0.0.1";

/** The options whose value is a number. */
type NumberName = Exclude<keyof TownhallSettings, "firstRoom">;

/** What the arguments said. */
export interface TownhallArguments {
  /** For `serverFromString`. */
  readonly endpoint: string;
  readonly options: TownhallOptions;
}

/**
 * Read the arguments.
 *
 * @throws {RangeError} One that is no `name=value` of an option.
 */
export function readArguments(args: readonly string[]): TownhallArguments {
  const [endpoint = ENDPOINT, ...settings] = args;
  const options: { -readonly [Name in keyof TownhallOptions]: TownhallOptions[Name] } = {};
  for (const setting of settings) {
    const [name = "", value = ""] = setting.split("=", 2);
    if (name === "firstRoom") options.firstRoom = value;
    else if (isNumberName(name) && value !== "") options[name] = Number(value);
    else throw new RangeError(refusal(setting));
  }
  return { endpoint, options };
}

function isNumberName(name: string): name is NumberName {
  return Object.hasOwn(DEFAULTS, name) && name !== "firstRoom";
}

function refusal(setting: string): string {
  const names = Object.keys(DEFAULTS).join(", ");
  const got = JSON.stringify(setting.slice(0, 80));
  return `Cannot read argument ${got}: expected NAME=VALUE with a name of ${names}`;
}
