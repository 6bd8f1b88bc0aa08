/**
 * Reactors that are wrong about what a program is given, and how its life is told.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/process-transport.ts";
const ORDER = "reactors/base/spawn-order.ts";
const PROCESS = "reactors/node/process/node-process.ts";
const FAILURE = "reactors/node/process/spawn-failure.ts";
const LIFE = "a process lives: made, data, each pipe lost, exited, ended last";
const TRANSPORT_KNOWN = "the transport is set before connectionMade(), and knows its protocol";
const DONE = "exit 0 is ProcessDone, for processExited() and processEnded()";
const CODE = "another exit is ProcessTerminated, with the code";
const HELD = "processEnded() waits for who holds the output, processExited() does not";
const CLOSED = "processEnded() waits for the exit, also when all pipes are closed";
const MISSING = "a program that is not there: SpawnError, later, and nothing else";
const NO_PROGRAM = "a file that is no program, and a working directory that is none: SpawnError";
const TOO_LONG = "arguments that are too long: SpawnError";
const REFUSED = "what cannot be handed to a program is refused at once";
const ARGUMENTS = "arguments arrive as they are";
const ENVIRONMENT = "env is all that it finds; empty is empty";
const THROWN = "what the protocol throws is logged, and ends the process";
const THROWN_LATE = "what processExited() and processEnded() throw is logged";
const LEFT = "the reactor stops: pipes are closed, the process is left, its protocol is told";
const END_AT_STOP = "endAtStop: the reactor terminates it, and waits";

const life: readonly Mutant[] = [
  {
    name: "connectionMade() comes from inside spawnProcess()",
    file: TRANSPORT,
    find: 'this.#reactor.soon(() => {\n      this.#guard("connectionMade"',
    replace: '[0].forEach(() => {\n      this.#guard("connectionMade"',
    kills: [LIFE],
    on: "node",
  },
  {
    name: "the ends of pipes are not told",
    file: TRANSPORT,
    find: "this.#protocol.childConnectionLost(pipe.fd, reason)",
    replace: "undefined",
    kills: [LIFE],
    on: "node",
  },
  {
    name: "all output is standard output",
    file: TRANSPORT,
    find: "this.#protocol.childDataReceived(pipe.fd, data)",
    replace: "this.#protocol.childDataReceived(1, data)",
    kills: [LIFE],
    on: "node",
  },
  {
    name: "the protocol has another transport than the caller",
    file: TRANSPORT,
    find: "this.#protocol.makeConnection(this)",
    replace: "this.#protocol.makeConnection(Object.create(this))",
    kills: [TRANSPORT_KNOWN],
    on: "node",
  },
  {
    name: "the transport does not know its protocol",
    file: TRANSPORT,
    find: "return this.#protocol;",
    replace: "return undefined;",
    kills: [TRANSPORT_KNOWN],
    on: "node",
  },
  {
    name: "an exit with 0 is one like any other",
    file: TRANSPORT,
    find: "how.exitCode === 0 && how.signal === undefined",
    replace: "false",
    kills: [DONE],
    on: "node",
  },
  {
    name: "the end has a reason of its own",
    file: TRANSPORT,
    find: "this.#protocol.processEnded(reason)",
    replace: "this.#protocol.processEnded(new Failure(reason.value))",
    kills: [DONE],
    on: "node",
  },
  {
    name: "every exit is in good order",
    file: TRANSPORT,
    find: "how.exitCode === 0 && how.signal === undefined",
    replace: "how.signal === undefined",
    kills: [CODE, "without pipes the exit is the end"],
    on: "node",
  },
  {
    name: "an exit code has seven bits",
    file: PROCESS,
    find: "exitCode: code ?? undefined",
    replace: "exitCode: (code ?? 0) & 127",
    kills: [CODE],
    on: "node",
  },
  {
    name: "signals have no names",
    file: PROCESS,
    find: "signal: signal ?? undefined",
    replace: "signal: undefined",
    kills: ["a signal that ends it is ProcessTerminated, with its name"],
    on: "node",
  },
  {
    name: "a signal is told as the shell does",
    file: PROCESS,
    find: "this.exited({ exitCode: code ?? undefined, signal: signal ?? undefined });",
    replace: "this.exited({ exitCode: code ?? 143 });",
    kills: ["a signal that ends it is ProcessTerminated, with its name"],
    on: "node",
  },
  {
    name: "the exit is the end",
    file: TRANSPORT,
    find: "reason === undefined || this.#pipes.size > 0",
    replace: "reason === undefined",
    kills: [HELD],
    on: "node",
  },
  {
    name: "the exit is told when all pipes are closed",
    file: TRANSPORT,
    find: "protected exited(how: ProcessTermination): void {",
    replace: `protected exited(how: ProcessTermination): void {
    if (this.#pipes.size > 0) {
      this.#reactor.callLater(0.01, () => this.exited(how));
      return;
    }`,
    kills: [HELD],
    on: "node",
  },
  {
    name: "the end of all pipes is the end",
    file: TRANSPORT,
    find: "const reason = this.#exit ?? this.#left;",
    replace: "const reason = this.#exit ?? this.#left ?? new Failure(new ConnectionLost());",
    kills: [CLOSED],
    on: "node",
  },
  {
    name: "only a pipe brings the end",
    file: TRANSPORT,
    find: 'this.#message("processExited"),\n    );\n    this.#endIfOver();',
    replace: 'this.#message("processExited"),\n    );',
    kills: [CLOSED, "without pipes the exit is the end", MISSING],
    on: "node",
  },
  {
    name: "processes share their pipes",
    file: TRANSPORT,
    find: "readonly #pipes = new Map<number, ChildPipe>();",
    replace: "static shared = new Map();\n  readonly #pipes = ProcessTransport.shared;",
    kills: ["ten at once keep their bytes and their ends apart"],
    on: "node",
  },
];

const starts: readonly Mutant[] = [
  {
    name: "a program that is not there has begun",
    file: TRANSPORT,
    find: "this.#reactor.soon(() => this.#tellExit(new Failure(error)));",
    replace: `this.#reactor.soon(() => {
      this.#protocol.makeConnection(this);
      this.#tellExit(new Failure(error));
    });`,
    kills: [MISSING],
    on: "node",
  },
  {
    name: "a program that is not there is an error of Node",
    file: PROCESS,
    find: 'child.once("error", (error) => this.notStarted(spawnFailure(this.#order, error)));',
    replace: 'child.once("error", (error) => this.notStarted(error));',
    kills: [MISSING, NO_PROGRAM],
    on: "node",
  },
  {
    name: "what is written to nobody does not count",
    file: TRANSPORT,
    find: "if (pipe === undefined) this.#droppedBytes += Buffer.byteLength(data);",
    replace: "if (pipe === undefined) return;",
    kills: [MISSING],
    on: "node",
  },
  {
    name: "who never began can be signalled",
    file: TRANSPORT,
    find: "if (this.#pid !== undefined) return;",
    replace: "return;",
    kills: [MISSING],
    on: "node",
  },
  {
    name: "what cannot be started is thrown",
    file: PROCESS,
    find: "if (!isSystemError(error)) throw error;",
    replace: "throw error;",
    kills: [NO_PROGRAM, TOO_LONG],
    on: "node",
  },
  {
    name: "whatever fails, the program is missing",
    file: FAILURE,
    find: 'cause.code ?? "UNKNOWN"',
    replace: '"ENOENT"',
    kills: [TOO_LONG],
    on: "node",
  },
  {
    name: "a terminal with descriptors besides is one",
    file: ORDER,
    find: "if (usePTY !== false && childFDs !== undefined) {",
    replace: "if (false) {",
    kills: [REFUSED],
    on: "node",
  },
  {
    name: "any number is a descriptor",
    file: ORDER,
    find: "return Number.isInteger(value) && value >= 0 && value <= max;",
    replace: "return value <= max;",
    kills: [REFUSED],
    on: "node",
  },
  {
    name: "any number of seconds will do until KILL",
    file: ORDER,
    find: "checkedDelay(options.killTimeout ?? KILL_TIMEOUT)",
    replace: "options.killTimeout ?? KILL_TIMEOUT",
    kills: [REFUSED],
    on: "node",
  },
  {
    name: "any number is a limit",
    file: ORDER,
    find: "...checkedLimits(rest),",
    replace: "...rest,",
    kills: [REFUSED],
    on: "node",
  },
  {
    name: "a NUL is an end like any other",
    file: ORDER,
    find: 'if (!text.includes("\\0")) return;',
    replace: 'if (!text.includes("\\0")) return;\n  throw new RangeError("a NUL");',
    kills: [REFUSED],
    on: "node",
  },
  {
    name: "a program has the name of its file",
    file: PROCESS,
    find: "argv0: argv0 ?? order.executable",
    replace: "argv0: order.executable",
    kills: ["args[0] is what it takes for its own name"],
    on: "node",
  },
  {
    name: "empty arguments are left out",
    file: PROCESS,
    find: "spawn(order.executable, rest, {",
    replace: 'spawn(order.executable, rest.filter((arg) => arg !== ""), {',
    kills: [ARGUMENTS],
    on: "node",
  },
  {
    name: "arguments are trimmed",
    file: PROCESS,
    find: "spawn(order.executable, rest, {",
    replace: "spawn(order.executable, rest.map((arg) => arg.trim()), {",
    kills: [ARGUMENTS],
    on: "node",
  },
  {
    name: "arguments are words for a shell",
    file: PROCESS,
    find: "windowsHide: true,",
    replace: "shell: true,",
    kills: [ARGUMENTS],
    on: "node",
  },
  {
    name: "env comes on top of ours",
    file: PROCESS,
    find: "...(env !== undefined && { env }),",
    replace: "...(env !== undefined && { env: { ...process.env, ...env } }),",
    kills: [ENVIRONMENT],
    on: "node",
  },
  {
    name: "an empty env is none",
    file: PROCESS,
    find: "...(env !== undefined && { env }),",
    replace: "...(env !== undefined && Object.keys(env).length > 0 && { env }),",
    kills: [ENVIRONMENT],
    on: "node",
  },
  {
    name: "without env there is none",
    file: PROCESS,
    find: "...(env !== undefined && { env }),",
    replace: "env: env ?? {},",
    kills: ["without env it finds ours"],
    on: "node",
  },
  {
    name: "a name is looked for in our PATH",
    file: PROCESS,
    find: "...(env !== undefined && { env }),",
    replace: '...(env !== undefined && { env: { ...env, PATH: process.env["PATH"] } }),',
    kills: ["a name is looked for in the PATH of env"],
    on: "node",
  },
  {
    name: "a program works where we do",
    file: PROCESS,
    find: "...(path !== undefined && { cwd: path }),",
    replace: "",
    kills: ["path is where it works", NO_PROGRAM],
    on: "node",
  },
];

const ends: readonly Mutant[] = [
  {
    name: "a process outlives what its protocol throws",
    file: TRANSPORT,
    find: "if (this.#exit === undefined) void this.#terminateAnyway();",
    replace: "",
    kills: [THROWN],
    on: "node",
  },
  {
    name: "nobody hears what its protocol threw",
    file: TRANSPORT,
    find: "const cause = this.#thrown === undefined ? {} : { cause: this.#thrown };",
    replace: "const cause = {};",
    kills: [THROWN],
    on: "node",
  },
  {
    name: "what its protocol throws is not logged",
    file: TRANSPORT,
    find: "const failure = this.#reactor.contain(f, this.#message(where));",
    replace: `let failure;
    try {
      f();
    } catch (error) {
      failure = Failure.of(error);
    }`,
    kills: [THROWN],
    on: "node",
  },
  {
    name: "what processExited() throws is not contained",
    file: TRANSPORT,
    find: `this.#reactor.contain(
      () => this.#protocol.processExited(reason),
      this.#message("processExited"),
    );`,
    replace: "this.#protocol.processExited(reason);",
    kills: [THROWN_LATE],
    on: "node",
  },
  {
    name: "what processEnded() throws is not contained",
    file: TRANSPORT,
    find:
      "this.#reactor.contain(() => this.#protocol.processEnded(reason), " +
      'this.#message("processEnded"));',
    replace: "this.#protocol.processEnded(reason);",
    kills: [THROWN_LATE],
    on: "node",
  },
  {
    name: "the reactor's stop ends every process",
    file: TRANSPORT,
    find: "this.#exit === undefined && this.#order.endAtStop",
    replace: "this.#exit === undefined",
    kills: [LEFT],
    on: "node",
  },
  {
    name: "who is left has exited in good order",
    file: TRANSPORT,
    find: "this.#left = reason;",
    replace: "this.#left = new Failure(new ProcessDone());",
    kills: [LEFT],
    on: "node",
  },
  {
    name: "endAtStop is ignored",
    file: TRANSPORT,
    find: "this.#exit === undefined && this.#order.endAtStop",
    replace: "false",
    kills: [END_AT_STOP],
    on: "node",
  },
  {
    name: "the reactor's stop does not wait for a process",
    file: TRANSPORT,
    find: "return over;",
    replace: "return succeed(undefined);",
    kills: [END_AT_STOP],
    on: "node",
  },
  {
    name: "a reactor that closes what is open opens a process",
    file: TRANSPORT,
    find: "if (reactor.closing) {",
    replace: "if (false) {",
    kills: ["a protocol that starts again when all ends is refused by the stop"],
    on: "node",
  },
  {
    name: "loseConnection() closes the first three",
    file: TRANSPORT,
    find: "for (const pipe of this.#pipes.values()) pipe.transport.loseConnection();",
    replace: `for (const pipe of this.#pipes.values()) {
      if (pipe.fd < 3) pipe.transport.loseConnection();
    }`,
    kills: ["loseConnection() closes every pipe; most programs end of it"],
    on: "node",
  },
];

/** For `processes`. */
export const processMutants: readonly Mutant[] = [...life, ...starts, ...ends];
