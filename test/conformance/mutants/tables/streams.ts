/**
 * Reactors that are wrong about Node streams as transports.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const CONDUIT = "reactors/node/duplex-conduit.ts";
const CONNECT = "reactors/node/connect-stream.ts";
const TRANSPORT = "reactors/base/stream-transport.ts";
const MADE = "connectionMade() has been called when connectStream() returns";
const ADDRESSES = "the addresses are those that it is given";
const TURNS = "nothing is sent from inside write(), and nothing read in connectStream()";
const PAUSED = "a paused protocol makes the stream wait, and loses nothing";
const MIDDLE = "no data while paused, also in the middle; then all of it, in order";
const PAUSED_END = "the stream's end is not noticed while paused, and no byte before it lost";
const LAST_BYTES = "pausing at the last bytes puts off the end";
const PRODUCER = "a stream that takes nothing pauses the producer; one that takes again resumes it";
const DRAINED = "drained() waits for the callback of a write";
const LAST_WORDS = "a protocol without halves closes at the end, after its last words";
const GOES_ON = "the end is readConnectionLost() for a protocol with halves, which may go on";
const HALF = "loseWriteConnection() ends the stream, and reading goes on";
const CLOSE = "loseConnection() flushes, then ends the stream; nothing more is received";
const TWO = "two protocols over one pair of streams";
const ENDED = "a stream that has ended already ends the connection, in a later turn";

/** Those that are wrong about the beginning, and about what is read. */
const readingMutants: readonly Mutant[] = [
  {
    name: "a connection begins in a later turn",
    file: CONNECT,
    find: "transport.begin(protocol);",
    replace: "reactor.soon(() => transport.begin(protocol));",
    kills: [MADE],
    on: "node",
  },
  {
    name: "a connection is not told which protocol it has",
    file: CONNECT,
    find: "return transport;",
    replace: "return new NodeTransport({ reactor, conduit, peer, host, limits });",
    kills: [MADE],
    on: "node",
  },
  {
    name: "the peer has no address",
    file: CONNECT,
    find: "addressOf(options.peer)",
    replace: "addressOf()",
    kills: [ADDRESSES],
    on: "node",
  },
  {
    name: "our end has no address",
    file: CONNECT,
    find: "addressOf(options.host)",
    replace: "addressOf()",
    kills: [ADDRESSES],
    on: "node",
  },
  {
    name: "bytes are read in blocks",
    file: CONDUIT,
    find: "return this.#readable.read();",
    replace: "return this.#readable.read(16);",
    kills: ["bytes go both ways, however they are cut"],
    on: "node",
  },
  {
    name: "what is there is read at once",
    file: CONDUIT,
    find: "this.#reactor.soon(() => {\n      if (this.#end",
    replace: "((f) => f())(() => {\n      if (this.#end",
    kills: [TURNS, MIDDLE, ENDED],
    on: "node",
  },
  {
    name: "what is read is the writer's own memory",
    file: CONDUIT,
    find: "this.#copiesRead ? Buffer.from(chunk) : asBuffer(chunk)",
    replace: "asBuffer(chunk)",
    kills: ["what a stream shares with others stays theirs, and what came stays ours"],
    on: "node",
  },
  {
    name: "a stream is read while it is being read",
    file: CONDUIT,
    find: "if (this.#pumping || this.#goesOnLater) return;",
    replace: "if (this.#goesOnLater) return;",
    kills: ["dataReceived() is not re-entered by a stream that pushes at once"],
    on: "node",
  },
  {
    name: "who pauses in connectionMade() has paused nothing",
    file: TRANSPORT,
    find: "if (this.wanted) this.startReading();\n    return",
    replace: "this.startReading();\n    return",
    kills: [PAUSED, PAUSED_END],
    on: "node",
  },
  {
    name: "a stream looks ahead without bounds",
    file: CONDUIT,
    find: "this.#readable = readable;",
    replace: `this.#readable = readable;
    Reflect.set(Reflect.get(readable, "_readableState"), "highWaterMark", 1 << 30);`,
    kills: [PAUSED],
    on: "node",
  },
  {
    name: "who has paused is not read again",
    file: CONDUIT,
    find: "startReading(): void {",
    replace: "startReading(): void {\n    if (this.#listening) return;",
    kills: [MIDDLE],
    on: "node",
  },
  {
    name: "what comes while paused is received all the same",
    file: CONDUIT,
    find: "while (this.#reading && this.#takeOne());",
    replace: "while (this.#takeOne());",
    kills: [MIDDLE],
    on: "node",
  },
  {
    name: "the end is told while paused",
    file: CONDUIT,
    find: 'if (this.#end !== "held" || !this.#reading) return;',
    replace: 'if (this.#end !== "held") return;',
    kills: [LAST_BYTES],
    on: "node",
  },
  {
    name: "an end that came while paused is forgotten",
    file: CONDUIT,
    find: 'if (this.#end === "held") this.#tellEnd();\n      else this.#pump();',
    replace: "this.#pump();",
    kills: [LAST_BYTES],
    on: "node",
  },
  {
    name: "an end from before is none",
    file: CONDUIT,
    find: 'if (readable.readableEnded) this.#end = "held";',
    replace: "",
    kills: [ENDED],
    on: "node",
  },
  {
    name: "who lets others have their turn does not go on",
    file: CONDUIT,
    find: "this.#readsLeft = READS_MAX;\n      this.#pump();",
    replace: "this.#readsLeft = READS_MAX;",
    kills: [PAUSED],
    on: "node",
  },
];

/** Those that are wrong about what is written, and about the end. */
const writingMutants: readonly Mutant[] = [
  {
    name: "write() sends at once",
    file: TRANSPORT,
    find: "this.#reactor.soonFlush(this);",
    replace: "this.flush();",
    kills: [TURNS],
    on: "node",
  },
  {
    name: "a stream is written our own memory",
    file: CONDUIT,
    find: "this.#copiesWritten = shared && !(writable instanceof Socket);",
    replace: "this.#copiesWritten = false;",
    kills: ["when a write is with the stream, its bytes may be used again"],
    on: "node",
  },
  {
    name: "what was written counts as taken",
    file: CONDUIT,
    find: "this.#owed = true;\n    return false;",
    replace: "return true;",
    kills: [PRODUCER, DRAINED, CLOSE],
    on: "node",
  },
  {
    name: "nobody is told that bytes are taken",
    file: CONDUIT,
    find: "this.owner?.bytesSent();",
    replace: "",
    kills: [DRAINED, TWO],
    on: "node",
  },
  {
    name: "a producer is never paused",
    file: TRANSPORT,
    find: "if (this.bufferedBytes > PAUSE_MARK) this.#pauseProducer();",
    replace: "",
    kills: [PRODUCER],
    on: "node",
  },
  {
    name: "a producer is never resumed",
    file: TRANSPORT,
    find: "if (this.#producer.paused) this.#resumeLater();",
    replace: "",
    kills: [PRODUCER],
    on: "node",
  },
  {
    name: "Node ends the writing half when the reading half has ended",
    file: CONDUIT,
    find: "if (readable instanceof Duplex) readable.allowHalfOpen = true;",
    replace: "",
    kills: [LAST_WORDS],
    on: "node",
  },
  {
    name: "the peer's end is ours",
    file: CONDUIT,
    find: 'this.#end = "told";',
    replace: 'this.#end = "told";\n    this.shutdown();',
    kills: [LAST_WORDS, GOES_ON],
    on: "node",
  },
  {
    name: "the end is told to nobody",
    file: CONDUIT,
    find: "this.owner?.endReceived();",
    replace: "",
    kills: [GOES_ON, HALF],
    on: "node",
  },
  {
    name: "half an end is a whole one",
    file: CONDUIT,
    find: "shutdown(): void {\n    this.#shut = true;",
    replace: "shutdown(): void {\n    this.#shut = true;\n    this.#reading = false;",
    kills: [HALF],
    on: "node",
  },
  {
    name: "loseConnection() does not wait for what was written",
    file: TRANSPORT,
    find: "if (this.bufferedBytes > 0) this.#watchClose();\n    else this.#closeSoon();",
    replace: "this.closeConnection();\n    this.#end(new Failure(new ConnectionDone()));",
    kills: [CLOSE],
    on: "node",
  },
  {
    name: "a closed stream is not ended",
    file: CONDUIT,
    find: "if (!this.#shut) this.shutdown();",
    replace: "",
    kills: [CLOSE],
    on: "node",
  },
  {
    name: "what the peer still says stays unread",
    file: CONDUIT,
    find: "#letClose(stream: Readable): void {\n    this.startReading();",
    replace: "#letClose(stream: Readable): void {",
    kills: [CLOSE],
    on: "node",
  },
  {
    name: "closing destroys the stream",
    file: CONDUIT,
    find: "this.#letClose(this.#readable);\n      return;",
    replace: "this.#destroy(this.#readable);\n      return;",
    kills: [CLOSE],
    on: "node",
  },
  {
    name: "an aborted stream lives on",
    file: CONDUIT,
    find: "else this.#destroy(this.#writable);\n    if",
    replace: "if",
    kills: ["abortConnection() destroys the stream"],
    on: "node",
  },
  {
    name: "what was dropped is not counted",
    file: TRANSPORT,
    find: "this.#droppedBytes += this.#queue.clear();",
    replace: "this.#queue.clear();",
    kills: ["abortConnection() destroys the stream"],
    on: "node",
  },
];

/** For `streams as transports`. */
export const streamMutants: readonly Mutant[] = [...readingMutants, ...writingMutants];
