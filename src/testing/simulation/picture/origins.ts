/**
 * Where what arrives came from, and when it left there.
 *
 * @module
 */
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";

/** Where something left. */
export interface Origin {
  readonly host: string;
  readonly at: number;
}

/** See the top of this file. */
export class Origins {
  /** The other end of each connection, when it learnt that there is one. */
  readonly #connected = new Map<number, Origin>();

  constructor(trace: readonly TraceEvent[]) {
    for (const { kind, host, at, connection } of trace) {
      if (kind === "connected" && connection !== undefined) {
        this.#connected.set(connection, { host, at });
      }
    }
  }

  /** @returns `undefined`: it is nothing that arrives, or nobody knows. */
  of({ kind, connection = -1, peer, sentAt }: TraceEvent): Origin | undefined {
    if (kind === "accepted") return this.#connected.get(connection);
    const arrives = kind === "received" || kind === "datagram received";
    return arrives && peer !== undefined && sentAt !== undefined
      ? { host: peer, at: sentAt }
      : undefined;
  }
}
