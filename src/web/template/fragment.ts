/**
 * A piece of HTML as those see it who write it: a template with its values.
 *
 * @module
 */
import type { CompiledTemplate } from "./compiled-template.ts";

/** Symbols: what came as data cannot have them, and pass for HTML. */
export const TEMPLATE: unique symbol = Symbol("template");
/** The other one. */
export const VALUES: unique symbol = Symbol("values");

/** See the top of this file. */
export interface Fragment {
  readonly [TEMPLATE]: CompiledTemplate;
  /** One for each hole. */
  readonly [VALUES]: readonly unknown[];
}

/** Was it made here? */
export function isFragment(value: object): value is Fragment {
  return TEMPLATE in value;
}
