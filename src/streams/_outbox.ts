/**
 * The writing half of a connection: bytes are done with when the platform has them, and nothing
 * that is lost is called sent.
 *
 * @module
 */
import { fail, succeed } from "../defer/combinators.ts";
import { Deferred } from "../defer/deferred.ts";
import type { Failure } from "../defer/failure.ts";
import { ConnectionDone, ConnectionLost } from "../internet/errors.ts";
import type { IStreamTransport } from "../internet/interfaces-transport.ts";
import { StreamStateError } from "./errors.ts";

/** Says only that more is to come. */
const MORE_TO_COME = {
  pauseProducing(): void {},
  resumeProducing(): void {},
  stopProducing(): void {},
};

/** See the top of this file. */
export class Outbox {
  #transport: IStreamTransport | undefined;
  #made: Deferred<void>[] = [];
  /** `end` was called; then: our end is with the peer. */
  #state: "open" | "ending" | "ended" = "open";
  #reason: Failure | undefined;
  #ending: Deferred<void>[] = [];
  #lostListeners: ((reason: Error) => void)[] = [];
  /** The connection closes when the writer has ended. */
  #closing = false;

  /** Is there nothing more to be written? */
  get over(): boolean {
    return this.#state === "ended" || this.#reason !== undefined;
  }

  connect(transport: IStreamTransport): void {
    this.#transport = transport;
    for (const one of this.#made.splice(0)) one.callback();
  }

  /** Fires when there is a connection to write to; for streams, which may be there before it. */
  whenMade(): Deferred<void> {
    if (this.#reason !== undefined) return fail(this.#late());
    if (this.#transport !== undefined) return succeed(undefined);
    const made = new Deferred<void>();
    this.#made.push(made);
    return made;
  }

  /**
   * Fires when the platform has the bytes; until then they are not to be changed. Fails with
   * `ConnectionLost`, with `StreamStateError` after `end`, or before the connection is made.
   */
  send(...data: readonly (Uint8Array | string)[]): Deferred<void> {
    const transport = this.#transport;
    if (this.#reason !== undefined) return fail(this.#late());
    if (transport === undefined || this.#state !== "open") {
      const why = transport === undefined ? "there is no connection yet" : "its end was sent";
      return fail(new StreamStateError(`Cannot write to a connection: ${why}`));
    }
    const { droppedBytes } = transport;
    transport.writeSequence(data);
    if (transport.droppedBytes > droppedBytes) return fail(this.#late());
    return transport.drained();
  }

  #late(): ConnectionLost {
    const cause = this.#reason?.value;
    const options = cause === undefined ? {} : { cause };
    return new ConnectionLost("Cannot write to a connection that is closed", options);
  }

  /** Say that no more comes. Fires when the peer was told; fails if it is lost first. */
  end(): Deferred<void> {
    if (this.#state === "ended" || this.#reason?.value instanceof ConnectionDone) {
      return succeed(undefined);
    }
    if (this.#reason !== undefined) return fail(this.#reason);
    const ending = new Deferred<void>();
    this.#ending.push(ending);
    if (this.#state === "open") {
      this.#state = "ending";
      if (this.#closing) this.#transport?.unregisterProducer();
      else this.#transport?.loseWriteConnection();
    }
    return ending;
  }

  /** Close when `end` is called: read no more, but take what is still written until then. */
  closeAtEnd(): void {
    if (this.#closing || this.#state !== "open") return;
    this.#closing = true;
    this.#transport?.registerProducer(MORE_TO_COME, true);
  }

  /** The peer was told of our end. */
  ended(): void {
    this.#state = "ended";
    for (const one of this.#ending.splice(0)) one.callback();
  }

  /** Call `f` with the reason when the connection is gone. */
  whenLost(f: (reason: Error) => void): void {
    if (this.#reason === undefined) this.#lostListeners.push(f);
    else f(this.#reason.value);
  }

  lost(reason: Failure): void {
    this.#reason = reason;
    this.#transport = undefined;
    for (const f of this.#lostListeners.splice(0)) f(reason.value);
    const isDone = reason.value instanceof ConnectionDone;
    for (const one of this.#ending.splice(0)) one.callback(isDone ? undefined : reason);
    for (const one of this.#made.splice(0)) one.errback(this.#late());
  }
}
