/**
 * The kinds of reactor, and the base classes that new kinds extend.
 *
 * @example
 * ```ts
 * import { NodeReactor } from "sennit/reactors";
 *
 * const reactor = new NodeReactor();
 * reactor.callLater(0.01, () => reactor.stop());
 * await reactor.run({ installSignalHandlers: false });
 * ```
 *
 * @module reactors
 */

// Kinds
export { NodeReactor } from "./node/node-reactor.ts";

// Threads
export { type NodeThreadPoolOptions } from "./node/threads/pool-options.ts";
export { prepareThreads } from "./node/threads/prepare-threads.ts";
export { NodeThreadPool } from "./node/threads/thread-pool.ts";

// To build a kind of your own
export { type Attempt, Connector } from "./base/connector.ts";
export { ListeningPort, type MakeTransport } from "./base/listening-port.ts";
export { type Closable, type Flushable, ReactorBase } from "./base/reactor-base.ts";
export { StreamTransport } from "./base/stream-transport.ts";
