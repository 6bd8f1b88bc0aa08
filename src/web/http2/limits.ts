/**
 * The bounds of a connection of HTTP/2.
 *
 * @module
 */

/** Beyond one of them the connection is ended with ENHANCE_YOUR_CALM, or the stream refused. */
export interface HTTP2Limits {
  /** Requests at once. Default: 100. */
  readonly maxConcurrentStreams?: number;
  /** Streams that the client resets before their answer, in any ten seconds. Default: 200. */
  readonly maxResets?: number;
  /** Bytes of a body that the client may send before we have read them. Default: 262,144. */
  readonly streamWindowBytes?: number;
}

/** {@link HTTP2Limits} without gaps. */
export type CompleteHTTP2Limits = Required<HTTP2Limits>;

/** The defaults of {@link HTTP2Limits}. */
export const HTTP2_LIMITS: CompleteHTTP2Limits = {
  maxConcurrentStreams: 100,
  // Twice as many as a browser that throws a page away twice; CVE-2023-44487 used thousands.
  maxResets: 200,
  streamWindowBytes: 262_144,
};
