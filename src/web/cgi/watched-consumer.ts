/**
 * A consumer that tells of each piece that goes to it.
 *
 * @module
 */
import type {
  IConsumer,
  IPullProducer,
  IPushProducer,
} from "../../internet/interfaces-transport.ts";

/** Passes everything on to another consumer. */
export class WatchedConsumer implements IConsumer {
  readonly #consumer: IConsumer;
  readonly #written: () => void;

  /** @param written Called before each `write`. */
  constructor(consumer: IConsumer, written: () => void) {
    this.#consumer = consumer;
    this.#written = written;
  }

  write(data: Uint8Array | string): void {
    this.#written();
    this.#consumer.write(data);
  }

  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPushProducer, streaming: true): void;
  /** See `IConsumer.registerProducer`. */
  registerProducer(producer: IPullProducer, streaming: false): void;
  registerProducer(producer: IPushProducer & IPullProducer, streaming: boolean): void {
    if (streaming) this.#consumer.registerProducer(producer, true);
    else this.#consumer.registerProducer(producer, false);
  }

  unregisterProducer(): void {
    this.#consumer.unregisterProducer();
  }
}
