/**
 * Names as a test wants them: late, missing, failing, another answer each time.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { DNSLookupError, UnknownHostError } from "../../internet/errors.ts";
import type { IReactorFromThreads, IReactorTime } from "../../internet/interfaces-reactor.ts";
import type {
  IHostnameResolver,
  IHostResolution,
  IPAddress,
  IResolutionReceiver,
  ResolutionError,
  ResolveHostNameOptions,
} from "../../internet/interfaces-resolver.ts";
import { addressFromLiteral } from "../../internet/names/address-literal.ts";
import { HostResolution } from "../../internet/names/host-resolution.ts";
import { cannotResolve } from "../../internet/names/resolution-errors.ts";
import { checkedDelay } from "../../reactors/base/delayed-calls.ts";

/**
 * How a name fails. `NXDOMAIN`: it is not there, an `UnknownHostError`. `SERVFAIL`: whoever was
 * asked cannot tell, a `DNSLookupError`. `timeout`: nobody answered, a `DNSLookupError` as well,
 * after 60 seconds if nothing is said.
 */
export type NameFailure = "NXDOMAIN" | "SERVFAIL" | "timeout";

/** One answer: addresses, the better ones earlier, or a failure; maybe late. */
export type FakeAnswer =
  | readonly string[]
  | NameFailure
  | {
      /** The addresses, in text. Default: none, and then it fails. */
      readonly addresses?: readonly string[];
      /** How it fails, after the addresses, if any. Default: `NXDOMAIN` if there are none. */
      readonly failure?: NameFailure;
      /** Seconds until it comes, by the reactor. Default: 0; for `timeout`, 60. */
      readonly delay?: number;
    };

/** A question that was asked. */
export interface NameQuestion {
  readonly name: string;
  /** The kinds that were wanted. */
  readonly addressTypes: readonly IPAddress["kind"][];
  /** When, by the reactor. */
  readonly seconds: number;
}

/** What the system's resolver is given (see `NodeNameResolver`). */
const TIMEOUT = 60;

interface Answer {
  readonly addresses: readonly string[];
  readonly failure: NameFailure | undefined;
  readonly delay: number;
}

interface Script {
  readonly answers: readonly Answer[];
  /** After the last one the first comes again; else the last one stays. */
  readonly isRound: boolean;
  asked: number;
}

const NONE: Answer = { addresses: [], failure: undefined, delay: 0 };

/**
 * A resolver that says what the test tells it to. A name that is in no script is `NXDOMAIN`; an
 * address in text is itself.
 *
 * @example
 * ```ts
 * import { DNSLookupError } from "sennit/internet";
 * import { failureResultOf, FakeNameResolver, MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor();
 * const names = new FakeNameResolver(reactor);
 * reactor.installNameResolver(names);
 * names.script("db.example", { failure: "SERVFAIL", delay: 2 }, ["192.0.2.5"]);
 *
 * const first = reactor.resolve("db.example");
 * reactor.advance(2);
 * failureResultOf(first, DNSLookupError);
 * const second = reactor.resolve("db.example"); // 192.0.2.5, from now on.
 * reactor.flush();
 * console.log(second.called, names.questions.length); // true 2
 * ```
 */
export class FakeNameResolver implements IHostnameResolver {
  /** What it was asked, in order. */
  readonly questions: NameQuestion[] = [];
  readonly #reactor: IReactorTime & IReactorFromThreads;
  readonly #scripts = new Map<string, Script>();

  constructor(reactor: IReactorTime & IReactorFromThreads) {
    this.#reactor = reactor;
  }

  /**
   * The answers for a name, in place of those from before: one for each question; the last one
   * stays. Case does not count, nor does a dot at the end.
   *
   * @throws {TypeError} What stands for an address is none.
   * @throws {RangeError} A delay that is negative or not a number.
   */
  script(name: string, first: FakeAnswer, ...next: readonly FakeAnswer[]): void {
    const answers = [first, ...next].map((answer) => checked(name, answer));
    this.#scripts.set(keyOf(name), { answers, isRound: false, asked: 0 });
  }

  /**
   * As a server that rotates: each question gets all of these addresses, each time another one
   * first.
   *
   * @throws {TypeError} What stands for an address is none.
   */
  rotate(name: string, ...addresses: readonly string[]): void {
    const answers = addresses.map((_, at) =>
      checked(name, [...addresses.slice(at), ...addresses.slice(0, at)]),
    );
    this.#scripts.set(keyOf(name), { answers, isRound: true, asked: 0 });
  }

  resolveHostName(
    receiver: IResolutionReceiver,
    hostName: string,
    options: ResolveHostNameOptions = {},
  ): IHostResolution {
    const { addressTypes = ["IPv4", "IPv6"] } = options;
    const isAddress = addressFromLiteral(hostName) !== undefined;
    this.questions.push({ name: hostName, addressTypes, seconds: this.#reactor.seconds() });
    const answer = isAddress ? { ...NONE, addresses: [hostName] } : this.#next(hostName);
    let letGo = (): void => {};
    const resolution = new HostResolution(hostName, receiver, () => letGo());
    resolution.begin();
    if (resolution.active) letGo = this.#later(answer, () => tell(resolution, answer, options));
    return resolution;
  }

  #next(name: string): Answer {
    const script = this.#scripts.get(keyOf(name));
    if (script === undefined) return NONE;
    const { answers, isRound, asked } = script;
    script.asked += 1;
    const at = isRound ? asked % answers.length : Math.min(asked, answers.length - 1);
    return answers[at] ?? NONE;
  }

  /** @returns Lets go. */
  #later({ delay }: Answer, f: () => void): () => void {
    if (delay === 0) {
      // Not by a delayed call: those wait for the next run() when the reactor stops.
      this.#reactor.callFromThread(f);
      return () => {};
    }
    const call = this.#reactor.callLater(delay, f);
    return () => {
      if (call.active) call.cancel(); // Else it is being answered.
    };
  }
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/\.$/u, "");
}

function checked(name: string, answer: FakeAnswer): Answer {
  const full = typeof answer === "string" ? { failure: answer } : answer;
  const { addresses = [], failure, delay } = "length" in full ? { addresses: full } : full;
  for (const address of addresses) {
    if (addressFromLiteral(address) !== undefined) continue;
    throw new TypeError(`Cannot enter ${quote(name)}: expected addresses, got ${quote(address)}`);
  }
  const usual = failure === "timeout" ? TIMEOUT : 0;
  return { addresses, failure, delay: checkedDelay(delay ?? usual) };
}

function tell(
  resolution: HostResolution,
  { addresses, failure, delay }: Answer,
  options: ResolveHostNameOptions,
): void {
  const { addressTypes = ["IPv4", "IPv6"] } = options;
  const found = addresses
    .map((text) => addressFromLiteral(text, options))
    .filter((one): one is IPAddress => one !== undefined && addressTypes.includes(one.kind));
  for (const address of found) resolution.addressResolved(address);
  const how = failure ?? (found.length === 0 ? "NXDOMAIN" : undefined);
  resolution.resolutionComplete(how && errorOf(resolution.name, how, delay));
}

function errorOf(name: string, how: NameFailure, delay: number): ResolutionError {
  if (how === "NXDOMAIN") return cannotResolve(UnknownHostError, name, "NXDOMAIN: it is not there");
  const why = how === "SERVFAIL" ? "SERVFAIL" : `no answer within ${String(delay)} seconds`;
  return cannotResolve(DNSLookupError, name, why);
}
