/**
 * What a paused stream of `node:http2` receives.
 *
 * Its window may still be full of what the client has sent, in frames as small as it likes, and
 * each frame would be a Buffer in the stream: see {@link PackedBytes}.
 *
 * @module
 */
import type { Readable } from "node:stream";
import { PackedBytes } from "../server/packed-bytes.ts";

/** While the stream is paused, keep what is pushed into it in few buffers. */
export function packWhilePaused(stream: Readable): void {
  const packed = new PackedBytes();
  const push = stream.push.bind(stream);
  const flush = (): void => {
    for (const bytes of packed.take()) push(bytes);
  };
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (stream.isPaused() && Buffer.isBuffer(chunk)) {
      packed.put(chunk);
      return false;
    }
    flush();
    return push(chunk, encoding);
  };
  stream.on("resume", flush);
}
