/**
 * Reactors that are wrong about aborting.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const CONNECTOR = "reactors/base/connector.ts";
const WIRE = "reactors/memory/memory-wire.ts";
const ABORT = "abortConnection(): void {";
const RESET = "protected resetConnection(): void {";

/** For `aborting`. */
export const abortingMutants: readonly Mutant[] = [
  {
    name: "a reset looks like an end",
    file: WIRE,
    find: 'this.connectionFailed(new Error("the peer reset the connection"));',
    replace: "this.endReceived();",
    kills: ["abortConnection(): ConnectionAborted here, later; ConnectionLost there"],
  },
  {
    name: "what an abort drops does not count",
    file: TRANSPORT,
    find: "this.#droppedBytes += this.#queue.clear();",
    replace: "this.#queue.clear();",
    kills: ["abortConnection() with 10 MB waiting drops them"],
  },
  {
    name: "abortConnection() after loseConnection() does nothing",
    file: TRANSPORT,
    find: ABORT,
    replace: `${ABORT}\n    if (this.#disconnecting && this.bufferedBytes === 0) return;`,
    kills: ["abortConnection() twice, and after loseConnection()"],
  },
  {
    name: "abortConnection() waits for what a close has still to send",
    file: TRANSPORT,
    find: ABORT,
    replace: `${ABORT}\n    if (this.#disconnecting && this.bufferedBytes > 0) return;`,
    kills: ["abortConnection() wins over a close that waits for the peer"],
  },
  {
    name: "abortConnection() waits for a producer",
    file: TRANSPORT,
    find: ABORT,
    replace: `${ABORT}\n    if (this.#producer.occupied) return this.loseConnection();`,
    kills: ["abortConnection() wins over a close that waits for a producer, and stops it"],
  },
  {
    name: "a connection that ends in connectionMade() is an attempt that failed",
    file: CONNECTOR,
    find: "if (!this.#transport.begin(protocol)) return;",
    replace: `if (!this.#transport.begin(protocol)) {
      this.failed(new ConnectionLost("It ended at once"));
      return;
    }`,
    kills: ["abortConnection() from inside connectionMade()"],
  },
  {
    name: "what was read is delivered in small pieces, whatever is asked meanwhile",
    file: TRANSPORT,
    find: "this.#protocol?.dataReceived(data);",
    replace: `for (let at = 0; at < data.length; at += 4096) {
        this.#protocol?.dataReceived(data.subarray(at, at + 4096));
      }`,
    kills: ["abortConnection() from inside dataReceived(): no more data"],
  },
  {
    name: "a side that has ended its half sends no reset",
    file: WIRE,
    find: RESET,
    replace: `${RESET}\n    if (this.#out.end !== "open") return;`,
    kills: ["abortConnection() from inside writeConnectionLost() reaches the peer"],
  },
  {
    name: "who is paused does not abort",
    file: TRANSPORT,
    find: ABORT,
    replace: `${ABORT}\n    if (this.#readPaused) return;`,
    kills: ["abortConnection() while reading is paused"],
  },
  {
    name: "an abort that crosses the peer's is a loss",
    file: WIRE,
    find: RESET,
    replace: `${RESET}
    if (this.#in.end === "reset") this.connectionFailed(new Error("both aborted"));`,
    kills: ["both sides aborting at once end once each"],
  },
];
