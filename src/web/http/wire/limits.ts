/**
 * The bounds of an HTTP/1 message.
 *
 * @module
 */

/** The bounds of a message; a peer that goes beyond one is told so and dropped. */
export interface HTTPLimits {
  /** The request target, in bytes. Default: 8,192. */
  readonly maxTargetBytes?: number;
  /** One line of the head, in bytes, without its end. Default: 8,192. */
  readonly maxLineBytes?: number;
  /** The whole head, in bytes. Default: 16,384. */
  readonly maxHeadBytes?: number;
  /** Fields of a head. Default: 500. */
  readonly maxFields?: number;
  /** The line of a chunk's size with its extensions, in bytes. Default: 1,024. */
  readonly maxChunkLineBytes?: number;
  /** All extensions of all chunks of a body, in bytes. Default: 16,384. */
  readonly maxChunkExtensionBytes?: number;
  /** All trailers, in bytes; their number is bounded by `maxFields`. Default: 65,536. */
  readonly maxTrailerBytes?: number;
  /** The body, in bytes. Default: no bound, bodies are streamed. */
  readonly maxBodyBytes?: number;
}

/** {@link HTTPLimits} without gaps. */
export type CompleteLimits = Required<HTTPLimits>;

/** The defaults of {@link HTTPLimits}. */
export const HTTP_LIMITS: CompleteLimits = {
  maxTargetBytes: 8192,
  maxLineBytes: 8192,
  // Twisted's figures, so that what passed there passes here.
  maxHeadBytes: 16_384,
  maxFields: 500,
  maxChunkLineBytes: 1024,
  maxTrailerBytes: 65_536,
  // Ours: no known client sends any; each byte of them is work without a message.
  maxChunkExtensionBytes: 16_384,
  maxBodyBytes: Number.MAX_SAFE_INTEGER,
};

/**
 * The limits among some options, with the defaults for the others.
 *
 * @throws {RangeError} One is negative, or no number.
 */
export function completeLimits(options: HTTPLimits): CompleteLimits {
  const limit = (name: keyof HTTPLimits): number => {
    const value = options[name] ?? HTTP_LIMITS[name];
    if (value >= 0) return value;
    throw new RangeError(`Cannot set ${name}: expected 0 or more, got ${String(value)}`);
  };
  return {
    maxTargetBytes: limit("maxTargetBytes"),
    maxLineBytes: limit("maxLineBytes"),
    maxHeadBytes: limit("maxHeadBytes"),
    maxFields: limit("maxFields"),
    maxChunkLineBytes: limit("maxChunkLineBytes"),
    maxChunkExtensionBytes: limit("maxChunkExtensionBytes"),
    maxTrailerBytes: limit("maxTrailerBytes"),
    maxBodyBytes: limit("maxBodyBytes"),
  };
}
