/**
 * Attempts at the addresses of one name, staggered; the first connection wins.
 *
 *     0 ms    2001:db8::1 ────────────────────── … ✗ given up
 *     250 ms  192.0.2.1   ──✗ refused: the next one begins at once
 *     310 ms  2001:db8::2 ────✓ connected: this one is asked for a protocol, no other ever is
 *
 * Spec: RFC 8305 §5. The user's factory is started once, before the name is resolved, and stopped
 * once: when the connection ends, or when there is none.
 *
 * @module
 */
import { fail } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import type { IAddress } from "../addresses.ts";
import { ConnectingCancelledError, TimeoutError } from "../errors.ts";
import type { AbortOptions, IProtocolFactory } from "../interfaces-factory.ts";
import type {
  ConnectTCPOptions,
  IDelayedCall,
  IReactorTCP,
  IReactorTime,
} from "../interfaces-reactor.ts";
import type {
  IPAddress,
  IReactorPluggableNameResolver,
  ResolveHostNameOptions,
} from "../interfaces-resolver.ts";
import { type IProtocol, providesLoggingContext } from "../interfaces-transport.ts";
import { literalFromAddress } from "../names/address-literal.ts";
import { cannotConnectToName, noAddress } from "../names/resolution-errors.ts";
import { AddressQueue } from "./_address-queue.ts";
import { Arrivals } from "./_arrivals.ts";
import { connectThrough } from "./_wrapping-factory.ts";
import { abortCause, cancelOnAbort } from "./abort-options.ts";
import { AllAttemptsFailedError, type FailedAttempt } from "./all-attempts-failed-error.ts";

/** What a race is about. */
export interface RacePlan {
  readonly reactor: IReactorTCP & IReactorTime & IReactorPluggableNameResolver;
  /** A name to resolve, or the one address. */
  readonly goal: string | IPAddress;
  readonly destination: IAddress;
  readonly resolve: ResolveHostNameOptions;
  /** Of each attempt. */
  readonly connect: ConnectTCPOptions;
  /** Seconds for everything. */
  readonly timeout: number;
  /** Seconds from one attempt to the next, unless one fails meanwhile. */
  readonly attemptDelay: number;
  readonly maxAttempts: number;
}

const log = new Logger({ namespace: "sennit.internet" });

/** Run one. @returns Fires once: with the winner's protocol, after its `connectionMade`. */
export function raceConnections<P extends IProtocol>(
  plan: RacePlan,
  factory: IProtocolFactory<P>,
  { signal }: AbortOptions,
): Deferred<P> {
  const race = new ConnectionRace(plan, factory, signal);
  if (signal?.aborted === true) return fail(race.cancelled());
  return cancelOnAbort(race.begin(), signal);
}

/** An attempt that has not ended. */
interface Pending<P> {
  readonly connecting: Deferred<P>;
  readonly began: number;
}

class ConnectionRace<P extends IProtocol> {
  readonly #plan: RacePlan;
  readonly #factory: IProtocolFactory<P>;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: AddressQueue;
  readonly #arrivals: Arrivals;
  readonly #result: Deferred<P>;
  readonly #pending = new Map<IPAddress, Pending<P>>();
  readonly #failed: FailedAttempt[] = [];
  /** The second from which on the next attempt may begin. */
  #earliest = Number.NEGATIVE_INFINITY;
  #pace: IDelayedCall | undefined;
  #deadline: IDelayedCall | undefined;
  #winner: IPAddress | undefined;
  #over = false;

  constructor(plan: RacePlan, factory: IProtocolFactory<P>, signal: AbortSignal | undefined) {
    this.#plan = plan;
    this.#factory = factory;
    this.#signal = signal;
    this.#queue = new AddressQueue(plan.maxAttempts);
    this.#arrivals = new Arrivals(plan.reactor, this.#queue, () => this.#advance());
    this.#result = new Deferred(() => this.#end(this.cancelled()));
  }

  begin(): Deferred<P> {
    try {
      this.#factory.doStart();
    } catch (error) {
      return fail(error);
    }
    const { reactor, goal, resolve, timeout } = this.#plan;
    this.#deadline = reactor.callLater(timeout, () => this.#end(this.#timedOut()));
    if (typeof goal === "string") this.#arrivals.resolve(goal, resolve);
    else this.#arrivals.only(goal);
    return this.#result;
  }

  // -- Attempts

  /** Begin the next attempt if it is time, or wait until it is, or see that all is lost. */
  #advance(): void {
    if (this.#over || this.#winner !== undefined || !this.#arrivals.ready) return;
    const { reactor } = this.#plan;
    const wait = this.#earliest - reactor.seconds();
    if (this.#queue.empty) {
      const last = this.#arrivals.complete || this.#queue.spent;
      if (last && this.#pending.size === 0) this.#end(this.#allFailed());
    } else if (this.#pending.size > 0 && wait > 0) {
      this.#pace ??= reactor.callLater(wait, () => this.#goOn());
    } else {
      const address = this.#queue.next();
      if (address !== undefined) this.#attempt(address);
      this.#advance();
    }
  }

  /** Do not wait any longer with the next one. */
  #goOn(): void {
    this.#earliest = Number.NEGATIVE_INFINITY;
    this.#advance();
  }

  #attempt(address: IPAddress): void {
    const { reactor, attemptDelay, connect } = this.#plan;
    const began = reactor.seconds();
    stop(this.#pace); // It may be due at this very moment, and is not the next one's.
    this.#pace = undefined;
    this.#earliest = began + attemptDelay;
    const connecting = connectThrough(this.#factoryFor(address), {
      destination: address,
      signal: undefined,
      start: (factory) =>
        reactor.connectTCP(literalFromAddress(address), address.port, factory, connect),
    });
    this.#pending.set(address, { connecting, began });
    void connecting.addCallbacks(
      (protocol) => {
        this.#pending.delete(address);
        if (!this.#result.called) this.#result.callback(protocol);
      },
      (failure) => this.#attemptFailed(address, failure),
    );
    // Cancelled from inside, by a reactor that calls back at once.
    if (this.#over) connecting.cancel();
  }

  #attemptFailed(address: IPAddress, failure: Failure): void {
    this.#pending.delete(address);
    if (this.#over) return;
    if (this.#winner === address) this.#end(failure.value);
    else if (this.#winner === undefined) {
      this.#failed.push({ address, error: failure.value });
      this.#goOn();
    }
  }

  /** What an attempt is made with: asks for a protocol only if it is the first that may. */
  #factoryFor(address: IPAddress): IProtocolFactory<P> {
    const factory = this.#factory;
    return {
      ...(providesLoggingContext(factory) && { logPrefix: () => factory.logPrefix() }),
      doStart: () => {},
      buildProtocol: (peer) => (this.#wins(address) ? factory.buildProtocol(peer) : undefined),
      doStop: () => {
        if (this.#winner === address) factory.doStop();
      },
    };
  }

  #wins(address: IPAddress): boolean {
    if (this.#over || this.#winner !== undefined) return false;
    this.#winner = address;
    this.#giveUpTheRest();
    return true;
  }

  // -- Ends

  #giveUpTheRest(): void {
    this.#arrivals.letGo();
    stop(this.#pace);
    stop(this.#deadline);
    for (const [address, { connecting }] of this.#pending) {
      if (address !== this.#winner || this.#over) connecting.cancel();
    }
  }

  /** There is no connection, or nobody wants it any more. */
  #end(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveUpTheRest();
    if (!this.#result.called) this.#result.errback(error);
    // Else its connector stops it, when the connection has ended.
    if (this.#winner !== undefined) return;
    log.failuresHandled("Error in stopFactory", {}, () => this.#factory.doStop());
  }

  cancelled(): Error {
    const { destination } = this.#plan;
    return new ConnectingCancelledError(
      `Cannot connect to ${destination.toString()}: the attempt was cancelled`,
      destination,
      abortCause(this.#signal),
    );
  }

  #timedOut(): Error {
    const { reactor, destination, timeout } = this.#plan;
    const now = reactor.seconds();
    const unanswered = [...this.#pending].map(([address, { began }]) => ({
      address,
      error: new TimeoutError(address, Math.round((now - began) * 1000) / 1000),
    }));
    const attempts = [...this.#failed, ...unanswered];
    if (attempts.length === 0) return new TimeoutError(destination, timeout, "resolve");
    const cause = new AllAttemptsFailedError(destination, attempts, this.#queue.untried);
    return new TimeoutError(destination, timeout, "connect", { cause });
  }

  #allFailed(): Error {
    const { destination, goal } = this.#plan;
    const [first] = this.#failed;
    if (typeof goal !== "string" && first !== undefined) return first.error;
    if (first === undefined) {
      const error = noAddress(String(goal), this.#arrivals.reason);
      return cannotConnectToName(destination, error);
    }
    return new AllAttemptsFailedError(destination, this.#failed, this.#queue.untried);
  }
}

function stop(call: IDelayedCall | undefined): void {
  if (call?.active === true) call.cancel();
}
