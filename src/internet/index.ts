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
export { ConnectedDatagramProtocol, DatagramProtocol } from "./datagram-protocol.ts";
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
  IReactorWallClock,
  type ITrigger,
  type ListenTCPOptions,
  providesWallClock,
  type RunOptions,
  type SystemEvent,
  type TriggerPhase,
} from "./interfaces-reactor.ts";
export {
  type IConsumer,
  type IDrainable,
  type IHalfCloseableProtocol,
  type ILayer,
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
  providesLayer,
  providesLoggingContext,
  providesTCP,
  topTransport,
} from "./interfaces-transport.ts";

// UNIX sockets, and sockets that others have opened
export {
  type AdoptStreamConnectionOptions,
  type AdoptStreamPortOptions,
  IReactorSocket,
  type SocketDomain,
} from "./interfaces-socket.ts";
export {
  type ConnectUNIXOptions,
  IReactorUNIX,
  type IUNIXTransport,
  type ListenUNIXOptions,
} from "./interfaces-unix.ts";
export { type InheritedDescriptor, ListenFDs } from "./listen-fds.ts";

// Streams and standard I/O
export {
  type ConnectStreamOptions,
  IReactorStreams,
  type StreamHalves,
  UnsuitableStreamError,
} from "./interfaces-streams.ts";
export {
  IReactorStdio,
  StandardIOError,
  StandardIOTakenError,
  type StdioOptions,
} from "./interfaces-stdio.ts";

// Serial ports
export {
  CannotOpenSerialPortError,
  IReactorSerial,
  type ISerialTransport,
  SerialPortError,
  type SerialPortOptions,
} from "./interfaces-serial.ts";

// Files
export {
  type FileFacts,
  type FileKind,
  type FileOpening,
  fileErrorCode,
  type IFileHandle,
  type IFiles,
  type IFileSystem,
  type IOpenFile,
  IReactorFiles,
  type MakeDirectoryOptions,
  type OpenFileOptions,
  type WriteFileOptions,
} from "./interfaces-files.ts";

// Datagrams
export {
  DATAGRAM_COST,
  type DatagramDestination,
  type IConnectedDatagramProtocol,
  type IDatagramProtocol,
  type IMulticastPort,
  type IMulticastTransport,
  IReactorMulticast,
  IReactorUDP,
  type IUDPPort,
  type IUDPTransport,
  type ListenUDPOptions,
  type MembershipOptions,
  providesConnecting,
  providesMulticast,
  type UDPAddress,
} from "./interfaces-udp.ts";

// Processes
export {
  type ChildFD,
  type ConnectProcessOptions,
  type IProcessProtocol,
  type IProcessTransport,
  IReactorProcess,
  type ProcessOptions,
  type ProcessSignal,
  type SpawnProcessOptions,
  type StandardErrorBehavior,
  type TerminalOptions,
} from "./interfaces-process.ts";
export {
  getProcessOutput,
  getProcessOutputAndValue,
  getProcessValue,
  type ProcessOutputAndValue,
  type ProcessOutputAndValueOptions,
  type ProcessOutputOptions,
  type ProcessValueOptions,
} from "./process-output.ts";
export { ProcessProtocol } from "./process-protocol.ts";

// Names
export {
  type IHostnameResolver,
  type IHostResolution,
  type IPAddress,
  IReactorPluggableNameResolver,
  type IResolutionReceiver,
  type IResolverSimple,
  type ResolutionError,
  type ResolveHostNameOptions,
} from "./interfaces-resolver.ts";
export {
  ComplexResolverSimplifier,
  FirstOneWins,
  SimpleResolverComplexifier,
} from "./names/bridges.ts";
export { HostResolution } from "./names/host-resolution.ts";
export { resolveAll } from "./names/resolve-all.ts";
export {
  type NameTable,
  StaticResolver,
  type StaticResolverOptions,
} from "./names/static-resolver.ts";

// Endpoints
export {
  AllAttemptsFailedError,
  type FailedAttempt,
} from "./endpoints/all-attempts-failed-error.ts";
export {
  HostnameEndpoint,
  type HostnameEndpointOptions,
  type HostnameEndpointReactor,
} from "./endpoints/hostname-endpoint.ts";
export { AdoptedStreamServerEndpoint } from "./endpoints/adopted-server.ts";
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
export { ProcessEndpoint } from "./endpoints/process-endpoint.ts";
export {
  builtinEndpointParsers,
  endpointParsers,
  type MoreEndpointParsers,
} from "./endpoints/registry.ts";
export { SerialPortEndpoint } from "./endpoints/serial.ts";
export { StandardIOEndpoint } from "./endpoints/stdio.ts";
export {
  formatStringDescription,
  parseStringDescription,
  quoteStringArgument,
  type StringDescription,
} from "./endpoints/string-description.ts";
export { TCP4ClientEndpoint, TCP6ClientEndpoint } from "./endpoints/tcp-client.ts";
export { TCP4ServerEndpoint, TCP6ServerEndpoint } from "./endpoints/tcp-server.ts";
export { SNIDirectoryServerEndpoint } from "./endpoints/sni-directory-endpoint.ts";
export {
  SSL4ClientEndpoint,
  SSL4ServerEndpoint,
  TLSHostnameEndpoint,
  wrapClientTLS,
  wrapServerTLS,
} from "./endpoints/tls-endpoints.ts";
export { UNIXClientEndpoint } from "./endpoints/unix-client.ts";
export { UNIXServerEndpoint } from "./endpoints/unix-server.ts";

// Behind a proxy
export { UntrustedProxyError } from "./haproxy/errors.ts";
export type { HAProxyProtocol, HAProxyRefusal } from "./haproxy/haproxy-protocol.ts";
export { HAProxyServerEndpoint } from "./haproxy/haproxy-server-endpoint.ts";
export { type HAProxyOptions, HAProxyWrappingFactory } from "./haproxy/haproxy-wrapping-factory.ts";
export { type IProxiedTransport, providesProxyHeader } from "./haproxy/proxied-transport.ts";
export { encodeProxyHeader } from "./haproxy/wire/encode-proxy-header.ts";
export { ProxyHeaderError } from "./haproxy/wire/errors.ts";
export type {
  ProxyHeader,
  ProxyInternetAddress,
  ProxyInternetRoute,
  ProxyRoute,
  ProxySSL,
  ProxyTLV,
  ProxyUNIXRoute,
} from "./haproxy/wire/proxy-header.ts";
export {
  type ProxyHeaderOptions,
  ProxyHeaderReader,
  type ProxyHeaderReceived,
} from "./haproxy/wire/proxy-header-reader.ts";

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
  AlreadyConnectedError,
  InvalidAddressError,
  MessageLengthError,
  MulticastInterfaceError,
  MulticastJoinError,
  NotListeningError,
} from "./datagram-errors.ts";
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
  type PartialOutput,
  ProcessDone,
  ProcessExitedAlready,
  ProcessFeatureError,
  ProcessOutputLimitError,
  ProcessSignalError,
  ProcessSignalledError,
  ProcessTerminated,
  type ProcessTermination,
  ProcessTimeoutError,
  SpawnError,
  UnexpectedStderrError,
} from "./process-errors.ts";
export { AlreadyListened, CannotAdoptError } from "./socket-errors.ts";
export { BadFileError, SocketLockedError } from "./unix-errors.ts";
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
