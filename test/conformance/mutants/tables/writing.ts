/**
 * Reactors that are wrong about writing.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const QUEUE = "reactors/base/send-queue.ts";
const WIRE = "reactors/memory/memory-wire.ts";
const MAKE = 'this.#guard("connectionMade", () => protocol.makeConnection(this));';

/** For `writing`. */
export const writingMutants: readonly Mutant[] = [
  {
    name: "what connectionMade() writes is dropped",
    file: TRANSPORT,
    find: MAKE,
    replace: `this.#connected = false; ${MAKE} this.#connected = true;`,
    kills: ["write() from inside connectionMade() arrives"],
  },
  {
    name: "write() sends at once",
    file: TRANSPORT,
    find: "this.#reactor.soonFlush(this);",
    replace: "this.flush();",
    kills: ["nothing is sent before write() returns"],
  },
  {
    name: "each write travels alone",
    file: WIRE,
    find: "this.#out.chunks.push(piece);",
    replace: "this.#out.chunks.push(...chunks.map((one) => Buffer.from(one)));",
    kills: ["the writes of one turn arrive together"],
  },
  {
    name: "the writes of one step leave in the reverse order",
    file: QUEUE,
    find: "const taken = chunks.splice(0, end);",
    replace: "const taken = chunks.splice(0, end).reverse();",
    kills: ["order is kept, whatever the sizes"],
  },
  {
    name: "a large write is sent from its tail",
    file: QUEUE,
    find: "return [first.subarray(0, limit)];",
    replace: "return [first.subarray(first.length - limit)];",
    kills: ["10 MB arrive whole"],
  },
  {
    name: "who has something to send does not read",
    file: WIRE,
    find: "if (!this.#reading) return false;",
    replace: "if (!this.#reading || this.#owed) return false;",
    kills: ["both directions at once keep their bytes apart"],
  },
  {
    name: "text is Latin-1",
    file: TRANSPORT,
    find: 'Buffer.from(data, "utf8")',
    replace: 'Buffer.from(data, "latin1")',
    kills: ["text is UTF-8, and counted in bytes"],
  },
  {
    name: "a view is sent with all that lies around it",
    file: TRANSPORT,
    find: '"utf8") : data;',
    replace: '"utf8") : Buffer.from(data.buffer);',
    kills: ["any Uint8Array is bytes"],
  },
  {
    name: "anything is bytes",
    file: TRANSPORT,
    find: "if (!(bytes instanceof Uint8Array)) {",
    replace: "if (bytes === undefined) {",
    kills: ["what is neither bytes nor text is a TypeError"],
  },
  {
    name: "an empty write travels",
    file: TRANSPORT,
    find: "if (bytes.length === 0) return;",
    replace: "if (bytes.length === 0) return void this.sendBytes([bytes]);",
    kills: ["an empty write sends nothing, and does no harm"],
  },
  {
    name: "writeSequence() begins with the last",
    file: TRANSPORT,
    find: "for (const one of data) this.write(one);",
    replace: "for (const one of [...data].reverse()) this.write(one);",
    kills: ["writeSequence() writes each, in order"],
  },
  {
    name: "write() after loseConnection() is sent",
    file: TRANSPORT,
    find: '(!this.#disconnecting && this.#writeEnd === "open")',
    replace: '(this.#writeEnd === "open")',
    kills: ["write() after loseConnection() is dropped and counted"],
  },
  {
    name: "what is written after the end does not count",
    file: TRANSPORT,
    find: "if (!this.writable) {\n      this.#droppedBytes",
    replace: "if (this.#disconnected) return;\n    if (!this.writable) {\n      this.#droppedBytes",
    kills: ["write() after the peer has closed is dropped and counted"],
  },
  {
    name: "loseConnection() forgets what waits",
    file: TRANSPORT,
    find: "this.stopReading();\n    if (this.bufferedBytes > 0) this.#watchClose();",
    replace: `this.stopReading();
    this.#droppedBytes += this.#queue.clear();
    if (this.bufferedBytes > 0) this.#watchClose();`,
    kills: ["nothing is dropped from a connection in good order"],
  },
  {
    name: "drained() waits also when nothing waits",
    file: TRANSPORT,
    find: "if (this.bufferedBytes === 0) return succeed(undefined);",
    replace: "",
    kills: ["drained() fires at once when nothing waits"],
  },
  {
    name: "drained() fires at the next write",
    file: TRANSPORT,
    find: "this.#queue.push(bytes);",
    replace: `for (const one of this.#drained?.splice(0) ?? []) one.callback();
    this.#queue.push(bytes);`,
    kills: ["drained() fires when all that was written is handed over, never inside write()"],
  },
  {
    name: "drained() fires in the next pass, come what may",
    file: TRANSPORT,
    find: "this.#drained.push(deferred);",
    replace: "this.#reactor.later(() => deferred.callback());",
    kills: ["drained() waits while the peer does not read"],
  },
  {
    name: "drained() fires when little is left",
    file: TRANSPORT,
    find: "if (this.bufferedBytes === 0) return succeed(undefined);",
    replace: "if (this.bufferedBytes <= 65_536) return succeed(undefined);",
    kills: ["await drained() in a loop sends everything, and holds little"],
  },
  {
    name: "drained() fires at the end of the connection",
    file: TRANSPORT,
    find: "for (const one of this.#drained?.splice(0) ?? []) one.errback(reason);",
    replace: "for (const one of this.#drained?.splice(0) ?? []) one.callback();",
    kills: ["drained() fails with the reason when the connection ends first"],
  },
  {
    name: "a close that was asked for when all was sent is not told of more",
    file: TRANSPORT,
    find: "for (const one of waiting) one.callback();",
    replace: `for (const one of waiting) one.callback();
      if (this.#disconnecting) {
        this.closeConnection();
        this.#end(new Failure(new ConnectionDone()));
        return;
      }`,
    kills: ["writing from inside what drained() called goes on"],
  },
];
