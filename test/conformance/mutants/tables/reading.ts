/**
 * Reactors that are wrong about reading.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const WIRE = "reactors/memory/memory-wire.ts";
const NETWORK = "reactors/memory/memory-network.ts";
const NOT_READING = "if (!this.#reading) return false;";
const BEGIN_READING = "if (this.wanted) this.startReading();\n    return";

/** For `reading`. */
export const readingMutants: readonly Mutant[] = [
  {
    name: "all bytes lie in one buffer",
    file: WIRE,
    find: "const piece = Buffer.concat(chunks);",
    replace: `const shared = Reflect.get(MemoryTransport, "shared") ?? Buffer.alloc(1 << 20);
    Reflect.set(MemoryTransport, "shared", shared);
    const joined = Buffer.concat(chunks);
    const piece = shared.subarray(0, joined.copy(shared));`,
    kills: ["dataReceived() is given Buffers of its own, to keep"],
  },
  {
    name: "resumeProducing() delivers from inside",
    file: TRANSPORT,
    find: "resumeProducing(): void {",
    replace: "resumeProducing(): void {\n    this.#protocol?.dataReceived(Buffer.alloc(0));",
    kills: ["dataReceived() is not re-entered by what it asks for"],
  },
  {
    name: "what comes while paused is lost",
    file: WIRE,
    find: NOT_READING,
    replace: `if (!this.#reading) way.chunks.length = way.bytes = 0;\n    ${NOT_READING}`,
    kills: ["no data while paused; then all of it, in order"],
  },
  {
    name: "reading begins, whatever connectionMade() has asked for",
    file: TRANSPORT,
    find: BEGIN_READING,
    replace: "this.startReading();\n    return",
    kills: ["no data after pauseProducing() in connectionMade()"],
  },
  {
    name: "resumeProducing() takes effect in a later turn, whatever was asked since",
    file: TRANSPORT,
    find: "this.#readPaused = false;\n    if (this.wanted) this.startReading();",
    replace: "this.#readPaused = false;\n    this.#reactor.soon(() => this.startReading());",
    kills: [
      "no data after pause, resume, pause in connectionMade()",
      "resume and pause in one turn leave it paused",
    ],
  },
  {
    name: "reading begins in a later turn, whatever was asked since",
    file: TRANSPORT,
    find: BEGIN_READING,
    replace: "if (this.wanted) this.#reactor.soon(() => this.startReading());\n    return",
    kills: ["no data after pauseProducing() in clientConnectionMade()"],
  },
  {
    name: "pauseProducing() takes effect in a later turn, whatever was asked since",
    file: TRANSPORT,
    find: "if (this.#reason === undefined && this.#connected) this.stopReading();",
    replace: "this.#reactor.soon(() => this.stopReading());",
    kills: ["pause and resume in connectionMade() leave it reading"],
  },
  {
    name: "what was read at once is delivered to its end",
    file: TRANSPORT,
    find: "this.#protocol?.dataReceived(data);",
    replace: `for (let at = 0; at < data.length; at += 65_536) {
        this.#protocol?.dataReceived(data.subarray(at, at + 65_536));
      }`,
    kills: ["pauseProducing() from inside dataReceived() holds back the rest"],
  },
  {
    name: "who paused twice must resume twice",
    file: TRANSPORT,
    find: `this.#readPaused = true;
    if (this.#reason === undefined && this.#connected) this.stopReading();
  }

  resumeProducing(): void {
    this.#readPaused = false;`,
    replace: `this.#readPaused = Number(this.#readPaused) + 1;
    if (this.#reason === undefined && this.#connected) this.stopReading();
  }

  resumeProducing(): void {
    this.#readPaused = Math.max(0, Number(this.#readPaused) - 1);`,
    kills: ["pausing and resuming do not count"],
  },
  {
    name: "an end that comes while paused overtakes the bytes",
    file: WIRE,
    find: NOT_READING,
    replace: `if (!this.#reading && way.end === "fin" && way.bytes > 0) {
      way.end = "told";
      this.endReceived();
    }
    ${NOT_READING}`,
    kills: ["a close of the peer is not noticed while paused, and no byte before it lost"],
  },
  {
    name: "an end with nothing before it is noticed while paused",
    file: WIRE,
    find: NOT_READING,
    replace: `if (!this.#reading && way.end === "fin" && way.bytes === 0) {
      way.end = "told";
      this.endReceived();
    }
    ${NOT_READING}`,
    kills: ["a close of the peer is not noticed while paused, with nothing before it"],
  },
  {
    name: "the end comes with the last bytes",
    file: WIRE,
    find: "this.bytesReceived(data);\n      return true;",
    replace: `this.bytesReceived(data);
      if (way.end !== "fin" || way.bytes > 0) return true;
      way.end = "told";
      this.endReceived();
      return true;`,
    kills: ["pausing after the last bytes puts off the end"],
  },
  {
    name: "a reset that comes while paused is an end",
    file: WIRE,
    find: 'if (way.end === "reset") {',
    replace:
      'if (way.end === "reset" && !this.#reading) way.end = "fin";\n    if (way.end === "reset") {',
    kills: ["bytes with a reset behind them are not a whole stream"],
  },
  {
    name: "who is paused does not send",
    file: TRANSPORT,
    find: "const queue = this.#queue;",
    replace: "if (this.#readPaused) return;\n    const queue = this.#queue;",
    kills: ["one may write while reading is paused"],
  },
  {
    name: "who is paused does not close",
    file: TRANSPORT,
    find: "loseConnection(): void {",
    replace: "loseConnection(): void {\n    if (this.#readPaused) return;",
    kills: ["a paused side can close, and be heard"],
  },
  {
    name: "what is not read makes nobody wait",
    file: WIRE,
    find: "if (!this.#owed || this.#out.bytes > WINDOW) return false;",
    replace: "if (!this.#owed) return false;",
    kills: ["a paused reader makes the writer wait"],
  },
  {
    name: "a paused connection holds up those behind it",
    file: NETWORK,
    find: "if (wire.deliver()) busy = true;",
    replace: "if (wire.deliver()) busy = true;\n      else if (!wire.server.reading) break;",
    kills: ["one connection's pause does not touch another"],
  },
];
