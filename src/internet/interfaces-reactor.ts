/**
 * The contracts of a reactor, one capability at a time. `reactor.provides(IReactorTCP)` asks at run
 * time; what a reactor cannot do it refuses with `UnsupportedError`.
 *
 * After: twisted.internet.interfaces. Differs: ties between timers fire first-in first-out; a
 * stopped reactor can run again; chance comes from the reactor.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";
import { type Capability, capability } from "./capabilities.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "./interfaces-factory.ts";

/** A call that waits for its time. */
export interface IDelayedCall {
  /** The second, on the clock of `seconds()`, at which it fires. */
  getTime(): number;
  /** Not called and not cancelled. */
  readonly active: boolean;
  /** @throws {AlreadyCalled} Too late. @throws {AlreadyCancelled} Done already. */
  cancel(): void;
  /** Fire `seconds` from now instead. @throws {AlreadyCalled} @throws {AlreadyCancelled} */
  reset(seconds: number): void;
  /**
   * Fire `seconds` later than planned; may be negative. @throws {AlreadyCalled} @throws
   * {AlreadyCancelled}
   */
  delay(seconds: number): void;
  /** For people: what is called, and in how many seconds. */
  toString(): string;
}

/** Time. All times are seconds, fractions allowed. */
export interface IReactorTime {
  /** Now. It never goes backwards; only differences have a meaning. */
  seconds(): number;
  /**
   * Call `f(...args)` in `delay` seconds. Equal times fire first-in first-out. Even with a delay of
   * 0 it runs in a later pass, after I/O that is waiting. What `f` throws is logged.
   *
   * @throws {RangeError} A delay that is negative or not a number.
   */
  callLater<Args extends unknown[]>(
    delay: number,
    f: (...args: Args) => unknown,
    ...args: Args
  ): IDelayedCall;
  /** The calls that wait, in no order. */
  getDelayedCalls(): readonly IDelayedCall[];
}
/** Asks whether a reactor provides time. */
export const IReactorTime: Capability<IReactorTime> = capability("IReactorTime");

/** `before` and `after` surround `during`, which is the event itself. */
export type TriggerPhase = "before" | "during" | "after";
/** What a reactor announces; others may be fired with `fireSystemEvent`. */
export type SystemEvent = "startup" | "shutdown" | (string & Record<never, never>);

/** Names a trigger for `removeSystemEventTrigger`. */
export interface ITrigger {
  readonly phase: TriggerPhase;
  readonly event: SystemEvent;
}

/** Options of {@link IReactorCore.run}. */
export interface RunOptions {
  /** SIGINT and SIGTERM stop the reactor. Default: `true`. */
  readonly installSignalHandlers?: boolean;
}

/** The life of a reactor. */
export interface IReactorCore {
  /** Between the startup event and the end of the shutdown event. */
  readonly running: boolean;
  /**
   * Start: fire the startup event, then live until `stop()`. Fires when all is over: triggers
   * awaited, connections lost, ports closed. It may be run again afterwards.
   *
   * @throws {ReactorAlreadyRunning}
   */
  run(options?: RunOptions): Deferred<void>;
  /**
   * Begin the shutdown, in a later pass. @throws {ReactorNotRunning} Not running, or stopping
   * already.
   */
  stop(): void;
  /**
   * End at once: no shutdown triggers; connections and ports are closed. @throws
   * {ReactorNotRunning}
   */
  crash(): void;
  /** Call now if running, else once when the reactor has started. */
  callWhenRunning<Args extends unknown[]>(f: (...args: Args) => unknown, ...args: Args): void;
  /**
   * Call `f` when `event` comes to `phase`. Deferreds and promises from `before` are awaited before
   * `during` begins. What a trigger throws is logged, and the others still run.
   */
  addSystemEventTrigger<Args extends unknown[]>(
    phase: TriggerPhase,
    event: SystemEvent,
    f: (...args: Args) => unknown,
    ...args: Args
  ): ITrigger;
  /** @throws {RangeError} It was never there, was removed, or has run. */
  removeSystemEventTrigger(trigger: ITrigger): void;
  /** Fire an event's three phases; fires when they are through. */
  fireSystemEvent(event: SystemEvent): Deferred<void>;
  /** Can it do that? */
  provides<I>(what: Capability<I>): this is this & I;
}
/** Asks whether something is a reactor. */
export const IReactorCore: Capability<IReactorCore> = capability("IReactorCore");

/** A way in from other threads. */
export interface IReactorFromThreads {
  /** Call `f(...args)` in a later pass, in the order asked for. */
  callFromThread<Args extends unknown[]>(f: (...args: Args) => unknown, ...args: Args): void;
}
/** Asks whether a reactor can be called from other threads. */
export const IReactorFromThreads: Capability<IReactorFromThreads> =
  capability("IReactorFromThreads");

/** Chance: everything that needs it takes it from here, so that a simulator can seed it. */
export interface IReactorRandom {
  /** At least 0, below 1. Not for secrets. */
  random(): number;
  /** Unpredictable bytes, fit for keys and ids. */
  randomBytes(count: number): Buffer;
}
/** Asks whether a reactor provides chance. */
export const IReactorRandom: Capability<IReactorRandom> = capability("IReactorRandom");

/** The time of day: for what leaves the program, like dates in messages. */
export interface IReactorWallClock {
  /** Seconds since 1970, UTC. It may be set back: measure with `seconds()`. */
  wallClock(): number;
}
/** Asks whether a reactor knows the time of day. */
export const IReactorWallClock: Capability<IReactorWallClock> = capability("IReactorWallClock");

/** Does it know the time of day? A clock of a test does, and is no reactor. */
export function providesWallClock(value: object): value is IReactorWallClock {
  return "wallClock" in value && typeof value.wallClock === "function";
}

/** The process's signals. */
export interface IReactorSignals {
  /**
   * Call `f(signal)` in a later pass, each time the signal comes; it then no longer ends the
   * process.
   */
  addSignalHandler(signal: NodeJS.Signals, f: (signal: NodeJS.Signals) => unknown): void;
  /**
   * The signal that stopped the reactor the last time it ran, so that a program can tell its
   * parent.
   */
  readonly stopSignal: NodeJS.Signals | undefined;
  /** @throws {RangeError} `f` is not a handler of that signal. */
  removeSignalHandler(signal: NodeJS.Signals, f: (signal: NodeJS.Signals) => unknown): void;
}
/** Asks whether a reactor provides signals. */
export const IReactorSignals: Capability<IReactorSignals> = capability("IReactorSignals");

/** Limits of each connection of a port or connector. */
export interface ConnectionLimits {
  /**
   * Seconds without progress while closing, then it is aborted. Progress is seen in steps of up to
   * 128 KiB, when the platform has taken a whole one. Default: 30.
   */
  readonly closeTimeout?: number;
  /**
   * Bytes waiting to be sent beyond which one more `write` aborts the connection with
   * `SendBufferFullError`: a peer that never reads must not eat the memory. Default: 64 MiB.
   */
  readonly maxBufferedBytes?: number;
}

/** Options of {@link IReactorTCP.listenTCP}. */
export interface ListenTCPOptions extends ConnectionLimits {
  /**
   * Address to bind; empty is every IPv4 address, `"::"` every address of both families. Default:
   * empty.
   */
  readonly interface?: string;
  /** Connections that the system keeps for us until we accept them. Default: 50. */
  readonly backlog?: number;
  /** Connections alive at once; one more is closed at once, with a log line. Default: 65,536. */
  readonly maxConnections?: number;
}

/** Options of {@link IReactorTCP.connectTCP}. */
export interface ConnectTCPOptions extends ConnectionLimits {
  /** Seconds until the attempt fails with `TimeoutError`. Default: 30. */
  readonly timeout?: number;
  /** Only addresses of this family. Default: either, IPv4 first. */
  readonly family?: 4 | 6;
  /** Our own end: address, or address and port. */
  readonly bindAddress?: string | { readonly host: string; readonly port?: number };
}

/** TCP. */
export interface IReactorTCP {
  /**
   * Listen. Returns at once; see {@link IListeningPort.listening}. Port 0 lets the system choose.
   */
  listenTCP(port: number, factory: IProtocolFactory, options?: ListenTCPOptions): IListeningPort;
  /** Connect to a name or an address. A name is resolved, IPv4 first. */
  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options?: ConnectTCPOptions,
  ): IConnector;
}
/** Asks whether a reactor provides TCP. */
export const IReactorTCP: Capability<IReactorTCP> = capability("IReactorTCP");
