/**
 * The addresses of a name as they arrive, and the moment from which they may be tried.
 *
 *     IPv6 arrives                  at once
 *     IPv4 arrives                  when IPv6 does, the answer is complete, or 50 ms have passed
 *     both in one go, IPv4 first    at once, in that order: it is the resolver's
 *
 * Spec: RFC 8305 §3 (the Resolution Delay), §4.
 *
 * @module
 */
import type { Failure } from "../../defer/failure.ts";
import type { IDelayedCall, IReactorTime } from "../interfaces-reactor.ts";
import type {
  IPAddress,
  IReactorPluggableNameResolver,
  ResolveHostNameOptions,
} from "../interfaces-resolver.ts";
import { beginResolution } from "../names/begin-resolution.ts";
import type { AddressQueue } from "./_address-queue.ts";

/** Seconds that IPv4 waits for IPv6 (RFC 8305 §3). */
const RESOLUTION_DELAY = 0.05;

/** See the top of this file. */
export class Arrivals {
  readonly #reactor: IReactorTime & IReactorPluggableNameResolver;
  readonly #queue: AddressQueue;
  readonly #changed: () => void;
  #stop: () => void = () => {};
  #hold: IDelayedCall | undefined;
  /** What comes now does not come together with the first address. */
  #later = false;
  #ready = false;
  #complete = false;
  #unwanted = false;
  #reason: Failure | undefined;

  /** @param changed There may be something to do: an address, or the end. */
  constructor(
    reactor: IReactorTime & IReactorPluggableNameResolver,
    queue: AddressQueue,
    changed: () => void,
  ) {
    this.#reactor = reactor;
    this.#queue = queue;
    this.#changed = changed;
  }

  /** What is in the queue may be tried. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Nothing more will come. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Why there was nothing, as far as the resolver says. */
  get reason(): Failure | undefined {
    return this.#reason;
  }

  /** There is one address, and no name to resolve. */
  only(address: IPAddress): void {
    this.#queue.add(address);
    this.#completed(undefined);
  }

  /** Ask. `changed` may be called before this returns. */
  resolve(hostName: string, options: ResolveHostNameOptions): void {
    const { addressTypes } = options;
    const both = addressTypes === undefined || addressTypes.length > 1;
    this.#stop = beginResolution(this.#reactor.nameResolver, hostName, options, {
      address: (address) => this.#arrived(address, both),
      complete: (reason) => this.#completed(reason),
    });
    if (this.#unwanted) this.#stop(); // From inside, by a resolver that calls back at once.
  }

  #arrived(address: IPAddress, both: boolean): void {
    if (!this.#queue.add(address)) return;
    if (this.#ready) this.#changed();
    else if (!both) this.#release();
    else if (address.kind === "IPv6") {
      // In one go with IPv4: the resolver has sorted them. Later: IPv6 was worth the wait.
      if (this.#later) this.#queue.prefer("IPv6");
      this.#release();
    } else this.#hold ??= this.#reactor.callLater(0, () => this.#wait());
  }

  #wait(): void {
    this.#later = true;
    this.#hold = this.#reactor.callLater(RESOLUTION_DELAY, () => this.#release());
  }

  #completed(reason: Failure | undefined): void {
    this.#complete = true;
    this.#reason = reason;
    this.#release();
  }

  #release(): void {
    this.#stopWaiting();
    this.#ready = true;
    this.#changed();
  }

  #stopWaiting(): void {
    if (this.#hold?.active === true) this.#hold.cancel();
    this.#hold = undefined;
  }

  /** Nothing more is wanted. */
  letGo(): void {
    this.#unwanted = true;
    this.#stopWaiting();
    this.#stop();
  }
}
