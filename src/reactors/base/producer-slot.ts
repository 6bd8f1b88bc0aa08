/**
 * The place of a consumer's one producer: who is asked to pause and to go on, and when.
 *
 * @module
 */
import { ProducerAlreadyRegisteredError } from "../../internet/errors.ts";
import type { IPullProducer, IPushProducer } from "../../internet/interfaces-transport.ts";

/** Bytes waiting above which a push producer is paused (Twisted's `FileDescriptor.bufferSize`). */
export const PAUSE_MARK = 65_536;

type Registered =
  | { readonly streaming: true; readonly producer: IPushProducer }
  | { readonly streaming: false; readonly producer: IPullProducer };

/** A pull producer counts as paused always: it is asked again each time the buffer is empty. */
export class ProducerSlot {
  #registered: Registered | undefined;
  #paused = false;

  get occupied(): boolean {
    return this.#registered !== undefined;
  }

  /** Does it wait to be asked for more? */
  get paused(): boolean {
    return this.#paused;
  }

  /** Is it a push producer that was asked to pause, and not to go on again? */
  get heldBack(): boolean {
    return this.#paused && this.#registered?.streaming === true;
  }

  /** @throws {ProducerAlreadyRegisteredError} */
  register(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    if (this.#registered !== undefined) {
      throw new ProducerAlreadyRegisteredError(
        "Cannot register a producer: one is registered already; unregister it first",
      );
    }
    this.#registered = { streaming, producer };
    this.#paused = !streaming;
  }

  clear(): void {
    this.#registered = undefined;
    this.#paused = false;
  }

  /** Ask a push producer to pause, once, when more than the threshold waits. */
  pauseAbove(bufferedBytes: number): void {
    if (bufferedBytes <= PAUSE_MARK || this.#paused) return;
    const registered = this.#registered;
    if (registered?.streaming !== true) return;
    this.#paused = true;
    registered.producer.pauseProducing();
  }

  /** Ask it for more. */
  resume(): void {
    const registered = this.#registered;
    if (registered === undefined) return;
    this.#paused = !registered.streaming;
    registered.producer.resumeProducing();
  }

  /** Tell it that nobody wants more, and forget it. */
  stop(): void {
    const registered = this.#registered;
    this.clear();
    registered?.producer.stopProducing();
  }
}
