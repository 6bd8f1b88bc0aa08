/**
 * Reactors that are wrong about datagrams: what is written, and what comes of it.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/base/datagram-port.ts";
const DESTINATION = "reactors/base/datagram-destination.ts";
const MEMORY = "reactors/memory/memory-udp.ts";
const WHOLE = "a datagram comes whole, with the address of its sender";
const ANSWER = "an answer goes to the address that a datagram came with";
const EACH = "each write is one datagram, and each datagram one call";
const OWN = "received bytes are the receiver's: later datagrams do not change them";
const REFUSED = "what is neither bytes nor text is refused at once";
const LATE = "what is written after stopListening() is dropped and counted, and no error";
const LAST_WORDS = "what is written right before stopListening() still leaves";
const EXCEPTION = "an exception in datagramReceived is logged, and the next datagram comes";
const UNHEARD = "datagrams that nobody hears are nobody's business";
const FLOOD = "garbage and floods leave a port as it was";
const FIGURES = "the figures are 0 when nothing went wrong";
const TTL = "the TTL of datagrams to one host: the system's unless it is set, 1 to 255";
const BROADCAST = "broadcasting is not allowed unless it is said, and then stays so";
const NO_LEAVE = "a broadcast without leave fails: counted, and told once";
const LEAVE = 'a broadcast with leave comes to a port on every address, and "<broadcast>" is one';

/** For `datagrams`, with those about bounds. */
export const datagramMutants: readonly Mutant[] = [
  {
    name: "bytes go through text",
    file: MEMORY,
    find: "const data = Buffer.from(bytes);",
    replace: 'const data = Buffer.from(Buffer.from(bytes).toString("utf8"));',
    kills: [WHOLE],
  },
  {
    name: "addresses are of TCP",
    file: DESTINATION,
    find: 'return new IPv4Address("UDP", host, port);',
    replace: 'return new IPv4Address("TCP", host, port);',
    kills: [WHOLE],
  },
  {
    name: "a datagram comes with the number it was sent to",
    file: MEMORY,
    find: "take({ data, source }: MemoryDatagram): void {\n    this.received(data, source);",
    replace: `take({ data, source, destination }: MemoryDatagram): void {
    this.received(data, udpAddress(source.host, destination.port));`,
    kills: [WHOLE, ANSWER],
  },
  {
    name: "text is sent as Latin-1",
    file: DESTINATION,
    find: 'const bytes = typeof data === "string" ? Buffer.from(data) : data;',
    replace: 'const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;',
    kills: ["text is sent as UTF-8"],
  },
  {
    name: "all that is sent is put into one buffer",
    file: MEMORY,
    find: "const data = Buffer.from(bytes);",
    replace: `this.pool ??= Buffer.alloc(65_535);
    const data = this.pool.subarray(0, bytes.length);
    data.set(bytes);`,
    kills: [EACH, OWN],
  },
  {
    name: "all that comes is put into one buffer",
    file: MEMORY,
    find: "this.received(data, source);",
    replace: `this.buffer ??= Buffer.alloc(65_535);
    this.buffer.set(data);
    this.received(this.buffer.subarray(0, data.length), source);`,
    kills: [OWN],
  },
  {
    name: "of the datagrams of one turn the last one leaves",
    file: MEMORY,
    find: "if (!this.#stalled) this.#sendNow(data, destination);",
    replace: `if (!this.#stalled) {
      this.next = data;
      this.#reactor.soon(() => {
        if (this.next === data) this.#sendNow(data, destination);
      });
    }`,
    kills: [EACH],
  },
  {
    name: "writeSequence() writes one after the other",
    file: PORT,
    find: "this.write(joined(data), address);",
    replace: "for (const one of data) this.write(one, address);",
    kills: ["writeSequence() is one datagram"],
  },
  {
    name: "an empty datagram is none",
    file: PORT,
    find: "if (data.length > this.#maxPacketSize) {",
    replace: "if (data.length === 0) return;\n    if (data.length > this.#maxPacketSize) {",
    kills: ["an empty datagram comes, too"],
  },
  {
    name: "a part of a buffer is all of it",
    file: MEMORY,
    find: "const data = Buffer.from(bytes);",
    replace: "const data = Buffer.from(bytes.buffer);",
    kills: ["a part of a larger buffer is just that part"],
  },
  {
    name: "a datagram on this machine comes from inside write()",
    file: MEMORY,
    find: "this.carry(datagram, () => this.#reactor.later(() => this.#arrive(datagram, unheard)));",
    replace: "this.carry(datagram, () => this.#arrive(datagram, unheard));",
    kills: ["a datagram to oneself comes later, not from inside write"],
  },
  {
    name: "anything is written as text",
    file: DESTINATION,
    find: 'const bytes = typeof data === "string" ? Buffer.from(data) : data;',
    replace: "const bytes = data instanceof Uint8Array ? data : Buffer.from(String(data));",
    kills: [REFUSED],
  },
  {
    name: "a list of numbers is bytes",
    file: DESTINATION,
    find: 'const bytes = typeof data === "string" ? Buffer.from(data) : data;',
    replace: `const isText = typeof data === "string" || Array.isArray(data);
  const bytes = isText ? Buffer.from(data) : data;`,
    kills: [REFUSED],
  },
  {
    name: "writing to a port that is stopped is an error",
    file: PORT,
    find: 'if (state !== "bound" && state !== "binding") {',
    replace: `if (state !== "bound" && state !== "binding") {
      throw new NotListeningError("Cannot write: the port does not listen");`,
    kills: [LATE],
  },
  {
    name: "what is written too late has failed",
    file: PORT,
    find: 'if (state !== "bound" && state !== "binding") {\n      this.#dropped += 1;',
    replace: 'if (state !== "bound" && state !== "binding") {\n      this.#failed += 1;',
    kills: [LATE],
  },
  {
    name: "a port that is being closed still sends",
    file: PORT,
    find: 'if (state !== "bound" && state !== "binding") {',
    replace: `if (state === "closing" && address !== undefined) {
      this.send(bytes, address.host, address.port);
      return;
    }
    if (state !== "bound" && state !== "binding") {`,
    kills: [LATE],
  },
  {
    name: "a protocol on no port must not write",
    file: "internet/datagram-protocol.ts",
    find: "  write(): void {}",
    replace: '  write(): void {\n    throw new NotListeningError("Cannot write: on no port");\n  }',
    kills: [LATE],
  },
  {
    name: "what leaves at the end of the turn finds the port closed",
    file: MEMORY,
    find: "if (!this.#stalled) this.#sendNow(data, destination);",
    replace: `if (!this.#stalled) {
      this.#reactor.soon(() => {
        if (this.#number !== undefined) this.#sendNow(data, destination);
      });
    }`,
    kills: [LAST_WORDS],
  },
  {
    name: "an exception in datagramReceived closes the port",
    file: PORT,
    find: 'log.failure("{address}: error in datagramReceived, from {peer}", error, fields);',
    replace: `log.failure("{address}: error in datagramReceived, from {peer}", error, fields);
      void this.stopListening();`,
    kills: [EXCEPTION],
  },
  {
    name: "an exception in datagramReceived is kept from the log",
    file: PORT,
    find: 'log.failure("{address}: error in datagramReceived, from {peer}", error, fields);',
    replace: "",
    kills: [EXCEPTION],
  },
  {
    name: "refusals are told to who is not connected",
    file: PORT,
    find: 'if (this.#life.state !== "bound" || this.#peer === undefined) return;',
    replace: 'if (this.#life.state !== "bound") return;',
    kills: [UNHEARD],
  },
  {
    name: "a datagram that nobody hears has failed",
    file: MEMORY,
    find: "this.#datagrams.send(datagram, () => this.refused());",
    replace: "this.#datagrams.send(datagram, () => this.sendRefused());",
    kills: [UNHEARD],
  },
  {
    name: "who has written as much as may wait writes no more",
    file: PORT,
    find: "this.#claimed = this.bufferedBytes;",
    replace: "",
    kills: [FLOOD],
  },
  {
    name: "what has left still waits",
    file: PORT,
    find: 'if (this.#life.state === "bound") return this.waiting();',
    replace: 'if (this.#life.state === "bound") return this.#claimed;',
    kills: [FIGURES],
  },
  {
    name: "every datagram that comes is too long for the books",
    file: PORT,
    find: "if (data.length > this.#maxPacketSize) {\n      this.#oversized += 1;",
    replace: "this.#oversized += 1;\n    if (data.length > this.#maxPacketSize) {",
    kills: [FIGURES],
  },
  {
    name: "a port has only the name of its class",
    file: PORT,
    find: "return `${this.constructor.name}(${this.#host.toString()})`;",
    replace: "return this.constructor.name;",
    kills: ["a port names itself and its address"],
  },

  // -- Switches

  {
    name: "a TTL of 0 will do",
    file: PORT,
    find: "this.setSwitches({ unicastTTL: checkedHops(hops, 1) });",
    replace: "this.setSwitches({ unicastTTL: checkedHops(hops, 0) });",
    kills: [TTL],
  },
  {
    name: "half a router is passed",
    file: "reactors/base/datagram-switches.ts",
    find: "if (Number.isInteger(hops) && hops >= least",
    replace: "if (hops >= least",
    kills: [TTL],
  },
  {
    name: "the TTL that was not set is 64",
    file: PORT,
    find: "return this.#switches.unicastTTL;",
    replace: "return this.#switches.unicastTTL ?? 64;",
    kills: [TTL],
  },
  {
    name: "broadcasting is allowed unless it is forbidden",
    file: PORT,
    find: "return this.#switches.broadcast ?? false;",
    replace: "return this.#switches.broadcast ?? true;",
    kills: [BROADCAST, NO_LEAVE],
  },
  {
    name: "switches are forgotten when the port is closed",
    file: PORT,
    find: "const started = this.#started;",
    replace: "this.#switches = {};\n    const started = this.#started;",
    kills: [BROADCAST],
  },
  {
    name: "whoever broadcasts has leave",
    file: MEMORY,
    find: "if (BROADCAST.has(host) && !this.getBroadcastAllowed()) {",
    replace: "if (false) {",
    kills: [NO_LEAVE],
  },
  {
    name: "each datagram that fails is told",
    file: PORT,
    find: "if (this.#failing.begins()) this.#warn(",
    replace: "this.#warn(",
    kills: [NO_LEAVE],
  },
  {
    name: "a datagram that fails is dropped",
    file: PORT,
    find: "this.#failed += 1;\n    if (this.#failing",
    replace: "this.#dropped += 1;\n    if (this.#failing",
    kills: [NO_LEAVE],
  },
  {
    name: "what is set while the port is being bound is lost",
    file: PORT,
    find: 'if (this.#life.state === "bound") this.applySwitches(switches);',
    replace: 'if (this.#life.state === "binding") return;',
    kills: [LEAVE],
  },
  {
    name: "the socket hears of no leave when it is bound",
    file: PORT,
    find: "this.applySwitches(this.#switches), ",
    replace: "undefined, ",
    kills: [LEAVE],
    on: "node",
  },
  {
    name: "a port on every address hears no broadcast",
    file: MEMORY,
    find: 'one.getHost().host === "0.0.0.0"',
    replace: "one.getHost().host === host",
    kills: [LEAVE],
  },
  {
    name: "<broadcast> is a name",
    file: DESTINATION,
    find: 'return host === "<broadcast>" ? "255.255.255.255" : checkedHost(what, host, 4);',
    replace: "return checkedHost(what, host, 4);",
    kills: [LEAVE],
  },
];
