/**
 * A run of a simulation as a word that can be copied: `sim1:589` is seed 589, `sim1:589:eJw…` is
 * what is left of it when everything that does not matter is benign, and `sim1:589:eJw…:7.5:590` is
 * the same up to 7.5 seconds, and from there on what seed 590 chooses.
 *
 * @module
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { quote } from "../../core/text.ts";
import type { ChoicePlan } from "../../reactors/simulated/choices.ts";

/** What a token says. */
export interface ReplayToken {
  readonly seed: number;
  /** Missing: all choices are those of the seed. */
  readonly plan?: ChoicePlan | undefined;
  /** The plan holds up to this time, in seconds. Missing: to the end. */
  readonly planUntil?: number | undefined;
  /** Whose choices follow the plan, or are all of them if there is none. Missing: the seed's. */
  readonly seedAfterPlan?: number | undefined;
}

const VERSION = "sim1";
/** A plan of a million choices is none that anybody copied. */
const PLAN_BYTES_MAX = 16 * 1024 * 1024;

/** Write a token. */
export function formatToken({ seed, plan, planUntil, seedAfterPlan = seed }: ReplayToken): string {
  const short = `${VERSION}:${String(seed)}`;
  // No plan at all is one that is over before the first choice.
  const until = plan === undefined ? 0 : (planUntil ?? Number.POSITIVE_INFINITY);
  if (plan === undefined && seedAfterPlan === seed) return short;
  const planned = `${short}:${packed(plan ?? new Map())}`;
  if (until === Number.POSITIVE_INFINITY) return planned;
  const after = seedAfterPlan === seed ? "" : `:${String(seedAfterPlan)}`;
  return `${planned}:${String(Math.max(0, until))}${after}`;
}

function packed(plan: ChoicePlan): string {
  const streams = [...plan].map(([label, choices]) => [label, [...choices].flat()]);
  const bytes = deflateRawSync(Buffer.from(JSON.stringify(streams)), { level: 9 });
  return bytes.toString("base64url");
}

/** Read a token. @throws {SyntaxError} It is none, or of another version. */
export function parseToken(text: string): ReplayToken {
  const [version, digits = "", plan, until, after, ...more] = text.trim().split(":");
  const seed = numberIn(digits, /^\d+$/u);
  const planUntil = numberIn(until, /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/u);
  const seedAfterPlan = numberIn(after, /^\d+$/u);
  const numbers = [seed ?? Number.NaN, planUntil ?? 0, seedAfterPlan ?? 0];
  const isSafe = numbers.every((one) => one <= Number.MAX_SAFE_INTEGER);
  if (version !== VERSION || !isSafe || more.length > 0) {
    throw new SyntaxError(
      `Cannot read the token ${quote(text)}: expected ${VERSION}:<seed>, and perhaps :<plan>`,
    );
  }
  return {
    seed: seed ?? 0,
    ...(plan !== undefined && { plan: unpack(text, plan) }),
    ...(planUntil !== undefined && { planUntil }),
    ...(seedAfterPlan !== undefined && { seedAfterPlan }),
  };
}

/** @returns `NaN`: it is none. */
function numberIn(text: string | undefined, pattern: RegExp): number | undefined {
  if (text === undefined) return undefined;
  return pattern.test(text) ? Number(text) : Number.NaN;
}

function unpack(text: string, packed: string): ChoicePlan {
  let streams: unknown;
  try {
    const bytes = inflateRawSync(Buffer.from(packed, "base64url"), {
      maxOutputLength: PLAN_BYTES_MAX,
    });
    streams = JSON.parse(bytes.toString());
  } catch (cause) {
    throw new SyntaxError(`Cannot read the token ${quote(text)}: its plan is damaged`, { cause });
  }
  if (!Array.isArray(streams)) throw damaged(text);
  return new Map(streams.map((stream: unknown) => planOf(text, stream)));
}

function planOf(text: string, stream: unknown): [string, ReadonlyMap<number, number>] {
  if (!Array.isArray(stream)) throw damaged(text);
  const [label, numbers]: unknown[] = stream;
  if (typeof label !== "string" || !Array.isArray(numbers)) throw damaged(text);
  const plan = new Map<number, number>();
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    const index: unknown = numbers[at];
    const value: unknown = numbers[at + 1];
    if (!isCount(index) || !isCount(value)) throw damaged(text);
    plan.set(index, value);
  }
  return [label, plan];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function damaged(text: string): SyntaxError {
  return new SyntaxError(`Cannot read the token ${quote(text)}: its plan is damaged`);
}
