/**
 * Sessions: their cookie, their time, their number, and a new id at login.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { captureLogs } from "../../logger/capture.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import type { SetCookieOptions } from "../http/cookie.ts";
import { formatSetCookie } from "../http/cookie.ts";
import { NOT_DONE_YET } from "../server/answer.ts";
import { AnswerStateError, type Request } from "../server/request.ts";
import { SessionExpiredError } from "./session.ts";
import type { CookieCarrier } from "./session-cookie.ts";
import { sessionKey } from "./session-key.ts";
import { Sessions } from "./sessions.ts";

const NAME = sessionKey<string>("name");

/** A request that carries this cookie, and keeps those that are set. */
class Carrier implements CookieCarrier {
  readonly set: string[] = [];
  readonly #secure: boolean;
  readonly #cookies: ReadonlyMap<string, string>;

  constructor(cookies: Readonly<Record<string, string>> = {}, secure = false) {
    this.#cookies = new Map(Object.entries(cookies));
    this.#secure = secure;
  }

  isSecure(): boolean {
    return this.#secure;
  }

  getCookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  addCookie(name: string, value: string, options?: SetCookieOptions): void {
    this.set.push(formatSetCookie(name, value, options));
  }
}

function known(uid: string): Carrier {
  return new Carrier({ SENNIT_SESSION: uid });
}

const GET = "GET / HTTP/1.1\r\nHost: a\r\n";

describe("request.getSession", () => {
  it("sets a cookie that scripts and other sites do not get (RFC 6265 §4.1)", async () => {
    const sessions = new Sessions(new MemoryReactor());
    const one = visit((request) => request.getSession().uid, { sessions });
    const { headers, body } = await one.ask(`${GET}\r\n`);
    assert.match(body, /^[\w-]{43}$/u);
    const cookie = headers.get("set-cookie");
    assert.equal(cookie, `SENNIT_SESSION=${body}; Path=/; HttpOnly; SameSite=Lax`);
  });

  it("knows the visitor again, and sets no cookie then", async () => {
    const sessions = new Sessions(new MemoryReactor());
    const handler = (request: Request): string => {
      const session = request.getSession();
      session.set(NAME, `${session.get(NAME) ?? ""}x`);
      return `${request.getSession().get(NAME) ?? ""} ${session.uid}`;
    };
    const one = visit(handler, { sessions });
    const first = await one.ask(`${GET}\r\n`);
    const uid = first.body.slice(2);
    const second = await one.ask(`${GET}Cookie: SENNIT_SESSION=${uid}\r\n\r\n`);
    assert.equal(second.body, `xx ${uid}`);
    assert.isFalse(second.headers.has("set-cookie"));
  });

  it("begins anew within one request when the session has expired", async () => {
    const sessions = new Sessions(new MemoryReactor());
    const one = visit(
      (request) => {
        request.getSession().expire();
        return request.getSession().uid;
      },
      { sessions },
    );
    const { headers, body } = await one.ask(`${GET}\r\n`);
    assert.match(
      headers.get("set-cookie") ?? "",
      new RegExp(`^SENNIT_SESSION=${body};[^,]*$`, "u"),
    );
    assert.equal(sessions.size, 1);
  });

  it("refuses a new session when the answer has begun, and keeps none", async () => {
    const sessions = new Sessions(new MemoryReactor());
    const one = visit(
      (request) => {
        request.write("x");
        assert.throws(() => request.getSession(), AnswerStateError);
        request.finish();
        return NOT_DONE_YET;
      },
      { sessions },
    );
    one.send(`${GET}\r\n`);
    assert.equal(sessions.size, 0);
  });

  it("is a TypeError where the site has no sessions", async () => {
    const one = visit((request) => {
      assert.throws(() => request.getSession(), TypeError, "GET /");
      return "ok";
    });
    assert.equal((await one.ask(`${GET}\r\n`)).body, "ok");
  });
});

describe("request.addCookie", () => {
  it("adds cookies, and replaces one of the same name (RFC 6265 §4.1.1)", async () => {
    const one = visit((request) => {
      request.addCookie("a", "1");
      request.addCookie("ab", "1");
      request.addCookie("a", "2", { path: "/" });
      return "";
    });
    const { headers } = await one.ask(`${GET}\r\n`);
    assert.equal(headers.get("set-cookie"), "ab=1, a=2; Path=/");
  });
});

describe("Sessions", () => {
  it("over TLS the cookie is Secure, and bound to the host by its name (6265bis §4.1.3.2)", () => {
    const sessions = new Sessions(new MemoryReactor());
    const carrier = new Carrier({}, true);
    const { uid } = sessions.open(carrier);
    const cookie = `__Host-SENNIT_SESSION=${uid}; Path=/; Secure; HttpOnly; SameSite=Lax`;
    assert.deepEqual(carrier.set, [cookie]);
    const again = new Carrier({ "__Host-SENNIT_SESSION": uid }, true);
    assert.equal(sessions.open(again).uid, uid);
    // A cookie without the prefix may have been planted by a neighbour, or from plain HTTP.
    assert.notEqual(sessions.open(new Carrier({ SENNIT_SESSION: uid }, true)).uid, uid);
  });

  it("secure: true sets the cookie of TLS behind a proxy", () => {
    const sessions = new Sessions(new MemoryReactor(), { secure: true });
    const carrier = new Carrier();
    sessions.open(carrier);
    assert.match(carrier.set.join(), /^__Host-.*; Secure;/u);
  });

  it("takes no id that a client has made up", () => {
    const sessions = new Sessions(new MemoryReactor());
    const carrier = known("planted");
    assert.notEqual(sessions.open(carrier).uid, "planted");
    assert.lengthOf(carrier.set, 1);
  });

  it("ends a session its timeout after the last use, with one timer for all", () => {
    const reactor = new MemoryReactor();
    const sessions = new Sessions(reactor);
    const ended: string[] = [];
    const [a, b] = [sessions.open(new Carrier()), sessions.open(new Carrier())];
    a.notifyOnExpire(() => ended.push("a"));
    b.notifyOnExpire(() => ended.push("b"));
    assert.lengthOf(reactor.getDelayedCalls(), 1);
    reactor.advance(500);
    assert.equal(sessions.open(known(a.uid)), a);
    reactor.advance(399);
    assert.deepEqual(ended, []);
    reactor.advance(1);
    assert.deepEqual(ended, ["b"]);
    assert.isFalse(b.active);
    assert.lengthOf(reactor.getDelayedCalls(), 1);
    reactor.advance(500);
    assert.deepEqual(ended, ["b", "a"]);
    assert.equal(sessions.size, 0);
    assert.lengthOf(reactor.getDelayedCalls(), 0);
  });

  it("gives out no session that is over, though the timer has not fired yet", () => {
    const reactor = new MemoryReactor();
    const sessions = new Sessions(reactor, { timeout: 10 });
    sessions.open(new Carrier());
    reactor.advance(0.5);
    const { uid } = sessions.open(new Carrier());
    reactor.advance(10);
    assert.equal(sessions.size, 1); // The sweep after that of the first comes a second later.
    assert.isUndefined(sessions.get(uid));
    assert.equal(sessions.size, 0);
  });

  it("at its bound ends the one that was not used for longest", () => {
    const sessions = new Sessions(new MemoryReactor(), { max: 2 });
    const [a, b] = [sessions.open(new Carrier()), sessions.open(new Carrier())];
    a.touch();
    using logs = captureLogs();
    const c = sessions.open(new Carrier());
    assert.lengthOf(logs.events, 1);
    assert.deepEqual(
      [a, b, c].map(({ active }) => active),
      [true, false, true],
    );
    assert.equal(sessions.size, 2);
  });

  it("expireAll leaves nothing that keeps the program alive", () => {
    const reactor = new MemoryReactor();
    const sessions = new Sessions(reactor);
    const [a, b] = [sessions.open(new Carrier()), sessions.open(new Carrier())];
    sessions.expireAll();
    assert.isFalse(a.active || b.active);
    assert.lengthOf(reactor.getDelayedCalls(), 0);
  });

  it("refuses bounds that are none", () => {
    const reactor = new MemoryReactor();
    assert.throws(() => new Sessions(reactor, { timeout: 0 }), RangeError);
    assert.throws(() => new Sessions(reactor, { max: 0 }), RangeError);
  });
});

describe("Session", () => {
  it("regenerate gives a new id, keeps what it knows, and forgets the old id", () => {
    const reactor = new MemoryReactor();
    const sessions = new Sessions(reactor);
    const session = sessions.open(new Carrier());
    session.set(NAME, "Ada");
    const { uid: old } = session;
    reactor.advance(600);
    const carrier = known(old);
    session.regenerate(carrier);
    assert.notEqual(session.uid, old);
    assert.deepEqual(carrier.set, [
      `SENNIT_SESSION=${session.uid}; Path=/; HttpOnly; SameSite=Lax`,
    ]);
    assert.isUndefined(sessions.get(old));
    assert.equal(sessions.get(session.uid)?.get(NAME), "Ada");
    reactor.advance(600);
    assert.isTrue(session.active);
  });

  it("regenerate leaves the id as it was when the cookie cannot be set", () => {
    const sessions = new Sessions(new MemoryReactor());
    const session = sessions.open(new Carrier());
    const { uid } = session;
    const carrier = new Carrier();
    carrier.addCookie = () => {
      throw new AnswerStateError("Cannot set cookie");
    };
    assert.throws(() => session.regenerate(carrier), AnswerStateError);
    assert.equal(sessions.get(uid), session);
  });

  it("keeps nothing after its end, and cannot be regenerated", () => {
    const sessions = new Sessions(new MemoryReactor());
    const session = sessions.open(new Carrier());
    session.set(NAME, "Ada");
    session.expire();
    session.expire();
    session.set(NAME, "Grace");
    session.touch();
    assert.isUndefined(session.get(NAME));
    assert.equal(sessions.size, 0);
    assert.throws(() => session.regenerate(new Carrier()), SessionExpiredError);
    let told = 0;
    session.notifyOnExpire(() => {
      told += 1;
    });
    assert.equal(told, 1);
  });

  it("forgets one value", () => {
    const session = new Sessions(new MemoryReactor()).open(new Carrier());
    session.set(NAME, "Ada");
    session.delete(NAME);
    assert.isUndefined(session.get(NAME));
  });

  it("tells everyone of its end, also when one of them throws", () => {
    const session = new Sessions(new MemoryReactor()).open(new Carrier());
    let told = 0;
    session.notifyOnExpire(() => {
      throw new Error("boom");
    });
    session.notifyOnExpire(() => {
      told += 1;
    });
    using logs = captureLogs();
    session.expire();
    assert.equal(told, 1);
    assert.lengthOf(logs.events, 1);
  });
});
