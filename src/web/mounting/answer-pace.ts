/**
 * Whether more of an answer may be written, for a channel that is somebody else's: who waits for
 * it, and which producer is paused.
 *
 * @module
 */
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { Failure } from "../../defer/failure.ts";
import type { IReactorTime } from "../../internet/interfaces-reactor.ts";
import { Logger } from "../../logger/logger.ts";
import { AnswerProducer } from "../server/answer-producer.ts";

const log = new Logger({ namespace: "sennit.web" });

/** See the top of this file. */
export class AnswerPace {
  /** Who makes the answer, if somebody has registered. */
  readonly producer: AnswerProducer;
  #full = false;
  #waiting: Deferred<void>[] = [];
  #lost: Failure | undefined;

  /** @param abort Called when a producer has failed, and that was logged. */
  constructor(reactor: IReactorTime, abort: () => void) {
    this.producer = new AnswerProducer(reactor, (error) => {
      log.failure("error in a producer; its answer is cut off", Failure.of(error));
      abort();
    });
  }

  get full(): boolean {
    return this.#full;
  }

  /** No more for now. */
  filled(): void {
    if (this.#full) return;
    this.#full = true;
    this.producer.pause();
  }

  /** There is room. Not to be called from inside a `write`. */
  emptied(): void {
    if (!this.#full) return;
    this.#full = false;
    for (const waiting of this.#waiting.splice(0)) waiting.callback();
    this.producer.resume();
  }

  /** See `IRequestChannel.drained`. */
  drained(): Deferred<void> {
    if (this.#lost !== undefined) return fail(this.#lost);
    if (!this.#full) return succeed(undefined);
    const waiting = new Deferred<void>();
    this.#waiting.push(waiting);
    return waiting;
  }

  /** The answer is whole: nobody waits any more. */
  finished(): void {
    this.producer.stop();
    this.#full = false;
    for (const waiting of this.#waiting.splice(0)) waiting.callback();
  }

  /** The client has gone. */
  lost(reason: Failure): void {
    this.#lost = reason;
    this.producer.stop();
    for (const waiting of this.#waiting.splice(0)) waiting.errback(reason);
  }
}
