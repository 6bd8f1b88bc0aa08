/**
 * How much of a WebSocket's peer is borne, and for how long.
 *
 * @module
 */
import { checkedLimit } from "./wire/frame-reader.ts";

/** The bounds of a WebSocket. Times are in seconds; 0 is none. */
export interface WebSocketLimits {
  /** The longest message in bytes, over all its frames, and inflated. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Frames of one message. Default: 16,384. */
  readonly maxFragments?: number;
  /** The peer has said nothing for so long: it is pinged. Default: 30. */
  readonly pingInterval?: number;
  /** And for so long after that: it is dropped. Default: 20. */
  readonly pongTimeout?: number;
  /** How long the peer's goodbye is waited for. Default: 10. */
  readonly closeTimeout?: number;
  /**
   * The peer takes nothing of what waits for it: it is dropped. Looked at so often, so that it may
   * take up to twice as long. Default: 60.
   */
  readonly writeTimeout?: number;
}

/** {@link WebSocketLimits} without gaps. */
export type CompleteWebSocketLimits = Required<WebSocketLimits>;

/**
 * With the defaults for what is not given.
 *
 * @throws {RangeError} A time below 0; a number of bytes or frames that is no whole number from 1.
 */
export function completeWebSocketLimits(limits: WebSocketLimits): CompleteWebSocketLimits {
  const { maxMessageBytes = 1_048_576, maxFragments = 16_384 } = limits;
  const { pingInterval = 30, pongTimeout = 20, closeTimeout = 10, writeTimeout = 60 } = limits;
  const times = { pingInterval, pongTimeout, closeTimeout, writeTimeout };
  for (const [name, seconds] of Object.entries(times)) {
    if (seconds >= 0) continue;
    throw new RangeError(`Cannot set ${name} to ${String(seconds)}: expected 0 or more seconds`);
  }
  return {
    maxMessageBytes: checkedLimit("maxMessageBytes", maxMessageBytes),
    maxFragments: checkedLimit("maxFragments", maxFragments),
    ...times,
  };
}
