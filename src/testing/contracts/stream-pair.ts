/**
 * Two Node streams that are each other's peer, in memory: what one is written, the other reads.
 *
 * @module
 */
import { Duplex } from "node:stream";

type Done = (error?: Error | null) => void;

/** One end. It takes the next piece when the other end has room for it. */
export class StreamEnd extends Duplex {
  #other: StreamEnd | undefined;
  /** What the other end waits for. */
  #room: (() => void) | undefined;
  /** Takes nothing until set to `false`; what is written waits. */
  #isStalled = false;
  #stalled: (() => void) | undefined;

  /** Tie two ends together. */
  static pair(options: { readonly allowHalfOpen?: boolean } = {}): readonly [StreamEnd, StreamEnd] {
    const one = new StreamEnd(options);
    const two = new StreamEnd(options);
    one.#other = two;
    two.#other = one;
    return [one, two];
  }

  /** `true`: what is written is not taken. */
  set stalled(isStalled: boolean) {
    this.#isStalled = isStalled;
    if (isStalled) return;
    const stalled = this.#stalled;
    this.#stalled = undefined;
    stalled?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (this.#isStalled) this.#stalled = () => this.#pass(chunk, done);
    else this.#pass(chunk, done);
  }

  #pass(chunk: Buffer, done: Done): void {
    const other = this.#other;
    if (other === undefined || other.push(chunk)) done();
    else other.#room = () => done();
  }

  override _read(): void {
    const room = this.#room;
    this.#room = undefined;
    room?.();
  }

  override _final(done: Done): void {
    this.#other?.push(null);
    done();
  }
}
