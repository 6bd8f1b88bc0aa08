/**
 * Endpoints from text: what stands in configuration files and on command lines.
 *
 * After: twisted.internet.endpoints (serverFromString, clientFromString). Differs: the table of
 * prefixes is an argument; `example.com:80` is a client's place to connect to, any other
 * description without a prefix is refused, with the one it lacks.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { IStreamClientEndpoint, IStreamServerEndpoint } from "../interfaces-factory.ts";
import type { IReactorCore } from "../interfaces-reactor.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import { withHostPrefix } from "./host-parser.ts";
import type { EndpointParsers } from "./interfaces-string-parser.ts";
import { builtinEndpointParsers } from "./registry.ts";
import { parseStringDescription } from "./string-description.ts";

/** Options of {@link serverFromString} and {@link clientFromString}. */
export interface FromStringOptions {
  /** The known prefixes. Default: {@link builtinEndpointParsers}. */
  readonly parsers?: EndpointParsers;
}

/** What people write who forget the prefix. */
interface Bare {
  readonly prefix: string;
  readonly pattern: RegExp;
}

/** A port. */
const BARE_SERVER: Bare = { prefix: "tcp", pattern: /^\d+(:|$)/u };
/** A host without dots, which could as well be a prefix with a slip in it, and a port. */
const BARE_CLIENT: Bare = { prefix: "host", pattern: /^[^:=]+:\d+(:|$)/u };

/** A description whose prefix is known, ready for its parser. */
interface Chosen<Parser> {
  readonly parser: Parser;
  readonly positional: readonly string[];
  readonly keywords: ReadonlyMap<string, string>;
}

function choose<Parser>(
  description: string,
  known: ReadonlyMap<string, Parser>,
  bare: Bare,
): Chosen<Parser> {
  const { positional, keywords } = parseStringDescription(description);
  const [prefix = "", ...rest] = positional;
  const parser = known.get(prefix);
  if (parser !== undefined) return { parser, positional: rest, keywords };
  const hint =
    known.has(bare.prefix) && bare.pattern.test(description)
      ? `; did you mean ${quote(`${bare.prefix}:${description}`)}?`
      : "";
  throw new EndpointDescriptionError(
    `Cannot read endpoint description ${quote(description)}: unknown prefix ${quote(prefix)}, ` +
      `known are ${[...known.keys()].join(", ")}${hint}`,
  );
}

/** With its prefix, if it is a host and a port, and if their prefix is known. */
function completed(description: string, known: ReadonlyMap<string, unknown>): string {
  const whole = known.has("host") ? withHostPrefix(description) : undefined;
  if (whole === undefined) return description;
  const [prefix = ""] = parseStringDescription(description).positional;
  return known.has(prefix) ? description : whole;
}

/**
 * The place to listen that `description` describes; no I/O yet.
 *
 * @throws {EndpointDescriptionError} Unknown prefix, or fields that do not fit it.
 * @throws {UnsupportedError} The reactor cannot do that.
 *
 * @example
 * ```ts
 * import { Factory, Protocol, serverFromString } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const endpoint = serverFromString(reactor, "tcp:0:interface=127.0.0.1");
 * const port = await endpoint.listen(Factory.forProtocol(Protocol));
 * await port.stopListening();
 * ```
 */
export function serverFromString(
  reactor: IReactorCore,
  description: string,
  options: FromStringOptions = {},
): IStreamServerEndpoint {
  const { parsers = builtinEndpointParsers } = options;
  const { parser, positional, keywords } = choose(description, parsers.server, BARE_SERVER);
  const inner = (text: string): IStreamServerEndpoint => serverFromString(reactor, text, options);
  return parser.parseStreamServer(reactor, positional, keywords, inner);
}

/**
 * The place to connect to that `description` describes; no I/O yet.
 *
 * A host and a port alone (`example.com:80`, `localhost:80`, `[::1]:80`) mean what they mean behind
 * the prefix `host`: every address of the name is tried. A host without a dot needs the prefix.
 *
 * @throws {EndpointDescriptionError} Unknown prefix, or fields that do not fit it.
 * @throws {UnsupportedError} The reactor cannot do that.
 *
 * @example
 * ```ts
 * import { clientFromString } from "sennit/internet";
 * import { reactor } from "sennit/reactor";
 *
 * const endpoint = clientFromString(reactor, "tcp:example.com:80:timeout=5");
 * console.log(endpoint); // TCP4ClientEndpoint(tcp:example.com:80:timeout=5)
 * console.log(clientFromString(reactor, "example.com:80"));
 * // HostnameEndpoint(host:example.com:80)
 * ```
 */
export function clientFromString(
  reactor: IReactorCore,
  description: string,
  options: FromStringOptions = {},
): IStreamClientEndpoint {
  const { parsers = builtinEndpointParsers } = options;
  const whole = completed(description, parsers.client);
  const { parser, positional, keywords } = choose(whole, parsers.client, BARE_CLIENT);
  const inner = (text: string): IStreamClientEndpoint => clientFromString(reactor, text, options);
  return parser.parseStreamClient(reactor, positional, keywords, inner);
}
