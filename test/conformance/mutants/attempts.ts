/**
 * Tries contracts on the reactor of this copy. Each copy has this file, and so a suite of its own.
 *
 * @module
 */
import { describeReactor } from "../../../src/testing/contracts/describe-reactor.ts";
import type { MakeHarness } from "../../../src/testing/contracts/harness.ts";
import type { Platform } from "./mutant.ts";

/** What came of one contract. */
export interface Outcome {
  /** `topic: title`. */
  readonly contract: string;
  /** Why it failed, if it did. */
  readonly error?: string;
  /** Why it was not tried, if it was not. */
  readonly skipped?: string;
}

/** Only what is asked for is loaded. @param patience How long to wait, in seconds of real time. */
type Harness = (patience: number) => Promise<MakeHarness>;

const HARNESSES: Readonly<Record<Platform, Harness>> = {
  memory: async () => {
    const { MemoryHarness } = await import("../memory-harness.ts");
    return () => new MemoryHarness();
  },
  node: async (patience) => {
    const { NodeHarness } = await import("../node-harness.ts");
    return () => new NodeHarness("127.0.0.1", patience);
  },
  unix: async (patience) => {
    const { UNIXHarness } = await import("../node-harness.ts");
    return () => new UNIXHarness("127.0.0.1", patience);
  },
};

type Body = (context: unknown) => Promise<void>;

/** All contracts of the suite, by `topic: title`. */
export function contractsOf(make: MakeHarness): ReadonlyMap<string, Body> {
  const contracts = new Map<string, Body>();
  const groups: string[] = [];
  describeReactor("", make, {
    describe: (name, body) => {
      groups.push(name);
      body();
      groups.pop();
    },
    it: (title, body) => contracts.set(`${groups.at(-1) ?? ""}: ${title}`, body),
  });
  return contracts;
}

/** Try these, one after the other. */
export async function tryContracts(
  platform: Platform,
  wanted: readonly string[],
  patience: number,
): Promise<readonly Outcome[]> {
  const contracts = contractsOf(await HARNESSES[platform](patience));
  const outcomes: Outcome[] = [];
  for (const contract of wanted) outcomes.push(await tryOne(contract, contracts.get(contract)));
  return outcomes;
}

async function tryOne(contract: string, body: Body | undefined): Promise<Outcome> {
  if (body === undefined) return { contract, skipped: "there is no such contract" };
  let skipped: string | undefined;
  try {
    await body({ skip: (reason: string) => (skipped = reason) });
  } catch (error) {
    return { contract, error: String(error) };
  }
  return skipped === undefined ? { contract } : { contract, skipped };
}
