/**
 * Where everything uncertain in a simulation comes from: named streams of choices, each from a seed
 * of its own, of which 0 is always the benign answer.
 *
 *     seed ─▶ "net:client>server" ─▶ 0 0 0 3 0 0 1 …      (late by 3, later cut in pieces)
 *          ─▶ "disk:server"       ─▶ 0 0 …
 *          ─▶ "app:client"        ─▶ the program's own chance: not a choice, never benign
 *
 * Streams do not move one another: one more choice of the disk leaves the network as it was. What
 * was chosen can be written down as a plan, and a plan with fewer entries is a simpler run: that is
 * how failures are made small.
 *
 * Integers only, so that every version of JavaScript draws the same.
 *
 * @module
 */

/** The choices that are not benign, by stream and place: everything else is 0. */
export type ChoicePlan = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** How a {@link Choices} chooses. */
export interface ChoicesOptions {
  /** From 0 to 2⁵³ - 1. */
  readonly seed: number;
  /** Choose this, instead of by the seed. Chance for programs still comes from the seed. */
  readonly plan?: ChoicePlan | undefined;
  /** What is chosen when the plan is not in force any more comes from this seed. */
  readonly seedAfterPlan?: number | undefined;
  /** Write down what is chosen. Default: false. */
  readonly recorded?: boolean;
}

const NONE: ReadonlyMap<number, number> = new Map();

/** A stream of numbers: sfc32 (Doty-Humphrey's small fast chaotic generator), in integers. */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(seed: number, label: string) {
    this.#a = Math.trunc(seed / 0x1_0000_0000) ^ 0x9e37_79b9;
    this.#b = seed | 0;
    this.#c = hashOf(label);
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** The next number, from 0 to 2³² - 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** The next number, from 0 to `count` - 1. */
  below(count: number): number {
    // The high bits of a product: no division, and the error of 2⁻³² a step is nobody's concern.
    return Math.floor((this.next() * count) / 0x1_0000_0000);
  }
}

/** FNV-1a over the characters. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return hash;
}

/** One stream of choices, and the chance behind it. Every link of a network is one. */
export class ChoiceStream extends RandomStream {
  #at = 0;
  readonly #plan: ReadonlyMap<number, number> | undefined;
  readonly #made: Map<number, number> | undefined;
  readonly #choices: Choices;
  readonly label: string;

  /** Made by {@link Choices.stream}, or by whoever has a label that nobody else has. */
  constructor(choices: Choices, label: string) {
    super(choices.choiceSeed, label);
    this.label = label;
    this.#choices = choices;
    this.#plan = choices.planOf(label);
    this.#made = choices.madeOf(label);
  }

  /** One of `count` possibilities, by number; 0 is the benign one. */
  pick(count: number): number {
    return this.#choose(this.#byPlan() ? 0 : this.below(count), count);
  }

  /**
   * Does something happen that does in `rate` of all cases (0 to 1, in steps of a millionth)? No is
   * the benign answer. With a rate of 0 nothing is chosen.
   */
  happens(rate: number): boolean {
    if (rate <= 0) return false;
    const yes = !this.#byPlan() && this.below(1_000_000) < rate * 1_000_000;
    return this.#choose(yes ? 1 : 0, 2) === 1;
  }

  /** A whole number from `low` to `high`; `low` is the benign one. */
  between(low: number, high: number): number {
    return high <= low ? low : low + this.pick(high - low + 1);
  }

  #byPlan(): boolean {
    return this.#plan !== undefined && this.#choices.planned;
  }

  #choose(drawn: number, count: number): number {
    const at = this.#at;
    this.#at += 1;
    const value = this.#byPlan() ? Math.min(this.#plan?.get(at) ?? 0, count - 1) : drawn;
    if (value !== 0) this.#made?.set(at, value);
    return value;
  }
}

/** See the top of this file. */
export class Choices {
  readonly seed: number;
  readonly #plan: ChoicePlan | undefined;
  readonly #streams = new Map<string, ChoiceStream>();
  readonly #made: Map<string, Map<number, number>> | undefined;
  /** Where choices come from that are not the plan's. For streams. */
  readonly choiceSeed: number;
  /** Is the plan in force? Whoever knows the time may set it aside. */
  planned: boolean;

  /** @throws {RangeError} The seed is no whole number from 0 to 2⁵³ - 1. */
  constructor({ seed, plan, seedAfterPlan = seed, recorded = false }: ChoicesOptions) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(
        `Cannot simulate seed ${String(seed)}: expected a whole number from 0 to 2⁵³ - 1`,
      );
    }
    this.seed = seed;
    this.choiceSeed = seedAfterPlan;
    this.#plan = plan;
    this.planned = plan !== undefined;
    this.#made = recorded ? new Map() : undefined;
  }

  /** The stream of that name; the same one every time. */
  stream(label: string): ChoiceStream {
    const known = this.#streams.get(label);
    if (known !== undefined) return known;
    const stream = new ChoiceStream(this, label);
    this.#streams.set(label, stream);
    return stream;
  }

  /** Chance for a program. No choice: a plan does not hold it, and it is never benign. */
  random(label: string): RandomStream {
    return new RandomStream(this.seed, label);
  }

  /** What the plan says of a stream. For streams. */
  planOf(label: string): ReadonlyMap<number, number> | undefined {
    return this.#plan === undefined ? undefined : (this.#plan.get(label) ?? NONE);
  }

  /** Where a stream writes down what it chose. For streams. */
  madeOf(label: string): Map<number, number> | undefined {
    if (this.#made === undefined) return undefined;
    const made = new Map<number, number>();
    this.#made.set(label, made);
    return made;
  }

  /** What was chosen so far and is not benign. @throws {Error} It was not recorded. */
  made(): ChoicePlan {
    if (this.#made === undefined) throw new Error("Cannot tell what was chosen: not recorded");
    return new Map([...this.#made].filter(([, made]) => made.size > 0));
  }
}
