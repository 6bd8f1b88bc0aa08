/**
 * Reactors that are wrong about the pipes of a process.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/process-transport.ts";
const PIPE = "reactors/base/child-pipe.ts";
const PROCESS = "reactors/node/process/node-process.ts";
const AT_ONCE = "write() right after spawnProcess() arrives";
const TEN_MB = "10 MB go through a process and come back";
const NO_TEXT = "what is neither bytes nor text is a TypeError";
const LATE = "write() after closeStdin() is dropped and counted";
const SLOW = "closeStdin() lets a slow reader have all";
const NO_READER = "loseConnection() waits closeTimeout seconds for a reader that does not";
const CLOSE_HEARD = "the child's close of its input is heard of without writing";
const EXIT_BETWEEN = "an exit in the middle of what is written is the end of the input, no more";
const STREAMING = "a streaming producer is paused, resumed, and stopped at the end";
const PULL = "a pull producer is asked as long as there is room";
const STOP_AT_ONCE = "registerProducer() after the end of the input: stopProducing() at once";
const DRAINED = "drained() fires when all is taken, fails when the input is lost";
const BOUND = "maxBufferedBytes closes the input, and says why";
const HELD_BACK = "pauseChildFD() holds back one descriptor, and the child";
const PAUSED_EXIT = "what is paused when the process exits waits, with its end";
const PAUSED_INSIDE = "no data after pauseProducing() from inside childDataReceived()";
const STDOUT = "closeStdout() ends one that writes on";
const ANY = "any descriptors, in both directions";
const OURS = "a descriptor of ours is the child's as well";
const NOT_NAMED = "what is not in childFDs is closed, or nothing";
const NOT_OURS = "writeToChild() to what is not ours to write is a RangeError";

const writing: readonly Mutant[] = [
  {
    name: "a pipe begins when connectionMade() comes",
    file: TRANSPORT,
    find: "pipe.transport.begin(pipe);",
    replace: "this.#reactor.soon(() => pipe.transport.begin(pipe));",
    kills: [AT_ONCE],
    on: "node",
  },
  {
    name: "writeSequence() writes the first",
    file: TRANSPORT,
    find: "for (const one of data) this.write(one);",
    replace: "this.write([...data][0]);",
    kills: [AT_ONCE],
    on: "node",
  },
  {
    name: "a pipe is closed without its last bytes",
    file: PIPE,
    find: "if (this.writes) this.transport.loseWriteConnection();",
    replace: "if (this.writes) this.transport.abortConnection();",
    kills: [AT_ONCE, TEN_MB, LATE, SLOW],
    on: "node",
  },
  {
    name: "what is no text is ignored",
    file: TRANSPORT,
    find: "throw new TypeError(`Cannot write a ${typeof data}: expected bytes or text`);",
    replace: "return;",
    kills: [NO_TEXT],
    on: "node",
  },
  {
    name: "what is no text becomes one",
    file: TRANSPORT,
    find: 'if (typeof data !== "string" && !(data instanceof Uint8Array)) {',
    replace: "if (!(data instanceof Uint8Array)) data = String(data);\n    if (pipe === data) {",
    kills: [NO_TEXT],
    on: "node",
  },
  {
    name: "what was dropped by a pipe is forgotten with it",
    file: TRANSPORT,
    find: "this.#droppedBytes += pipe.transport.droppedBytes;",
    replace: "",
    kills: [LATE, EXIT_BETWEEN],
    on: "node",
  },
  {
    name: "what is written to a closed pipe does not count",
    file: TRANSPORT,
    find: "if (pipe === undefined) this.#droppedBytes += Buffer.byteLength(data);",
    replace: "if (pipe === undefined) return;",
    kills: [LATE, CLOSE_HEARD],
    on: "node",
  },
  {
    name: "a slow reader finds an early end of its input",
    file: PIPE,
    find: "if (this.writes) this.transport.loseWriteConnection();",
    replace: "if (this.writes) this.transport.loseConnection();",
    kills: [SLOW],
    on: "node",
  },
  {
    name: "closeStdin() closes nothing",
    file: TRANSPORT,
    find: "this.closeChildFD(0);",
    replace: "",
    kills: [AT_ONCE, TEN_MB, LATE, PULL],
    on: "node",
  },
  {
    name: "pipes have no limits",
    file: PROCESS,
    find: "limits: this.#order",
    replace: "limits: {}",
    kills: [NO_READER, BOUND],
    on: "node",
  },
  {
    name: "who loses its connection is killed",
    file: TRANSPORT,
    find: "for (const pipe of this.#pipes.values()) pipe.transport.loseConnection();",
    replace: `for (const pipe of this.#pipes.values()) pipe.transport.loseConnection();
    this.kill("SIGKILL", false);`,
    kills: [NO_READER],
    on: "node",
  },
  {
    name: "the child's close of its input is not heard",
    file: PIPE,
    find: "readConnectionLost(): void {",
    replace: "readConnectionLost(): void {\n    if (!this.reads) return;",
    kills: [CLOSE_HEARD],
    on: "node",
  },
  {
    name: "an input that is lost takes the process with it",
    file: TRANSPORT,
    find: "this.#pipes.delete(pipe.fd);",
    replace: 'this.#pipes.delete(pipe.fd);\n    if (pipe.fd === 0) this.kill("SIGKILL", false);',
    kills: [CLOSE_HEARD],
    on: "node",
  },
  {
    name: "an input that is lost is how it has exited",
    file: TRANSPORT,
    find: "this.#pipes.delete(pipe.fd);",
    replace: `this.#pipes.delete(pipe.fd);
    if (pipe.fd === 0) this.exited({ exitCode: 141 });`,
    kills: [CLOSE_HEARD, EXIT_BETWEEN],
    on: "node",
  },
  {
    name: "drained() never waits",
    file: TRANSPORT,
    find: "if (pipe !== undefined) return pipe.transport.drained();",
    replace: "if (pipe !== undefined) return succeed(undefined);",
    kills: [DRAINED],
    on: "node",
  },
  {
    name: "drained() never fails",
    file: TRANSPORT,
    find: "return pipe.transport.drained();",
    replace: "return pipe.transport.drained().addErrback(() => undefined);",
    kills: [DRAINED],
    on: "node",
  },
];

const producers: readonly Mutant[] = [
  {
    name: "every producer is a pull producer",
    file: TRANSPORT,
    find: "stdin.transport.registerProducer(producer, true);",
    replace: "stdin.transport.registerProducer(producer, false);",
    kills: [STREAMING],
    on: "node",
  },
  {
    name: "a producer is not stopped when nobody reads",
    file: TRANSPORT,
    find: "stdin.transport.registerProducer(producer, true);",
    replace: `stdin.transport.registerProducer({
      pauseProducing: () => producer.pauseProducing(),
      resumeProducing: () => producer.resumeProducing(),
      stopProducing: () => undefined,
    }, true);`,
    kills: [STREAMING],
    on: "node",
  },
  {
    name: "a pull producer is asked once",
    file: TRANSPORT,
    find: "else stdin.transport.registerProducer(producer, false);",
    replace: "else producer.resumeProducing();",
    kills: [PULL],
    on: "node",
  },
  {
    name: "a producer that comes too late is forgotten",
    file: TRANSPORT,
    find: "if (stdin === undefined) producer.stopProducing();",
    replace: "if (stdin === undefined) return;",
    kills: [STOP_AT_ONCE],
    on: "node",
  },
];

const reading: readonly Mutant[] = [
  {
    name: "no descriptor is ever paused",
    file: TRANSPORT,
    find: "if (pipe?.reads === true) pipe.transport.pauseProducing();",
    replace: "",
    kills: [HELD_BACK, PAUSED_EXIT, PAUSED_INSIDE],
    on: "node",
  },
  {
    name: "with one descriptor all are paused",
    file: TRANSPORT,
    find: "if (pipe?.reads === true) pipe.transport.pauseProducing();",
    replace: `for (const one of this.#pipes.values()) {
      if (one.reads) one.transport.pauseProducing();
    }`,
    kills: [HELD_BACK],
    on: "node",
  },
  {
    name: "what is paused is read, and kept",
    file: TRANSPORT,
    find: "if (pipe?.reads === true) pipe.transport.pauseProducing();",
    replace: `if (pipe !== undefined) {
      const kept = [];
      pipe.dataReceived = (data) => kept.push(data);
      const { transport } = pipe;
      transport.resumeProducing = () => kept.splice(0).map((data) => this.#received(pipe, data));
    }`,
    kills: [HELD_BACK],
    on: "node",
  },
  {
    name: "pauseProducing() pauses the standard output alone",
    file: TRANSPORT,
    find: "for (const fd of this.#pipes.keys()) this.pauseChildFD(fd);",
    replace: "this.pauseChildFD(1);",
    kills: [PAUSED_EXIT],
    on: "node",
  },
  {
    name: "all is read when the process exits, as Node does",
    file: TRANSPORT,
    find: "this.#termination.exited();",
    replace: "this.resumeProducing();\n    this.#termination.exited();",
    kills: [PAUSED_EXIT],
    on: "node",
  },
  {
    name: "what is paused is lost when the process exits",
    file: TRANSPORT,
    find: "this.#termination.exited();",
    replace: `for (const pipe of this.#pipes.values()) pipe.transport.loseConnection();
    this.#termination.exited();`,
    kills: [PAUSED_EXIT],
    on: "node",
  },
];

const descriptors: readonly Mutant[] = [
  {
    name: "closeStdout() closes another",
    file: TRANSPORT,
    find: "this.closeChildFD(1);",
    replace: "this.closeChildFD(2);",
    kills: [STDOUT],
    on: "node",
  },
  {
    name: "an output is never closed by us",
    file: PIPE,
    find: "else this.transport.loseConnection();",
    replace: "",
    kills: [STDOUT],
    on: "node",
  },
  {
    name: "writeToChild() writes to the standard input",
    file: TRANSPORT,
    find: 'this.#writeTo(this.#writer(childFD, "write to"), data);',
    replace: "this.#writeTo(this.#stdin, data);",
    kills: [ANY, NOT_OURS],
    on: "node",
  },
  {
    name: "only standard outputs are heard",
    file: TRANSPORT,
    find: "if (this.#thrown !== undefined) return;",
    replace: "if (this.#thrown !== undefined || pipe.fd > 2) return;",
    kills: [ANY],
    on: "node",
  },
  {
    name: "the ends of higher descriptors are not told",
    file: TRANSPORT,
    find: 'this.#guard("childConnectionLost"',
    replace: 'if (pipe.fd < 3) this.#guard("childConnectionLost"',
    kills: [ANY],
    on: "node",
  },
  {
    name: "no descriptor of ours is the child's",
    file: PROCESS,
    find: 'return use === "r" || use === "w" ? "pipe" : use;',
    replace: 'return use === "r" || use === "w" ? "pipe" : "ignore";',
    kills: [OURS],
    on: "node",
  },
  {
    name: "the child has our descriptor of its own number",
    file: PROCESS,
    find: 'return use === "r" || use === "w" ? "pipe" : use;',
    replace: 'return use === "r" || use === "w" ? "pipe" : use === "ignore" ? use : fd;',
    kills: [OURS],
    on: "node",
  },
  {
    name: "what is not named is a pipe that nobody closes",
    file: PROCESS,
    find: 'fds.get(fd) ?? "ignore"',
    replace: 'fds.get(fd) ?? "pipe"',
    kills: [NOT_NAMED],
    on: "node",
  },
  {
    name: "every child has a fourth descriptor",
    file: PROCESS,
    find: `Math.max(2, ...fds.keys()) + 1;
  return Array.from({ length }, (_, fd) => {
    const use = fds.get(fd) ?? "ignore";`,
    replace: `Math.max(3, ...fds.keys()) + 1;
  return Array.from({ length }, (_, fd) => {
    const use = fds.get(fd) ?? (fd < 3 ? "ignore" : "pipe");`,
    kills: [NOT_NAMED],
    on: "node",
  },
  {
    name: "any descriptor can be written to",
    file: TRANSPORT,
    find: 'if (fd !== 0 && this.#order.childFDs.get(fd) !== "w") {',
    replace: "if (false) {",
    kills: [OURS, NOT_OURS],
    on: "node",
  },
];

/** For `the pipes of processes`. */
export const processPipeMutants: readonly Mutant[] = [
  ...writing,
  ...producers,
  ...reading,
  ...descriptors,
];
