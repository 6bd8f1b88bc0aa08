/**
 * A connection as a Duplex of Node's.
 *
 * @module
 */
import { Duplex } from "node:stream";
import type { Deferred } from "../defer/deferred.ts";
import { ConnectionDone } from "../internet/errors.ts";
import type { Inbox } from "./_inbox.ts";
import type { Outbox } from "./_outbox.ts";

type Done = (error?: Error | null) => void;

/** How a destroyed Duplex leaves its connection. */
type Leave = (how: "lose" | "abort", over: () => void) => void;

/** What a {@link ConnectionDuplex} is made of. */
export interface ConnectionDuplexParts {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly allowHalfOpen: boolean;
  /** Bytes that each half may hold. */
  readonly highWaterMark: number;
  /** Lose or abort the connection; `over` is called when it is gone. */
  readonly leave: Leave;
}

/** See the top of this file. */
export class ConnectionDuplex extends Duplex {
  readonly #parts: ConnectionDuplexParts;

  /** @throws {StreamStateError} The connection is read in another way. */
  constructor(parts: ConnectionDuplexParts) {
    super({ allowHalfOpen: parts.allowHalfOpen, highWaterMark: parts.highWaterMark });
    this.#parts = parts;
    // One bad peer must not cost the process. Who listens hears it all the same; "close" comes too.
    this.on("error", () => {});
    parts.inbox.claim("duplex", {
      take: (data) => this.push(data),
      end: () => this.#end(),
      fail: (error) => this.destroy(error),
    });
    parts.outbox.whenLost((reason) => {
      // In good order, there may still be something to read.
      if (!(reason instanceof ConnectionDone)) this.destroy(reason);
    });
  }

  #end(): void {
    this.push(null);
    // Nothing is left to be read, so the end is all there is: tell it also to who does not read.
    if (this.readableLength === 0) this.read(0);
  }

  override _read(): void {
    this.#parts.inbox.wantMore();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    const { outbox } = this.#parts;
    follow(
      outbox.whenMade().addCallback(() => outbox.send(chunk)),
      done,
    );
  }

  override _writev(parts: readonly { readonly chunk: Buffer }[], done: Done): void {
    const { outbox } = this.#parts;
    const chunks = parts.map((part) => part.chunk);
    follow(
      outbox.whenMade().addCallback(() => outbox.send(...chunks)),
      done,
    );
  }

  override _final(done: Done): void {
    const { outbox } = this.#parts;
    follow(
      outbox.whenMade().addCallback(() => outbox.end()),
      done,
    );
  }

  override _destroy(error: Error | null, done: Done): void {
    // With all written and nothing wrong, a reset could only take our last bytes from the peer.
    const how = error === null && this.writableFinished ? "lose" : "abort";
    this.#parts.leave(how, () => done(error));
  }
}

function follow(deferred: Deferred<void>, done: Done): void {
  void deferred.addCallbacks(
    () => done(),
    (failure) => done(failure.value),
  );
}
