/**
 * What a collection knows of one of its children.
 *
 *     idle ──prepare()──▶ starting ──▶ prepared ──start()──▶ starting ──▶ started
 *      ▲                     │            │                     │            │
 *      └──────stopping◀──────┴───stop()───┴─────────────────────┴────────────┘
 *
 * A step that fails leads back to idle. `stop()` in the middle of a step gives the step up.
 *
 * @module
 */
import { maybeDeferred, succeed } from "../defer/combinators.ts";
import { Deferred, type Eventual } from "../defer/deferred.ts";
import { CancelledError } from "../defer/errors.ts";
import { Failure } from "../defer/failure.ts";
import { type Deadline, withDeadline } from "./_deadline.ts";
import { SharedResult } from "./_shared-result.ts";
import { type IService, providesStopBound } from "./interfaces.ts";

/** How logs and messages name a service: by its name, or else by its class. */
export function labelOf(service: IService): string {
  return service.name ?? service.constructor.name;
}

type State = "idle" | "starting" | "prepared" | "started" | "stopping";

/** See the top of this file. */
export class Child {
  readonly service: IService;
  #state: State = "idle";
  /** The step under way. */
  #step: Deferred<void> | undefined;
  readonly #stopped = new SharedResult();
  readonly #started = new SharedResult();

  constructor(service: IService) {
    this.service = service;
  }

  get state(): State {
    return this.#state;
  }

  /** {@inheritDoc labelOf} */
  get label(): string {
    return labelOf(this.service);
  }

  /** Seconds it may take to stop, where its parent gives `seconds` to those who do not say. */
  stopBound(seconds: number): number {
    return providesStopBound(this.service) ? this.service.stopBound : seconds;
  }

  /** Fires when it has started, by somebody else's `start()`; fails when that fails. */
  whenStarted(): Deferred<void> {
    return this.#started.share();
  }

  /** Nobody is going to start it now. */
  giveUpWaiting(): void {
    this.#started.settle(startGivenUp(this.label));
  }

  /** The privileged half of the start. */
  prepare(): Deferred<void> {
    return this.#advance("prepared", () => this.service.privilegedStartService());
  }

  /** The start, with the privileged half if that has not been done. */
  start(): Deferred<void> {
    const prepared = this.#state === "prepared" ? succeed(undefined) : this.prepare();
    return prepared
      .addCallback(() => this.#advance("started", () => this.service.startService()))
      .addBoth((result: void | Failure) => {
        this.#started.settle(result);
        return result;
      });
  }

  #advance(goal: "prepared" | "started", work: () => Eventual<void>): Deferred<void> {
    const step = new Deferred<void>();
    this.#state = "starting";
    this.#step = step;
    const finish = (state: State): boolean => {
      if (this.#step !== step) return false; // It was stopped meanwhile, and asked about that.
      this.#step = undefined;
      this.#state = state;
      return true;
    };
    void maybeDeferred(work).addCallbacks(
      () => {
        if (finish(goal)) step.callback();
      },
      (failure) => {
        if (finish("idle")) step.errback(failure);
      },
    );
    return step;
  }

  /** Stop, whatever it is doing. Fires when it has, or fails with what it failed with. */
  stop(parents: Deadline): Deferred<void> {
    if (this.#state === "idle") return succeed(undefined);
    const stopped = this.#stopped.share();
    if (this.#state === "stopping") return stopped;
    this.#state = "stopping";
    const step = this.#step;
    this.#step = undefined;
    const deadline = { seconds: this.stopBound(parents.seconds), clock: parents.clock };
    const stopping = maybeDeferred(() => this.service.stopService());
    step?.errback(startGivenUp(this.label));
    void withDeadline(stopping, deadline).addBoth((result: void | Failure) => {
      this.#state = "idle";
      this.#stopped.settle(result);
    });
    return stopped;
  }
}

function startGivenUp(label: string): Failure {
  return new Failure(new CancelledError(`The start of ${label} was given up: it is to stop`));
}
