/**
 * Reactors that are wrong about UNIX sockets.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/memory/memory-port.ts";
const CONNECTOR = "reactors/memory/memory-connector.ts";
const WIRE = "reactors/memory/memory-wire.ts";
const LISTENING = "reactors/base/listening-port.ts";
const ADDRESSES = "the server's end has the path, the client's has no name";
const TAKEN = "a path that is taken fails with CannotListenError, which names it";
const ABSTRACT_TAKEN = "an abstract name that is taken fails with CannotListenError";
const LATE_STOP = "stopListening() while a path is being bound leaves it free";

/** For `UNIX sockets`. */
export const unixMutants: readonly Mutant[] = [
  {
    name: "a port does not know its path",
    file: PORT,
    find: "new UNIXAddress(place)",
    replace: 'new UNIXAddress("")',
    kills: ["listenUNIX(): listening fires with the port, and getHost() has the path", ADDRESSES],
  },
  {
    name: "a close is a reset",
    file: WIRE,
    find: "protected closeConnection(): void {",
    replace:
      "protected closeConnection(): void {\n    if (!this.#gone) return this.resetConnection();",
    kills: ["connectUNIX(): bytes go both ways, and a close is an end"],
  },
  {
    name: "half a close is a whole one",
    file: WIRE,
    find: "protected shutdownWriting(): void {",
    replace: "protected shutdownWriting(): void {\n    this.#gone = true;",
    kills: ["half a close: the other half goes on"],
  },
  {
    name: "a client has the name of its server",
    file: CONNECTOR,
    find: '? new UNIXAddress("")',
    replace: "? new UNIXAddress(this.#port)",
    kills: [ADDRESSES],
  },
  {
    name: "a connector's destination has no name",
    file: CONNECTOR,
    find: "return new UNIXAddress(port);",
    replace: 'return new UNIXAddress("");',
    kills: ["a connector's destination is the path"],
  },
  {
    name: "an attempt that is given up goes on",
    file: CONNECTOR,
    find: "open = false;",
    replace: "",
    kills: ["stopConnecting() gives up connectUNIX(): UserError, and no protocol"],
  },
  {
    name: "a path that is taken is taken over",
    file: PORT,
    find: "if (this.#network.bound.has(port)) {",
    replace: 'if (typeof port === "number" && this.#network.bound.has(port)) {',
    kills: [TAKEN, ABSTRACT_TAKEN],
  },
  {
    name: "the error does not have the path",
    file: PORT,
    find: "new CannotListenError(name, port, ",
    replace: "new CannotListenError(name, 0, ",
    kills: [TAKEN, ABSTRACT_TAKEN],
  },
  {
    name: "a path is kept for ever",
    file: PORT,
    find: "this.#network.bound.delete(this.#place);",
    replace: 'if (typeof this.#place === "number") this.#network.bound.delete(this.#place);',
    kills: [
      "a path is free again when stopListening() has fired",
      "startListening() again listens at the same path",
      LATE_STOP,
      "an abstract name is free again when stopListening() has fired",
    ],
  },
  {
    name: "who is stopped while being bound stays bound",
    file: LISTENING,
    find: 'if (this.#state === "closing") {\n      this.unbind();',
    replace: 'if (this.#state === "closing") {\n      this.unbound();',
    kills: [LATE_STOP],
  },
  {
    name: "a port takes its connections with it",
    file: PORT,
    find: "this.#reactor.later(() => this.unbound());",
    replace: `for (const one of this.connections) one.loseConnection();
    this.#reactor.later(() => this.unbound());`,
    kills: ["connections over a UNIX socket live on after stopListening()"],
  },
  {
    name: "whoever came first gets every connection",
    file: CONNECTOR,
    find: "if (open && port !== undefined) this.#connect(port);",
    replace: "if (open && port) this.#connect([...this.#network.bound.values()][0]);",
    kills: ["two ports at two paths have their own connections"],
  },
  {
    name: "one more than maxConnections is let in",
    file: LISTENING,
    find: "if (this.#connections.size < this.#max) return false;",
    replace: "if (this.#connections.size <= this.#max) return false;",
    kills: ["listenUNIX(): one more than maxConnections is closed at once"],
  },
  {
    name: "a NUL may be anywhere in an address",
    file: "internet/unix-names.ts",
    find: 'if (name !== "" && (isAbstract(name) || !name.includes("\\0"))) return name;',
    replace: 'if (name !== "") return name;',
    kills: ["addresses that are none are refused, and nothing is begun"],
  },
  {
    name: "an empty address is one",
    file: "internet/unix-names.ts",
    find: 'if (name !== "" && (',
    replace: "if ((",
    kills: ["addresses that are none are refused, and nothing is begun"],
  },
  {
    name: "any number is a mode",
    file: "reactors/memory/memory-reactor.ts",
    find: "checkedMode(options.mode ?? 0);",
    replace: "",
    kills: ["modes that are none are refused, and nothing is begun"],
  },
  {
    name: "any number is a limit of a port",
    file: PORT,
    find: "checkedLimits(options).maxConnections",
    replace: "options.maxConnections",
    kills: ["limits over UNIX sockets that are none are refused"],
  },
  {
    name: "an abstract name is shown with its NUL",
    file: "internet/addresses.ts",
    find: 'this.name.replaceAll("\\0", "@")',
    replace: "this.name",
    kills: ["an abstract name carries bytes, and is shown with an @"],
  },
  {
    name: "the message has the NUL of an abstract name",
    file: "internet/errors.ts",
    find: 'Cannot listen on ${where}: ${why}`.replaceAll("\\0", "@")',
    replace: "Cannot listen on ${where}: ${why}`",
    kills: [ABSTRACT_TAKEN],
  },
];
