/**
 * How objects name themselves in Node's console and debuggers, without importing Node.
 *
 * @module
 */

/**
 * The method that `util.inspect` and `console.log` call: `[INSPECT]() { return this.toString(); }`.
 */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");
