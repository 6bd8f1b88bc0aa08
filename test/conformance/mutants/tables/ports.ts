/**
 * Reactors that are wrong about ports.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/base/listening-port.ts";
const MEMORY_PORT = "reactors/memory/memory-port.ts";
const MEMORY_CONNECTOR = "reactors/memory/memory-connector.ts";
const DO_STOP = 'this.#reactor.contain(() => this.#factory.doStop(), "Error in stopFactory");';

/** For `ports`. */
export const portMutants: readonly Mutant[] = [
  {
    name: "listening fires with nothing",
    file: PORT,
    find: "for (const one of this.#waiting.splice(0)) one.callback(this);",
    replace: "for (const one of this.#waiting.splice(0)) one.callback();",
    kills: ["listening fires with the port, and getHost() has its number"],
  },
  {
    name: "all who ask for listening share a Deferred",
    file: PORT,
    find: "const deferred = new Deferred<IListeningPort>();",
    replace: `if (this.#waiting[0] !== undefined) return this.#waiting[0];
    const deferred = new Deferred<IListeningPort>();`,
    kills: ["each who asks for listening has a Deferred of one's own"],
  },
  {
    name: "all ports without a number get the same one",
    file: MEMORY_PORT,
    find:
      "this.#network.ephemeralPort() : this.#asked;\n      if " +
      "(this.#network.bound.has(port)) {",
    replace:
      "49_152 : this.#asked;\n      if (this.#asked !== 0 && this.#network.bound.has(port)) {",
    kills: ["two ports have two numbers"],
  },
  {
    name: "the factory of a port that could not be bound is not stopped",
    file: PORT,
    find: DO_STOP,
    replace: `if (this.#failure === undefined) ${DO_STOP}`,
    kills: ["a port that is taken fails with CannotListenError, and stops its factory"],
  },
  {
    name: "a port that could not be bound has failed for ever",
    file: PORT,
    find: "this.#failure = undefined;",
    replace: "",
    kills: ["a port that could not be bound may try again"],
  },
  {
    name: "a late asker never hears of a failure",
    file: PORT,
    find: "if (this.#failure !== undefined) return fail(this.#failure);",
    replace: "",
    kills: ["a late asker hears of the failure too"],
  },
  {
    name: "there is a port 65536",
    file: "internet/ports.ts",
    find: "port <= 65_535)",
    replace: "port <= 65_536)",
    kills: ["port numbers that there are not are refused"],
  },
  {
    name: "startListening() while binding binds twice",
    file: PORT,
    find: 'if (this.#state !== "idle") {',
    replace: 'if (this.#state === "bound") {',
    kills: ["startListening() while listening is refused"],
  },
  {
    name: "a closed port is still reached",
    file: MEMORY_PORT,
    find: "this.#network.bound.delete(this.#place);",
    replace: "",
    kills: ["after stopListening() nobody gets in"],
  },
  {
    name: "a refused connection does not tell where it was to go",
    file: MEMORY_CONNECTOR,
    find: "return new ConnectionRefusedError(message, destination);",
    replace: "return new ConnectionRefusedError(message);",
    kills: ["a connection to a closed port is refused"],
  },
  {
    name: "a port takes its connections with it",
    file: PORT,
    find: "protected unbound(): void {",
    replace:
      "protected unbound(): void {\n    for (const one of this.#connections) one.loseConnection();",
    kills: ["connections live on after stopListening()"],
  },
  {
    name: "only the first who stops a port hears of its end",
    file: PORT,
    find: "void this.#closed.addBoth(() => closed.callback());",
    replace: "",
    kills: ["stopListening() twice fires twice; once more later, at once"],
  },
  {
    name: "who waits for a port that is stopped waits for ever",
    file: PORT,
    find: "for (const one of waiting) one.errback(why);",
    replace: "",
    kills: ["stopListening() while binding: closed, and listening fails"],
  },
  {
    name: "a port that nobody wants any more must still be bound",
    file: PORT,
    find: 'this.#waiting.length === 0 && this.#state !== "closing";',
    replace: "this.#waiting.length === 0;",
    kills: ["stopListening() while binding a port that is taken is no failure of the process"],
  },
  {
    name: "a port that was closed is closing for ever",
    file: PORT,
    find: 'this.#state = "idle";',
    replace: "",
    kills: ["startListening() again: it accepts again"],
  },
  {
    name: "stopListening() fires at once in the second life",
    file: PORT,
    find: "this.#closed = undefined;",
    replace: "",
    kills: ["stopListening() fires in each life of a port"],
  },
  {
    name: "the end of one life fails those who wait for the next",
    file: PORT,
    find: "const waiting = this.#waiting.splice(0);",
    replace: "const waiting = this.#waiting;",
    kills: ["startListening() from inside stopFactory() listens again"],
  },
  {
    name: "a port that is stopped in buildProtocol() refuses what was built",
    file: PORT,
    find: "this.#connections.add(transport);",
    replace: 'if (this.#state !== "bound") return refuse();\n    this.#connections.add(transport);',
    kills: ["stopListening() from inside buildProtocol() and connectionMade()"],
  },
];
