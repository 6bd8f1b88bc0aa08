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

// Names
export type { LookupAnswer, LookupFunction } from "./node/lookups.ts";
export { NodeNameResolver, type NodeNameResolverOptions } from "./node/name-resolver.ts";

// Threads
export { type NodeThreadPoolOptions } from "./node/threads/pool-options.ts";
export { prepareThreads } from "./node/threads/prepare-threads.ts";
export { NodeThreadPool } from "./node/threads/thread-pool.ts";

// To build a kind of your own
export { type Attempt, Connector } from "./base/connector.ts";
export { checkedLimits, type Limits } from "./base/limits.ts";
export { DatagramPort, type DatagramPortPlace } from "./base/datagram-port.ts";
export type { DatagramSwitches, Membership } from "./base/datagram-switches.ts";
export { ListeningPort, type MakeTransport } from "./base/listening-port.ts";
export type { MakingWitness } from "./base/making-witness.ts";
export { MulticastPort } from "./base/multicast-port.ts";
export type { OpenedPipe } from "./base/child-pipe.ts";
export { ProcessConnector, type ProcessConnectorPlace } from "./base/process-connector.ts";
export { ProcessTransport } from "./base/process-transport.ts";
export { type Closable, type Flushable, ReactorBase } from "./base/reactor-base.ts";
export { type SpawnOrder, spawnOrder, type Terminal } from "./base/spawn-order.ts";
export { type Ended, StreamTransport } from "./base/stream-transport.ts";
export { checkedPort } from "../internet/ports.ts";
