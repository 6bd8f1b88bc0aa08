/**
 * The process-wide reactor, for scripts. Library code takes a reactor as an argument instead.
 *
 * @example
 * ```ts
 * import { reactor } from "sennit/reactor";
 *
 * reactor.callLater(0.01, () => reactor.stop());
 * await reactor.run();
 * ```
 *
 * @module reactor
 */
export { reactor } from "./reactor.ts";
