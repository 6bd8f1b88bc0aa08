/**
 * The bounds of a connection of HTTP/2.
 *
 * @module
 */
import type { ServerSessionOptions } from "node:http2";
import type { CompleteLimits } from "../http/wire/limits.ts";

/** Beyond one of them the connection is ended with ENHANCE_YOUR_CALM, or the stream refused. */
export interface HTTP2Limits {
  /** Requests at once. Default: 100. */
  readonly maxConcurrentStreams?: number;
  /** Streams that are reset before their answer, in ten seconds. Default: 200. */
  readonly maxResets?: number;
  /** Bytes of a body that the client may send before we have read them. Default: 262,144. */
  readonly streamWindowBytes?: number;
  /** The same for all bodies together, while they are on their way. Default: 1,048,576. */
  readonly connectionWindowBytes?: number;
}

/** {@link HTTP2Limits} without gaps. */
export type CompleteHTTP2Limits = Required<HTTP2Limits>;

/** The defaults. */
const HTTP2_LIMITS: CompleteHTTP2Limits = {
  maxConcurrentStreams: 100,
  // Twice as many as a browser that throws a page away twice; CVE-2023-44487 used thousands.
  maxResets: 200,
  streamWindowBytes: 262_144,
  connectionWindowBytes: 1_048_576,
};

const INT32_MAX = 2 ** 31 - 1;

/**
 * The limits that are given, with the defaults for the others.
 *
 * @throws {RangeError} One is below its least value, above 2,147,483,647, or not whole.
 */
export function completeHTTP2Limits(options: HTTP2Limits): CompleteHTTP2Limits {
  const limit = (name: keyof HTTP2Limits, least: number): number => {
    const value = options[name] ?? HTTP2_LIMITS[name];
    if (Number.isInteger(value) && value >= least && value <= INT32_MAX) return value;
    const wanted = `a whole number of ${String(least)} or more`;
    throw new RangeError(`Cannot set ${name}: expected ${wanted}, got ${String(value)}`);
  };
  return {
    maxConcurrentStreams: limit("maxConcurrentStreams", 1),
    maxResets: limit("maxResets", 0),
    streamWindowBytes: limit("streamWindowBytes", 1),
    // RFC 9113 §6.9.2: it cannot be made smaller than it is in the beginning.
    connectionWindowBytes: limit("connectionWindowBytes", 65_535),
  };
}

/** The names that begin with a colon: fields to Node, not to us. */
const PSEUDO_FIELDS = 4;

/** With options that the types of Node leave out. */
interface SessionOptions extends ServerSessionOptions {
  readonly maxSessionInvalidFrames: number;
  readonly maxSessionRejectedStreams: number;
}

/** What `node:http2` is told of a connection. */
export function sessionOptions(
  { maxFields, maxHeadBytes }: CompleteLimits,
  { maxConcurrentStreams, streamWindowBytes }: CompleteHTTP2Limits,
): SessionOptions {
  return {
    // Beyond these Node resets the stream; between them and ours, we can answer 431.
    maxHeaderListPairs: Math.min(2 * maxFields + PSEUDO_FIELDS, INT32_MAX),
    // Answers that wait, 64 KiB of each, must not make it refuse streams: in megabytes.
    maxSessionMemory: 8 + Math.ceil(maxConcurrentStreams / 8),
    // These two are counted as long as the connection lives: not too few.
    maxSessionInvalidFrames: 1000,
    maxSessionRejectedStreams: 100,
    maxSettings: 32,
    maxOutstandingPings: 10,
    settings: {
      maxConcurrentStreams,
      initialWindowSize: streamWindowBytes,
      maxHeaderListSize: Math.min(2 * maxHeadBytes, INT32_MAX),
    },
  };
}
