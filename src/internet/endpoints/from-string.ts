/**
 * Endpoints from text: what stands in configuration files and on command lines.
 *
 * After: twisted.internet.endpoints (serverFromString, clientFromString). Differs: the table of
 * prefixes is an argument; a description without a prefix is refused, with the one it lacks.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import type { IStreamClientEndpoint, IStreamServerEndpoint } from "../interfaces-factory.ts";
import type { IReactorCore } from "../interfaces-reactor.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import type { EndpointParsers } from "./interfaces-string-parser.ts";
import { builtinEndpointParsers } from "./registry.ts";
import { parseStringDescription } from "./string-description.ts";

/** Options of {@link serverFromString} and {@link clientFromString}. */
export interface FromStringOptions {
  /** The known prefixes. Default: {@link builtinEndpointParsers}. */
  readonly parsers?: EndpointParsers;
}

/** What people write who forget the prefix: a port. */
const BARE_SERVER = /^\d+(:|$)/u;
/** What people write who forget the prefix: a host, known by its dots, and a port. */
const BARE_CLIENT = /^(localhost|[^:=]+\.[^:=]+):\d+(:|$)/u;

/** A description whose prefix is known, ready for its parser. */
interface Chosen<Parser> {
  readonly parser: Parser;
  readonly positional: readonly string[];
  readonly keywords: ReadonlyMap<string, string>;
}

function choose<Parser>(
  description: string,
  known: ReadonlyMap<string, Parser>,
  bare: RegExp,
): Chosen<Parser> {
  const { positional, keywords } = parseStringDescription(description);
  const [prefix = "", ...rest] = positional;
  const parser = known.get(prefix);
  if (parser !== undefined) return { parser, positional: rest, keywords };
  const hint =
    known.has("tcp") && bare.test(description)
      ? `; did you mean ${quote(`tcp:${description}`)}?`
      : "";
  throw new EndpointDescriptionError(
    `Cannot read endpoint description ${quote(description)}: unknown prefix ${quote(prefix)}, ` +
      `known are ${[...known.keys()].join(", ")}${hint}`,
  );
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
  return parser.parseStreamServer(reactor, positional, keywords);
}

/**
 * The place to connect to that `description` describes; no I/O yet.
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
 * ```
 */
export function clientFromString(
  reactor: IReactorCore,
  description: string,
  options: FromStringOptions = {},
): IStreamClientEndpoint {
  const { parsers = builtinEndpointParsers } = options;
  const { parser, positional, keywords } = choose(description, parsers.client, BARE_CLIENT);
  return parser.parseStreamClient(reactor, positional, keywords);
}
