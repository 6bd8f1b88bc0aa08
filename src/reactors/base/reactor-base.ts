/**
 * What every reactor is made of: timers, triggers, the life cycle, and the books of what is open.
 * A new kind of reactor extends this and gives it a clock, an alarm, and a way to run things soon.
 *
 *     new ─▶ (I/O and timers work already) ─▶ run() ─▶ running ─▶ stop() ─▶ stopping ─▶ stopped
 *                                              ▲                                          │
 *                                              └──────────────────────────────────────────┘
 *
 * After: twisted.internet.base.ReactorBase. Differs: runs again after it has stopped; I/O asked for
 * before `run()` starts at once. Calls that still wait when the reactor stops are set aside, and
 * come back when it runs again.
 *
 * @module
 */
import { quote } from "../../core/text.ts";
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import { reportUnhandledFailures } from "../../defer/unhandled.ts";
import type { Capability } from "../../internet/capabilities.ts";
import {
  ConnectionLost,
  ReactorAlreadyRunning,
  ReactorNotRunning,
  UnsupportedError,
} from "../../internet/errors.ts";
import {
  type IDelayedCall,
  IReactorCore,
  IReactorFromThreads,
  IReactorTime,
  type ITrigger,
  type RunOptions,
  type SystemEvent,
  type TriggerPhase,
} from "../../internet/interfaces-reactor.ts";
import { Logger } from "../../logger/logger.ts";
import { type DelayedCall, DelayedCallQueue } from "./delayed-calls.ts";
import type { MakingWitness } from "./making-witness.ts";
import { SystemEventTriggers } from "./triggers.ts";

const log = new Logger({ namespace: "sennit.reactor" });

/** Something open that the reactor closes when it stops: a connection, a port, an attempt. */
export interface Closable {
  /** End now, for this reason. Fires when it is closed and its owner has been told. */
  closeAtStop(reason: Failure): Deferred<unknown>;
}

/** Something with bytes to send at the end of the turn. */
export interface Flushable {
  /** Send them. */
  flush(): void;
}

type State = "idle" | "running" | "stopping";

/** See the top of this file. Subclasses add capabilities and name them in `capabilities()`. */
export abstract class ReactorBase implements IReactorCore, IReactorTime, IReactorFromThreads {
  readonly #calls: DelayedCallQueue;
  readonly #triggers = new SystemEventTriggers();
  readonly #open = new Set<Closable>();
  #fromThreads: (() => unknown)[] = [];
  #unflushed: Flushable[] | undefined;
  #inTurn = false;
  #setAside: DelayedCall[] = [];
  #state: State = "idle";
  /** Fires at the end of this life; it also tells one life from the next. */
  #over: Deferred<void> | undefined;
  /** The startup and shutdown of this life, which end with it. */
  #events: Deferred<void>[] = [];
  #witness: MakingWitness | undefined;
  /** Is a client being told that an attempt of its has failed? For connectors. */
  tellingFailure = false;
  /** How many are at work to close all that is open. */
  #closing = 0;
  #inPass = false;

  constructor() {
    this.#calls = new DelayedCallQueue(
      () => this.seconds(),
      () => this.#arm(),
    );
  }

  // -- What a kind of reactor provides

  /** Now, in seconds; only differences have a meaning. */
  abstract seconds(): number;

  /**
   * Run `f` after the code that runs now, before the next I/O: how transports flush, and tell
   * their protocols things that must not come from inside a call.
   */
  abstract soon(f: () => void): void;

  /** Run `f` in a later pass, after I/O that is waiting. */
  abstract later(f: () => void): void;

  /**
   * Call {@link ReactorBase.runDelayedCalls} in `seconds`: one alarm, replacing the one before;
   * 0 means in the next pass, after I/O that is waiting; `undefined` means never. The reactor must
   * not come back from waiting for I/O before it without cause.
   */
  protected abstract setAlarm(seconds: number | undefined): void;

  /** From `run()` to the end: whatever keeps the process or the simulation alive meanwhile. */
  protected abstract started(options: Required<RunOptions>): void;

  /** The end: give up what `started` took. */
  protected abstract stopped(): void;

  /** The capabilities beyond time, the life cycle and calls from threads. */
  protected abstract capabilities(): readonly Capability<unknown>[];

  /** A failure that nobody looked at and that must end the process. */
  abstract fatal(error: Error): void;

  // -- Capabilities

  provides<I>(what: Capability<I>): this is this & I {
    const own: Capability<unknown>[] = [IReactorCore, IReactorTime, IReactorFromThreads];
    return own.includes(what) || this.capabilities().includes(what);
  }

  /** The error for something this reactor cannot do. */
  protected unsupported(what: Capability<unknown>): UnsupportedError {
    return new UnsupportedError(what.label, this.constructor.name);
  }

  // -- Time

  callLater<Args extends unknown[]>(
    delay: number,
    f: (...args: Args) => unknown,
    ...args: Args
  ): IDelayedCall {
    const call = this.#calls.add(delay, f, args);
    this.#witness?.made(call);
    return call;
  }

  getDelayedCalls(): readonly IDelayedCall[] {
    const aside = this.#setAside.filter((call) => call.active);
    return [...this.#calls.pending(), ...aside];
  }

  /** One pass over the calls that are due. The kind of reactor calls it when its alarm goes off. */
  protected runDelayedCalls(): void {
    this.#inPass = true;
    try {
      this.#calls.run((due) => this.#runOne(due));
    } finally {
      this.#inPass = false;
    }
    this.#arm();
  }

  #runOne(due: DelayedCall): void {
    try {
      Reflect.apply(due.f, undefined, due.args);
    } catch (error) {
      log.failure("Unhandled error in a delayed call: {call}", error, { call: due.toString() });
    }
  }

  #arm(): void {
    if (this.#inPass) return; // The end of the pass does it, once.
    const { head } = this.#calls;
    this.setAlarm(head === undefined ? undefined : Math.max(0, head.time - this.seconds()));
  }

  // -- Calls from other threads

  callFromThread<Args extends unknown[]>(f: (...args: Args) => unknown, ...args: Args): void {
    if (this.#fromThreads.push(() => f(...args)) === 1) this.later(() => this.#runFromThreads());
  }

  #runFromThreads(): void {
    const calls = this.#fromThreads;
    this.#fromThreads = [];
    for (const call of calls) this.contain(call, "Unhandled error in a call from a thread");
  }

  /** Run `f`; log what it throws, with `message`. @returns The error, if there was one. */
  contain(f: () => unknown, message: string): Failure | undefined {
    try {
      f();
      return undefined;
    } catch (error) {
      const failure = Failure.of(error);
      log.failure(message, failure);
      return failure;
    }
  }

  // -- Flushing

  /** Call `one.flush()` at the end of the turn: the writes of one turn leave together. */
  soonFlush(one: Flushable): void {
    if (this.#unflushed !== undefined) {
      this.#unflushed.push(one);
      return;
    }
    this.#unflushed = [one];
    if (!this.#inTurn) this.soon(this.#flushAll);
  }

  /**
   * Give `receiver` what I/O has brought, as a turn of its own: what is written meanwhile leaves at
   * its end, without a `soon`. For who is called by the platform, with nothing else under way.
   */
  deliver(receiver: { bytesReceived(data: Buffer): void }, data: Buffer): void {
    this.#inTurn = true;
    try {
      receiver.bytesReceived(data);
    } finally {
      this.#inTurn = false;
      if (this.#unflushed !== undefined) this.#flushAll();
    }
  }

  readonly #flushAll = (): void => {
    const unflushed = this.#unflushed ?? [];
    this.#unflushed = undefined;
    for (const one of unflushed) one.flush();
  };

  // -- Life cycle

  get running(): boolean {
    return this.#state !== "idle";
  }

  /** Is the shutdown under way? */
  get stopping(): boolean {
    return this.#state === "stopping";
  }

  run(options: RunOptions = {}): Deferred<void> {
    if (this.#state !== "idle") {
      throw new ReactorAlreadyRunning("Cannot run a reactor that is running");
    }
    this.#state = "running";
    const over = new Deferred<void>();
    this.#over = over;
    const aside = this.#setAside;
    this.#setAside = [];
    for (const call of aside) this.#calls.restore(call);
    this.started({ installSignalHandlers: options.installSignalHandlers ?? true });
    this.#events.push(this.#triggers.fire("startup"));
    return over;
  }

  stop(): void {
    if (this.#state !== "running") {
      const why = this.#state === "idle" ? "is not running" : "is stopping already";
      throw new ReactorNotRunning(`Cannot stop a reactor that ${why}`);
    }
    this.#state = "stopping";
    const over = this.#over;
    this.later(() => {
      if (this.#over !== over) return; // A crash came first.
      const shutdown = this.#triggers.fire("shutdown", () => this.#closeAll("Reactor was stopped"));
      this.#events.push(shutdown);
      void shutdown.addBoth(() => this.#end(over));
    });
  }

  crash(): void {
    if (this.#state === "idle")
      throw new ReactorNotRunning("Cannot crash a reactor that is not running");
    const over = this.#over;
    void this.#closeAll("Reactor crashed").addBoth(() => this.#end(over));
  }

  /** The end of the life that `over` belongs to, if it has not come already. */
  #end(over: Deferred<void> | undefined): void {
    if (over === undefined || this.#over !== over) return;
    this.#over = undefined;
    // What hangs in a trigger must not go on in the next life.
    for (const event of this.#events.splice(0)) event.cancel();
    this.#putAside();
    this.#state = "idle";
    this.stopped();
    reportUnhandledFailures();
    over.callback();
  }

  /** The calls that wait come back with the next `run()`. */
  #putAside(): void {
    this.#setAside.push(...this.#calls.removeAll());
    this.setAlarm(undefined);
  }

  /** Is all that is open being closed? Then there is no use in connecting. */
  get closing(): boolean {
    return this.#closing > 0;
  }

  /** Close whatever is open, also what opens meanwhile. */
  #closeAll(why: string): Deferred<void> {
    this.#closing += 1;
    return this.#closeOpen(why).addCallback(() => {
      this.#closing -= 1;
    });
  }

  #closeOpen(why: string): Deferred<void> {
    if (this.#open.size === 0) return succeed(undefined);
    const done = new Deferred<void>();
    const closing = [...this.#open];
    let left = closing.length;
    for (const one of closing) {
      this.#open.delete(one);
      void one.closeAtStop(new Failure(new ConnectionLost(why))).addBoth(() => {
        left -= 1;
        if (left === 0) void this.#closeOpen(why).chainDeferred(done);
      });
    }
    return done;
  }

  /** Stop, if it is running, close whatever is open, and set aside the calls that wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "idle") {
      await this.#closeAll("Reactor was disposed of");
      if (!this.running) this.#putAside();
      return;
    }
    const over = this.#over;
    if (this.#state === "running") this.stop();
    await over;
  }

  /** Enter something in the books of what is open. */
  opened(closable: Closable): void {
    this.#open.add(closable);
    this.#witness?.made(closable);
  }

  /** It has closed by itself. */
  closed(closable: Closable): void {
    this.#open.delete(closable);
  }

  /** What the books say is open now. */
  get open(): readonly Closable[] {
    return [...this.#open];
  }

  /** `made` came of `origin`: a connection of its port. Tells the witness, if there is one. */
  cameOf(made: object, origin: object): void {
    this.#witness?.cameOf(made, origin);
  }

  /** Tell `witness` of what is made from now on, or nobody. @returns Who was told before. */
  setWitness(witness: MakingWitness | undefined): MakingWitness | undefined {
    const before = this.#witness;
    this.#witness = witness;
    return before;
  }

  // -- Triggers

  callWhenRunning<Args extends unknown[]>(f: (...args: Args) => unknown, ...args: Args): void {
    if (this.running) f(...args);
    else this.#triggers.add("after", "startup", () => f(...args));
  }

  addSystemEventTrigger<Args extends unknown[]>(
    phase: TriggerPhase,
    event: SystemEvent,
    f: (...args: Args) => unknown,
    ...args: Args
  ): ITrigger {
    if (phase !== "before" && phase !== "during" && phase !== "after") {
      throw new RangeError(
        `Cannot add a trigger: expected before, during or after, got ${quote(phase)}`,
      );
    }
    return this.#triggers.add(phase, event, () => f(...args));
  }

  removeSystemEventTrigger(trigger: ITrigger): void {
    this.#triggers.remove(trigger);
  }

  fireSystemEvent(event: SystemEvent): Deferred<void> {
    return this.#triggers.fire(event);
  }
}
