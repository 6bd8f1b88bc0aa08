/**
 * How long each phase of a connection of a web server may last.
 *
 * @module
 */

/** Seconds, each with its default; 0 is none. A client that falls silent is gone by one of them. */
export interface HTTPDeadlines {
  /** Between two requests, and before the first. Default: 60. Then the connection is closed. */
  readonly idleTimeout?: number;
  /** From the first byte of a request to the end of its head. Default: 30. Answered with 408. */
  readonly headTimeout?: number;
  /** Without a byte of a body that is wanted. Default: 60. Answered with 408. */
  readonly bodyTimeout?: number;
  /** From the request to the first byte of its answer. Default: 3,600. Answered with 503. */
  readonly handlerTimeout?: number;
  /**
   * While the client takes nothing of an answer, looked at so often: a client that takes nothing is
   * gone by twice that. Default: 60. Then the connection is aborted.
   */
  readonly writeTimeout?: number;
}

/** The defaults of {@link HTTPDeadlines}. */
export const HTTP_DEADLINES: Required<HTTPDeadlines> = {
  idleTimeout: 60,
  headTimeout: 30,
  bodyTimeout: 60,
  handlerTimeout: 3600,
  writeTimeout: 60,
};

/** What a connection waits for. */
export type HTTPPhase = "idle" | "head" | "body" | "handler" | "write";
