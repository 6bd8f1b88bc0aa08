/**
 * Lines of stacks: whose code they stand for.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The folder that sennit lies in, as frames may name it. */
const HERE = new URL("../../", import.meta.url);
const OURS: readonly string[] = [HERE.href, fileURLToPath(HERE)];

/** The frames of a stack, each a line. */
export function framesOf(stack: string): string[] {
  return stack.split("\n").filter((line) => /^\s+at /u.test(line));
}

/** Is it neither sennit's nor Node's? */
export function isTheirs(frame: string): boolean {
  return !OURS.some((place) => frame.includes(place)) && !/\bnode:|<anonymous>\)/u.test(frame);
}

/** Without those at the end that only led to their code: every stack in a simulation has them. */
export function withoutDrivers(frames: readonly string[]): readonly string[] {
  const last = frames.findLastIndex(isTheirs);
  return last === -1 ? frames : frames.slice(0, last + 1);
}
