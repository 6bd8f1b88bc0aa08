/**
 * How long a connection that is closed hears its peer: closed at once, its kernel would answer what
 * still comes with a reset, and that may take our last bytes with it.
 *
 * @module
 */

/** Seconds of silence after which nobody listens any more. */
export const LINGER_SILENCE = 2;
/**
 * Seconds after which nobody does, though the peer still sends: who is told in the midst of an
 * upload that it is not wanted often looks at that when all is sent (nginx's `lingering_time`).
 */
export const LINGER_MAX = 30;
