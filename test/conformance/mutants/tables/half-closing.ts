/**
 * Reactors that are wrong about ending one direction.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const WIRE = "reactors/memory/memory-wire.ts";
const BOTH_ENDED =
  'if (!this.#readEnded || this.#writeEnd !== "shut" || this.#reason !== undefined) return;';
const STILL_ASKED =
  'if (this.#writeEnd !== "asked" || this.#disconnecting || this.#reason !== undefined) return;';

/** For `half-closing`. */
export const halfClosingMutants: readonly Mutant[] = [
  {
    name: "nobody goes on when the peer has ended",
    file: TRANSPORT,
    find: 'if (providesHalfClose(protocol)) {\n      this.#guard("readConnectionLost"',
    replace: 'if (protocol === undefined) {\n      this.#guard("readConnectionLost"',
    kills: ["the peer's end is readConnectionLost(), and one may go on writing"],
  },
  {
    name: "writeConnectionLost() comes at once",
    file: TRANSPORT,
    find: 'this.#writeEnd = "asked";',
    replace: `this.#writeEnd = "asked";
    this.#reactor.soon(() => this.#protocol?.writeConnectionLost());`,
    kills: ["writeConnectionLost() comes later, when all is sent"],
  },
  {
    name: "a connection of which both halves have ended lives on",
    file: TRANSPORT,
    find: BOTH_ENDED,
    replace: "return;",
    kills: ["when each side has ended its half, it is ConnectionDone for both"],
  },
  {
    name: "the peer's end after ours leaves it open",
    file: TRANSPORT,
    find: "protocol.readConnectionLost());\n      this.#endIfBothEnded();",
    replace: "protocol.readConnectionLost());",
    kills: ["both halves at once"],
  },
  {
    name: "a protocol without halves does not notice the peer's end",
    file: TRANSPORT,
    find: "// Nobody here goes on alone: flush what was written before, and close.",
    replace: "return;",
    kills: ["a protocol without halves closes at the peer's end"],
  },
  {
    name: "a protocol without halves that ends its own closes",
    file: TRANSPORT,
    find: "this.shutdownWriting();\n",
    replace: `this.shutdownWriting();
      if (!providesHalfClose(this.#protocol)) return this.loseConnection();\n`,
    kills: ["a protocol without halves may end its own, and reads on"],
  },
  {
    name: "write() after loseWriteConnection() is sent as long as it can",
    file: TRANSPORT,
    find: '(!this.#disconnecting && this.#writeEnd === "open")',
    replace: "(!this.#disconnecting)",
    kills: ["write() after loseWriteConnection() is dropped and counted"],
  },
  {
    name: "each loseWriteConnection() ends our half",
    file: TRANSPORT,
    find: 'if (!this.writable || this.#disconnecting || this.#writeEnd !== "open") return;',
    replace: "if (!this.#connected) return;",
    kills: ["loseWriteConnection() twice is once"],
  },
  {
    name: "loseWriteConnection() does not wait for a producer",
    file: "reactors/base/producer-slot.ts",
    find: "return this.#registered !== undefined;",
    replace: "return this.#registered?.streaming === false;",
    kills: ["loseWriteConnection() waits for a registered producer"],
  },
  {
    name: "loseConnection() after loseWriteConnection() does nothing",
    file: TRANSPORT,
    find: "loseConnection(): void {",
    replace: 'loseConnection(): void {\n    if (this.#writeEnd !== "open") return;',
    kills: ["loseConnection() after loseWriteConnection() closes"],
  },
  {
    name: "our half ends before a close that was asked for since",
    file: TRANSPORT,
    find: STILL_ASKED,
    replace: 'if (this.#writeEnd !== "asked" || this.#reason !== undefined) return;',
    kills: ["loseConnection() right after loseWriteConnection() is one end"],
  },
  {
    name: "our half ends each time that it is looked at",
    file: TRANSPORT,
    find: STILL_ASKED,
    replace: "if (this.#disconnecting || this.#reason !== undefined) return;",
    kills: ["unregisterProducer() does not end our half twice"],
  },
  {
    name: "who was told of the peer's end cannot close",
    file: TRANSPORT,
    find: "loseConnection(): void {",
    replace: "loseConnection(): void {\n    if (this.#readEnded) return;",
    kills: ["loseConnection() from inside readConnectionLost() and writeConnectionLost()"],
  },
  {
    name: "loseWriteConnection() from inside connectionMade() is forgotten",
    file: TRANSPORT,
    find: "if (this.wanted) this.startReading();\n    return",
    replace: 'this.#writeEnd = "open"; this.startReading();\n    return',
    kills: ["loseWriteConnection() from inside connectionMade()"],
  },
  {
    name: "when the peer has ended, pausing has no effect",
    file: WIRE,
    find: "if (!this.#reading) return false;",
    replace: 'if (!this.#reading && way.end !== "fin") return false;',
    kills: ["an end is not told while reading is paused"],
  },
];
