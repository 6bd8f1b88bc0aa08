/**
 * Events that belong together, as one: a segment that is sent again and again, and, for those who
 * read, the three steps of a handshake and the pieces into which bytes were cut.
 *
 * @module
 */
import type { TraceEvent } from "../../../reactors/simulated/trace.ts";

/** An event, and those that were folded into it. */
export interface FoldedEvent {
  readonly event: TraceEvent;
  /** In the trace, from 0. */
  readonly index: number;
  /** Among what the trace was folded into, from 0. */
  readonly number: number;
  /** Later ones, oldest first. */
  readonly more: readonly TraceEvent[];
}

/** What {@link foldEvents} folds: `resent` only what is retransmitted. */
export type Folding = "resent" | "all";

/** Fold a trace. What is folded stands where the first of it stood. */
export function foldEvents(events: readonly TraceEvent[], folding: Folding): FoldedEvent[] {
  const folder = new Folder(folding);
  for (const [index, event] of events.entries()) folder.add(event, index);
  return folder.folded;
}

interface Fold extends FoldedEvent {
  readonly more: TraceEvent[];
}

class Folder {
  readonly folded: Fold[] = [];
  readonly #all: boolean;
  /** What more of the same is added to. */
  readonly #same = new Map<string, Fold>();
  /** Attempts that have come to nothing yet, by host. */
  readonly #attempts = new Map<string, Fold[]>();
  /** Connections that are not accepted yet. */
  readonly #connected = new Map<number, Fold>();

  constructor(folding: Folding) {
    this.#all = folding === "all";
  }

  add(event: TraceEvent, index: number): void {
    const into = this.#placeOf(event);
    const number = this.folded.length;
    if (into === undefined) this.#open({ event, index, number, more: [] });
    else into.more.push(event);
  }

  #open(fold: Fold): void {
    const { event } = fold;
    this.folded.push(fold);
    const key = this.#keyOf(event);
    if (key !== undefined) this.#same.set(key, fold);
    if (!this.#all) return;
    if (event.kind === "connecting") this.#attemptsOf(event.host).push(fold);
    else if (event.kind === "connected") this.#remember(event, fold);
  }

  /** What an event is folded into. */
  #placeOf(event: TraceEvent): Fold | undefined {
    const key = this.#keyOf(event);
    if (key !== undefined) return this.#same.get(key);
    if (!this.#all) return undefined;
    switch (event.kind) {
      case "connected":
        return this.#attemptThatConnected(event);
      case "accepted":
        return this.#connected.get(event.connection ?? -1);
      case "refused":
        return this.#attemptThatWasRefused(event);
      case "host ended":
      case "host lost power":
        this.#attempts.delete(event.host);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Events with the same key are the same again. */
  #keyOf({ kind, at, host, connection, sentAt, bytes }: TraceEvent): string | undefined {
    if (kind === "retransmitted") return JSON.stringify([kind, host, connection, sentAt, bytes]);
    if (kind !== "received" || !this.#all) return undefined;
    return JSON.stringify([kind, host, connection, sentAt, at]);
  }

  /** An attempt does not know its number: where there are several, none is sure to be the one. */
  #attemptThatConnected(event: TraceEvent): Fold | undefined {
    const attempts = this.#attemptsOf(event.host);
    const isSure = attempts.length === 1;
    const attempt = attempts.shift();
    if (!isSure || attempt === undefined) return undefined;
    this.#remember(event, attempt);
    return attempt;
  }

  #attemptThatWasRefused({ host, text }: TraceEvent): Fold | undefined {
    const attempts = this.#attemptsOf(host);
    const at = attempts.findIndex(({ event }) => event.text === text);
    return at === -1 ? undefined : attempts.splice(at, 1)[0];
  }

  #remember({ connection }: TraceEvent, fold: Fold): void {
    if (connection !== undefined) this.#connected.set(connection, fold);
  }

  #attemptsOf(host: string): Fold[] {
    let attempts = this.#attempts.get(host);
    if (attempts === undefined) {
      attempts = [];
      this.#attempts.set(host, attempts);
    }
    return attempts;
  }
}
