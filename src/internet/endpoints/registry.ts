/**
 * The table of known prefixes: a value that is handed in, never a place where imports register.
 *
 * After: the plugin lookup of twisted.internet.endpoints. Differs: an application writes its table
 * down, so two applications in one process can know different prefixes.
 *
 * @module
 */
import { fdServerParser, systemdServerParser } from "./adopted-parsers.ts";
import { haproxyServerParser } from "./haproxy-parser.ts";
import { hostClientParser } from "./host-parser.ts";
import type {
  EndpointParsers,
  IStreamClientEndpointStringParser,
  IStreamServerEndpointStringParser,
} from "./interfaces-string-parser.ts";
import { processClientParser } from "./process-parser.ts";
import { serialClientParser } from "./serial.ts";
import { stdioServerParser } from "./stdio.ts";
import {
  sslClientParser,
  sslServerParser,
  tlsClientParser,
  tlsServerParser,
} from "./tls-parsers.ts";
import {
  tcp6ClientParser,
  tcp6ServerParser,
  tcpClientParser,
  tcpServerParser,
} from "./tcp-parsers.ts";
import { unixClientParser, unixServerParser } from "./unix-parsers.ts";

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

/**
 * The prefixes that come with sennit: `tcp`, `tcp6`, `unix`, `ssl`, `tls` for both, `haproxy`,
 * `fd`, `systemd`, `stdio` for servers, `host`, `process`, `serial` for clients.
 */
export const builtinEndpointParsers: EndpointParsers = {
  server: table(
    [
      tcpServerParser,
      tcp6ServerParser,
      haproxyServerParser,
      unixServerParser,
      fdServerParser,
      systemdServerParser,
      stdioServerParser,
      sslServerParser,
      tlsServerParser,
    ],
    [],
  ),
  client: table(
    [
      tcpClientParser,
      tcp6ClientParser,
      hostClientParser,
      processClientParser,
      serialClientParser,
      unixClientParser,
      sslClientParser,
      tlsClientParser,
    ],
    [],
  ),
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
