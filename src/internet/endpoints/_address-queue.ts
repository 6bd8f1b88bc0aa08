/**
 * Addresses that wait to be tried: of both families in turn, each once.
 *
 *     arrive  6a 6b 6c 4a 4b          leave  6a 4a 6b 4b 6c
 *
 * Spec: RFC 8305 §4, with a First Address Family Count of 1.
 *
 * @module
 */
import type { IPAddress } from "../interfaces-resolver.ts";

/** See the top of this file. */
export class AddressQueue {
  readonly #max: number;
  readonly #known = new Set<string>();
  readonly #waiting: Readonly<Record<IPAddress["kind"], IPAddress[]>> = { IPv4: [], IPv6: [] };
  #turn: IPAddress["kind"] | undefined;
  #taken = 0;
  #refused = 0;

  /** @param max Addresses that leave it; of each family, no more than that are kept. */
  constructor(max: number) {
    this.#max = max;
  }

  get #length(): number {
    return this.#waiting.IPv4.length + this.#waiting.IPv6.length;
  }

  /** As many have left as may. */
  get spent(): boolean {
    return this.#taken >= this.#max;
  }

  /** None can leave it now. */
  get empty(): boolean {
    return this.spent || this.#length === 0;
  }

  /** How many arrived and did not leave. */
  get untried(): number {
    return this.#refused + this.#length;
  }

  /** @returns Was it taken? One that was there before is not, nor one too many. */
  add(address: IPAddress): boolean {
    const key = address.toString();
    if (this.#known.has(key)) return false;
    const waiting = this.#waiting[address.kind];
    if (waiting.length >= this.#max || this.spent) {
      this.#refused += 1;
      return false;
    }
    this.#known.add(key);
    waiting.push(address);
    this.#turn ??= address.kind;
    return true;
  }

  /** That family is the next one's, if it has any. Unless told, it is that of the first one. */
  prefer(kind: IPAddress["kind"]): void {
    this.#turn = kind;
  }

  /** Take the next one out. */
  next(): IPAddress | undefined {
    if (this.empty) return undefined;
    const turn = this.#turn ?? "IPv6";
    const other = turn === "IPv6" ? "IPv4" : "IPv6";
    const address = this.#waiting[turn].shift() ?? this.#waiting[other].shift();
    this.#taken += 1;
    if (address !== undefined) this.#turn = address.kind === "IPv6" ? "IPv4" : "IPv6";
    return address;
  }
}
