/**
 * Reactors that are wrong about what factories are asked.
 *
 * @module
 */
import type { Mutant } from "../mutant.ts";

const FACTORY = "internet/factory.ts";
const PORT = "reactors/base/listening-port.ts";
const CONNECTOR = "reactors/base/connector.ts";
const WIRE = "reactors/memory/memory-wire.ts";

/** For `factories`. */
export const factoryMutants: readonly Mutant[] = [
  {
    name: "a factory starts with each port",
    file: FACTORY,
    find: "if (this.#numPorts > 1) return;",
    replace: "",
    kills: ["a factory of several ports starts once and stops once"],
  },
  {
    name: "a factory that has stopped counts one port for ever",
    file: FACTORY,
    find: "this.#numPorts -= 1;",
    replace: "if (this.#numPorts === 1) return this.stopFactory(); this.#numPorts -= 1;",
    kills: ["a factory that has stopped starts again"],
  },
  {
    name: "a factory stops with the first that is done with it",
    file: FACTORY,
    find: "this.#numPorts -= 1;",
    replace: "this.#numPorts = 0;",
    kills: ["a client factory of several connectors starts once and stops once"],
  },
  {
    name: "buildProtocol() is given the port's address",
    file: PORT,
    find: "protocol = this.#factory.buildProtocol(peer);",
    replace: "protocol = this.#factory.buildProtocol(this.getHost());",
    kills: ["buildProtocol() is given the address that the transport has as its peer"],
  },
  {
    name: "a server's peer is itself",
    file: WIRE,
    find: "{ host: server.address, peer: client.address,",
    replace: "{ host: server.address, peer: server.address,",
    kills: ["each end's host is the other's peer"],
  },
  {
    name: "a protocol does not know its factory",
    file: FACTORY,
    find: "protocol.factory = this;",
    replace: "",
    kills: ["Factory.forProtocol() gives the protocol its factory"],
  },
  {
    name: "a connection without a protocol is left hanging",
    file: PORT,
    find: "if (failure !== undefined || protocol === undefined) {",
    replace:
      "if (failure === undefined && protocol === undefined) return;\n" +
      "    if (failure !== undefined) {",
    kills: ["a server's buildProtocol() that returns nothing closes that connection only"],
  },
  {
    name: "a buildProtocol() that throws costs the port",
    file: PORT,
    find: "if (failure !== undefined || protocol === undefined) {",
    replace: `if (failure !== undefined) void this.stopListening();
    if (failure !== undefined || protocol === undefined) {`,
    kills: ["a server's buildProtocol() that throws closes that connection only"],
  },
  {
    name: "a connection that the client's factory refused was just lost",
    file: CONNECTOR,
    find: "this.#lost(failure ?? new Failure(this.#refusal()));",
    replace: 'this.#lost(failure ?? new Failure(new ConnectionLost("Connection was refused")));',
    kills: ["a client's buildProtocol() that returns nothing closes the connection"],
  },
  {
    name: "a client's buildProtocol() that throws has returned nothing",
    file: CONNECTOR,
    find: "this.#lost(failure ?? new Failure(this.#refusal()));",
    replace: "this.#lost(new Failure(this.#refusal()));",
    kills: ["a client's buildProtocol() that throws closes the connection, with the error"],
  },
  {
    name: "a server's factory that cannot start is only logged",
    file: PORT,
    find: "this.#factory.doStart(); // May throw",
    replace: 'this.#reactor.contain(() => this.#factory.doStart(), "Error in startFactory"); //',
    kills: ["a server's factory that cannot start refuses listenTCP, and no more"],
  },
  {
    name: "the attempt goes on without a client's factory that cannot start",
    file: CONNECTOR,
    find: "if (!this.#factoryStarted) this.#factory.doStart(); // May throw",
    replace: "try { this.#factory.doStart(); } finally { this.#begin(); } // May throw",
    kills: ["a client's factory that cannot start refuses connectTCP, and no more"],
  },
  {
    name: "what stopFactory() throws escapes",
    file: PORT,
    find: 'this.#reactor.contain(() => this.#factory.doStop(), "Error in stopFactory");',
    replace: "this.#factory.doStop();",
    kills: ["a factory that cannot stop is logged, and the port is closed"],
  },
];
