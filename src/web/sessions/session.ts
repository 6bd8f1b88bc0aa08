/**
 * What a site remembers about a visitor from one request to the next.
 *
 * After: twisted.web.server.Session. Differs: data is kept by typed keys, where there it is adapted
 * to interfaces; the id can be changed.
 *
 * @module
 */
import { LocalProtocolError } from "../../core/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { Logger } from "../../logger/logger.ts";
import type { CookieCarrier } from "./session-cookie.ts";
import type { SessionKey } from "./session-key.ts";

const log = new Logger({ namespace: "sennit.web" });

/** The session is over: `request.getSession()` begins another one. */
export class SessionExpiredError extends LocalProtocolError {
  readonly code = "ERR_SESSION_EXPIRED";
}

/** Who keeps sessions, as one of them sees it. */
export interface SessionKeeper {
  /** It is in use. @returns The second, on the reactor's clock. */
  touched(session: Session): number;
  /** It is over. */
  expired(session: Session): void;
  /** It needs another id, which the client of `carrier` is told; it is touched then. */
  renamed(session: Session, carrier: CookieCarrier): string;
}

/**
 * See the top of this file. Made by {@link Sessions}, asked for with `request.getSession()`.
 *
 * @example
 * ```ts
 * import { Resource, type Request, sessionKey } from "sennit/web";
 *
 * const VISITS = sessionKey<number>("visits");
 *
 * class Counter extends Resource {
 *   render_GET(request: Request): string {
 *     const session = request.getSession();
 *     const visits = (session.get(VISITS) ?? 0) + 1;
 *     session.set(VISITS, visits);
 *     return `You have been here ${visits} times`;
 *   }
 * }
 * ```
 */
export class Session {
  readonly #keeper: SessionKeeper;
  #uid: string;
  #lastModified: number;
  #active = true;
  /** By key. Its types are forgotten here: the signatures have checked that each value fits. */
  #data: Map<unknown, unknown> | undefined;
  #told: (() => void)[] = [];

  constructor(uid: string, keeper: SessionKeeper) {
    this.#uid = uid;
    this.#keeper = keeper;
    this.#lastModified = keeper.touched(this);
  }

  /** What the client shows to be known: 256 bits of chance. A secret: do not log it. */
  get uid(): string {
    return this.#uid;
  }

  /** When it was touched last, in seconds on the reactor's clock. */
  get lastModified(): number {
    return this.#lastModified;
  }

  /** `false`: it has expired, and keeps nothing any more. */
  get active(): boolean {
    return this.#active;
  }

  // -- What is kept

  /** What was kept under a key. */
  get<T>(key: SessionKey<T>): T | undefined;
  get(key: unknown): unknown {
    return this.#data?.get(key);
  }

  /** Keep a value, in the memory of this process. */
  set<T>(key: SessionKey<T>, value: T): void {
    if (!this.#active) return;
    this.#data ??= new Map();
    this.#data.set(key, value);
  }

  /** Forget a value. */
  delete<T>(key: SessionKey<T>): void {
    this.#data?.delete(key);
  }

  // -- Its life

  /** It is in use: its time begins anew. `request.getSession()` does it. */
  touch(): void {
    if (this.#active) this.#lastModified = this.#keeper.touched(this);
  }

  /** It is over, now: a visitor has logged out, say. Again has no effect. */
  expire(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#data = undefined;
    this.#keeper.expired(this);
    for (const f of this.#told.splice(0)) {
      try {
        f();
      } catch (error) {
        log.failure("Error in a function told that a session has expired", Failure.of(error));
      }
    }
  }

  /** `f` is called, once, when it is over; at once, if it is. */
  notifyOnExpire(f: () => void): void {
    if (this.#active) this.#told.push(f);
    else f();
  }

  /**
   * Give it another id, and tell the client of this request. Do it whenever a visitor gains rights,
   * at login say: who has planted or seen the id of before then has nothing.
   *
   * @throws {SessionExpiredError} It is over.
   * @throws {AnswerStateError} The answer has begun, and the id is as it was.
   */
  regenerate(request: CookieCarrier): void {
    if (!this.#active) {
      throw new SessionExpiredError("Cannot regenerate a session: it has expired");
    }
    this.#uid = this.#keeper.renamed(this, request);
    this.touch();
  }
}
