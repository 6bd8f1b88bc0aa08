/**
 * Reactors that are wrong about what datagrams there can be, and how many may wait.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const PORT = "reactors/base/datagram-port.ts";
const DESTINATION = "reactors/base/datagram-destination.ts";
const SWITCHES = "reactors/base/datagram-switches.ts";
const LONGEST = "the longest datagram goes through, one byte more is MessageLengthError";
const PACKET_SIZE = "maxPacketSize: that long comes, longer is dropped, counted and told once";
const DEFAULT_SIZE = "maxPacketSize is 8192 unless it is given";
const ADDRESSES = "names, addresses of the other family and nonsense are InvalidAddressError";
const NUMBERS = "port numbers that nothing can be sent to are refused at once";
const EARLY = "what is written while the port is being bound leaves when it is";
const BUFFERED = "beyond maxBufferedBytes datagrams are dropped, counted and told once";
const UNBOUND = "what was written early to a port that cannot be bound is dropped and counted";
const STOPPED = "what was written early to a port that is stopped is dropped and counted";

/** For `datagrams`. */
export const datagramBoundMutants: readonly Mutant[] = [
  {
    name: "a datagram may have one byte more than there is room for",
    file: DESTINATION,
    find: "const BYTES_MAX = { 4: 65_507,",
    replace: "const BYTES_MAX = { 4: 65_508,",
    kills: [LONGEST],
  },
  {
    name: "the longest datagram is too long",
    file: DESTINATION,
    find: "if (bytes.length > limit)",
    replace: "if (bytes.length >= limit)",
    kills: [LONGEST],
  },
  {
    name: "the error takes the limit for the length",
    file: DESTINATION,
    find: "new MessageLengthError(bytes.length, limit)",
    replace: "new MessageLengthError(limit, bytes.length)",
    kills: [LONGEST],
  },
  {
    name: "a datagram of maxPacketSize is too long",
    file: PORT,
    find: "if (data.length > this.#maxPacketSize) {",
    replace: "if (data.length >= this.#maxPacketSize) {",
    kills: [PACKET_SIZE, DEFAULT_SIZE],
  },
  {
    name: "longer datagrams are cut",
    file: PORT,
    find: "if (data.length > this.#maxPacketSize) {",
    replace: "data = data.subarray(0, this.#maxPacketSize);\n    if (false) {",
    kills: [PACKET_SIZE, DEFAULT_SIZE],
  },
  {
    name: "longer datagrams are not counted",
    file: PORT,
    find: "this.#oversized += 1;",
    replace: "",
    kills: [PACKET_SIZE, DEFAULT_SIZE],
  },
  {
    name: "each datagram that is too long is told",
    file: PORT,
    find: "if (this.#oversizing.begins()) {",
    replace: "if (true) {",
    kills: [PACKET_SIZE],
  },
  {
    name: "maxPacketSize is what fits into a datagram",
    file: SWITCHES,
    find: "const PACKET_BYTES = 8192;",
    replace: "const PACKET_BYTES = 65_535;",
    kills: [DEFAULT_SIZE],
  },
  {
    name: "an address is one, of whatever family",
    file: DESTINATION,
    find: "if (ipFamily(host) === family) return host;",
    replace: "if (ipFamily(host) !== 0) return host;",
    kills: [ADDRESSES],
  },
  {
    name: "what goes nowhere is dropped",
    file: PORT,
    find: "if (address === undefined) {\n      const expected",
    replace: `if (address === undefined) {
      this.#dropped += 1;
      return;
      const expected`,
    kills: [ADDRESSES],
  },
  {
    name: "the error about an address does not have it",
    file: "internet/datagram-errors.ts",
    find: "this.address = address;",
    replace: "this.address = got;",
    kills: [ADDRESSES],
  },
  {
    name: "something is sent to port 0",
    file: DESTINATION,
    find: "if (Number.isInteger(port) && port > 0 &&",
    replace: "if (Number.isInteger(port) && port >= 0 &&",
    kills: [NUMBERS],
  },
  {
    name: "half a port is one",
    file: DESTINATION,
    find: "if (Number.isInteger(port) && port > 0 &&",
    replace: "if (port > 0 &&",
    kills: [NUMBERS],
  },
  {
    name: "what is written early is dropped",
    file: PORT,
    find: 'if (state !== "bound" && state !== "binding") {',
    replace: 'if (state !== "bound") {',
    kills: [EARLY, BUFFERED],
  },
  {
    name: "a datagram that waits costs its bytes alone",
    file: PORT,
    find: "sum + bytes.length + DATAGRAM_COST, 0);",
    replace: "sum + bytes.length, 0);",
    kills: [EARLY, BUFFERED],
  },
  {
    name: "any number of datagrams may wait",
    file: PORT,
    find: "if (!this.#hasRoom(bytes.length + DATAGRAM_COST)) {",
    replace: "if (false) {",
    kills: [BUFFERED],
  },
  {
    name: "as much as maxBufferedBytes is too much",
    file: SWITCHES,
    find: "const limits = { maxPacketSize, maxBufferedBytes };",
    replace: "const limits = { maxPacketSize, maxBufferedBytes: maxBufferedBytes - 1 };",
    kills: [BUFFERED],
  },
  {
    name: "each datagram that is dropped is told",
    file: PORT,
    find: "if (this.#dropping.begins())",
    replace: "if (true)",
    kills: [BUFFERED],
  },
  {
    name: "what has left counts for ever",
    file: PORT,
    find: "this.#claimed = this.bufferedBytes;",
    replace: "",
    kills: [BUFFERED],
  },
  {
    name: "maxBufferedBytes bounds one datagram alone",
    file: PORT,
    find: "if (this.#claimed > 0 && this.#claimed + cost",
    replace: "if (this.#claimed + cost",
    kills: ["maxBufferedBytes is no bound for one datagram alone"],
  },
  {
    name: "what was written in vain is not counted",
    file: PORT,
    find: "this.#dropped += this.#early.splice(0).length;",
    replace: "this.#early.splice(0);",
    kills: [UNBOUND, STOPPED],
  },
  {
    name: "what was written in vain waits for the next life",
    file: PORT,
    find: "this.#dropped += this.#early.splice(0).length;",
    replace: "this.#dropped += this.#early.length;",
    kills: [UNBOUND],
  },
  {
    name: "a port that was stopped while being bound sends what it was given",
    file: PORT,
    find: "if (!this.#life.bound()) {",
    replace: "if (!this.#life.bound()) {\n      this.#catchUp();",
    kills: [STOPPED],
  },
];
