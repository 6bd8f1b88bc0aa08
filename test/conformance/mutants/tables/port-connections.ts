/**
 * Reactors that are wrong about the connections of a port.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/base/listening-port.ts";
const LIMITS = "reactors/base/limits.ts";

/** For `the connections of a port`. */
export const portConnectionMutants: readonly Mutant[] = [
  {
    name: "a port accepts fifty",
    file: PORT,
    find: "if (this.#connections.size < this.#max) return false;",
    replace: "if (this.#connections.size < Math.min(50, this.#max)) return false;",
    kills: ["many connections at once are all accepted"],
  },
  {
    name: "connections that have ended are still in the books",
    file: PORT,
    find: "this.#connections.delete(transport);",
    replace: "",
    kills: ["connections has those that were accepted and have not ended"],
  },
  {
    name: "whenEmpty() of an empty port waits",
    file: PORT,
    find: "if (this.#connections.size === 0) return succeed(undefined);",
    replace: "",
    kills: ["whenEmpty() fires at once when there is none, else when the last has ended"],
  },
  {
    name: "whenEmpty() fires when the first has ended",
    file: PORT,
    find: "if (this.#connections.size > 0) return;",
    replace: "",
    kills: ["whenEmpty() fires at once when there is none, else when the last has ended"],
  },
  {
    name: "maxConnections is one less than is accepted",
    file: PORT,
    find: "if (this.#connections.size < this.#max) return false;",
    replace: "if (this.#connections.size <= this.#max) return false;",
    kills: ["one more than maxConnections is closed at once, with one warning a time"],
  },
  {
    name: "a full port is news again as soon as one has gone",
    file: PORT,
    find: "if (this.#connections.size > 0) return;",
    replace: "this.#full = new Episode(this.#reactor); if (this.#connections.size > 0) return;",
    kills: ["a port that stays full warns once, also while connections come and go"],
  },
  {
    name: "a limit may be no number",
    file: LIMITS,
    find: "!(limit >= 0)",
    replace: "limit < 0",
    kills: ["limits that are none are refused"],
  },
];
