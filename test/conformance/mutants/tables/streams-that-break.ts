/**
 * Reactors that are wrong about streams that break, lie, or are none.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const CONDUIT = "reactors/node/duplex-conduit.ts";
const CONNECT = "reactors/node/connect-stream.ts";
const TRANSPORT = "reactors/base/stream-transport.ts";
const ERROR = "an error of the stream is ConnectionLost, with the error as its cause";
const PAUSED = "an error is noticed while paused";
const CLOSED = "a close without an end before it is ConnectionLost";
const CLOSED_LATER = "a close after the end alone is the end of a protocol with halves";
const WRITE_FAILS = "a write that fails is ConnectionLost";
const WRITE_THROWS = "a write that throws ends this connection alone";
const READ_THROWS = "a read that throws is ConnectionLost";
const ONE_HALF = "an error of one half destroys the other";
const WRITING_HALF = "an error of the writing half while nothing is written is ConnectionLost";
const BOTH_GONE = "both halves are gone, one without our doing: the end for a protocol with halves";
const LEFT = "when the writing half is gone, what is left to read is read";
const GONE = "writing to a half that is gone is ConnectionLost";
const OBJECTS = "streams of objects are refused";
const OVER = "streams that are over are refused";
const ALWAYS_MORE = "a stream that always has more does not keep timers waiting";
const ANSWERS = "two that answer each other without end do not keep timers waiting";
const DROPPED = "a stream that takes nothing is dropped when it is closed";
const MEMORY = "a stream that takes nothing does not eat the memory";
const STOP = "a reactor that stops drops the connection, with ConnectionLost";

/** Those that are wrong about errors. */
const errorMutants: readonly Mutant[] = [
  {
    name: "why a connection was lost is not said",
    file: TRANSPORT,
    find: "${error.message}`, { cause: error })",
    replace: "${error.message}`)",
    kills: [ERROR, PAUSED, WRITE_FAILS, WRITE_THROWS, READ_THROWS, ONE_HALF, WRITING_HALF],
    on: "node",
  },
  {
    name: "an error is only a close",
    file: CONDUIT,
    find: 'readable.on("error", (error: unknown) => this.#fail(error));',
    replace: 'readable.on("error", () => undefined);',
    kills: [ERROR, PAUSED, READ_THROWS, ONE_HALF],
    on: "node",
  },
  {
    name: "an error that comes later is nobody's",
    file: CONDUIT,
    find: 'readable.on("error", (',
    replace: 'readable.once("error", (',
    kills: [ERROR],
    on: "node",
  },
  {
    name: "who does not read sees no error",
    file: CONDUIT,
    find: "if (this.#over) return;\n    this.#over = true;",
    replace: "if (this.#over || !this.#reading) return;\n    this.#over = true;",
    kills: [PAUSED],
    on: "node",
  },
  {
    name: "a close is an end",
    file: CONDUIT,
    find: 'this.#fail(new Error("the stream was closed before its end"));',
    replace: "this.#ended();",
    kills: [CLOSED],
    on: "node",
  },
  {
    name: "after the end nothing is noticed of a stream",
    file: CONDUIT,
    find: "else if (isSame(this.#readable, this.#writable)) this.#writableClosed();",
    replace: "",
    kills: [CLOSED_LATER],
    on: "node",
  },
  {
    name: "the error of one half leaves the other",
    file: CONDUIT,
    find: "this.owner?.connectionFailed(Failure.of(error).value);\n    this.#destroyBoth();",
    replace: "this.owner?.connectionFailed(Failure.of(error).value);",
    kills: [WRITE_FAILS, READ_THROWS, ONE_HALF, WRITING_HALF],
    on: "node",
  },
  {
    name: "a write that throws takes others with it",
    file: CONDUIT,
    find: "this.#fail(error);\n      return false;",
    replace: "throw error;",
    kills: [WRITE_THROWS],
    on: "node",
  },
  {
    name: "errors of the writing half are noticed in writing",
    file: CONDUIT,
    find: 'writable.on("error", (error: unknown) => this.#fail(error));',
    replace: 'writable.on("error", () => undefined);',
    kills: [WRITING_HALF],
    on: "node",
  },
  {
    name: "what becomes of a write does not matter",
    file: CONDUIT,
    find: "if (error) {\n      this.#fail(error);",
    replace: "if (error) {",
    kills: [GONE],
    on: "node",
  },
  {
    name: "nobody looks whether the writing half is there",
    file: CONDUIT,
    find: 'writable.on("close", () => this.#writableClosed());',
    replace: "",
    kills: [BOTH_GONE],
    on: "node",
  },
  {
    name: "without the writing half all is over",
    file: CONDUIT,
    find: "this.#isDeaf = true;",
    replace: 'this.#fail(new Error("the stream was closed for writing"));',
    kills: [LEFT, GONE],
    on: "node",
  },
  {
    name: "a write is taken for the one before",
    file: CONDUIT,
    find: "if (!this.#owed || this.#writes > 0) return;",
    replace: "if (!this.#owed) return;",
    kills: ["a write that is still held back is not taken for sent"],
    on: "node",
  },
  {
    name: "text is taken for bytes",
    file: CONDUIT,
    find: "const chunk = this.#read();",
    replace: `const read = this.#read();
    const chunk = typeof read === "string" ? Buffer.from(read) : read;`,
    kills: ["an encoding set meanwhile is ConnectionLost"],
    on: "node",
  },
];

/** Those that take what is none. */
const refusalMutants: readonly Mutant[] = [
  {
    name: "objects may be read",
    file: CONDUIT,
    find: "if (stream.readableObjectMode) refuse",
    replace: "if (false) refuse",
    kills: [OBJECTS],
    on: "node",
  },
  {
    name: "objects may be written",
    file: CONDUIT,
    find: "if (stream.writableObjectMode) refuse",
    replace: "if (false) refuse",
    kills: [OBJECTS],
    on: "node",
  },
  {
    name: "text may be read",
    file: CONDUIT,
    find: "if (encoding !== undefined) refuse",
    replace: "if (false) refuse",
    kills: ["streams of text are refused"],
    on: "node",
  },
  {
    name: "what is destroyed may be read",
    file: CONDUIT,
    find: 'if (stream.destroyed) refuse("it is destroyed");\n  if (stream.readable',
    replace: "if (stream.readable",
    kills: [OVER],
    on: "node",
  },
  {
    name: "what is destroyed may be written",
    file: CONDUIT,
    find: 'if (stream.destroyed) refuse("it is destroyed");\n  if (stream.writable',
    replace: "if (stream.writable",
    kills: [OVER],
    on: "node",
  },
  {
    name: "what has ended may be written",
    file: CONDUIT,
    find: 'if (stream.writableEnded) refuse("its writing half has ended already");',
    replace: "",
    kills: [OVER],
    on: "node",
  },
  {
    name: "any number is a limit of a connection",
    file: CONNECT,
    find: "checkedLimits(options)",
    replace: "options",
    kills: ["a limit that is none is refused"],
    on: "node",
  },
];

/** Those that are without bounds, and wrong about the end. */
const boundMutants: readonly Mutant[] = [
  {
    name: "who has more is read on",
    file: CONDUIT,
    find: "const READS_MAX = 16;",
    replace: "const READS_MAX = 20_000;",
    kills: [ALWAYS_MORE, ANSWERS],
    on: "node",
  },
  {
    name: "the limits are forgotten",
    file: CONNECT,
    find: "peer, host, limits }",
    replace: "peer, host, limits: {} }",
    kills: [DROPPED, MEMORY],
    on: "node",
  },
  {
    name: "who takes nothing has all the time",
    file: TRANSPORT,
    find: 'else this.#abort(new ConnectionTimedOut("close", this.#closeTimeout));',
    replace: "",
    kills: [DROPPED],
    on: "node",
  },
  {
    name: "an exception leaves the stream",
    file: TRANSPORT,
    find: "this.resetConnection();\n    this.#end(failure);",
    replace: "this.#end(failure);",
    kills: ["an exception in connectionMade() ends the connection and the stream"],
    on: "node",
  },
  {
    name: "aborting leaves the half that reads",
    file: CONDUIT,
    find: "if (!isSame(this.#readable, this.#writable)) this.#destroy(this.#readable);",
    replace: "",
    kills: ["aborting destroys both halves of a pair"],
    on: "node",
  },
  {
    name: "destroying a stream is trusted",
    file: CONDUIT,
    find: 'this.#reactor.contain(() => stream.destroy(), "Error in destroying a stream");',
    replace: "stream.destroy();",
    kills: ["a stream that cannot even be destroyed is contained"],
    on: "node",
  },
  {
    name: "a reactor that stops leaves streams alone",
    file: CONDUIT,
    find: "drop(): void {\n    this.#over = true;\n    this.#destroyBoth();",
    replace: "drop(): void {\n    this.#over = true;",
    kills: [STOP],
    on: "node",
  },
  {
    name: "a reactor that stops ends connections in good order",
    file: TRANSPORT,
    find: "this.#end(reason);",
    replace: "this.#end(new Failure(new ConnectionDone()));",
    kills: [STOP],
    on: "node",
  },
];

/** For `streams that break`. */
export const brokenStreamMutants: readonly Mutant[] = [
  ...errorMutants,
  ...refusalMutants,
  ...boundMutants,
];
