/**
 * The place of the producer of an answer, in a channel: who is told to pause and to go on, whatever
 * its kind.
 *
 * @module
 */
import { ProducerAlreadyRegisteredError } from "../../internet/errors.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import type { IPullProducer, IPushProducer } from "../../internet/interfaces-transport.ts";
import { PullLoop } from "./pull-loop.ts";

/** See the top of this file. */
export class AnswerProducer {
  readonly #reactor: IReactorTime;
  readonly #failed: (error: unknown) => void;
  #producer: IPushProducer | undefined;
  #pull: PullLoop | undefined;

  /** @param failed Called with what a producer that is asked has thrown, from a timer. */
  constructor(reactor: IReactorTime, failed: (error: unknown) => void) {
    this.#reactor = reactor;
    this.#failed = failed;
  }

  /**
   * @param isFull The channel wants nothing now.
   * @throws {ProducerAlreadyRegisteredError}
   */
  register(producer: IPushProducer & IPullProducer, streaming: boolean, isFull: boolean): void {
    if (this.#producer !== undefined) {
      throw new ProducerAlreadyRegisteredError(
        "Cannot register a producer: one is registered already; unregister it first",
      );
    }
    if (streaming) {
      this.#producer = producer;
      if (isFull) producer.pauseProducing();
      return;
    }
    this.#pull = new PullLoop(this.#reactor, producer, this.#failed);
    this.#producer = this.#pull;
    if (!isFull) this.#pull.resumeProducing();
  }

  /** The channel was written to, be it nothing: a producer that is asked may be asked again. */
  wrote(): void {
    this.#pull?.wrote();
  }

  pause(): void {
    this.#producer?.pauseProducing();
  }

  resume(): void {
    this.#producer?.resumeProducing();
  }

  /** It has no more: forget it. */
  clear(): void {
    this.#pull?.stop();
    this.#pull = undefined;
    this.#producer = undefined;
  }

  /** Nobody wants more: tell it, and forget it. */
  stop(): void {
    const producer = this.#producer;
    this.#pull = undefined;
    this.#producer = undefined;
    producer?.stopProducing();
  }
}
