/**
 * The contracts of those who turn descriptions into endpoints, one prefix each.
 *
 * After: IStreamServerEndpointStringParser and IStreamClientEndpointStringParserWithReactor of
 * twisted.internet.interfaces. Differs: fields arrive as strings, not as call arguments; a parser
 * has a usage line; it is handed in with {@link EndpointParsers}, not found by a plugin scan.
 *
 * @module
 */
import type { IStreamClientEndpoint, IStreamServerEndpoint } from "../interfaces-factory.ts";
import type { IReactorCore } from "../interfaces-reactor.ts";

/** Reads the descriptions of places to listen that begin with its prefix. */
export interface IStreamServerEndpointStringParser {
  /** What stands before the first colon: `tcp`. */
  readonly prefix: string;
  /** How to write one, for messages: `tcp:port[:interface][:backlog]`. */
  readonly usage: string;
  /**
   * Make the endpoint; no I/O yet.
   *
   * @param reactor Ask `reactor.provides(…)` for what the endpoint needs.
   * @param positional The fields after the prefix; they may be empty.
   * @param inner Reads a description that stands inside of this one: for the same reactor, and with
   * the same table of prefixes.
   * @throws {EndpointDescriptionError} The fields do not fit.
   * @throws {UnsupportedError} The reactor cannot do that.
   */
  parseStreamServer(
    reactor: IReactorCore,
    positional: readonly string[],
    keywords: ReadonlyMap<string, string>,
    inner: (description: string) => IStreamServerEndpoint,
  ): IStreamServerEndpoint;
}

/** Reads the descriptions of places to connect to that begin with its prefix. */
export interface IStreamClientEndpointStringParser {
  /** What stands before the first colon: `tcp`. */
  readonly prefix: string;
  /** How to write one, for messages: `tcp:host:port[:timeout][:bindAddress]`. */
  readonly usage: string;
  /**
   * Make the endpoint; no I/O yet.
   *
   * @param reactor Ask `reactor.provides(…)` for what the endpoint needs.
   * @param positional The fields after the prefix; they may be empty.
   * @param inner Reads a description that stands inside of this one: for the same reactor, and with
   * the same table of prefixes.
   * @throws {EndpointDescriptionError} The fields do not fit.
   * @throws {UnsupportedError} The reactor cannot do that.
   */
  parseStreamClient(
    reactor: IReactorCore,
    positional: readonly string[],
    keywords: ReadonlyMap<string, string>,
    inner: (description: string) => IStreamClientEndpoint,
  ): IStreamClientEndpoint;
}

/** Which prefixes are known, by prefix. A value: make your own with `endpointParsers`. */
export interface EndpointParsers {
  readonly server: ReadonlyMap<string, IStreamServerEndpointStringParser>;
  readonly client: ReadonlyMap<string, IStreamClientEndpointStringParser>;
}
