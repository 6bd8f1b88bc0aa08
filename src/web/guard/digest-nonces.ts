/**
 * The nonces of Digest: who made them, when, for whom, and how often they were used.
 *
 *     <issued>.<chance>.<keyed hash of both and of the client's address>
 *
 * A nonce is its own record, so challenges cost no memory; counters are kept of those alone that
 * somebody has used with the right password. When there are too many counters the oldest is
 * forgotten, and with it all nonces as old that have no counter: none can be used twice.
 *
 * Spec: RFC 7616 §3.3 (nonce), §3.4 (nc), §5.4 and §5.5 (their life, and replay).
 *
 * @module
 */
import { createHmac } from "node:crypto";
import type { IReactorRandom, IReactorTime } from "../../internet/interfaces-reactor.ts";
import { equalSecrets } from "./equal-secrets.ts";

const COUNTERS_MAX = 10_000;
/** Requests on several connections overtake each other, by less than this. At most 32: bits. */
const WINDOW = 32;

/** Which counts of a nonce were used: the highest, and which of those below it. */
class Counter {
  #highest = 0;
  /** Bit n: the highest less n was used. */
  #used = 0;

  isFresh(count: number): boolean {
    const behind = this.#highest - count;
    return behind < 0 || (behind < WINDOW && (this.#used & (1 << behind)) === 0);
  }

  use(count: number): void {
    const behind = this.#highest - count;
    if (behind >= 0) {
      this.#used |= 1 << behind;
      return;
    }
    this.#used = -behind < WINDOW ? (this.#used << -behind) | 1 : 1;
    this.#highest = count;
  }
}

/** See the top of this file. */
export class DigestNonces {
  readonly #reactor: IReactorTime & IReactorRandom;
  readonly #lifetime: number;
  readonly #max: number;
  readonly #key: Buffer;
  readonly #counters = new Map<string, Counter>();
  /** Nonces up to this second that have no counter are used up. */
  #forgottenUpTo = -1;

  constructor(reactor: IReactorTime & IReactorRandom, lifetime: number, max = COUNTERS_MAX) {
    this.#reactor = reactor;
    this.#lifetime = lifetime;
    this.#max = max;
    this.#key = reactor.randomBytes(32);
  }

  /** A nonce for the client at this address. */
  make(client: string): string {
    const issued = Math.floor(this.#reactor.seconds()).toString(36);
    return this.#signed(issued, this.#reactor.randomBytes(12).toString("base64url"), client);
  }

  /** Is it ours, for this client, young, and was it not used with this count? */
  isGood(nonce: string, client: string, count: number): boolean {
    const [issued = "", chance = ""] = nonce.split(".");
    if (!equalSecrets(nonce, this.#signed(issued, chance, client))) return false;
    const second = issuedAt(nonce);
    if (second + this.#lifetime <= this.#reactor.seconds()) return false;
    return this.#counters.get(nonce)?.isFresh(count) ?? second > this.#forgottenUpTo;
  }

  /** The right password came with it. @returns `false`: another request was first. */
  use(nonce: string, count: number): boolean {
    let counter = this.#counters.get(nonce);
    if (counter === undefined) {
      if (issuedAt(nonce) <= this.#forgottenUpTo) return false;
      counter = new Counter();
      this.#counters.set(nonce, counter);
      this.#forget();
    }
    if (!counter.isFresh(count)) return false;
    counter.use(count);
    return true;
  }

  #signed(issued: string, chance: string, client: string): string {
    const hmac = createHmac("sha256", this.#key).update(`${issued}.${chance}.${client}`);
    return `${issued}.${chance}.${hmac.digest("base64url")}`;
  }

  #forget(): void {
    const dead = this.#reactor.seconds() - this.#lifetime;
    for (const nonce of this.#counters.keys()) {
      const second = issuedAt(nonce);
      if (this.#counters.size <= this.#max && second > dead) return;
      this.#counters.delete(nonce);
      this.#forgottenUpTo = Math.max(this.#forgottenUpTo, second);
    }
  }
}

function issuedAt(nonce: string): number {
  return Number.parseInt(nonce, 36); // Up to the first dot.
}
