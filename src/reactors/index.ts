/**
 * The kinds of reactor, and the base classes that new kinds extend.
 *
 * @module reactors
 */

// Kinds
export { NodeReactor } from "./node/node-reactor.ts";

// To build a kind of your own
export { type Attempt, Connector } from "./base/connector.ts";
export { ListeningPort, type MakeTransport } from "./base/listening-port.ts";
export { type Closable, type Flushable, ReactorBase } from "./base/reactor-base.ts";
export { StreamTransport } from "./base/stream-transport.ts";
