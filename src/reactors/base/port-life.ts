/**
 * The life of something that is bound and closed again, and those who wait for it.
 *
 *     idle ─▶ binding ─▶ bound ─▶ closing ─▶ idle
 *                └──────────────────┴─▶ (it could not be bound, or was stopped meanwhile)
 *
 * @module
 */
import { fail, succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { AlreadyListeningError } from "../../internet/errors.ts";
import type { Closable, ReactorBase } from "./reactor-base.ts";

/** See the top of this file. */
export class PortLife<Port extends Closable & { toString(): string }> {
  readonly #reactor: ReactorBase;
  readonly #port: Port;
  #state: "idle" | "binding" | "bound" | "closing" = "idle";
  #waiting: Deferred<Port>[] = [];
  #closed: Deferred<void>[] = [];
  #failure: Failure | undefined;
  #announced = false;

  constructor(reactor: ReactorBase, port: Port) {
    this.#reactor = reactor;
    this.#port = port;
  }

  get state(): "idle" | "binding" | "bound" | "closing" {
    return this.#state;
  }

  /**
   * A Deferred of one's own for each who asks, so that nobody's callbacks change another's result.
   */
  get listening(): Deferred<Port> {
    if (this.#failure !== undefined) return fail(this.#failure);
    if (this.#state === "bound" && this.#announced) return succeed(this.#port);
    const deferred = new Deferred<Port>();
    this.#waiting.push(deferred);
    return deferred;
  }

  /** Enter it in the reactor's books. @throws {AlreadyListeningError} It is there. */
  begin(): void {
    if (this.#state !== "idle") {
      const what = `${String(this.#port)} is ${this.#state} already`;
      throw new AlreadyListeningError(`Cannot listen: ${what}`);
    }
    this.#failure = undefined;
    this.#announced = false;
    this.#state = "binding";
    this.#reactor.opened(this.#port);
  }

  /** The platform has bound it. @returns Is it wanted? If not, it is to be closed. */
  bound(): boolean {
    if (this.#state === "closing") return false;
    this.#state = "bound";
    return true;
  }

  /** Tell those who wait that it listens, unless it was stopped meanwhile. */
  announce(): void {
    if (this.#state !== "bound") return;
    this.#announced = true;
    for (const one of this.#waiting.splice(0)) one.callback(this.#port);
  }

  /** Why it does not listen. @returns Is there anybody to be told, or nobody to care? */
  fail(failure: Failure): boolean {
    this.#failure = failure;
    return this.#waiting.length > 0 || this.#state === "closing";
  }

  /** Stop it. @param unbind Called when there is something to be closed. */
  stop(unbind: () => void): Deferred<void> {
    if (this.#state === "idle") return succeed(undefined);
    const closed = new Deferred<void>();
    this.#closed.push(closed);
    const wasBound = this.#state === "bound";
    this.#state = "closing";
    if (wasBound) unbind();
    return closed;
  }

  /** It is closed. @param tell Called before those who wait; from it on, it may begin again. */
  end(tell: () => void): void {
    const waiting = this.#waiting.splice(0);
    const closed = this.#closed.splice(0);
    const why = this.#failure ?? new Failure(new CancelledError("Listening was stopped"));
    this.#state = "idle";
    this.#reactor.closed(this.#port);
    tell();
    for (const one of waiting) one.errback(why);
    for (const one of closed) one.callback();
  }
}
