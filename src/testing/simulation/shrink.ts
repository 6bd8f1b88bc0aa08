/**
 * Making a failure small: of all that was chosen, what is left when everything that does not matter
 * is benign.
 *
 * Whole streams go first (a link, a host's disk, one fault of the weather: each has its own), then
 * single choices, then what is left gets smaller numbers. A failure counts as the same if its
 * signature is.
 *
 * @module
 */
import type { ChoicePlan } from "../../reactors/simulated/choices.ts";
import { minimize } from "./minimize.ts";
import type { NamedScenario } from "./module.ts";
import { simulate, type SimulateOptions, type SimulationResult } from "./simulate.ts";
import { parseToken } from "./token.ts";
import { realSeconds } from "./real-time.ts";

/** How long {@link shrink} tries. */
export interface ShrinkOptions
  extends Pick<SimulateOptions, "time" | "events" | "faults" | "drain" | "globals"> {
  /** Seconds of real time. Default: 10. */
  readonly budget?: number;
  /** Runs. Default: 10,000. */
  readonly runs?: number;
}

/** What is left of a failure. */
export interface Shrunk {
  /** The same failure, with as few choices as were found. */
  readonly result: SimulationResult;
  readonly plan: ChoicePlan;
  /** Choices that were not benign, before and after. */
  readonly before: number;
  readonly after: number;
  readonly runs: number;
  /** Seconds of real time. */
  readonly seconds: number;
}

/** One choice that is not benign. */
interface Choice {
  readonly stream: string;
  readonly at: number;
  readonly value: number;
}

const BUDGET = 10;
const RUNS = 10_000;

/**
 * Shrink a failure.
 *
 * @param failed Its run, or the token of it.
 * @throws {Error} It does not fail when it is run again.
 */
export async function shrink(
  scenario: NamedScenario,
  failed: Pick<SimulationResult, "token">,
  options: ShrinkOptions = {},
): Promise<Shrunk> {
  const shrinking = new Shrinking(scenario, options);
  return shrinking.go(failed.token);
}

class Shrinking {
  readonly #scenario: NamedScenario;
  readonly #options: SimulateOptions;
  readonly #budget: number;
  readonly #runsMax: number;
  readonly #begun = realSeconds();
  #runs = 0;
  #seed = 0;
  #signature = "";

  constructor(scenario: NamedScenario, options: ShrinkOptions) {
    const { budget = BUDGET, runs = RUNS, ...others } = options;
    this.#scenario = scenario;
    this.#options = { ...scenario.options, ...others };
    this.#budget = budget;
    this.#runsMax = runs;
  }

  get #seconds(): number {
    return realSeconds() - this.#begun;
  }

  readonly #tired = (): boolean => this.#seconds > this.#budget || this.#runs > this.#runsMax;

  async go(token: string): Promise<Shrunk> {
    const whole = await simulate(this.#scenario.scenario, {
      ...this.#options,
      token,
      recorded: true,
    });
    const { failure, plan } = whole;
    if (failure === undefined || plan === undefined) {
      throw new Error(`Cannot shrink ${token}: it does not fail when it is run again`);
    }
    this.#seed = parseToken(token).seed;
    this.#signature = failure.signature;
    const all = choicesOf(plan);
    const fewStreams = await this.#dropStreams(all);
    const few = await minimize(fewStreams, (some) => this.#fails(some), this.#tired);
    const small = await this.#lower(few);
    const smallPlan = planOf(small);
    return {
      result: await this.#run(smallPlan, true),
      plan: smallPlan,
      before: all.length,
      after: small.length,
      runs: this.#runs,
      seconds: this.#seconds,
    };
  }

  #run(plan: ChoicePlan, traced = false): Promise<SimulationResult> {
    this.#runs += 1;
    const { scenario } = this.#scenario;
    return simulate(scenario, { ...this.#options, seed: this.#seed, plan, traced });
  }

  async #fails(choices: readonly Choice[]): Promise<boolean> {
    const { failure } = await this.#run(planOf(choices));
    return failure?.signature === this.#signature;
  }

  async #dropStreams(choices: readonly Choice[]): Promise<readonly Choice[]> {
    const streams = [...new Set(choices.map(({ stream }) => stream))];
    const of = (some: readonly string[]): Choice[] =>
      choices.filter(({ stream }) => some.includes(stream));
    const left = await minimize(streams, (some) => this.#fails(of(some)), this.#tired);
    return of(left);
  }

  /** Smaller numbers, where they do as well. */
  async #lower(choices: readonly Choice[]): Promise<readonly Choice[]> {
    let left = choices;
    for (let index = 0; index < left.length && !this.#tired(); index += 1) {
      const choice = left[index];
      if (choice === undefined) break;
      for (const value of smaller(choice.value)) {
        const tried = left.with(index, { ...choice, value });
        if (await this.#fails(tried)) {
          left = tried;
          break;
        }
      }
    }
    return left;
  }
}

/** What to try in place of a number, the smallest first. */
function smaller(value: number): readonly number[] {
  return [1, value >> 4, value >> 2, value >> 1].filter(
    (one, index, all) => one > 0 && one < value && all.indexOf(one) === index,
  );
}

function choicesOf(plan: ChoicePlan): readonly Choice[] {
  return [...plan].flatMap(([stream, made]) =>
    [...made].map(([at, value]) => ({ stream, at, value })),
  );
}

function planOf(choices: readonly Choice[]): ChoicePlan {
  const plan = new Map<string, Map<number, number>>();
  for (const { stream, at, value } of choices) {
    const made = plan.get(stream) ?? new Map<number, number>();
    made.set(at, value);
    plan.set(stream, made);
  }
  return plan;
}
