/**
 * What stands behind `sennit run examples/townhall/townhall.ts`: where to listen, then options.
 *
 *     tcp:8023:interface=127.0.0.1  web=tcp:8080  idleTimeout=60  firstRoom=foyer
 *
 * @module
 */
import { DEFAULTS, type TownhallOptions, type TownhallSettings } from "./options.ts";

/** Ours: 23 is telnet's port, which only root may bind; and nobody but this machine is let in. */
const ENDPOINT = "tcp:8023:interface=127.0.0.1";
const WEB_ENDPOINT = "tcp:8080:interface=127.0.0.1";

/** The options whose value is a number. */
type NumberName = Exclude<keyof TownhallSettings, "firstRoom">;

/** What the arguments said. */
export interface TownhallArguments {
  /** For `serverFromString`. */
  readonly endpoint: string;
  /** The same for the page; `undefined` for none. */
  readonly web: string | undefined;
  readonly options: TownhallOptions;
}

/**
 * Read the arguments. Who says where to listen says so of the page too, or there is none.
 *
 * @throws {RangeError} One that is no `name=value` of an option.
 */
export function readArguments(args: readonly string[]): TownhallArguments {
  const [endpoint = ENDPOINT, ...settings] = args;
  let web = args.length === 0 ? WEB_ENDPOINT : undefined;
  const options: { -readonly [Name in keyof TownhallOptions]: TownhallOptions[Name] } = {};
  for (const setting of settings) {
    const at = setting.indexOf("=");
    const [name, value] = at === -1 ? [setting, ""] : [setting.slice(0, at), setting.slice(at + 1)];
    if (name === "firstRoom") options.firstRoom = value;
    else if (name === "web" && value !== "") web = value;
    else if (isNumberName(name) && value !== "") options[name] = Number(value);
    else throw new RangeError(refusal(setting));
  }
  return { endpoint, web, options };
}

function isNumberName(name: string): name is NumberName {
  return Object.hasOwn(DEFAULTS, name) && name !== "firstRoom";
}

function refusal(setting: string): string {
  const names = ["web", ...Object.keys(DEFAULTS)].join(", ");
  const got = JSON.stringify(setting.slice(0, 80));
  return `Cannot read argument ${got}: expected NAME=VALUE with a name of ${names}`;
}
