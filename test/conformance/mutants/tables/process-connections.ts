/**
 * Reactors that are wrong about connections to processes.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const CONNECTION = "reactors/base/process-connection.ts";
const CONNECTOR = "reactors/base/process-connector.ts";
const ENDPOINT = "internet/endpoints/process-endpoint.ts";
const SPEAKS = "a protocol speaks with a program; its end in good order is ConnectionDone";
const CODE = "an exit with another code is ProcessTerminated, after all that it wrote";
const SIGNAL = "a signal that ends it is ProcessTerminated";
const EXIT_COUNTS = "the exit counts, also when the output ended before";
const STAYS = "one that ends its output and stays is terminated after closeTimeout";
const INPUT_CLOSED = "loseWriteConnection() closes its input, and the exit is told";
const HALVES = "the end of its output is readConnectionLost(), and one may go on writing";
const LOST = "loseConnection() is ConnectionDone; a program that stays is terminated";
const ABORTED = "abortConnection() kills it";
const THROWN = "an exception of the protocol kills it, and is the reason";
const DROPPED = "an input that it closes is dropped into, and the output goes on";
const STDERR = "standard error: logged, dropped, or merged";
const MISSING = "a program that is not there: clientConnectionFailed, with SpawnError";
const NO_PROTOCOL = "a program for which there is no protocol is ended";
const AGAIN = "connect() from inside clientConnectionLost() starts it again";
const STOPS = "the reactor stops: ConnectionLost, and the program is ended";
const CANCELLED =
  "ProcessEndpoint: connect() fires with the protocol; cancelled it ends the program";

const exits: readonly Mutant[] = [
  {
    name: "every exit is ProcessTerminated or ProcessDone",
    file: CONNECTION,
    find: "if (!exit.is(ProcessDone)) this.connectionFailed(exit.value);",
    replace: "this.connectionFailed(exit.value);",
    kills: [SPEAKS, DROPPED],
    on: "node",
  },
  {
    name: "every exit is in good order",
    file: CONNECTION,
    find: "if (!exit.is(ProcessDone)) this.connectionFailed(exit.value);",
    replace: "",
    kills: [CODE, SIGNAL, EXIT_COUNTS, STAYS, INPUT_CLOSED, HALVES],
    on: "node",
  },
  {
    name: "the exit is the end, whatever is still to be read",
    file: CONNECTION,
    find: "if (exit === undefined || this.#outputs.size > 0) return;",
    replace: "if (exit === undefined) return;",
    kills: [CODE],
    on: "node",
  },
  {
    name: "only an exit code counts",
    file: CONNECTION,
    find: "if (!exit.is(ProcessDone)) this.connectionFailed(exit.value);",
    replace: "if (exit.value.exitCode > 0) this.connectionFailed(exit.value);",
    kills: [SIGNAL],
    on: "node",
  },
  {
    name: "the end of the output is the end",
    file: CONNECTION,
    find: "else if (this.#exit === undefined) {",
    replace:
      "else if (this.#exit === undefined) {\n      this.connectionFailed(new ConnectionDone());",
    kills: [EXIT_COUNTS, STAYS, INPUT_CLOSED],
    on: "node",
  },
  {
    name: "one that ends its output may stay",
    file: CONNECTION,
    find: "this.loseWriteConnection();\n      this.#awaitExit();",
    replace: "this.loseWriteConnection();",
    kills: [STAYS],
    on: "node",
  },
  {
    name: "closeTimeout is not for the exit",
    file: CONNECTION,
    find: "parts.limits.closeTimeout ?? EXIT_TIMEOUT",
    replace: "EXIT_TIMEOUT",
    kills: [STAYS, LOST],
    on: "node",
  },
];

const transports: readonly Mutant[] = [
  {
    name: "connectionMade() comes from inside connectProcess()",
    file: CONNECTOR,
    find: "speaker.process = this.#reactor.spawnProcess(speaker, this.#executable, wanted);",
    replace: `speaker.process = this.#reactor.spawnProcess(speaker, this.#executable, wanted);
      speaker.makeConnection(speaker.process);
      speaker.makeConnection = () => undefined;`,
    kills: [SPEAKS],
    on: "node",
  },
  {
    name: "half a close closes nothing",
    file: CONNECTION,
    find: "this.#process.closeStdin();",
    replace: "",
    kills: [INPUT_CLOSED],
    on: "node",
  },
  {
    name: "half a close is a whole one",
    file: CONNECTION,
    find: "this.#isLastWritten = true;",
    replace: "this.#isLastWritten = true;\n    this.loseConnection();",
    kills: [INPUT_CLOSED],
    on: "node",
  },
  {
    name: "nobody goes on alone",
    file: CONNECTION,
    find: "if (providesHalfClose(this.protocol) && !this.#isLastWritten) this.endReceived();",
    replace: "if (false) this.endReceived();",
    kills: [HALVES],
    on: "node",
  },
  {
    name: "a program may outlive its connection",
    file: CONNECTION,
    find: "void this.#process.terminate().addErrback(",
    replace: "void undefined?.addErrback(",
    kills: [STAYS, LOST],
    on: "node",
  },
  {
    name: "a close waits for the exit, and has its reason",
    file: CONNECTION,
    find: "protected closeConnection(): void {",
    replace: "protected closeConnection(): void {\n    this.connectionFailed(new Error());",
    kills: [LOST],
    on: "node",
  },
  {
    name: "an abort is TERM",
    file: CONNECTION,
    find: 'this.#process.signalProcess("KILL")',
    replace: 'this.#process.signalProcess("TERM")',
    kills: [ABORTED, THROWN],
    on: "node",
  },
  {
    name: "an abort closes the pipes, and no more",
    file: CONNECTION,
    find: "if (this.#exit !== undefined) return;\n      if (this.#isGroup)",
    replace: "return;\n      if (this.#isGroup)",
    kills: [ABORTED, THROWN],
    on: "node",
  },
  {
    name: "an input that is lost is the end, as on a socket",
    file: CONNECTION,
    find: "if (this.#outputs.size > 0) this.loseWriteConnection();",
    replace: "if (this.#outputs.size > 0) this.loseConnection();",
    kills: [DROPPED],
    on: "node",
  },
  {
    name: "what nobody reads does not count as dropped",
    file: CONNECTION,
    find: "return super.droppedBytes + this.#unread;",
    replace: "return this.#unread;",
    kills: [DROPPED],
    on: "node",
  },
  {
    name: "the reactor's stop leaves the program",
    file: CONNECTOR,
    find: "endAtStop: true",
    replace: "endAtStop: false",
    kills: [STOPS],
    on: "node",
  },
  {
    name: "the reactor's stop is the exit of the program",
    file: CONNECTION,
    find: "protected dropConnection(): void {",
    replace: "protected dropConnection(): void {\n    this.connectionFailed(new ConnectionDone());",
    kills: [STOPS],
    on: "node",
  },
];

const standardError: readonly Mutant[] = [
  {
    name: "standard error is never logged",
    file: CONNECTOR,
    find: 'if (childFD !== 2 || this.standardError !== "log") return;',
    replace: "return;",
    kills: [STDERR],
    on: "node",
  },
  {
    name: "standard error is always logged",
    file: CONNECTOR,
    find: 'if (childFD !== 2 || this.standardError !== "log") return;',
    replace: "",
    kills: [STDERR],
    on: "node",
  },
  {
    name: "standard error is never merged",
    file: CONNECTOR,
    find: 'speaker.standardError === "merge" ? [1, 2] : [1]',
    replace: "[1]",
    kills: [STDERR],
    on: "node",
  },
  {
    name: "standard error is always merged",
    file: CONNECTOR,
    find: 'speaker.standardError === "merge" ? [1, 2] : [1]',
    replace: "[1, 2]",
    kills: [STDERR],
    on: "node",
  },
  {
    name: "standard error is logged with its end of line",
    file: CONNECTOR,
    find: ".trimEnd()",
    replace: "",
    kills: [STDERR],
    on: "node",
  },
];

const attempts: readonly Mutant[] = [
  {
    name: "nobody hears of a program that is not there",
    file: CONNECTOR,
    find: "if (this.process?.pid === undefined) this.fail(reason.value);",
    replace: "if (this.process?.pid === undefined) return;",
    kills: [MISSING],
    on: "node",
  },
  {
    name: "a program that is not there is an error like any other",
    file: CONNECTOR,
    find: "if (this.process?.pid === undefined) this.fail(reason.value);",
    replace: "if (this.process?.pid === undefined) this.fail(new Error());",
    kills: [MISSING],
    on: "node",
  },
  {
    name: "a program that nobody wants is left",
    file: CONNECTOR,
    find: "void this.process?.terminate().addErrback(",
    replace: "void undefined?.addErrback(",
    kills: [NO_PROTOCOL, CANCELLED],
    on: "node",
  },
  {
    name: "who is refused goes on",
    file: CONNECTOR,
    find: "() => speaker.abandon(),\n",
    replace: "() => undefined,\n",
    kills: [NO_PROTOCOL],
    on: "node",
  },
  {
    name: "an attempt that is given up leaves its program",
    file: CONNECTOR,
    find: "return { cancel: () => speaker.abandon() };",
    replace: "return { cancel: () => (speaker.makeConnection = () => undefined) };",
    kills: [CANCELLED],
    on: "node",
  },
  {
    name: "a program is started once",
    file: CONNECTOR,
    find: "protected attempt(): Attempt {",
    replace: `static lives = new WeakSet();
  protected attempt(): Attempt {
    if (ProcessConnector.lives.has(this)) {
      this.#reactor.soon(() => this.failed(new Error("once")));
      return { cancel: () => undefined };
    }
    ProcessConnector.lives.add(this);`,
    kills: [AGAIN],
    on: "node",
  },
  {
    name: "an endpoint forgets its options",
    file: ENDPOINT,
    find: "connectProcess(this.#executable, wrapping, this.#options)",
    replace: "connectProcess(this.#executable, wrapping)",
    kills: [CANCELLED],
    on: "node",
  },
];

/** For `connections to processes`. */
export const processConnectionMutants: readonly Mutant[] = [
  ...exits,
  ...transports,
  ...standardError,
  ...attempts,
];
