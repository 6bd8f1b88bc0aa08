/**
 * The end of a process that does not end by itself: TERM, and KILL at a deadline.
 *
 *     begin ─▶ TERM ─ killTimeout ─▶ KILL ─ 5 seconds ─▶ it cannot be ended
 *                 └───────────────────┴─▶ exited
 *
 * @module
 */
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { ConnectionTimedOut } from "../../internet/errors.ts";
import type { IDelayedCall, IReactorTime } from "../../internet/interfaces-reactor.ts";
import { ProcessExitedAlready } from "../../internet/process-errors.ts";

/**
 * Seconds for KILL to do its work, at least. Nothing stands against it but the system itself, and
 * one that is busy needs a moment to tell.
 */
const KILLED_TIMEOUT = 5;

/** The process, and others of its group. */
export interface Mortal {
  /** @throws {Error} It cannot be signalled; `ProcessExitedAlready` if nobody is left. */
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  /** When the process itself has exited: are others of its group left? */
  leavesOthers(): boolean;
}

/** See the top of this file. */
export class Termination {
  readonly #reactor: IReactorTime;
  readonly #mortal: Mortal;
  readonly #timeout: number;
  #state: "alive" | "ending" | "exited" = "alive";
  #waiting: Deferred<void>[] = [];
  #alarm: IDelayedCall | undefined;

  constructor(reactor: IReactorTime, mortal: Mortal, timeout: number) {
    this.#reactor = reactor;
    this.#mortal = mortal;
    this.#timeout = timeout;
  }

  /** End it. @returns Fires when it has exited. */
  begin(): Deferred<void> {
    if (this.#state === "exited") return succeed(undefined);
    const over = new Deferred<void>();
    this.#waiting.push(over);
    if (this.#state === "ending") return over;
    this.#state = "ending";
    if (this.#signal("SIGTERM")) this.#in(this.#timeout, () => this.#kill());
    return over;
  }

  #in(seconds: number, f: () => void): void {
    this.#alarm = this.#reactor.callLater(seconds, f);
  }

  #kill(): void {
    if (!this.#signal("SIGKILL") || this.#state === "exited") return;
    const timeout = Math.max(KILLED_TIMEOUT, this.#timeout);
    this.#in(timeout, () => this.#fail(new ConnectionTimedOut("kill", timeout)));
  }

  /** @returns Was it sent, or is there a reason to wait all the same? */
  #signal(signal: "SIGTERM" | "SIGKILL"): boolean {
    try {
      this.#mortal.signal(signal);
      return true;
    } catch (error) {
      // Nobody is left: it has exited, and we are about to hear of it.
      if (error instanceof ProcessExitedAlready) return true;
      this.#fail(error);
      return false;
    }
  }

  /** It has exited. Others of its group may have not, and get what is left of the time. */
  exited(): void {
    if (this.#state === "ending" && !this.#mortal.leavesOthers()) this.#disarm();
    this.#state = "exited";
    for (const one of this.#waiting.splice(0)) one.callback();
  }

  #fail(error: unknown): void {
    this.#disarm();
    if (this.#state === "ending") this.#state = "alive"; // It may be tried again.
    for (const one of this.#waiting.splice(0)) one.errback(error);
  }

  #disarm(): void {
    if (this.#alarm?.active === true) this.#alarm.cancel();
    this.#alarm = undefined;
  }
}
