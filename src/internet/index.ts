/**
 * The ground floor: protocols, factories, addresses, errors, and the contracts between them.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 * import { NodeReactor } from "sennit/reactors";
 *
 * class Echo extends Protocol {
 *   override dataReceived(data: Buffer): void {
 *     this.transport.write(data);
 *   }
 * }
 * await using reactor = new NodeReactor();
 * await reactor.listenTCP(0, Factory.forProtocol(Echo)).listening;
 * ```
 *
 * @module internet
 */

// Protocols and factories
export { ClientFactory, Factory, ServerFactory } from "./factory.ts";
export { Protocol } from "./protocol.ts";

// Addresses
export {
  HostnameAddress,
  type IAddress,
  IPv4Address,
  IPv6Address,
  NoAddress,
  UNIXAddress,
} from "./addresses.ts";

// Contracts
export { type Capability, capability } from "./capabilities.ts";
export type {
  AbortOptions,
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
  IStreamClientEndpoint,
  IStreamServerEndpoint,
} from "./interfaces-factory.ts";
export {
  type ConnectionLimits,
  type ConnectTCPOptions,
  type IDelayedCall,
  IReactorCore,
  IReactorFromThreads,
  IReactorRandom,
  IReactorSignals,
  IReactorTCP,
  IReactorTime,
  type ITrigger,
  type ListenTCPOptions,
  type RunOptions,
  type SystemEvent,
  type TriggerPhase,
} from "./interfaces-reactor.ts";
export {
  type IConsumer,
  type IDrainable,
  type IHalfCloseableProtocol,
  type ILoggingContext,
  type IProducer,
  type IProtocol,
  type IPullProducer,
  type IPushProducer,
  type IStreamTransport,
  type ITCPTransport,
  type ITransport,
  providesDrain,
  providesHalfClose,
  providesLoggingContext,
  providesTCP,
} from "./interfaces-transport.ts";

// Endpoints
export { connectProtocol } from "./endpoints/connect-protocol.ts";
export { EndpointDescriptionError } from "./endpoints/description-error.ts";
export {
  clientFromString,
  type FromStringOptions,
  serverFromString,
} from "./endpoints/from-string.ts";
export type {
  EndpointParsers,
  IStreamClientEndpointStringParser,
  IStreamServerEndpointStringParser,
} from "./endpoints/interfaces-string-parser.ts";
export {
  builtinEndpointParsers,
  endpointParsers,
  type MoreEndpointParsers,
} from "./endpoints/registry.ts";
export {
  formatStringDescription,
  parseStringDescription,
  quoteStringArgument,
  type StringDescription,
} from "./endpoints/string-description.ts";
export { TCP4ClientEndpoint, TCP6ClientEndpoint } from "./endpoints/tcp-client.ts";
export { TCP4ServerEndpoint, TCP6ServerEndpoint } from "./endpoints/tcp-server.ts";

// Tasks
export type { CooperativeTask, Work } from "./task/cooperative-task.ts";
export {
  coiterate,
  cooperate,
  Cooperator,
  type CooperatorOptions,
  type SliceScheduler,
} from "./task/cooperator.ts";
export { deferLater, sleep } from "./task/defer-later.ts";
export {
  LoopingCall,
  type LoopingCallOptions,
  type LoopingCallStartOptions,
} from "./task/looping-call.ts";
export { react, type ReactContext, type ReactMain, type ReactOptions } from "./task/react.ts";
export { SystemExit } from "./task/system-exit.ts";
export { ticks } from "./task/ticks.ts";

// Threads
export {
  IReactorThreads,
  type IThreadPool,
  type ModuleTask,
  type ThreadPoolStatistics,
  type ThreadTask,
  type ThreadTaskOptions,
} from "./interfaces-threads.ts";
export { callMultipleInThread, deferToThread, deferToThreadPool } from "./threads.ts";

// Errors
export {
  NotExposedError,
  NotInThreadError,
  ThreadArgumentError,
  ThreadLostError,
  ThreadPoolStoppedError,
  ThreadResultError,
  ThreadTaskClosureError,
  ThreadTaskNotFoundError,
  ThreadTaskRefusedError,
} from "./interfaces-threads.ts";
export {
  LoopingCallAlreadyRunning,
  LoopingCallNotRunning,
  NotPaused,
  SchedulerStopped,
  TaskDone,
  TaskFailed,
  TaskFinished,
  TaskStopped,
} from "./task/errors.ts";
export {
  AlreadyCalled,
  AlreadyCancelled,
  AlreadyConnectingError,
  AlreadyListeningError,
  CannotListenError,
  ConnectBindError,
  ConnectError,
  ConnectFailedError,
  ConnectingCancelledError,
  ConnectionAborted,
  ConnectionClosed,
  ConnectionDone,
  ConnectionLost,
  ConnectionRefusedError,
  ConnectionResetError,
  ConnectionTimedOut,
  DNSLookupError,
  NoProtocol,
  NoRouteError,
  NotConnectingError,
  ProducerAlreadyRegisteredError,
  ReactorAlreadyRunning,
  ReactorNotRunning,
  ResourceExhaustedError,
  SendBufferFullError,
  TCPTimedOutError,
  TimeoutError,
  UnknownHostError,
  UnsupportedError,
  UserError,
} from "./errors.ts";
