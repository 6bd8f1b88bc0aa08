/**
 * Failures that nobody handled: who keeps the books, and when they are told.
 *
 * A Deferred whose chain has ended in a Failure is entered in a ledger; an errback strikes it out.
 * The process-wide ledger reports an entry as a critical log event, once: when its Deferred is
 * garbage-collected, and at the latest when the reactor stops. A test or a simulation opens a
 * ledger of its own, which never waits for the collector: it is read and emptied by hand.
 *
 * After: twisted.internet.defer.DebugInfo. Differs: JavaScript's collector may come late or never,
 * so it is the first chance of a report, not the only one.
 *
 * @module
 */
import { Logger } from "../logger/logger.ts";
import type { Failure } from "./failure.ts";

/** A failure at the end of a chain. */
export interface OpenFailure {
  readonly failure: Failure;
  /** Where the Deferred was made, when debugging is on. */
  readonly created: string | undefined;
}

/** One in the books. Its Deferred keeps it and strikes it out when handled. */
export interface UnhandledFailure extends OpenFailure {
  state: "open" | "handled" | "reported";
  /** The books it stands in. */
  readonly ledger: Ledger;
}

/** Entries wait for the end of the turn before they cost anything: most are handled by then. */
const FRESH_MAX = 1024;

const log = new Logger({ namespace: "sennit.defer" });

/** Keeps the failures that nobody has handled so far. */
export class Ledger {
  readonly #open = new Set<UnhandledFailure>();
  #fresh: { entry: UnhandledFailure; owner: object }[] = [];
  #asked = false;
  readonly #collector: FinalizationRegistry<UnhandledFailure> | undefined;

  /** @param options `collected`: report entries whose Deferred the garbage collector takes. */
  constructor(options: { readonly collected: boolean }) {
    if (!options.collected) return;
    this.#collector = new FinalizationRegistry((entry) => {
      if (entry.state === "open") this.#report(entry);
    });
  }

  /** A chain ended in a failure. */
  enter(owner: object, failure: Failure, created: string | undefined): UnhandledFailure {
    const entry: UnhandledFailure = { failure, state: "open", created, ledger: this };
    this.#fresh.push({ entry, owner });
    if (this.#fresh.length > FRESH_MAX) this.#settle();
    else if (!this.#asked) {
      queueMicrotask(() => this.#settle());
      this.#asked = true; // Not before: it throws when the stack is full.
    }
    return entry;
  }

  /** Somebody took care of it. */
  strike(entry: UnhandledFailure): void {
    this.#close(entry, "handled");
  }

  #close(entry: UnhandledFailure, state: "handled" | "reported"): void {
    if (entry.state !== "open") return;
    entry.state = state;
    this.#open.delete(entry);
    this.#collector?.unregister(entry);
  }

  /** The failures that stand open now. */
  failures(): readonly Failure[] {
    this.#settle();
    return [...this.#open].map((entry) => entry.failure);
  }

  /** Log each open failure, and close it. @returns How many there were. */
  report(): number {
    this.#settle();
    const entries = [...this.#open];
    for (const entry of entries) this.#report(entry);
    return entries.length;
  }

  /** Close, without a word, the entries that `predicate` holds for. @returns Them. */
  take(predicate: (failure: Failure) => boolean): readonly OpenFailure[] {
    this.#settle();
    const taken = [...this.#open].filter((entry) => predicate(entry.failure));
    for (const entry of taken) this.strike(entry);
    return taken;
  }

  /** Close every entry without a word. @returns What was open. */
  flush(): readonly Failure[] {
    return this.take(() => true).map((entry) => entry.failure);
  }

  #settle(): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#asked = false;
    for (const { entry, owner } of fresh) {
      if (entry.state !== "open") continue;
      this.#open.add(entry);
      // An error holds the frames it was made in, and they the Deferred, until its stack is text.
      if (this.#collector !== undefined) void readStack(entry.failure);
      this.#collector?.register(owner, entry, entry);
    }
  }

  #report(entry: UnhandledFailure): void {
    const { failure, created } = entry;
    this.#close(entry, "reported");
    const where = created === undefined ? "" : `\nThe Deferred was made here:\n${created}`;
    log.failure("Unhandled error in Deferred: {reason}{where}", failure, {
      reason: failure.getErrorMessage(),
      where,
    });
  }
}

function readStack(failure: Failure): unknown {
  try {
    return failure.value.stack;
  } catch {
    return undefined; // A getter of its own: then nothing is held either.
  }
}

const processLedger = new Ledger({ collected: true });
const ledgers: Ledger[] = [processLedger];

/** The ledger that new failures are entered in. */
export function currentLedger(): Ledger {
  return ledgers.at(-1) ?? processLedger;
}

/** A ledger of one's own, until disposed of. */
export interface LedgerScope extends Disposable {
  /** What stands open. */
  failures(): readonly Failure[];
  /** Close what stands open, and return it. */
  flush(): readonly Failure[];
  /** Close those that `predicate` holds for, and return them. */
  take(predicate: (failure: Failure) => boolean): readonly OpenFailure[];
}

/**
 * From now until the scope is disposed of, unhandled failures are entered in its books and reported
 * by nobody else: how a test or a simulation accounts for them.
 */
export function openLedger(): LedgerScope {
  const ledger = new Ledger({ collected: false });
  ledgers.push(ledger);
  return {
    failures: () => ledger.failures(),
    flush: () => ledger.flush(),
    take: (predicate) => ledger.take(predicate),
    [Symbol.dispose]() {
      const at = ledgers.indexOf(ledger);
      if (at > 0) ledgers.splice(at, 1);
    },
  };
}

/**
 * Log every unhandled failure of the process now: what a reactor does at its end. Those in the
 * books of an open scope are its own affair.
 *
 * @returns How many there were.
 */
export function reportUnhandledFailures(): number {
  return processLedger.report();
}
