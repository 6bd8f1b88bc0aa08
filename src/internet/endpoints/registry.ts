/**
 * The table of known prefixes: a value that is handed in, never a place where imports register.
 *
 * After: the plugin lookup of twisted.internet.endpoints. Differs: an application writes its table
 * down, so two applications in one process can know different prefixes.
 *
 * @module
 */
import type {
  EndpointParsers,
  IStreamClientEndpointStringParser,
  IStreamServerEndpointStringParser,
} from "./interfaces-string-parser.ts";
import {
  tcp6ClientParser,
  tcp6ServerParser,
  tcpClientParser,
  tcpServerParser,
} from "./tcp-parsers.ts";

/** What {@link endpointParsers} adds. */
export interface MoreEndpointParsers {
  readonly server?: Iterable<IStreamServerEndpointStringParser>;
  readonly client?: Iterable<IStreamClientEndpointStringParser>;
}

function table<Parser extends { readonly prefix: string }>(
  known: Iterable<Parser>,
  more: Iterable<Parser>,
): ReadonlyMap<string, Parser> {
  return new Map([...known, ...more].map((parser) => [parser.prefix, parser]));
}

/** The prefixes that come with sennit: `tcp` and `tcp6`, for servers and clients. */
export const builtinEndpointParsers: EndpointParsers = {
  server: table([tcpServerParser, tcp6ServerParser], []),
  client: table([tcpClientParser, tcp6ClientParser], []),
};

/**
 * A table with more prefixes. A prefix that `base` knows already is replaced.
 *
 * @example
 * ```ts
 * import {
 *   endpointParsers,
 *   serverFromString,
 *   TCP4ServerEndpoint,
 *   type IStreamServerEndpointStringParser,
 * } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const local: IStreamServerEndpointStringParser = {
 *   prefix: "local",
 *   usage: "local:port",
 *   parseStreamServer: (_reactor, [port]) =>
 *     new TCP4ServerEndpoint(reactor, Number(port), { interface: "127.0.0.1" }),
 * };
 * const parsers = endpointParsers({ server: [local] });
 * console.log(String(serverFromString(reactor, "local:80", { parsers })));
 * // tcp:80:interface=127.0.0.1
 * ```
 */
export function endpointParsers(
  more: MoreEndpointParsers,
  base: EndpointParsers = builtinEndpointParsers,
): EndpointParsers {
  return {
    server: table(base.server.values(), more.server ?? []),
    client: table(base.client.values(), more.client ?? []),
  };
}
