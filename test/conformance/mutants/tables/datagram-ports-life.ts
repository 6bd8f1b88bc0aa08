/**
 * Reactors that are wrong about the life of ports for datagrams, and what protocols hear of it.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/base/datagram-port.ts";
const LIFE = "reactors/base/port-life.ts";
const MEMORY = "reactors/memory/memory-udp.ts";
const PROTOCOL = "internet/datagram-protocol.ts";
const STOP = "stopListening(): stopProtocol comes later, once, before it fires";
const STOP_TWICE = "stopListening() twice fires twice; once more later, at once";
const STOP_EARLY =
  "stopListening() while binding: closed, listening fails, the protocol never starts";
const AGAIN = "startListening() again: it starts, receives and stops again";
const RESTART = "startListening() from inside stopProtocol listens again";
const STOP_AT_START = "stopListening() from inside startProtocol";
const STOP_AT_DATA = "stopListening() from inside datagramReceived: nothing comes after it";
const START_FAILS = "an exception in startProtocol is logged, closes the port, and is why";
const STOP_FAILS = "an exception in stopProtocol is logged, and the port is closed";
const TWO_PORTS = "one protocol on two ports starts once, and stops after the last";

/** For `ports for datagrams`. */
export const datagramPortLifeMutants: readonly Mutant[] = [
  {
    name: "startListening() while binding binds twice",
    file: LIFE,
    find: 'if (this.#state !== "idle") {',
    replace: 'if (this.#state === "bound") {',
    kills: ["startListening() while listening is refused"],
  },
  {
    name: "stopListening() fires before stopProtocol",
    file: LIFE,
    find:
      "tell();\n    for (const one of waiting) one.errback(why);\n    " +
      "for (const one of closed) one.callback();",
    replace: `for (const one of waiting) one.errback(why);
    for (const one of closed) one.callback();
    tell();`,
    kills: [STOP],
  },
  {
    name: "stopProtocol comes from inside stopListening()",
    file: MEMORY,
    find: "this.#reactor.later(() => this.unbound());",
    replace: "this.unbound();",
    kills: [STOP],
  },
  {
    name: "a protocol keeps the transport that has gone",
    file: PROTOCOL,
    find: ".at(-1) ?? NOT_LISTENING;",
    replace: ".at(-1) ?? transport;",
    kills: [STOP],
  },
  {
    name: "who stops a port last is the one who hears of its end",
    file: LIFE,
    find: "this.#closed.push(closed);",
    replace: "this.#closed = [closed];",
    kills: [STOP_TWICE],
  },
  {
    name: "a port that is closed is closed once more",
    file: LIFE,
    find: 'if (this.#state === "idle") return succeed(undefined);',
    replace: "",
    kills: [STOP_TWICE],
  },
  {
    name: "a port is closed as often as it is stopped",
    file: LIFE,
    find: 'const wasBound = this.#state === "bound";',
    replace: 'const wasBound = this.#state !== "binding";',
    kills: [STOP_TWICE],
    on: "node",
  },
  {
    name: "a port that was stopped while being bound listens",
    file: LIFE,
    find: 'if (this.#state === "closing") return false;',
    replace: "",
    kills: [STOP_EARLY],
  },
  {
    name: "who waits for a port that is stopped waits for ever",
    file: LIFE,
    find: "for (const one of waiting) one.errback(why);",
    replace: "",
    kills: [STOP_EARLY, STOP_AT_START],
  },
  {
    name: "a port that nobody wants any more must still be bound",
    file: LIFE,
    find: 'return this.#waiting.length > 0 || this.#state === "closing";',
    replace: "return this.#waiting.length > 0;",
    kills: ["stopListening() while binding a port that is taken is no failure of the process"],
  },
  {
    name: "a port that was closed is closing for ever",
    file: LIFE,
    find: 'this.#state = "idle";',
    replace: "",
    kills: [AGAIN, RESTART],
  },
  {
    name: "the end of one life is told to those of the life before",
    file: LIFE,
    find: "const closed = this.#closed.splice(0);",
    replace: "const closed = this.#closed;",
    kills: [AGAIN],
  },
  {
    name: "a protocol starts once for ever",
    file: PROTOCOL,
    find: "this.#transports.delete(transport);",
    replace: "",
    kills: [AGAIN],
  },
  {
    name: "the end of one life fails those who wait for the next",
    file: LIFE,
    find: "const waiting = this.#waiting.splice(0);",
    replace: "const waiting = this.#waiting;",
    kills: [RESTART],
  },
  {
    name: "a port is still closing when its protocol is stopped",
    file: LIFE,
    find: 'this.#state = "idle";\n    this.#reactor.closed(this.#port);\n    tell();',
    replace: 'tell();\n    this.#state = "idle";\n    this.#reactor.closed(this.#port);',
    kills: [RESTART],
  },
  {
    name: "a port that is stopped in startProtocol listens",
    file: LIFE,
    find: 'if (this.#state !== "bound") return;',
    replace: "",
    kills: [STOP_AT_START],
  },
  {
    name: "a protocol that stops its port at its start does not hear of it",
    file: PORT,
    find: "this.#started = true;",
    replace: 'this.#started = this.#life.state === "bound";',
    kills: [STOP_AT_START],
  },
  {
    name: "a port stops at the end of the turn",
    file: LIFE,
    find: 'this.#state = "closing";\n    if (wasBound) unbind();',
    replace: `this.#reactor.later(() => {
      this.#state = "closing";
      if (wasBound) unbind();
    });`,
    kills: [STOP_AT_DATA],
  },
  {
    name: "who throws in startProtocol has a port that listens",
    file: PORT,
    find: "this.#life.fail(failure);\n      void this.stopListening();",
    replace: "this.#life.announce();",
    kills: [START_FAILS],
  },
  {
    name: "the exception in startProtocol is not why",
    file: PORT,
    find: "this.#life.fail(failure);",
    replace: "",
    kills: [START_FAILS],
  },
  {
    name: "who throws in startProtocol has started",
    file: PORT,
    find: "if (failure === undefined) {\n      this.#started = true;",
    replace: "this.#started = true;\n    if (failure === undefined) {",
    kills: [START_FAILS],
  },
  {
    name: "an exception in stopProtocol keeps the port from its end",
    file: PORT,
    find: 'this.#reactor.contain(() => this.#protocol.doStop(this), "Error in stopProtocol");',
    replace: "this.#protocol.doStop(this);",
    kills: [STOP_FAILS],
  },
  {
    name: "a protocol starts at each port",
    file: PROTOCOL,
    find: "if (this.#transports.size > 1) return;",
    replace: "",
    kills: [TWO_PORTS],
  },
  {
    name: "a protocol stops at each port",
    file: PROTOCOL,
    find: "if (this.#transports.size === 0) this.stopProtocol();",
    replace: "this.stopProtocol();",
    kills: [TWO_PORTS],
  },
  {
    name: "the transport is that of the first port",
    file: PROTOCOL,
    find: "this.transport = transport;\n    if",
    replace: "if (this.#transports.size === 1) this.transport = transport;\n    if",
    kills: [TWO_PORTS],
  },
  {
    name: "the transport that is left is none",
    file: PROTOCOL,
    find: "this.transport = [...this.#transports].at(-1) ?? NOT_LISTENING;",
    replace: "this.transport = NOT_LISTENING;",
    kills: [TWO_PORTS],
  },
  {
    name: "the reactor's books do not have ports for datagrams",
    file: LIFE,
    find: "this.#reactor.opened(this.#port);",
    replace: "",
    kills: ["a reactor that stops closes its ports, and their protocols hear it"],
  },
];
