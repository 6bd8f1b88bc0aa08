/**
 * Reactors that are wrong about how ports for datagrams begin: numbers, interfaces, limits.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/base/datagram-port.ts";
const LIFE = "reactors/base/port-life.ts";
const MEMORY = "reactors/memory/memory-udp.ts";
const NODE = "reactors/node/udp-port.ts";
const PROTOCOL = "internet/datagram-protocol.ts";
const SWITCHES = "reactors/base/datagram-switches.ts";
const LISTENING = "listening fires with the port, and getHost() has its number";
const START = "startProtocol comes later, once, with the transport bound, before listening fires";
const TAKEN = "a port that is taken fails with CannotListenError, and its protocol never starts";
const FREE = "a number is free again once stopListening() has fired";
const SHARED = "listenMultiple: several ports share a number, if all of them say so";
const NUMBERS = "port numbers that there are not are refused";
const INTERFACE = "an interface that is no IP address is refused at once";
const LIMITS = "limits that are none are refused at once";
const STOP_EARLY =
  "stopListening() while binding: closed, listening fails, the protocol never starts";

/** For `ports for datagrams`, with those about their life. */
export const datagramPortMutants: readonly Mutant[] = [
  {
    name: "listening fires with nothing",
    file: LIFE,
    find: "one.callback(this.#port);",
    replace: "one.callback();",
    kills: [LISTENING],
  },
  {
    name: "who asks late waits for ever",
    file: LIFE,
    find: 'if (this.#state === "bound" && this.#announced) return succeed(this.#port);',
    replace: "",
    kills: [LISTENING],
  },
  {
    name: "a port does not learn its number",
    file: PORT,
    find: "this.#host = host;",
    replace: "",
    kills: [LISTENING, START],
  },
  {
    name: "listening fires before the protocol has started",
    file: PORT,
    find: "this.#catchUp();\n",
    replace: "this.#catchUp();\n    this.#life.announce();\n",
    kills: [START],
  },
  {
    name: "a port is bound from inside listenUDP()",
    file: MEMORY,
    find: "this.#reactor.soon(() => {\n      this.#number =",
    replace: "((f) => f())(() => {\n      this.#number =",
    kills: [START],
  },
  {
    name: "the protocol starts before it has its transport",
    file: PROTOCOL,
    find: "this.transport = transport;\n    if",
    replace: "queueMicrotask(() => (this.transport = transport));\n    if",
    kills: [START],
  },
  {
    name: "all who ask for listening share a Deferred",
    file: LIFE,
    find: "const deferred = new Deferred<Port>();",
    replace: `if (this.#waiting[0] !== undefined) return this.#waiting[0];
    const deferred = new Deferred<Port>();`,
    kills: ["each who asks for listening has a Deferred of one's own"],
  },
  {
    name: "all ports without a number get the same one",
    file: MEMORY,
    find: "this.#ephemeralPort() : asked;\n    const there = this.#bound.get(number) ?? [];",
    replace: "49_152 : asked;\n    const there = (asked !== 0 && this.#bound.get(number)) || [];",
    kills: ["two ports have two numbers"],
  },
  {
    name: "a number that is taken is taken over",
    file: MEMORY,
    find: "if (there.some((other) => other.isInTheWayOf(port))) return undefined;",
    replace: "",
    kills: [TAKEN],
  },
  {
    name: "the error does not have the number",
    file: MEMORY,
    find: "new CannotListenError(name, this.#asked, ",
    replace: "new CannotListenError(name, 0, ",
    kills: [TAKEN],
  },
  {
    name: "the protocol of a port that could not be bound is stopped",
    file: PORT,
    find: "if (!started) return;",
    replace: "",
    kills: [TAKEN, STOP_EARLY],
  },
  {
    name: "who asks after a failure waits for ever",
    file: LIFE,
    find: "if (this.#failure !== undefined) return fail(this.#failure);",
    replace: "",
    kills: [TAKEN],
  },
  {
    name: "a port that could not be bound has failed for ever",
    file: LIFE,
    find: "this.#failure = undefined;",
    replace: "",
    kills: ["a port that could not be bound may try again"],
  },
  {
    name: "a port that could not be bound is in the way of the next attempt",
    file: PORT,
    find: "const isObserved = this.#life.fail(new Failure(error));\n    this.#end();",
    replace: "const isObserved = this.#life.fail(new Failure(error));",
    kills: [TAKEN, "a port that could not be bound may try again"],
  },
  {
    name: "stopListening() fires before the number is free",
    file: MEMORY,
    find: "if (this.#number !== undefined) this.#datagrams.unbind(this, this.#number);",
    replace: `const number = this.#number;
    this.#reactor.callLater(0.01, () => this.#datagrams.unbind(this, number));`,
    kills: [FREE],
  },
  {
    name: "a port that goes keeps its number, and takes that of the others",
    file: MEMORY,
    find: "filter((other) => other !== port);",
    replace: "filter((other) => other === port);",
    kills: [FREE],
  },
  {
    name: "a number is shared if one of the ports says so",
    file: MEMORY,
    find: "if (this.#options.listenMultiple === true && other.#options.listenMultiple === true) {",
    replace:
      "if (this.#options.listenMultiple === true || other.#options.listenMultiple === true) {",
    kills: [SHARED],
  },
  {
    name: "no number is shared",
    file: MEMORY,
    find: "if (this.#options.listenMultiple === true && other.#options.listenMultiple === true) {",
    replace: "if (false) {",
    kills: [SHARED],
  },
  {
    name: "the socket shares its number unasked",
    file: NODE,
    find: "reuseAddr: listenMultiple ?? false,",
    replace: "reuseAddr: listenMultiple ?? true,",
    kills: [TAKEN, SHARED],
    on: "node",
  },
  {
    name: "there is a port 65536",
    file: "internet/ports.ts",
    find: "port <= 65_535)",
    replace: "port <= 65_536)",
    kills: [NUMBERS],
  },
  {
    name: "half a port is one",
    file: "internet/ports.ts",
    find: "if (Number.isInteger(port) && ",
    replace: "if (",
    kills: [NUMBERS],
  },
  {
    name: "a name is taken for an IPv4 address",
    file: "reactors/base/datagram-destination.ts",
    find: 'const family = host === "" ? 4 : ipFamily(host);',
    replace: "const family = ipFamily(host) || 4;",
    kills: [INTERFACE],
  },
  {
    name: "NaN is a limit",
    file: SWITCHES,
    find: "if (!(limit >= 0)) {",
    replace: "if (limit < 0) {",
    kills: [LIMITS],
  },
  {
    name: "a buffer of no bytes is one",
    file: SWITCHES,
    find: "Number.isInteger(size) && size > 0",
    replace: "Number.isInteger(size) && size >= 0",
    kills: [LIMITS],
  },
  {
    name: "half a byte is the size of a buffer",
    file: SWITCHES,
    find: "Number.isInteger(size) && size > 0",
    replace: "size > 0",
    kills: [LIMITS],
  },
];
