/**
 * The sessions of a site, in memory: so many at most, each for so long after its last use.
 *
 *     oldest ─▶ … ─▶ newest        in the order of their last use; one timer, for the oldest
 *
 * After: `Site.makeSession`, `getSession` of twisted.web.server. Differs: their number is bounded;
 * one timer for all; an id that a client has made up begins nothing.
 *
 * @module
 */
import type {
  IDelayedCall,
  IReactorRandom,
  IReactorTime,
} from "../../internet/interfaces-reactor.ts";
import { Logger } from "../../logger/logger.ts";
import { Session, type SessionKeeper } from "./session.ts";
import { type CookieCarrier, readSessionCookie, setSessionCookie } from "./session-cookie.ts";

const log = new Logger({ namespace: "sennit.web" });

/** OWASP asks for 128 bits at least; Twisted takes as many as this. */
const UID_BYTES = 32;
/** The timer does not fire more often: a session may outlive its time by so much, unused. */
const SWEEP_MIN = 1;

/** Options of {@link Sessions}. */
export interface SessionsOptions {
  /** Seconds after its last use at which a session ends. Default: 900. */
  readonly timeout?: number;
  /** So many at most; for one more, the one longest not used ends. Default: 100,000. */
  readonly max?: number;
  /**
   * The cookie goes over TLS alone. Say `true` where a proxy takes the TLS off before us. Default:
   * as the request came.
   */
  readonly secure?: boolean;
}

/**
 * See the top of this file. Sites that share one share their visitors.
 *
 * @example
 * ```ts
 * import { Sessions, Site } from "sennit/web";
 * import { MemoryReactor } from "sennit/testing";
 *
 * const reactor = new MemoryReactor(); // in a program: import { reactor } from "sennit/reactor"
 * const sessions = new Sessions(reactor, { timeout: 3600 });
 * const site = new Site((request) => request.getSession().uid, { reactor, sessions });
 * ```
 */
export class Sessions implements SessionKeeper {
  readonly #reactor: IReactorTime & IReactorRandom;
  readonly #timeout: number;
  readonly #max: number;
  readonly #secure: boolean | undefined;
  /** By id, in the order of their last use. */
  readonly #sessions = new Map<string, Session>();
  #timer: IDelayedCall | undefined;
  #warned = false;

  /** @throws {RangeError} A timeout that is not above 0, or a `max` that is no number of them. */
  constructor(reactor: IReactorTime & IReactorRandom, options: SessionsOptions = {}) {
    const { timeout = 900, max = 100_000, secure } = options;
    if (!(timeout > 0)) {
      throw new RangeError(`Cannot keep sessions for ${String(timeout)} s: expected above 0`);
    }
    if (!Number.isInteger(max) || max < 1) {
      throw new RangeError(`Cannot keep ${String(max)} sessions: expected 1 or more`);
    }
    this.#reactor = reactor;
    this.#timeout = timeout;
    this.#max = max;
    this.#secure = secure;
  }

  /** How many there are. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The session of this id, not touched; `undefined` if there is none, or its time is over. */
  get(uid: string): Session | undefined {
    const session = this.#sessions.get(uid);
    if (session === undefined || !this.#isOver(session)) return session;
    session.expire();
    return undefined;
  }

  /**
   * The session whose cookie came with a request, touched; or a new one, whose cookie is set. It is
   * what `request.getSession()` calls.
   *
   * @throws {AnswerStateError} A new one is needed, and the answer has begun.
   */
  open(request: CookieCarrier): Session {
    const known = this.get(readSessionCookie(request, this.#isSecure(request)) ?? "");
    if (known !== undefined) {
      known.touch();
      return known;
    }
    const uid = this.#newUid();
    setSessionCookie(request, uid, this.#isSecure(request));
    this.#makeRoom();
    return new Session(uid, this);
  }

  /** End them all, and the timer: nothing here keeps the program alive then. */
  expireAll(): void {
    for (const session of this.#sessions.values()) session.expire();
  }

  // -- For sessions: see SessionKeeper

  touched(session: Session): number {
    this.#sessions.delete(session.uid);
    this.#sessions.set(session.uid, session);
    this.#timer ??= this.#reactor.callLater(this.#timeout, () => this.#sweep());
    return this.#reactor.seconds();
  }

  expired(session: Session): void {
    this.#sessions.delete(session.uid);
    if (this.#sessions.size > 0) return;
    const timer = this.#timer;
    this.#timer = undefined;
    if (timer?.active === true) timer.cancel();
  }

  renamed(session: Session, carrier: CookieCarrier): string {
    const uid = this.#newUid();
    setSessionCookie(carrier, uid, this.#isSecure(carrier));
    this.#sessions.delete(session.uid);
    return uid;
  }

  // -- Inside

  #newUid(): string {
    return this.#reactor.randomBytes(UID_BYTES).toString("base64url");
  }

  #isSecure(carrier: CookieCarrier): boolean {
    return this.#secure ?? carrier.isSecure();
  }

  #isOver(session: Session): boolean {
    return session.lastModified + this.#timeout <= this.#reactor.seconds();
  }

  #makeRoom(): void {
    if (this.#sessions.size < this.#max) return;
    if (!this.#warned) {
      this.#warned = true;
      log.warn("{max} sessions are open: for each new one, the oldest ends", { max: this.#max });
    }
    for (const oldest of this.#sessions.values()) {
      oldest.expire();
      return;
    }
  }

  #sweep(): void {
    this.#timer = undefined;
    for (const session of this.#sessions.values()) {
      if (!this.#isOver(session)) {
        this.#sweepAgainFor(session);
        return;
      }
      session.expire();
    }
  }

  #sweepAgainFor(oldest: Session): void {
    const left = oldest.lastModified + this.#timeout - this.#reactor.seconds();
    this.#timer ??= this.#reactor.callLater(Math.max(left, SWEEP_MIN), () => this.#sweep());
  }
}
