/**
 * Reactors that are wrong about the life of a connection.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const CONNECTOR = "reactors/base/connector.ts";
const WIRE = "reactors/memory/memory-wire.ts";
const TELL = 'this.#guard("connectionLost", () => this.#protocol?.connectionLost(reason));';

/** For `the life of a connection`. */
export const lifeMutants: readonly Mutant[] = [
  {
    name: "connectionLost() comes twice",
    file: TRANSPORT,
    find: TELL,
    replace: `${TELL}\n    ${TELL}`,
    kills: ["connectionMade, dataReceived, connectionLost: each side in order"],
  },
  {
    name: "a transport is not connected before connectionMade() has returned",
    file: TRANSPORT,
    find: "this.#connected = true;",
    replace: "this.#reactor.soon(() => (this.#connected = true));",
    kills: ["the transport is set, connected and known before connectionMade()"],
  },
  {
    name: "what has ended is not disconnected",
    file: TRANSPORT,
    find: "this.#disconnected = true;",
    replace: "",
    kills: ["connected, disconnecting, disconnected: at each step"],
  },
  {
    name: "a peer that is gone has no address",
    file: WIRE,
    find: "return this.#peer;",
    replace: "return this.#gone ? this.#host : this.#peer;",
    kills: ["addresses are known after the end"],
  },
  {
    name: "a connection that has ended can end once more",
    file: TRANSPORT,
    find: "this.#connected = false;\n    this.#disconnected = true;",
    replace: `this.#connected = !this.#disconnected;
    if (this.#connected) this.#reason = undefined;
    this.#disconnected = true;`,
    kills: [
      "nothing is called after connectionLost(), whatever is asked",
      "requests from inside connectionLost() do nothing",
    ],
  },
  {
    name: "TCP's switches are stuck",
    file: WIRE,
    find: "this.#noDelay = enabled;",
    replace: "",
    kills: ["TCP's switches read as they were set"],
  },
  {
    name: "a close that crosses the peer's is a loss",
    file: WIRE,
    find: "protected closeConnection(): void {",
    replace: `protected closeConnection(): void {
    if (this.#in.end === "fin") this.connectionFailed(new Error("the peer has closed"));`,
    kills: ["both sides closing at once is ConnectionDone for both"],
  },
  {
    name: "a port keeps the last of many connections",
    file: "reactors/base/listening-port.ts",
    find: "this.#connections.delete(transport);",
    replace: "if (this.#connections.size > 1) this.#connections.delete(transport);",
    kills: ["a hundred connections made and lost leave nothing behind"],
  },
  {
    name: "the timeouts of attempts stay",
    file: CONNECTOR,
    find: "if (this.#alarm?.active === true) this.#alarm.cancel();",
    replace: "",
    kills: ["a hundred connections made and lost leave nothing behind"],
  },
];
