/**
 * The prefix `host`, and what stands for it when there is no prefix at all.
 *
 *     host:host:port[:timeout][:bindAddress][:attemptDelay]
 *     example.com:80      localhost:80      [::1]:80      example.com:80:timeout=5
 *
 * After: nothing in twisted.internet.endpoints, where no string makes a HostnameEndpoint.
 *
 * @module
 */
import { UnsupportedError } from "../errors.ts";
import { type IReactorCore, IReactorTCP, IReactorTime } from "../interfaces-reactor.ts";
import { IReactorPluggableNameResolver } from "../interfaces-resolver.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import {
  HostnameEndpoint,
  type HostnameEndpointOptions,
  type HostnameEndpointReactor,
} from "./hostname-endpoint.ts";
import type { IStreamClientEndpointStringParser } from "./interfaces-string-parser.ts";
import { quoteStringArgument } from "./string-description.ts";

const PREFIX = "host";
const SYNTAX: ArgumentSyntax = {
  what: "host client endpoint",
  usage: "host:host:port[:timeout][:bindAddress][:attemptDelay]",
  names: ["host", "port", "timeout", "bindAddress", "attemptDelay"],
};

/** A host, known by its dots, and a port. */
const BARE = /^(?:localhost|[^:=[\]]+\.[^:=[\]]+):\d+(?::|$)/u;
/** The same with an address as URLs have it. */
const BRACKETED = /^\[(?<address>[^[\]]+)\](?=:\d+(?::|$))/u;

/** The same description with its prefix, if it is a host and a port; else `undefined`. */
export function withHostPrefix(description: string): string | undefined {
  if (BARE.test(description)) return `${PREFIX}:${description}`;
  const match = BRACKETED.exec(description);
  if (match === null) return undefined;
  const address = quoteStringArgument(match.groups?.["address"] ?? "");
  return `${PREFIX}:${address}${description.slice(match[0].length)}`;
}

/** The reactor, if it resolves names and connects. @throws {UnsupportedError} */
export function withNames<Reactor extends IReactorCore>(
  reactor: Reactor,
): Reactor & HostnameEndpointReactor {
  const { name } = reactor.constructor;
  if (!reactor.provides(IReactorTCP)) throw new UnsupportedError(IReactorTCP.label, name);
  if (!reactor.provides(IReactorTime)) throw new UnsupportedError(IReactorTime.label, name);
  if (reactor.provides(IReactorPluggableNameResolver)) return reactor;
  throw new UnsupportedError(IReactorPluggableNameResolver.label, name);
}

function optionsOf(fields: EndpointArguments): HostnameEndpointOptions {
  const timeout = fields.seconds("timeout");
  const bindAddress = fields.optional("bindAddress");
  const attemptDelay = fields.seconds("attemptDelay");
  return {
    ...(timeout !== undefined && { timeout }),
    ...(bindAddress !== undefined && { bindAddress }),
    ...(attemptDelay !== undefined && { attemptDelay }),
  };
}

/** `host:host:port[:timeout][:bindAddress][:attemptDelay]` makes a {@link HostnameEndpoint}. */
export const hostClientParser: IStreamClientEndpointStringParser = {
  prefix: PREFIX,
  usage: SYNTAX.usage,
  parseStreamClient(reactor, positional, keywords) {
    const fields = new EndpointArguments(SYNTAX, positional, keywords);
    const host = fields.required("host");
    const port = fields.port("port");
    const options = optionsOf(fields);
    try {
      return new HostnameEndpoint(withNames(reactor), host, port, options);
    } catch (error) {
      // An option out of its range: say what is expected, in the words of this description.
      if (error instanceof RangeError) fields.refuse(error.message.replace(/^.*?: /u, ""));
      throw error;
    }
  },
};
