/**
 * Bytes on their way out: queued by `write`, handed to the platform in bounded steps.
 *
 * @module
 */

/** What one transport has still to send. */
export class SendQueue {
  /** `undefined`: none. An array of one is a third of an empty one that is pushed to. */
  #chunks: Uint8Array[] | undefined;
  #queued = 0;
  #sending = 0;
  /** Bytes in front of the barrier; `undefined` if there is none. */
  #ahead: number | undefined;

  /** Bytes not with the platform yet, or not confirmed by it. */
  get bytes(): number {
    return this.#queued + this.#sending;
  }

  /** Has the platform bytes that it has not confirmed? */
  get sending(): boolean {
    return this.#sending > 0;
  }

  /** Is there something to hand over? */
  get waiting(): boolean {
    return this.#queued > 0 && this.#ahead !== 0;
  }

  /** Is all that was in front of the barrier with the platform? */
  get atBarrier(): boolean {
    return this.#ahead === 0 && this.#sending === 0;
  }

  /** What is pushed from now on is not handed over before `passBarrier`. */
  setBarrier(): void {
    this.#ahead = this.#queued;
  }

  passBarrier(): void {
    this.#ahead = undefined;
  }

  push(bytes: Uint8Array): void {
    if (this.#chunks === undefined) this.#chunks = [bytes];
    else this.#chunks.push(bytes);
    this.#queued += bytes.length;
  }

  /** Take chunks off the queue, at most `limit` bytes; they count as being sent from now on. */
  take(limit: number): readonly Uint8Array[] {
    if (this.#ahead !== undefined) return this.#takeAhead(limit, this.#ahead);
    if (this.#queued > limit) return this.#takeSome(limit);
    return this.#takeAll();
  }

  #takeAhead(limit: number, ahead: number): readonly Uint8Array[] {
    const most = Math.min(limit, ahead);
    const taken = this.#queued > most ? this.#takeSome(most) : this.#takeAll();
    this.#ahead = ahead - this.#sending;
    return taken;
  }

  #takeAll(): readonly Uint8Array[] {
    const all = this.#chunks ?? [];
    this.#chunks = undefined;
    this.#sending = this.#queued;
    this.#queued = 0;
    return all;
  }

  #takeSome(limit: number): readonly Uint8Array[] {
    const chunks = this.#chunks ?? [];
    const [first] = chunks;
    if (first !== undefined && first.length > limit) {
      chunks[0] = first.subarray(limit);
      this.#queued -= limit;
      this.#sending = limit;
      return [first.subarray(0, limit)];
    }
    let bytes = 0;
    const end = chunks.findIndex((chunk) => (bytes += chunk.length) > limit);
    const taken = chunks.splice(0, end);
    this.#sending = bytes - (chunks[0]?.length ?? 0);
    this.#queued -= this.#sending;
    return taken;
  }

  /** The platform has what was taken. */
  sent(): void {
    this.#sending = 0;
  }

  /** Forget everything. @returns Bytes that were never handed over. */
  clear(): number {
    const dropped = this.#queued;
    this.#chunks = undefined;
    this.#queued = 0;
    this.#sending = 0;
    this.#ahead = undefined;
    return dropped;
  }
}
