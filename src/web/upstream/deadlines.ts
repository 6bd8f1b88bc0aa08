/**
 * How long each phase of a request to a server may last.
 *
 * @module
 */

/**
 * Seconds, each with its default; 0 is none. Beyond one, a request fails with
 * `ConnectionTimedOut`.
 */
export interface UpstreamDeadlines {
  /** In the line for a connection, when as many are open as may. Default: 10. */
  readonly waitTimeout?: number;
  /** Until a connection is there. Default: 10. */
  readonly connectTimeout?: number;
  /** From the end of the request to the end of the answer's head. Default: 60. */
  readonly headTimeout?: number;
  /** Without a byte of an answer's body that is wanted. Default: 60. */
  readonly bodyTimeout?: number;
  /** While the server takes nothing of the request. Default: 60. */
  readonly writeTimeout?: number;
  /**
   * For a server that is asked with `Expect` whether it wants the body, and says nothing: then the
   * body is sent, and nothing fails. Default: 1.
   */
  readonly continueTimeout?: number;
  /**
   * A connection without a request; then it is closed. Default: 4, which is less than the 5 of
   * Node's servers and of Apache: who closes first is not surprised by the other.
   */
  readonly idleTimeout?: number;
}

const DEFAULTS: Required<UpstreamDeadlines> = {
  waitTimeout: 10,
  connectTimeout: 10,
  headTimeout: 60,
  bodyTimeout: 60,
  writeTimeout: 60,
  continueTimeout: 1,
  idleTimeout: 4,
};

/**
 * The deadlines among some options, with the defaults for the others.
 *
 * @throws {RangeError} One is negative, or no number.
 */
export function completeDeadlines(options: UpstreamDeadlines): Required<UpstreamDeadlines> {
  const seconds = (name: keyof UpstreamDeadlines): number => {
    const value = options[name] ?? DEFAULTS[name];
    if (value >= 0) return value;
    throw new RangeError(`Cannot set ${name}: expected 0 or more, got ${String(value)}`);
  };
  return {
    waitTimeout: seconds("waitTimeout"),
    connectTimeout: seconds("connectTimeout"),
    headTimeout: seconds("headTimeout"),
    bodyTimeout: seconds("bodyTimeout"),
    writeTimeout: seconds("writeTimeout"),
    continueTimeout: seconds("continueTimeout"),
    idleTimeout: seconds("idleTimeout"),
  };
}
