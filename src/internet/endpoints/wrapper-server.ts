/**
 * A place to listen that does something to each connection before anybody else sees it.
 *
 * After: twisted.internet.endpoints._WrapperServerEndpoint. Differs: prints itself as the string
 * that describes it.
 *
 * @module
 */
import { INSPECT } from "../../core/inspect.ts";
import type { Deferred } from "../../defer/deferred.ts";
import type {
  AbortOptions,
  IListeningPort,
  IProtocolFactory,
  IStreamServerEndpoint,
} from "../interfaces-factory.ts";
import { formatStringDescription } from "./string-description.ts";

/** What a {@link WrapperServerEndpoint} is made of. */
export interface WrapperServerEndpointParts {
  /** Listens. */
  readonly wrapped: IStreamServerEndpoint;
  /** What to give it to listen with, in place of `factory`. Called for each `listen`. */
  readonly wrap: (factory: IProtocolFactory) => IProtocolFactory;
  /** Stands before the inner description in the string form. */
  readonly prefix: string;
  /** Stand behind the inner description in the string form. */
  readonly keywords?: Iterable<readonly [name: string, value: string]>;
}

/** See the top of this file. Subclass it, with the parts settled. */
export class WrapperServerEndpoint implements IStreamServerEndpoint {
  readonly #parts: WrapperServerEndpointParts;

  constructor(parts: WrapperServerEndpointParts) {
    this.#parts = parts;
  }

  /** What the inner endpoint's `listen` does and returns, with a wrapped factory. */
  listen(factory: IProtocolFactory, options?: AbortOptions): Deferred<IListeningPort> {
    const { wrapped, wrap } = this.#parts;
    return wrapped.listen(wrap(factory), options);
  }

  /** What `serverFromString` reads: the prefix, the inner description, the keywords. */
  toString(): string {
    const { wrapped, prefix, keywords = [] } = this.#parts;
    const fields = [prefix, wrapped.toString()];
    const own = formatStringDescription([], keywords);
    return (own === "" ? fields : [...fields, own]).join(":");
  }

  [INSPECT](): string {
    return `${this.constructor.name}(${this.toString()})`;
  }
}
