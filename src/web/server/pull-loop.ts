/**
 * A producer that must be asked, for a consumer that only knows pauses.
 *
 * @module
 */
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IPullProducer, IPushProducer } from "../../internet/interfaces-transport.ts";

/** Asks a pull producer again and again, once a pass of the reactor, until it is paused. */
export class PullLoop implements IPushProducer {
  readonly #reactor: IReactorTime;
  readonly #producer: IPullProducer;
  #state: "paused" | "asking" | "stopped" = "paused";
  #scheduled = false;

  constructor(reactor: IReactorTime, producer: IPullProducer) {
    this.#reactor = reactor;
    this.#producer = producer;
  }

  pauseProducing(): void {
    if (this.#state === "asking") this.#state = "paused";
  }

  resumeProducing(): void {
    if (this.#state !== "paused") return;
    this.#state = "asking";
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
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#reactor.callLater(0, () => {
      this.#scheduled = false;
      if (this.#state !== "asking") return;
      this.#producer.resumeProducing();
      if (this.#state === "asking") this.#askLater();
    });
  }
}
