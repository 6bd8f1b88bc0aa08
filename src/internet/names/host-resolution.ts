/**
 * A resolution, as resolvers tell of it: in order, nothing after the end, and nothing that a
 * receiver throws gets back to the resolver.
 *
 * After: twisted.internet._resolver.HostResolution.
 *
 * @module
 */
import { Logger } from "../../logger/logger.ts";
import { Failure } from "../../defer/failure.ts";
import type {
  IHostResolution,
  IPAddress,
  IResolutionReceiver,
  ResolutionError,
} from "../interfaces-resolver.ts";

const log = new Logger({ namespace: "sennit.internet.names" });

/**
 * For those who write resolvers: make one, tell it what you find, return it.
 *
 * @example
 * ```ts
 * import {
 *   HostResolution,
 *   type IHostnameResolver,
 *   IPv4Address,
 *   type IReactorTime,
 * } from "sennit/internet";
 *
 * function everythingIsHere(reactor: IReactorTime): IHostnameResolver {
 *   return {
 *     resolveHostName(receiver, hostName, { portNumber = 0 } = {}) {
 *       const call = reactor.callLater(0, () => {
 *         resolution.addressResolved(new IPv4Address("TCP", "127.0.0.1", portNumber));
 *         resolution.resolutionComplete();
 *       });
 *       const resolution = new HostResolution(hostName, receiver, () => call.cancel());
 *       resolution.begin();
 *       return resolution;
 *     },
 *   };
 * }
 * ```
 */
export class HostResolution implements IHostResolution {
  readonly name: string;
  readonly #receiver: IResolutionReceiver;
  readonly #cancelled: () => void;
  #active = true;

  /** @param cancelled Called once if the receiver lets go before the end. */
  constructor(name: string, receiver: IResolutionReceiver, cancelled: () => void = () => {}) {
    this.name = name;
    this.#receiver = receiver;
    this.#cancelled = cancelled;
  }

  /** Neither complete nor cancelled. */
  get active(): boolean {
    return this.#active;
  }

  /** Tell that it began. The receiver may cancel it in there. */
  begin(): void {
    this.#tell("resolutionBegan", () => this.#receiver.resolutionBegan(this));
  }

  /** Tell an address; dropped when the resolution is over. */
  addressResolved(address: IPAddress): void {
    if (!this.#active) return;
    this.#tell("addressResolved", () => this.#receiver.addressResolved(address));
  }

  /** End it; dropped when it is over. @param error Why there is no address, or not every one. */
  resolutionComplete(error?: ResolutionError): void {
    if (!this.#active) return;
    this.#active = false;
    const reason = error === undefined ? undefined : new Failure(error);
    this.#tell("resolutionComplete", () => this.#receiver.resolutionComplete(reason));
  }

  cancel(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#cancelled();
  }

  #tell(what: string, f: () => void): void {
    log.failuresHandled("Error in {what} for {name}", { what, name: this.name }, f);
  }
}
