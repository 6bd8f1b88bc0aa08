/**
 * Reactors that are wrong about what goes wrong in protocols and producers.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const TRANSPORT = "reactors/base/stream-transport.ts";
const MAKE = 'this.#guard("connectionMade", () => protocol.makeConnection(this));';
const LOST = 'this.#guard("connectionLost", () => this.#protocol?.connectionLost(reason));';
const PREFIX =
  // oxlint-disable-next-line no-template-curly-in-string
  "`${protocolName(this.#protocol)},${this.getPeer().toString()}`";

/** For `failures stay inside`. */
export const failureMutants: readonly Mutant[] = [
  {
    name: "what connectionMade() throws escapes",
    file: TRANSPORT,
    find: MAKE,
    replace: "protocol.makeConnection(this);",
    kills: ["connectionMade() throws"],
  },
  {
    name: "what dataReceived() throws is logged, and that is all",
    file: TRANSPORT,
    find: 'this.#broken("dataReceived", error);',
    replace: 'log.failure("dataReceived failed", error);',
    kills: ["dataReceived() throws"],
  },
  {
    name: "what readConnectionLost() throws escapes",
    file: TRANSPORT,
    find: 'this.#guard("readConnectionLost", () => protocol.readConnectionLost());',
    replace: "protocol.readConnectionLost();",
    kills: ["readConnectionLost() throws"],
  },
  {
    name: "what writeConnectionLost() throws escapes",
    file: TRANSPORT,
    find: 'this.#guard("writeConnectionLost", () => protocol.writeConnectionLost());',
    replace: "protocol.writeConnectionLost();",
    kills: ["writeConnectionLost() throws"],
  },
  {
    name: "what connectionLost() throws escapes",
    file: TRANSPORT,
    find: LOST,
    replace: "this.#protocol?.connectionLost(reason);",
    kills: ["connectionLost() throws: logged, and the books are right"],
  },
  {
    name: "when connectionLost() throws, nobody else is told",
    file: TRANSPORT,
    find: LOST,
    replace: `try {
      this.#protocol?.connectionLost(reason);
    } catch (error) {
      return this.#broken("connectionLost", error);
    }`,
    kills: ["a client's connectionLost() throws: its factory is told all the same"],
  },
  {
    name: "a connection whose makeConnection() throws is left open",
    file: TRANSPORT,
    find: MAKE,
    replace: 'this.#reactor.contain(() => protocol.makeConnection(this), "makeConnection failed");',
    kills: ["makeConnection() throws before there is a protocol to speak of"],
  },
  {
    name: "only errors are failures",
    file: TRANSPORT,
    find: 'this.#broken("dataReceived", error);',
    replace:
      'if (!(error instanceof Error)) throw error;\n      this.#broken("dataReceived", error);',
    kills: ["what is thrown need not be an Error"],
  },
  {
    name: "what logPrefix() throws escapes",
    file: TRANSPORT,
    find: PREFIX,
    replace: "String(this.#protocol.logPrefix()) + String(this.getPeer())",
    kills: ["logPrefix() throws as well: still one connection"],
  },
  {
    name: "the log does not say which peer it was",
    file: TRANSPORT,
    find: PREFIX,
    replace: "protocolName(this.#protocol)",
    kills: ["the log names the connection"],
  },
  {
    name: "what pauseProducing() throws is nobody's business",
    file: TRANSPORT,
    find: 'this.#guard("pauseProducing", () => this.#producer.pauseAbove(this.bufferedBytes));',
    replace: "try { this.#producer.pauseAbove(this.bufferedBytes); } catch { return; }",
    kills: ["a producer's pauseProducing() throws"],
  },
  {
    name: "what resumeProducing() throws escapes",
    file: TRANSPORT,
    find: 'this.#guard("resumeProducing", () => this.#producer.resume());',
    replace: "this.#producer.resume();",
    kills: ["a producer's resumeProducing() throws"],
  },
  {
    name: "what stopProducing() throws escapes",
    file: TRANSPORT,
    find: 'this.#reactor.contain(() => this.#producer.stop(), "stopProducing failed");',
    replace: "this.#producer.stop();",
    kills: ["a producer's stopProducing() throws: logged, and connectionLost() still comes"],
  },
  {
    name: "what a pull producer throws at first is logged, and that is all",
    file: TRANSPORT,
    find: "else producer.resumeProducing();",
    replace:
      'else this.#reactor.contain(() => producer.resumeProducing(), "resumeProducing failed");',
    kills: ["a pull producer's first resumeProducing() throws, from inside dataReceived()"],
  },
  {
    name: "what a callback of drained() throws ends the connection",
    file: TRANSPORT,
    find: "this.#drained.push(deferred);",
    replace: `this.#drained.push(deferred);
    const add = deferred.addCallback.bind(deferred);
    deferred.addCallback = (f) =>
      add((result) => {
        try {
          return f(result);
        } catch (error) {
          this.#abort(error);
          throw error;
        }
      });`,
    kills: ["what waits for drained() throws: the connection lives"],
  },
  {
    name: "what a protocol wrote before it threw is sent",
    file: TRANSPORT,
    find: "this.resetConnection();\n    this.#end(failure);",
    replace: "this.flush();\n    this.dropConnection();\n    this.#end(failure);",
    kills: ["a protocol that throws is dropped, and what it wrote with it"],
  },
];
