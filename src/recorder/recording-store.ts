/**
 * Where recordings go: one text for each connection, line by line.
 *
 * @module
 */
import type { Deferred } from "../defer/deferred.ts";

/** One recording that is being written. */
export interface IRecordingSink {
  /**
   * One line, with its end. It must not wait: a store that is slower than the network refuses.
   *
   * @throws Whatever is wrong. Then this recording is over: `close` follows, and nothing else.
   */
  append(line: string): void;
  /** There is no more of it. */
  close(): void;
}

/** A place for recordings. */
export interface IRecordingStore {
  /** Begin one. @throws Whatever is wrong: then this connection is not recorded. */
  open(): IRecordingSink;
  /** Lines that were taken, and then could not be written. */
  readonly lostLines: number;
  /** Write what waits. Fires when nothing does; fails with what went wrong since it was made. */
  close(): Deferred<void>;
  /** Write what waits before this returns, as far as that can be. It does not throw. */
  closeNow(): void;
}
