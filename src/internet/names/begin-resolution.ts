/**
 * Asking a resolver, whoever wrote it: one that throws, that tells too much, or that cannot be
 * cancelled does no harm.
 *
 * @module
 */
import { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import type {
  IHostnameResolver,
  IHostResolution,
  IPAddress,
  IResolutionReceiver,
  ResolveHostNameOptions,
} from "../interfaces-resolver.ts";

const log = new Logger({ namespace: "sennit.internet.names" });

/** What the asker wants to know. Both may come before {@link beginResolution} returns. */
export interface ResolutionEvents {
  address(address: IPAddress): void;
  /** Last, once. `reason`: why there was no address, if the resolver says. */
  complete(reason: Failure | undefined): void;
}

/** Ask. @returns Lets go: nothing more is told. */
export function beginResolution(
  resolver: IHostnameResolver,
  hostName: string,
  options: ResolveHostNameOptions,
  events: ResolutionEvents,
): () => void {
  const receiver = new CarefulReceiver(events);
  try {
    receiver.began(resolver.resolveHostName(receiver, hostName, options));
  } catch (error) {
    receiver.resolutionComplete(Failure.of(error));
  }
  return () => receiver.letGo();
}

/** Told by a resolver; tells on what is in order. */
class CarefulReceiver implements IResolutionReceiver {
  readonly #events: ResolutionEvents;
  #resolution: IHostResolution | undefined;
  #state: "open" | "complete" | "let go" = "open";

  constructor(events: ResolutionEvents) {
    this.#events = events;
  }

  resolutionBegan(resolution: IHostResolution): void {
    this.#resolution ??= resolution;
  }

  /** `resolveHostName` has returned. */
  began(resolution: IHostResolution): void {
    const known = this.#resolution !== undefined;
    this.#resolution ??= resolution;
    // Let go from inside, when there was nothing yet to be cancelled.
    if (!known && this.#state === "let go") this.#cancel();
  }

  addressResolved(address: IPAddress): void {
    if (this.#state === "open") this.#events.address(address);
  }

  resolutionComplete(reason?: Failure): void {
    if (this.#state !== "open") return;
    this.#state = "complete";
    this.#events.complete(reason);
  }

  letGo(): void {
    if (this.#state !== "open") return;
    this.#state = "let go";
    this.#cancel();
  }

  #cancel(): void {
    const resolution = this.#resolution;
    if (resolution === undefined) return;
    const { name } = resolution;
    log.failuresHandled("Error in cancel of the resolution of {name}", { name }, () => {
      resolution.cancel();
    });
  }
}
