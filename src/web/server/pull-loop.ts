/**
 * A producer that must be asked, for a consumer that only knows pauses.
 *
 * @module
 */
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IPullProducer, IPushProducer } from "../../internet/interfaces-transport.ts";

/**
 * Asks a pull producer each time it has written, in a later pass of the reactor, until it is
 * paused. One that writes long after it was asked is not asked again before that.
 */
export class PullLoop implements IPushProducer {
  readonly #reactor: IReactorTime;
  readonly #producer: IPullProducer;
  readonly #failed: (error: unknown) => void;
  #state: "paused" | "running" | "stopped" = "paused";
  /** It has been asked, and has not written since. */
  #asked = false;
  #scheduled = false;

  /**
   * @param failed Called with what the producer has thrown; it is not asked again. Default: throws
   *   it on, to the reactor.
   */
  constructor(
    reactor: IReactorTime,
    producer: IPullProducer,
    failed: (error: unknown) => void = throwOn,
  ) {
    this.#reactor = reactor;
    this.#producer = producer;
    this.#failed = failed;
  }

  /** Its consumer was written to, be it nothing. */
  wrote(): void {
    this.#asked = false;
    this.#askLater();
  }

  pauseProducing(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  resumeProducing(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    this.#askLater();
  }

  stopProducing(): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#producer.stopProducing();
  }

  /** It has unregistered: ask no more. */
  stop(): void {
    this.#state = "stopped";
  }

  #askLater(): void {
    if (this.#scheduled || this.#asked || this.#state !== "running") return;
    this.#scheduled = true;
    this.#reactor.callLater(0, () => this.#ask());
  }

  #ask(): void {
    this.#scheduled = false;
    if (this.#state !== "running") return;
    this.#asked = true;
    try {
      this.#producer.resumeProducing();
    } catch (error) {
      this.#state = "stopped";
      this.#failed(error);
    }
  }
}

function throwOn(error: unknown): never {
  throw error;
}
