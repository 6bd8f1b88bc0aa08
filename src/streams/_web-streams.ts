/**
 * A connection as the two streams of the web.
 *
 * Spec: WHATWG Streams. Bytes are counted, not chunks.
 *
 * @module
 */
import type { Inbox } from "./_inbox.ts";
import type { Outbox } from "./_outbox.ts";

/** What the two are made of. */
export interface WebStreamsParts {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  /** Bytes that each half may hold. */
  readonly highWaterMark: number;
  /** Nobody wants what the peer still sends. */
  readonly cancelled: () => void;
  readonly abort: () => void;
}

function sizeOf(chunk: Uint8Array | undefined): number {
  return chunk?.byteLength ?? 0;
}

/** What the peer sends. @throws {StreamStateError} The connection is read in another way. */
export function webReadable(parts: WebStreamsParts): ReadableStream<Uint8Array> {
  const { inbox, highWaterMark, cancelled } = parts;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        inbox.claim("readable", {
          take(data) {
            controller.enqueue(data);
            return (controller.desiredSize ?? 0) > 0;
          },
          end: () => controller.close(),
          fail: (error) => controller.error(error),
        });
      },
      pull: () => inbox.wantMore(),
      cancel: cancelled,
    },
    { highWaterMark, size: sizeOf },
  );
}

/** What the peer receives. */
export function webWritable(parts: WebStreamsParts): WritableStream<Uint8Array> {
  const { outbox, highWaterMark, abort } = parts;
  return new WritableStream<Uint8Array>(
    {
      async start(controller) {
        outbox.whenLost((reason) => controller.error(reason));
        // Not the sink's own `abort`: that waits for a write, and so for a peer who may never read.
        const signal: unknown = Reflect.get(controller, "signal"); // The types do not know it.
        if (signal instanceof AbortSignal) signal.addEventListener("abort", abort, { once: true });
        await outbox.whenMade();
      },
      async write(chunk) {
        try {
          await outbox.send(chunk);
        } catch (error) {
          abort(); // The stream is of no use after this, and would leave its half open for good.
          throw error;
        }
      },
      close: () => outbox.end().toPromise(),
    },
    { highWaterMark, size: sizeOf },
  );
}
