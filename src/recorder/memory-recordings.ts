/**
 * Recordings that stay in memory, for tests and for what looks at them at once.
 *
 * @module
 */
import { succeed } from "../defer/combinators.ts";
import type { Deferred } from "../defer/deferred.ts";
import type { IRecordingSink, IRecordingStore } from "./recording-store.ts";
import type { Recording } from "./wire/recorded-event.ts";
import { readRecording } from "./wire/recording-reader.ts";

/**
 * Keeps every recording, without a bound of its own.
 *
 * @example
 * ```ts
 * import { Factory, Protocol } from "sennit/internet";
 * import { MemoryRecordings, Recorder, recordFactory } from "sennit/recorder";
 * import { StringTransport } from "sennit/testing";
 *
 * const transport = new StringTransport();
 * const store = new MemoryRecordings();
 * const recorder = new Recorder({ reactor: transport.reactor, store });
 * const factory = recordFactory(Factory.forProtocol(Protocol), recorder);
 * const protocol = factory.buildProtocol(transport.getPeer());
 * if (protocol !== undefined) transport.connect(protocol);
 * transport.deliver("hello");
 * console.log(store.recordings[0]?.events.length); // 1
 * ```
 */
export class MemoryRecordings implements IRecordingStore {
  readonly lostLines = 0;
  readonly #texts: string[] = [];

  open(): IRecordingSink {
    const index = this.#texts.push("") - 1;
    return {
      append: (line) => {
        this.#texts[index] += line;
      },
      close: () => undefined,
    };
  }

  /** What would stand in the files. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /** The same, read: of each connection that was made, in that order. */
  get recordings(): readonly Recording[] {
    return this.#texts.map((text) => readRecording(text));
  }

  close(): Deferred<void> {
    return succeed(undefined);
  }

  /** There is nothing that waits. */
  closeNow(): void {}
}
