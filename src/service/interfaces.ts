/**
 * The contracts of services: parts of a program that start, stop, and belong to one another.
 *
 * After: twisted.application.service. Differs: starting may take time and is awaited; a collection
 * has a clock and a deadline for stopping, which the collections inside it inherit.
 *
 * @module
 */
import type { Deferred, Eventual, TimeoutClock } from "../defer/deferred.ts";

/** A part of a program that can be started and stopped, any number of times. */
export interface IService {
  /** Unique among its siblings. */
  readonly name: string | undefined;
  /** It has started, and has not been told to stop. */
  readonly running: boolean;
  /** The collection it belongs to. */
  readonly parent: IServiceCollection | undefined;

  /** @throws {ServiceParentError} It has a parent, which knows it by the name it has. */
  setName(name: string): void;

  /**
   * Become a child: set `parent`, then call `parent.addService(this)`.
   *
   * @returns Fires when the child runs, if the parent does; at once if not.
   * @throws {ServiceParentError} It has a parent.
   * @throws {ServiceNameTakenError} A sibling has its name.
   */
  setServiceParent(parent: IServiceCollection): Deferred<void>;

  /**
   * Be a child no more: clear `parent`, then call the old one's `removeService(this)`.
   *
   * @returns Fires when the child has stopped; at once if it was not running.
   * @throws {ServiceParentError} It has no parent.
   */
  disownServiceParent(): Deferred<void>;

  /** What wants privileges that the process gives up later. Called and awaited before the start. */
  privilegedStartService(): Eventual<void>;

  /**
   * Start. Until what this returns has fired, the siblings after it wait. A start that fails cleans
   * up after itself: `stopService` is not called. `stopService` may come before the start is done.
   */
  startService(): Eventual<void>;

  /** Stop. The siblings before it wait until what this returns fires, or its deadline passes. */
  stopService(): Eventual<void>;

  /** For logs and messages: its class, its name, whether it runs. */
  toString(): string;
}

/** A service made of services. */
export interface IServiceCollection extends IService, Iterable<IService> {
  /** What its deadlines, and those of the collections inside it, are measured by. */
  readonly clock: TimeoutClock | undefined;
  /** Seconds each child gets to stop, unless the child says otherwise ({@link IStopBound}). */
  readonly stopTimeout: number;

  /** The child of that name. @throws {RangeError} There is none. */
  getServiceNamed(name: string): IService;

  /**
   * Take a child in, after those that are there. The same as `service.setServiceParent(this)`.
   *
   * @returns Fires when the child runs, if this collection does; at once if not.
   * @throws {ServiceNameTakenError} A child has its name.
   * @throws {ServiceParentError} It has a parent, or is this collection or one of its parents.
   */
  addService(service: IService): Deferred<void>;

  /**
   * Let a child go, and stop it. The same as `service.disownServiceParent()`.
   *
   * @returns Fires when the child has stopped; fails with what went wrong while it stopped.
   * @throws {RangeError} It is not a child.
   */
  removeService(service: IService): Deferred<void>;
}

/** A service that knows how long it may take to stop. Probe with {@link providesStopBound}. */
export interface IStopBound {
  /** Seconds after which its parent stops waiting for it; `Infinity` for never. */
  readonly stopBound: number;
}

const METHODS: readonly (keyof IService)[] = [
  "setName",
  "setServiceParent",
  "disownServiceParent",
  "privilegedStartService",
  "startService",
  "stopService",
];

/** Is it a service? Asks for the methods: one from another copy of this package is one too. */
export function providesService(value: unknown): value is IService {
  if (typeof value !== "object" || value === null) return false;
  return METHODS.every((name) => typeof Reflect.get(value, name) === "function");
}

/** Does it say how long it may take to stop? */
export function providesStopBound(value: unknown): value is IStopBound {
  return (
    typeof value === "object" &&
    value !== null &&
    "stopBound" in value &&
    typeof value.stopBound === "number"
  );
}
