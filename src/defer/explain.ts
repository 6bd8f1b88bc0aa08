/**
 * A Deferred in words, for logs, debuggers and the console.
 *
 * @module
 */
import { plural, quote } from "../core/text.ts";

/** What {@link explainDeferred} is told. */
export interface DeferredFacts {
  readonly called: boolean;
  readonly running: boolean;
  readonly paused: number;
  readonly result: unknown;
  /** The Deferred it waits for. */
  readonly waitsFor: { explain(): string } | undefined;
  /** Pairs of callback and errback still to run. */
  readonly steps: readonly unknown[];
  readonly cancellable: boolean;
  readonly created: string | undefined;
  readonly fired: string | undefined;
}

/** Deferreds that wait for each other are told one inside the other, down to here. */
const DEPTH_MAX = 8;
let depth = 0;

/** The text behind `Deferred.explain()`. */
export function explainDeferred(facts: DeferredFacts): string {
  const lines = [`Deferred: ${state(facts)}.`, `Chain: ${chain(facts.steps)}.`];
  if (facts.created !== undefined) lines.push(`Made:\n${facts.created}`);
  if (facts.fired !== undefined) lines.push(`Fired:\n${facts.fired}`);
  if (facts.waitsFor !== undefined) lines.push(`It waits for:\n${indent(inner(facts.waitsFor))}`);
  return lines.join("\n");
}

function state(facts: DeferredFacts): string {
  if (facts.waitsFor !== undefined) return "waits for another Deferred";
  if (facts.running) return "is running a callback";
  if (!facts.called) {
    const how = facts.cancellable ? "its canceller will be asked" : "it has no canceller";
    return `has not fired; on cancel, ${how}`;
  }
  if (facts.paused > 0)
    return `is paused ${plural(facts.paused, "time")} with ${quote(facts.result)}`;
  return `has fired, its result is ${quote(facts.result)}`;
}

function chain(steps: readonly unknown[]): string {
  if (steps.length === 0) return "nothing more to run";
  const names: string[] = [];
  for (let at = 0; at < steps.length; at += 2) names.push(stepName(steps[at], steps[at + 1]));
  return names.join(", then ");
}

function stepName(callback: unknown, errback: unknown): string {
  if (typeof errback === "object") return "give the result to a Deferred that waits for it";
  if (callback === errback) return `both ${functionName(callback)}`;
  if (errback === undefined) return `callback ${functionName(callback)}`;
  if (callback === undefined) return `errback ${functionName(errback)}`;
  return `callback ${functionName(callback)} or errback ${functionName(errback)}`;
}

function functionName(f: unknown): string {
  return typeof f === "function" && f.name !== "" ? f.name : "(anonymous)";
}

function inner(deferred: { explain(): string }): string {
  if (depth === DEPTH_MAX) return "(and more)";
  depth += 1;
  try {
    return deferred.explain();
  } finally {
    depth -= 1;
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gmu, "  ");
}
