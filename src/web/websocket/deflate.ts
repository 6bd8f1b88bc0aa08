/**
 * Messages, made small and made whole again: permessage-deflate.
 *
 * Each message is a stream of its own (see the agreement in `wire/deflate-parameters.ts`), so that
 * there is nothing to keep between messages, and both directions are plain functions. They are
 * synchronous: the thread pool would give back the order of messages by chance, costs a small
 * message more than the work itself, and what it would save is bounded. A message of 1 MiB takes
 * about 4 ms to deflate and 1.5 ms to inflate; one of 16 KiB 0.04 ms and 0.02 ms (Node 20).
 *
 * Spec: RFC 7692 §7.2.1 (compression), §7.2.2 (decompression), §7.2.3.4 (final blocks).
 *
 * @module
 */
import { Transform } from "node:stream";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { assert } from "../../core/assert.ts";
import { CLOSE_CODE } from "./wire/close-codes.ts";
import type { DeflateAgreement } from "./wire/deflate-parameters.ts";
import { WebSocketProtocolError } from "./wire/errors.ts";
import type { BinaryEvent, CompressedEvent, TextEvent } from "./wire/events.ts";
import { plainEvent } from "./wire/message-event.ts";

/** What the sender takes from the end of each message, an empty block's, and we put back. */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);
/** Ours: less fits into one packet anyway, and alone it hardly shrinks. */
const BYTES_MIN = 1024;
/** Ours: what takes longer than 4 ms is better sent as it is than all others kept waiting. */
const BYTES_MAX = 1_048_576;
/**
 * Ours: a message may consist of several streams (§7.2.1 allows final blocks within it), and each
 * costs 10 µs and 16 KiB however little is in it.
 */
const STREAMS_MAX = 64;

/**
 * Compress a message: send it in a frame that says `compressed`.
 *
 * @returns `undefined` if it is better sent as it is: it has fewer than 1,024 bytes or more than
 * 1,048,576, or would not shrink.
 */
export function deflateMessage(
  message: Uint8Array,
  { windowBits }: DeflateAgreement,
): Buffer | undefined {
  if (message.length < BYTES_MIN || message.length > BYTES_MAX) return undefined;
  const deflated = deflateRawSync(message, {
    windowBits,
    // A third of the default's time, for a tenth more bytes (JSON, Node 20).
    level: constants.Z_BEST_SPEED,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  const length = deflated.length - TAIL.length;
  return length < message.length ? deflated.subarray(0, length) : undefined;
}

/**
 * The message that was compressed, of which nothing was decoded yet.
 *
 * @param maxMessageBytes The longest it may be. Inflating ends there: a bomb takes no more memory
 * than a message.
 * @throws {WebSocketProtocolError} With close code 1009 it is longer; with 1007 it cannot be
 * inflated, or is text that is no UTF-8; with 1008 it is made of more than 64 streams.
 */
export function inflateMessage(
  { of, data }: CompressedEvent,
  maxMessageBytes: number,
): TextEvent | BinaryEvent {
  const parts: Buffer[] = [];
  let left = maxMessageBytes;
  let rest = Buffer.concat([data, TAIL]);
  while (rest.length > 0) {
    if (parts.length === STREAMS_MAX) {
      throw inflateError("expected at most 64 streams, got more", CLOSE_CODE.policyViolation);
    }
    const { bytes, consumed } = inflateStream(rest, left);
    parts.push(bytes);
    left -= bytes.length;
    rest = rest.subarray(consumed);
  }
  const [first] = parts;
  return plainEvent(of, first !== undefined && parts.length === 1 ? first : Buffer.concat(parts));
}

/** Inflate the first stream of `input`, to at most `most` bytes. */
function inflateStream(
  input: Buffer,
  most: number,
): { readonly bytes: Buffer; readonly consumed: number } {
  let result: unknown;
  try {
    result = inflateRawSync(input, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: Math.max(1, most),
      info: true,
    });
  } catch (cause) {
    if (isTooLarge(cause)) throw tooBig();
    throw inflateError("expected a DEFLATE stream", CLOSE_CODE.invalidPayload, { cause });
  }
  const inflated = withInfo(result);
  if (inflated.bytes.length > most) throw tooBig();
  return inflated;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

/** What `info` adds to the result, which its type does not tell. */
function withInfo(result: unknown): { readonly bytes: Buffer; readonly consumed: number } {
  assert(typeof result === "object" && result !== null, "zlib gives an object with info");
  assert("buffer" in result && Buffer.isBuffer(result.buffer), "zlib gives a buffer");
  assert("engine" in result && result.engine instanceof Transform, "zlib gives its engine");
  const { buffer, engine } = result;
  assert("bytesWritten" in engine && typeof engine.bytesWritten === "number", "zlib counts");
  return { bytes: buffer, consumed: engine.bytesWritten };
}

function tooBig(): WebSocketProtocolError {
  return inflateError("expected fewer bytes than it inflates to", CLOSE_CODE.messageTooBig);
}

function inflateError(
  problem: string,
  closeCode: number,
  options?: ErrorOptions,
): WebSocketProtocolError {
  const message = `Cannot inflate a WebSocket's message: ${problem}`;
  return new WebSocketProtocolError(message, closeCode, options);
}
