/**
 * The names of a simulated world: what every host is told when it asks for one.
 *
 *     set("db", "10.0.0.2") ── all hosts: 10.0.0.2
 *     set("db", "10.0.0.3") ── each host, after a while of its own choice: 10.0.0.3
 *     fail("db", "SERVFAIL", { for: 5 }) ── all hosts: nothing, for five seconds
 *
 * The servers of names are nowhere in the network: to cut a host off does not keep it from names,
 * {@link SimulatedNames.fail} does.
 *
 * @module
 */
import { quote } from "../../../core/text.ts";
import { addressFromLiteral } from "../../../internet/names/address-literal.ts";
import { ipFamily } from "../../../internet/ip-family.ts";
import { checkedDelay } from "../../base/delayed-calls.ts";
import type { ChoiceStream } from "../choices.ts";
import { Delay } from "../delay.ts";
import type { Range } from "../link.ts";
import type { NetworkNode, World } from "../world.ts";

/** The name is not there; the server has a problem; nobody answers. */
export type NameFailure = "NXDOMAIN" | "SERVFAIL" | "timeout";

/** How names are answered for. */
export interface SimulatedNamesOptions {
  /** Seconds from the question to the answer. Default: a millisecond. */
  readonly latency?: Range;
  /**
   * Seconds after a change for which hosts may be told what was there before. Each host learns of
   * each change at a time of its own, by choice. Default: 0.
   */
  readonly stale?: number;
  /**
   * Does each answer begin with another address, by choice? Addresses of one family take turns
   * among themselves, for hosts sort by family (RFC 6724). Default: no.
   */
  readonly rotated?: boolean;
}

/** A name fails, until this is healed. */
export interface NameFault extends Disposable {
  /** Take it back. Once is enough. */
  heal(): void;
}

/** Seconds: a server in the same building. */
const LATENCY = 0.001;
const MILLISECOND = 0.001;

/** What a name stands for, since a time. */
interface Entry {
  /** None: it has no addresses. `undefined`: it is not there. */
  readonly addresses: readonly string[] | undefined;
  readonly since: number;
  /** When hosts learn of it, by their number. */
  readonly learned: Map<number, number>;
}

/** See the top of this file. */
export class SimulatedNames {
  readonly #world: World;
  /** What each name stands for and, while it may still be told, what it stood for before. */
  readonly #entries = new Map<string, Entry[]>();
  /** How names fail: the last of each counts. */
  readonly #failures = new Map<string, { readonly how: NameFailure }[]>();
  readonly #latency = new Delay(LATENCY);
  #stale = 0;
  #rotated = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Change how names are answered for; what is not named stays. */
  configure(options: SimulatedNamesOptions): void {
    if (options.latency !== undefined) this.#latency.set(options.latency);
    if (options.stale !== undefined) this.#stale = checkedDelay(options.stale);
    this.#rotated = options.rotated ?? this.#rotated;
  }

  // -- What names stand for

  /** There is a new host: its name stands for its addresses. The simulator calls it. */
  added(host: NetworkNode): void {
    // IPv4 first: the addresses of hosts are unique local ones, which rank behind (RFC 6724 §2.1).
    this.set(host.name, host.ipv4, host.ipv6);
  }

  /**
   * Let a name stand for addresses, the better ones earlier. Case does not count, nor does a dot at
   * the end. Without addresses it is there and has none.
   *
   * @throws {TypeError} What stands for an address is none.
   */
  set(name: string, ...addresses: readonly string[]): void {
    for (const address of addresses) {
      if (addressFromLiteral(address) !== undefined) continue;
      throw new TypeError(`Cannot enter ${quote(name)}: expected addresses, got ${quote(address)}`);
    }
    this.#change(name, addresses);
  }

  /** Take a name away. */
  delete(name: string): void {
    this.#change(name, undefined);
  }

  #change(name: string, addresses: readonly string[] | undefined): void {
    const { now, trace } = this.#world;
    const entry = { addresses, since: now, learned: new Map<number, number>() };
    const entries = this.#entries.get(keyOf(name));
    if (entries === undefined) {
      this.#entries.set(keyOf(name), [entry]);
      return;
    }
    trace.note("name", undefined, { text: `${name} is now ${addresses?.join(" ") ?? "gone"}` });
    entries.push(entry);
    while (entries[1] !== undefined && entries[1].since + this.#stale < now) entries.shift();
  }

  /**
   * Let a name fail, whatever it stands for.
   *
   * @param options `for`: seconds until it is healed by itself. Default: never.
   * @throws {RangeError} That is no time.
   */
  fail(name: string, how: NameFailure, options: { readonly for?: number } = {}): NameFault {
    const { trace } = this.#world;
    const seconds = options.for === undefined ? undefined : checkedDelay(options.for);
    const failure = { how };
    const failures = this.#failures.get(keyOf(name)) ?? [];
    this.#failures.set(keyOf(name), failures);
    failures.push(failure);
    trace.note("fault", undefined, { text: `${name}: ${how}` });
    const heal = (): void => {
      const at = failures.indexOf(failure);
      if (at < 0) return;
      failures.splice(at, 1);
      trace.note("healed", undefined, { text: `${name}: ${how}` });
    };
    if (seconds !== undefined) this.#world.after(seconds, { happen: heal });
    return { heal, [Symbol.dispose]: heal };
  }

  // -- What hosts are told

  /** Seconds that the next answer to a host takes. */
  delay(asker: NetworkNode): number {
    return this.#latency.draw(this.#choices(asker));
  }

  /** What a host is told now. */
  answer(asker: NetworkNode, name: string): readonly string[] | NameFailure {
    const failure = this.#failures.get(keyOf(name))?.at(-1);
    if (failure !== undefined) return failure.how;
    const addresses = this.#known(asker, this.#entries.get(keyOf(name)) ?? [])?.addresses;
    if (addresses === undefined) return "NXDOMAIN";
    return this.#rotated ? this.#rotate(asker, addresses) : addresses;
  }

  #choices(asker: NetworkNode): ChoiceStream {
    return this.#world.choices.stream(`names:${asker.name}`);
  }

  /** The newest of which it has learned. */
  #known(asker: NetworkNode, entries: readonly Entry[]): Entry | undefined {
    return entries.findLast((entry, at) => at === 0 || this.#hasLearned(asker, entry));
  }

  #hasLearned(asker: NetworkNode, { since, learned }: Entry): boolean {
    const { now } = this.#world;
    if (now >= since + this.#stale) return true;
    let at = learned.get(asker.id);
    if (at === undefined) {
      const most = Math.round(this.#stale / MILLISECOND);
      at = since + this.#choices(asker).between(0, most) * MILLISECOND;
      learned.set(asker.id, at);
    }
    return now >= at;
  }

  #rotate(asker: NetworkNode, addresses: readonly string[]): readonly string[] {
    if (addresses.length < 2) return addresses;
    const turn = this.#choices(asker).pick(addresses.length);
    const taken = { 0: turn, 4: turn, 6: turn };
    return addresses.map((address) => {
      const family = ipFamily(address);
      const all = addresses.filter((one) => ipFamily(one) === family);
      const turned = all[taken[family] % all.length];
      taken[family] += 1;
      return turned ?? address;
    });
  }
}

function keyOf(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
