/**
 * The prefixes `tcp` and `tcp6`.
 *
 *     tcp:port[:interface][:backlog]               tcp:host:port[:timeout][:bindAddress]
 *     tcp6:port[:interface][:backlog]              tcp6:host:port[:timeout][:bindAddress]
 *
 * After: twisted.internet.endpoints (_parseTCP, _TCP6ServerParser, _parseClientTCP). Differs: ports
 * are numbers, names of services are not looked up.
 *
 * @module
 */
import { UnsupportedError } from "../errors.ts";
import {
  type ConnectTCPOptions,
  type IReactorCore,
  IReactorTCP,
  type ListenTCPOptions,
} from "../interfaces-reactor.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import type {
  IStreamClientEndpointStringParser,
  IStreamServerEndpointStringParser,
} from "./interfaces-string-parser.ts";
import { TCP4ClientEndpoint, TCP6ClientEndpoint } from "./tcp-client.ts";
import { TCP4ServerEndpoint, TCP6ServerEndpoint } from "./tcp-server.ts";

/** `listen(2)` takes an int; the system cuts it to what it allows. */
const BACKLOG_MAX = 2_147_483_647;

function withTCP(reactor: IReactorCore): IReactorTCP {
  if (reactor.provides(IReactorTCP)) return reactor;
  throw new UnsupportedError(IReactorTCP.label, reactor.constructor.name);
}

/** What a description says of listening. */
export function listenOptions(fields: EndpointArguments): ListenTCPOptions {
  const networkInterface = fields.optional("interface");
  const backlog = fields.wholeNumber("backlog", BACKLOG_MAX);
  return {
    ...(networkInterface !== undefined && { interface: networkInterface }),
    ...(backlog !== undefined && { backlog }),
  };
}

function serverParser(
  prefix: string,
  Endpoint: typeof TCP4ServerEndpoint | typeof TCP6ServerEndpoint,
): IStreamServerEndpointStringParser {
  const usage = `${prefix}:port[:interface][:backlog]`;
  const syntax: ArgumentSyntax = {
    what: `${prefix} server endpoint`,
    usage,
    names: ["port", "interface", "backlog"],
  };
  return {
    prefix,
    usage,
    parseStreamServer(reactor, positional, keywords) {
      const fields = new EndpointArguments(syntax, positional, keywords);
      return new Endpoint(withTCP(reactor), fields.port("port"), listenOptions(fields));
    },
  };
}

/** What a description says of connecting. */
export function connectOptions(fields: EndpointArguments): ConnectTCPOptions {
  const timeout = fields.seconds("timeout");
  const bindAddress = fields.optional("bindAddress");
  return {
    ...(timeout !== undefined && { timeout }),
    ...(bindAddress !== undefined && { bindAddress }),
  };
}

/** How one client prefix differs from the other. */
interface ClientKind {
  readonly prefix: string;
  readonly usage: string;
  readonly Endpoint: typeof TCP4ClientEndpoint | typeof TCP6ClientEndpoint;
}

function clientParser(kind: ClientKind): IStreamClientEndpointStringParser {
  const { prefix, usage, Endpoint } = kind;
  const syntax: ArgumentSyntax = {
    what: `${prefix} client endpoint`,
    usage,
    names: ["host", "port", "timeout", "bindAddress"],
  };
  return {
    prefix,
    usage,
    parseStreamClient(reactor, positional, keywords) {
      const fields = new EndpointArguments(syntax, positional, keywords);
      const host = fields.required("host");
      return new Endpoint(withTCP(reactor), host, fields.port("port"), connectOptions(fields));
    },
  };
}

/** `tcp:port[:interface][:backlog]` makes a {@link TCP4ServerEndpoint}. */
export const tcpServerParser: IStreamServerEndpointStringParser = serverParser(
  "tcp",
  TCP4ServerEndpoint,
);

/** `tcp6:port[:interface][:backlog]` makes a {@link TCP6ServerEndpoint}. */
export const tcp6ServerParser: IStreamServerEndpointStringParser = serverParser(
  "tcp6",
  TCP6ServerEndpoint,
);

/** `tcp:host:port[:timeout][:bindAddress]` makes a {@link TCP4ClientEndpoint}. */
export const tcpClientParser: IStreamClientEndpointStringParser = clientParser({
  prefix: "tcp",
  usage: "tcp:host:port[:timeout][:bindAddress]",
  Endpoint: TCP4ClientEndpoint,
});

/** `tcp6:host:port[:timeout][:bindAddress]` makes a {@link TCP6ClientEndpoint}. */
export const tcp6ClientParser: IStreamClientEndpointStringParser = clientParser({
  prefix: "tcp6",
  usage: "tcp6:host:port[:timeout][:bindAddress]",
  Endpoint: TCP6ClientEndpoint,
});
