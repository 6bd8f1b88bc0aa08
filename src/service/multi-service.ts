/**
 * A service made of services, in order.
 *
 *     start:   a ──▶ b ──▶ c          each when the one before has started
 *     stop:    a ◀── b ◀── c          each when the one after has stopped, or its deadline passed
 *     start:   a ──▶ b ──▶ c fails    then b and a are stopped, and the start fails as c did
 *
 * After: twisted.application.service.MultiService. Differs: starting and stopping wait for each
 * child in turn; stopping has a deadline for each child; a failed start is undone; a child that
 * fails to stop is logged, and told of at the end.
 *
 * @module
 */
import { quote } from "../core/text.ts";
import { succeed } from "../defer/combinators.ts";
import { Deferred, type Eventual, type TimeoutClock } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import { Failure } from "../defer/failure.ts";
import { Logger } from "../logger/logger.ts";
import { Child, labelOf } from "./_child.ts";
import { checkedSeconds, clockFor, type Deadline } from "./_deadline.ts";
import { inTurn } from "./_in-turn.ts";
import { SharedResult } from "./_shared-result.ts";
import {
  ServiceNameTakenError,
  ServiceParentError,
  ServiceStateError,
  ServiceStopError,
  ServiceStopTimeoutError,
  type StopProblem,
} from "./errors.ts";
import type { IService, IServiceCollection, IStopBound } from "./interfaces.ts";
import { Service } from "./service.ts";

const log = new Logger({ namespace: "sennit.service" });

/** Ours: what supervisors give a program is mostly 10 seconds or more. */
const STOP_TIMEOUT = 10;
/** Ours: beyond what its children may take, so that their deadlines pass before its own. */
const STOP_GRACE = 1;
const GIVEN_UP = "The start was given up: the service is to stop";

type State = "stopped" | "preparing" | "prepared" | "starting" | "running" | "stopping";

/** Options of {@link MultiService}. */
export interface MultiServiceOptions {
  /** See {@link IService.name}. */
  readonly name?: string;
  /** Measures `stopTimeout`: a reactor. Default: that of the collection it is in. */
  readonly clock?: TimeoutClock;
  /**
   * Seconds each child gets to stop, unless it says otherwise ({@link IStopBound}); then it is
   * logged, cancelled and left behind. `Infinity` for no deadline. Default: that of the collection
   * it is in, and 10 for the outermost.
   */
  readonly stopTimeout?: number;
}

/**
 * Starts its children in the order in which they were added, and stops them in the reverse order.
 *
 * @example
 * ```ts
 * import { reactor } from "sennit/reactor";
 * import { MultiService, Service } from "sennit/service";
 *
 * await using app = new MultiService({ clock: reactor });
 * await app.addService(new Service());
 * await app.startService();
 * ```
 */
export class MultiService extends Service implements IServiceCollection, IStopBound {
  readonly #options: MultiServiceOptions;
  readonly #children: Child[] = [];
  #state: State = "stopped";
  /** As it was found at the start: a service that is removed stops without a parent. */
  #deadline: Deadline = { seconds: Infinity, clock: undefined };
  readonly #stopped = new SharedResult();

  constructor(options: MultiServiceOptions = {}) {
    super();
    if (options.stopTimeout !== undefined) checkedSeconds("stopTimeout", options.stopTimeout);
    if (options.name !== undefined) this.setName(options.name);
    this.#options = options;
  }

  override get running(): boolean {
    return this.#state === "running";
  }

  get clock(): TimeoutClock | undefined {
    return this.#options.clock ?? this.parent?.clock;
  }

  get stopTimeout(): number {
    return this.#options.stopTimeout ?? this.parent?.stopTimeout ?? STOP_TIMEOUT;
  }

  /** What its children may take, one after another, and a second. */
  get stopBound(): number {
    const each = this.#state === "stopped" ? this.stopTimeout : this.#deadline.seconds;
    const bounds = this.#children.map((child) => child.stopBound(each));
    return bounds.reduce((sum, seconds) => sum + seconds, STOP_GRACE);
  }

  // -- Children

  /** The children as they are now, in the order in which they start. */
  [Symbol.iterator](): IterableIterator<IService> {
    return this.#children.map((child) => child.service).values();
  }

  getServiceNamed(name: string): IService {
    const child = this.#named(name);
    if (child !== undefined) return child.service;
    throw new RangeError(`Cannot find service ${quote(name)}: not in ${this.toString()}`);
  }

  #named(name: string): Child | undefined {
    return this.#children.find((child) => child.service.name === name);
  }

  addService(service: IService): Deferred<void> {
    if (service.parent !== this) return service.setServiceParent(this);
    this.#checkNewcomer(service);
    const child = new Child(service);
    this.#children.push(child);
    // While starting, its turn comes after those before it.
    if (this.#state === "starting") return child.whenStarted();
    return this.#state === "running" ? child.start() : succeed(undefined);
  }

  #checkNewcomer(service: IService): void {
    if (service.name !== undefined && this.#named(service.name) !== undefined) {
      throw new ServiceNameTakenError(service.name, this.toString());
    }
    if (this.#children.some((child) => child.service === service)) {
      throw new ServiceParentError(`Cannot add ${service.toString()}: it is in ${this.toString()}`);
    }
    for (let above: IService | undefined = this; above !== undefined; above = above.parent) {
      if (above !== service) continue;
      throw new ServiceParentError(`Cannot add ${service.toString()} to itself or what is in it`);
    }
  }

  removeService(service: IService): Deferred<void> {
    const at = this.#children.findIndex((child) => child.service === service);
    const child = this.#children[at];
    if (child === undefined) {
      throw new RangeError(`Cannot remove ${service.toString()}: not in ${this.toString()}`);
    }
    if (service.parent === this) return service.disownServiceParent();
    this.#children.splice(at, 1);
    child.giveUpWaiting();
    return child.stop(this.#deadline);
  }

  // -- Starting

  /** The privileged half of each child's start, in order. A failure undoes what was done. */
  override privilegedStartService(): Eventual<void> {
    this.#begin("preparing", ["stopped"]);
    return this.#walk("prepared", ["idle"], (child) => child.prepare());
  }

  /**
   * Start the children, each when the one before has started.
   *
   * @returns A Deferred. Fires when all have started. Fails with the error of the first child that
   * fails, when those before it have been stopped again; with `CancelledError` when `stopService`
   * comes first. Cancelling it stops the service.
   * @throws {ServiceStateError} It is starting, running or stopping.
   * @throws {TypeError} There is no clock for `stopTimeout`: not its own, not its parents'.
   */
  override startService(): Eventual<void> {
    this.#begin("starting", ["stopped", "prepared"]);
    return this.#walk("running", ["idle", "prepared"], (child) => child.start());
  }

  #begin(state: "preparing" | "starting", from: readonly State[]): void {
    if (!from.includes(this.#state)) {
      throw new ServiceStateError(`Cannot start ${this.toString()}: it is ${this.#state} already`);
    }
    const seconds = this.stopTimeout;
    const clock = clockFor(this, this.#options.clock, "stopTimeout", seconds);
    this.#deadline = { seconds, clock };
    this.#state = state;
  }

  /** Take each child that is in one of the states `from` a step further, also who joins now. */
  #walk(
    goal: "prepared" | "running",
    from: readonly Child["state"][],
    step: (child: Child) => Deferred<void>,
  ): Deferred<void> {
    const during = this.#state;
    const result = new Deferred<void>(() => {
      void this.#stop().addErrback(alreadyLogged);
    });
    const next = (): Deferred<void> | undefined => {
      if (this.#state !== during) return undefined; // It is to stop.
      const child = this.#children.find((one) => from.includes(one.state));
      return child === undefined ? undefined : this.#unlessRemoved(child, step(child));
    };
    void inTurn(next).addBoth((outcome: void | Failure) => {
      if (this.#state === during) this.#walked(goal, outcome, result);
      else if (!result.called) result.errback(outcome ?? new CancelledError(GIVEN_UP));
    });
    return result;
  }

  /** A child that is removed in the middle of its step does not spoil the start of the others. */
  #unlessRemoved(child: Child, step: Deferred<void>): Deferred<void> {
    return step.addErrback((failure) => (this.#children.includes(child) ? failure : undefined));
  }

  #walked(goal: "prepared" | "running", outcome: void | Failure, result: Deferred<void>): void {
    if (!(outcome instanceof Failure)) {
      this.#state = goal;
      result.callback();
      return;
    }
    void this.#stop()
      .addErrback(alreadyLogged)
      .addBoth(() => {
        if (!result.called) result.errback(outcome);
      });
  }

  // -- Stopping

  /**
   * Stop the children, each when the one after has stopped or been given up. A start that is under
   * way is given up. Nothing to do is fine.
   *
   * @returns A Deferred. Fires when all is over; fails with `ServiceStopError` when children failed
   * or were left behind. Each of these has been logged by then.
   */
  override stopService(): Eventual<void> {
    return this.#stop();
  }

  /** Stop, also in the middle of a start. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stopService();
  }

  #stop(): Deferred<void> {
    if (this.#state === "stopped") return succeed(undefined);
    const stopped = this.#stopped.share();
    if (this.#state !== "stopping") this.#stopAll();
    return stopped;
  }

  #stopAll(): void {
    this.#state = "stopping";
    const problems: StopProblem[] = [];
    void inTurn(() => this.#stopLast(problems)).addBoth(() => {
      this.#state = "stopped";
      for (const child of this.#children) child.giveUpWaiting();
      if (problems.length === 0) this.#stopped.settle();
      else this.#stopped.settle(new Failure(new ServiceStopError(labelOf(this), problems)));
    });
  }

  #stopLast(problems: StopProblem[]): Deferred<void> | undefined {
    const child = this.#children.findLast((one) => one.state !== "idle");
    return child?.stop(this.#deadline).addErrback((failure) => {
      const service = child.label;
      problems.push({ service, error: failure.value });
      logProblem(service, failure);
    });
  }
}

/** The failure of a stop, where somebody else is told, or nobody can be. */
function alreadyLogged(failure: Failure): void {
  failure.trap(ServiceStopError);
}

function logProblem(service: string, failure: Failure): void {
  if (failure.is(ServiceStopError)) return; // A collection: it has logged each of them.
  if (failure.is(ServiceStopTimeoutError)) {
    const { seconds } = failure.value;
    const fields = { service, seconds };
    log.error("Service {service} did not stop within {seconds} seconds: left behind", fields);
    return;
  }
  log.failure("Service {service} failed to stop", failure, { service }, "error");
}
