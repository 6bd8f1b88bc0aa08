/**
 * Content codings: bytes, fewer bytes.
 *
 * Spec: RFC 9110 §8.4.1; RFC 1952 (gzip), RFC 7932 (br).
 *
 * @module
 */
import { Readable, type Transform, pipeline } from "node:stream";
import {
  brotliCompress,
  brotliCompressSync,
  type BrotliOptions,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  gzipSync,
} from "node:zlib";
import type { BodyStream } from "../server/answer.ts";

/** What bodies can be compressed with. */
export type ContentCoding = "br" | "gzip";

/**
 * For bodies that are made while the client waits: as quick as gzip, and smaller. The window is
 * that of the pieces that come (256 KiB), not the 4 MiB that a coder would hold for large files.
 */
const BROTLI: BrotliOptions = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 },
};

/** A body that is there, at once. */
export function compressNow(coding: ContentCoding, body: Uint8Array | string): Buffer {
  return coding === "br" ? brotliCompressSync(body, BROTLI) : gzipSync(body);
}

/** A body that is there, on another thread. */
export function compressLater(coding: ContentCoding, body: Uint8Array | string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, bytes: Buffer): void => {
      if (error === null) resolve(bytes);
      else reject(error);
    };
    if (coding === "br") brotliCompress(body, BROTLI, done);
    else gzip(body, done);
  });
}

/**
 * A body in pieces. What comes of each is flushed, so that a client has all that was said; the next
 * is asked for when there is room. Destroying the stream ends the source.
 */
export function compressPieces(coding: ContentCoding, pieces: BodyStream): Transform {
  const coder =
    coding === "br"
      ? createBrotliCompress({ ...BROTLI, flush: constants.BROTLI_OPERATION_FLUSH })
      : createGzip({ flush: constants.Z_SYNC_FLUSH });
  // One piece ahead, not sixteen.
  const source = Readable.from(pieces, { highWaterMark: 1 });
  // What goes wrong is told by the coder, to who reads it.
  pipeline(source, coder, () => {});
  return coder;
}
