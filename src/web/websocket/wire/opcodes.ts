/**
 * The kinds of frames.
 *
 * Spec: RFC 6455 §5.2, §11.8.
 *
 * @module
 */

/** The numbers of the kinds of frames. Those from 8 on are control frames. */
export const OPCODE = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** A kind of frame. `continuation`: it goes on with the message before it. */
export type FrameType = keyof typeof OPCODE;

/** The most a control frame may carry (§5.5). */
export const CONTROL_BYTES_MAX = 125;
