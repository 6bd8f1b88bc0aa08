/**
 * For tests, in any runner: virtual time, transports and a network in memory, and what a Deferred
 * has come to.
 *
 * @example
 * ```ts
 * import { Deferred } from "sennit/defer";
 * import { Clock, successResultOf } from "sennit/testing";
 *
 * const clock = new Clock();
 * const d = new Deferred<string>();
 * clock.callLater(1, () => d.callback("done"));
 * clock.advance(1);
 * console.log(successResultOf(d)); // done
 * ```
 *
 * @module testing
 */

// Time and the network
export { Clock } from "./clock.ts";
export { connect, type ConnectOptions, type Pump } from "./connect.ts";
export type { MemoryConnector } from "../reactors/memory/memory-connector.ts";
export type {
  MemoryChild,
  MemoryProcesses,
  RecordedSpawn,
} from "../reactors/memory/memory-process.ts";
export {
  MemoryReactor,
  type RecordedConnect,
  type RecordedConnectUNIX,
  type RecordedListen,
  type RecordedListenUNIX,
  type RecordedUDPListen,
} from "../reactors/memory/memory-reactor.ts";
export type {
  MemoryDatagram,
  MemoryDatagrams,
  MemoryUDPPort,
} from "../reactors/memory/memory-udp.ts";
export {
  MemoryTransport,
  MemoryWire,
  type MemoryWireOptions,
} from "../reactors/memory/memory-wire.ts";
export type { Family } from "../reactors/base/datagram-destination.ts";
export type { DatagramSwitches, Membership } from "../reactors/base/datagram-switches.ts";
export {
  FakeDatagramTransport,
  type FakeDatagramTransportOptions,
  type WrittenDatagram,
} from "./fake-datagram-transport.ts";
export {
  StringTransport,
  type StringTransportEnd,
  type StringTransportOptions,
} from "./string-transport.ts";

// Recorded connections, once more
export {
  replayRecording,
  type ReplayOptions,
  type ReplayResult,
} from "./replay/replay-recording.ts";
export type { ReplayFactory } from "./replay/replay-once.ts";
export type { Cut } from "./replay/replay-script.ts";
export type { ReplayEnd, Verdict, VerdictOptions } from "./replay/replay-verdict.ts";

// The contracts that every kind of reactor keeps
export { describeReactor } from "./contracts/describe-reactor.ts";
export type {
  Network,
  NetworkConnectOptions,
  NetworkListenOptions,
  Place,
} from "./contracts/network.ts";
export type {
  MakeHarness,
  ReactorHarness,
  ReactorUnderTest,
  TestRunner,
} from "./contracts/harness.ts";

// Nothing left behind
export { catchLoggedErrors, flushLoggedErrors, type LoggedErrors } from "./kit/logged-errors.ts";
export { type TestHooks, useCleanReactors, type WatchInTest } from "./kit/use-clean-reactors.ts";
export {
  expectClean,
  type ReactorWatch,
  type WatchOptions,
  watchReactor,
} from "./kit/watch-reactor.ts";
export type { WatchedReactor } from "./kit/watched-reactor.ts";

// Every chunking
export { type Chunking, type ChunkingOptions, everyChunking } from "./kit/every-chunking.ts";
export { everyChunkingOf, type ProtocolChunkingOptions } from "./kit/every-chunking-of.ts";

// Fakes
export {
  type FakeAnswer,
  FakeNameResolver,
  type NameFailure,
  type NameQuestion,
} from "./kit/fake-name-resolver.ts";
export { testCertificate, type TestCertificateContent } from "./kit/test-certificate.ts";

// Deferreds
export { assertNoResult, failureResultOf, successResultOf } from "./results.ts";
