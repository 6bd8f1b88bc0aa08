/**
 * Names from a table, like `/etc/hosts`: for tests, and to override what others say.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { UnknownHostError } from "../errors.ts";
import type { IReactorFromThreads } from "../interfaces-reactor.ts";
import type {
  IHostnameResolver,
  IHostResolution,
  IPAddress,
  IResolutionReceiver,
  ResolveHostNameOptions,
} from "../interfaces-resolver.ts";
import { addressFromLiteral } from "./address-literal.ts";
import { HostResolution } from "./host-resolution.ts";
import { unresolvableBecause } from "./host-name.ts";
import { cannotResolve } from "./resolution-errors.ts";

/** Names, and their addresses: the better ones earlier. */
export type NameTable = Readonly<Record<string, string | readonly string[]>>;

/** Options of {@link StaticResolver}. */
export interface StaticResolverOptions {
  /** Asked for names that are not in the table. Default: they do not resolve. */
  readonly otherwise?: IHostnameResolver;
}

/**
 * Resolves the names in its table, in a later pass. Case does not count, nor does a dot at the end.
 *
 * @example
 * ```ts
 * import { StaticResolver } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 *
 * await using reactor = new NodeReactor();
 * const otherwise = reactor.nameResolver;
 * const table = { "db.example": ["2001:db8::5", "192.0.2.5"] };
 * reactor.installNameResolver(new StaticResolver(reactor, table, { otherwise }));
 * console.log(await reactor.resolve("DB.example.")); // 192.0.2.5
 * ```
 */
export class StaticResolver implements IHostnameResolver {
  readonly #reactor: IReactorFromThreads;
  readonly #otherwise: IHostnameResolver | undefined;
  readonly #table = new Map<string, readonly string[]>();

  /** @throws {TypeError} What stands for an address is none. */
  constructor(
    reactor: IReactorFromThreads,
    table: NameTable = {},
    { otherwise }: StaticResolverOptions = {},
  ) {
    this.#reactor = reactor;
    this.#otherwise = otherwise;
    for (const [name, addresses] of Object.entries(table)) this.set(name, ...[addresses].flat());
  }

  /**
   * Enter a name, in place of what stood under it. Without addresses it is known to have none.
   *
   * @throws {TypeError} What stands for an address is none.
   */
  set(name: string, ...addresses: readonly string[]): void {
    for (const address of addresses) {
      if (addressFromLiteral(address) !== undefined) continue;
      throw new TypeError(`Cannot enter ${quote(name)}: expected addresses, got ${quote(address)}`);
    }
    this.#table.set(keyOf(name), addresses);
  }

  /** Is it in the table? */
  has(name: string): boolean {
    return this.#table.has(keyOf(name));
  }

  /** Take it out. @returns Was it there? */
  delete(name: string): boolean {
    return this.#table.delete(keyOf(name));
  }

  resolveHostName(
    receiver: IResolutionReceiver,
    hostName: string,
    options: ResolveHostNameOptions = {},
  ): IHostResolution {
    const literal = addressFromLiteral(hostName) !== undefined;
    if (this.#otherwise !== undefined && !literal && !this.has(hostName)) {
      return this.#otherwise.resolveHostName(receiver, hostName, options);
    }
    const resolution = new HostResolution(hostName, receiver);
    resolution.begin();
    // Not by a delayed call: those wait for the next run() when the reactor stops.
    this.#reactor.callFromThread(() => {
      const texts = literal ? [hostName] : this.#table.get(keyOf(hostName));
      answer(resolution, texts, options);
    });
    return resolution;
  }
}

function keyOf(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

function answer(
  resolution: HostResolution,
  texts: readonly string[] | undefined,
  options: ResolveHostNameOptions,
): void {
  const { addressTypes = ["IPv4", "IPv6"] } = options;
  const addresses = (texts ?? [])
    .map((text) => addressFromLiteral(text, options))
    .filter((one): one is IPAddress => one !== undefined && addressTypes.includes(one.kind));
  for (const address of addresses) resolution.addressResolved(address);
  if (addresses.length > 0) {
    resolution.resolutionComplete();
    return;
  }
  const { name } = resolution;
  const found = texts === undefined ? "it is not in the table" : "no address of that kind";
  const why = unresolvableBecause(name) ?? found;
  resolution.resolutionComplete(cannotResolve(UnknownHostError, name, why));
}
