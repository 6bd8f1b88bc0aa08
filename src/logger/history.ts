/**
 * The last events, kept for later.
 *
 * After: twisted.logger._buffer.
 *
 * @module
 */
import { quote } from "../core/text.ts";
import { observerOf } from "./_observer-like.ts";
import type { ILogObserver, LogEvent, LogObserver, LogObserverLike } from "./event.ts";

/** Ours, after Twisted: some tens of megabytes at worst, a few minutes of a busy server. */
const SIZE_DEFAULT = 65_536;

/**
 * Keeps the last events and plays them back.
 *
 * Events are kept as they are, with the objects they speak of, and are rendered only when they are
 * played back: what has changed since then shows as it is now.
 */
export class LimitedHistoryLogObserver implements ILogObserver {
  /** Takes the events. */
  readonly observer: LogObserver = (event) => {
    this.#keep(event);
  };

  readonly #size: number;
  /** A ring once it is full: `#oldest` is then the next to be overwritten. */
  #events: LogEvent[] = [];
  #oldest = 0;

  /** @throws {RangeError} `size`, the number of events to keep, is not a whole number above 0. */
  constructor(size: number = SIZE_DEFAULT) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(
        `Cannot keep a history: expected a size of at least 1, got ${quote(size)}`,
      );
    }
    this.#size = size;
  }

  /** The number of events that are kept now. */
  get length(): number {
    return this.#events.length;
  }

  /** Give the events, the oldest first, to an observer. They stay. What it throws is thrown on. */
  replayTo(like: LogObserverLike): void {
    const observer = observerOf(like);
    // A copy: the observer may cause events that this history is given.
    const events = [...this.#events.slice(this.#oldest), ...this.#events.slice(0, this.#oldest)];
    for (const event of events) observer(event);
  }

  /** Forget all events. */
  clear(): void {
    this.#events = [];
    this.#oldest = 0;
  }

  #keep(event: LogEvent): void {
    if (this.#events.length < this.#size) {
      this.#events.push(event);
      return;
    }
    this.#events[this.#oldest] = event;
    this.#oldest = (this.#oldest + 1) % this.#size;
  }
}
