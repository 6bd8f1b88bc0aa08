/**
 * A run of a simulation as a word that can be copied: `sim1:589` is seed 589, and
 * `sim1:589:eJw…` is what is left of it when everything that does not matter is benign.
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
}

const VERSION = "sim1";
/** A plan of a million choices is none that anybody copied. */
const PLAN_BYTES_MAX = 16 * 1024 * 1024;

/** Write a token. */
export function formatToken({ seed, plan }: ReplayToken): string {
  if (plan === undefined) return `${VERSION}:${String(seed)}`;
  const streams = [...plan].map(([label, choices]) => [label, [...choices].flat()]);
  const bytes = deflateRawSync(Buffer.from(JSON.stringify(streams)), { level: 9 });
  return `${VERSION}:${String(seed)}:${bytes.toString("base64url")}`;
}

/** Read a token. @throws {SyntaxError} It is none, or of another version. */
export function parseToken(text: string): ReplayToken {
  const [version, digits = "", packed] = text.trim().split(":");
  const seed = Number(digits);
  if (version !== VERSION || !/^\d+$/u.test(digits) || !Number.isSafeInteger(seed)) {
    throw new SyntaxError(
      `Cannot read the token ${quote(text)}: expected ${VERSION}:<seed>, and perhaps :<plan>`,
    );
  }
  return packed === undefined ? { seed } : { seed, plan: unpack(text, packed) };
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
