/**
 * Capabilities at run time: the value beside an interface of the same name, so that a program can
 * ask `reactor.provides(IReactorTCP)` though TypeScript's interfaces are gone by then.
 *
 * @module
 */

declare const provided: unique symbol;

/** A token for the interface `I`. Compare by identity; read `label` in messages. */
export interface Capability<I> {
  readonly label: string;
  /** Never there: it only ties the token to its interface. */
  readonly [provided]?: I;
}

/** Make the token of an interface. `label` is the interface's name. */
export function capability<I>(label: string): Capability<I> {
  return Object.freeze({ label });
}
