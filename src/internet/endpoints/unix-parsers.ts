/**
 * The prefix `unix`.
 *
 *     unix:address[:mode][:backlog][:lockfile]      unix:path[:lockfile][:timeout]
 *
 * A server keeps a lock unless it says `lockfile=0` or has an abstract name; a client looks at one
 * if it says `lockfile=1`.
 *
 * After: twisted.internet.endpoints (_parseUNIX, _parseClientUNIX).
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { UnsupportedError } from "../errors.ts";
import type { IReactorCore } from "../interfaces-reactor.ts";
import { IReactorUNIX } from "../interfaces-unix.ts";
import { isAbstract } from "../unix-names.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import type {
  IStreamClientEndpointStringParser,
  IStreamServerEndpointStringParser,
} from "./interfaces-string-parser.ts";
import { UNIXClientEndpoint } from "./unix-client.ts";
import { UNIXServerEndpoint } from "./unix-server.ts";

/** `listen(2)` takes an int; the system cuts it to what it allows. */
const BACKLOG_MAX = 2_147_483_647;
const OCTAL_MODE = /^0?[0-7]{1,3}$/u;

const SERVER: ArgumentSyntax = {
  what: "unix server endpoint",
  usage: "unix:address[:mode][:backlog][:lockfile=0]",
  names: ["address", "mode", "backlog", "lockfile"],
};

const CLIENT: ArgumentSyntax = {
  what: "unix client endpoint",
  usage: "unix:path[:lockfile=1][:timeout]",
  names: ["path", "lockfile", "timeout"],
};

function withUNIX(reactor: IReactorCore): IReactorUNIX {
  if (reactor.provides(IReactorUNIX)) return reactor;
  throw new UnsupportedError(IReactorUNIX.label, reactor.constructor.name);
}

function modeOf(fields: EndpointArguments): { mode?: number } {
  const text = fields.optional("mode");
  if (text === undefined) return {};
  if (OCTAL_MODE.test(text)) return { mode: Number.parseInt(text, 8) };
  return fields.refuse(`expected mode to be three octal digits, got ${quote(text)}`);
}

/** A path or an abstract name. @throws {EndpointDescriptionError} It is neither. */
function nameOf(fields: EndpointArguments, field: string): string {
  const name = fields.required(field);
  if (isAbstract(name) || !name.includes("\0")) return name;
  return fields.refuse(`expected ${field} to be without a NUL, got ${quote(name)}`);
}

/** `unix:address[:mode][:backlog][:lockfile]` makes a {@link UNIXServerEndpoint}. */
export const unixServerParser: IStreamServerEndpointStringParser = {
  prefix: "unix",
  usage: SERVER.usage,
  parseStreamServer(reactor, positional, keywords) {
    const fields = new EndpointArguments(SERVER, positional, keywords);
    const address = nameOf(fields, "address");
    const backlog = fields.wholeNumber("backlog", BACKLOG_MAX);
    const lockfile = fields.wholeNumber("lockfile", 1) ?? (isAbstract(address) ? 0 : 1);
    return new UNIXServerEndpoint(withUNIX(reactor), address, {
      ...modeOf(fields),
      ...(backlog !== undefined && { backlog }),
      wantPID: lockfile === 1,
    });
  },
};

/** `unix:path[:lockfile][:timeout]` makes a {@link UNIXClientEndpoint}. */
export const unixClientParser: IStreamClientEndpointStringParser = {
  prefix: "unix",
  usage: CLIENT.usage,
  parseStreamClient(reactor, positional, keywords) {
    const fields = new EndpointArguments(CLIENT, positional, keywords);
    const path = nameOf(fields, "path");
    const timeout = fields.seconds("timeout");
    return new UNIXClientEndpoint(withUNIX(reactor), path, {
      ...(timeout !== undefined && { timeout }),
      checkPID: fields.wholeNumber("lockfile", 1) === 1,
    });
  },
};
