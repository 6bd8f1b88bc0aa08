/**
 * A place to listen that is there already: standard input and output.
 *
 *     stdio:
 *
 * After: twisted.internet.endpoints (StandardIOEndpoint, _StandardIOParser). Differs: what is fired
 * is a port, of which the one connection is standard I/O; so a service that listens there can drain
 * it and wait for its end, as on any other port.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import { UnsupportedError } from "../errors.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../interfaces-factory.ts";
import { IReactorStdio, type StdioOptions } from "../interfaces-stdio.ts";
import { type ArgumentSyntax, EndpointArguments } from "./_arguments.ts";
import { bound } from "./_bound.ts";
import type { IStreamServerEndpointStringParser } from "./interfaces-string-parser.ts";

/**
 * Standard input and output as a server's one connection: for a program that is a protocol in a
 * pipe, or that inetd starts.
 *
 * @example
 * ```ts no-run: it would talk to the standard input and output of the test runner
 * import { Factory, StandardIOEndpoint } from "sennit/internet";
 * import { LineReceiver } from "sennit/protocols";
 * import { reactor } from "sennit/reactor";
 *
 * class Upper extends LineReceiver {
 *   override delimiter = "\n";
 *   override lineReceived(line: Buffer): void {
 *     this.sendLine(line.toString().toUpperCase());
 *   }
 * }
 * const port = await new StandardIOEndpoint(reactor).listen(Factory.forProtocol(Upper));
 * await port.whenEmpty(); // the end of the input
 * ```
 */
export class StandardIOEndpoint implements IStreamServerEndpoint {
  readonly #reactor: IReactorStdio;
  readonly #options: StdioOptions;

  /** @param options Other descriptors than 0 and 1, and limits. */
  constructor(reactor: IReactorStdio, options: StdioOptions = {}) {
    this.#reactor = reactor;
    this.#options = options;
  }

  /**
   * Hand standard I/O to a protocol of the factory's, once for each process.
   *
   * @returns Fires with a port when the descriptors are open; `connectionMade` follows, or has been
   * called. Its `connections` is the one connection, or empty once that has ended; `stopListening`
   * leaves it alone. Fails with `CannotListenError`, of which the cause says why.
   */
  listen(factory: IProtocolFactory, { signal }: AbortOptions = {}): Deferred<IListeningPort> {
    return bound(() => this.#reactor.listenStdio(factory, this.#options), signal);
  }

  /** What `serverFromString` reads: `stdio:`. Options are left out. */
  toString(): string {
    return "stdio:";
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}

const SYNTAX: ArgumentSyntax = { what: "stdio server endpoint", usage: "stdio:", names: [] };

/** `stdio:` makes a {@link StandardIOEndpoint}. */
export const stdioServerParser: IStreamServerEndpointStringParser = {
  prefix: "stdio",
  usage: SYNTAX.usage,
  parseStreamServer(reactor, positional, keywords) {
    // The colon that ends the prefix begins a field, an empty one.
    const fields = positional.length === 1 && positional[0] === "" ? [] : positional;
    void new EndpointArguments(SYNTAX, fields, keywords);
    if (reactor.provides(IReactorStdio)) return new StandardIOEndpoint(reactor);
    throw new UnsupportedError(IReactorStdio.label, reactor.constructor.name);
  },
};
