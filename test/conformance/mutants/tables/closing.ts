/**
 * Reactors that are wrong about closing.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const WIRE = "reactors/memory/memory-wire.ts";
const WAIT = "if (this.bufferedBytes > 0) this.#watchClose();\n    else this.#closeSoon();";
const DONE = "this.closeConnection();\n    this.#end(new Failure(new ConnectionDone()));";

/** For `closing`. */
export const closingMutants: readonly Mutant[] = [
  {
    name: "loseConnection() is a loss",
    file: TRANSPORT,
    find: "      this.closeConnection();\n      this.#end(new Failure(new ConnectionDone()));",
    replace: "this.closeConnection();\n      this.#end(new Failure(new ConnectionLost()));",
    kills: ["loseConnection() is ConnectionDone on both sides, in a later turn"],
  },
  {
    name: "loseConnection() twice aborts",
    file: TRANSPORT,
    find: "loseConnection(): void {",
    replace: "loseConnection(): void {\n    if (this.#disconnecting) this.abortConnection();",
    kills: ["loseConnection() twice is once"],
  },
  {
    name: "loseConnection() from inside connectionMade() is forgotten",
    file: TRANSPORT,
    find: "if (this.wanted) this.startReading();\n    return",
    replace: "this.#disconnecting = false; this.startReading();\n    return",
    kills: ["loseConnection() from inside connectionMade()"],
  },
  {
    name: "loseConnection() does not wait for what was written in its turn",
    file: TRANSPORT,
    find: WAIT,
    replace: DONE,
    kills: ["write() and loseConnection() from inside connectionMade() deliver"],
  },
  {
    name: "what was read is delivered by halves, whatever is asked meanwhile",
    file: TRANSPORT,
    find: "this.#protocol?.dataReceived(data);",
    replace: `this.#protocol?.dataReceived(data.subarray(0, data.length >> 1));
      this.#protocol?.dataReceived(data.subarray(data.length >> 1));`,
    kills: ["loseConnection() from inside dataReceived(): no more data"],
  },
  {
    name: "a close that must wait is none yet",
    file: TRANSPORT,
    find: "this.#disconnecting = true;\n    this.stopReading();",
    replace: "this.#disconnecting = this.bufferedBytes === 0;\n    this.stopReading();",
    kills: ["after loseConnection() nothing is received, also while it still sends"],
  },
  {
    name: "the end overtakes the bytes",
    file: WIRE,
    find: "const data = this.#take(way);",
    replace: `if (way.end === "fin") way.chunks.length = 0;
    const data = this.#take(way);`,
    kills: ["write(a), write(b), loseConnection(): the peer reads a and b, then the end"],
  },
  {
    name: "loseConnection() sends one step of what waits",
    file: TRANSPORT,
    find: "this.#sends += 1;\n    this.flush();",
    replace: `this.#sends += 1;
    if (!this.#disconnecting) return this.flush();
    ${DONE}`,
    kills: ["loseConnection() sends 8 MB that wait, to a peer that reads late"],
  },
  {
    name: "a close with bytes unread is a reset",
    file: WIRE,
    find: "protected closeConnection(): void {",
    replace:
      "protected closeConnection(): void {\n" +
      "    if (this.#in.bytes > 0) return this.resetConnection();",
    kills: ["loseConnection() with bytes of the peer unread still delivers"],
  },
  {
    name: "what we say last goes with what the peer still says",
    file: TRANSPORT,
    find: "this.#disconnecting = true;\n    this.stopReading();",
    replace: "this.#disconnecting = true;\n    this.#queue.clear();\n    this.stopReading();",
    kills: ["a peer that goes on sending does not spoil what we say last"],
  },
  {
    name: "loseConnection() does not wait for a producer",
    file: "reactors/base/producer-slot.ts",
    find: "return this.#registered !== undefined;",
    replace: "return this.#registered?.streaming === false;",
    kills: ["loseConnection() waits for a registered producer"],
  },
  {
    name: "the peer's end closes at once",
    file: TRANSPORT,
    find: "this.#disconnecting = true;\n    this.#stopProducer();\n    this.#closeSoon();",
    replace: `this.#stopProducer();\n    ${DONE}`,
    kills: ["the peer's end closes, after what was written before is sent"],
  },
  {
    name: "nothing is sent to a peer that has ended its half",
    file: WIRE,
    find: "const piece = Buffer.concat(chunks);",
    replace: 'if (this.#in.end !== "open") return true;\n    const piece = Buffer.concat(chunks);',
    kills: ["what is written in answer to the last bytes arrives"],
  },
  {
    name: "a reset while closing is a close",
    file: TRANSPORT,
    find: "connectionFailed(error: Error): void {",
    replace: `connectionFailed(error: Error): void {
    if (this.#disconnecting && !this.#readEnded) this.#end(new Failure(new ConnectionDone()));`,
    kills: ["a reset while we send what waits is ConnectionLost, never ConnectionDone"],
  },
  {
    name: "a reset after the peer's end is a close",
    file: TRANSPORT,
    find: "connectionFailed(error: Error): void {",
    replace: `connectionFailed(error: Error): void {
    if (this.#readEnded) this.#end(new Failure(new ConnectionDone()));`,
    kills: ["a reset after the peer's end, while we send what waits, is ConnectionLost"],
  },
  {
    name: "a reset while paused is never noticed",
    file: WIRE,
    find: 'if (way.end === "reset") {',
    replace: 'if (way.end === "reset" && this.#reading) {',
    kills: ["a reset that was not noticed makes the last words ConnectionLost"],
  },
];
