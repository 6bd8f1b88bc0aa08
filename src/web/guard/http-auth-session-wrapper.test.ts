/**
 * The guard, with Basic and with Digest: challenges, logins, logouts, and what is refused.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { assert, describe, it } from "vitest";
import { type RawAnswer, visit, type Visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Deferred } from "../../defer/deferred.ts";
import { captureLogs } from "../../logger/capture.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { type Challenge, parseChallenges } from "../http/authorization.ts";
import type { RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { Resource } from "../server/resource.ts";
import { BasicCredentialFactory } from "./basic-credential-factory.ts";
import type { ICredentialFactory } from "./credential-factory.ts";
import { DigestCredentialFactory } from "./digest-credential-factory.ts";
import { HashedPasswords } from "./hashed-passwords.ts";
import { HTTPAuthSessionWrapper } from "./http-auth-session-wrapper.ts";
import { PlainPasswords } from "./plain-passwords.ts";
import { type IAvatar, type IChecker, Portal } from "./portal.ts";

const USERS = new PlainPasswords({ ada: "lovelace", Jäsøn: "Ünïcödé" });
const BASIC = [new BasicCredentialFactory("hall")];

/** Says whose it is, and where one is. */
class Own extends Resource {
  override readonly isLeaf = true;
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  render_GET(request: Request): RenderResult {
    return `${this.#name} at /${request.prepath.join("/")} + ${request.postpath.join("/")}`;
  }

  render_POST(request: Request): RenderResult {
    return `${this.#name} posts to ${request.path}`;
  }
}

interface Guarded {
  readonly visit: Visit;
  /** Who has logged out. */
  readonly left: string[];
}

function guard(factories: readonly ICredentialFactory[], checker: IChecker = USERS): Guarded {
  const left: string[] = [];
  const requestAvatar = (name: string): IAvatar => ({
    resource: new Own(name),
    logout: () => left.push(name),
  });
  const wrapper = new HTTPAuthSessionWrapper(new Portal({ requestAvatar }, [checker]), factories);
  return { visit: visit(new Resource().putChild("hall", wrapper)), left };
}

function get(authorization: string, target = "/hall/a/b", method = "GET"): string {
  const field = authorization === "" ? "" : `Authorization: ${authorization}\r\n`;
  return `${method} ${target} HTTP/1.1\r\nHost: a\r\n${field}Content-Length: 0\r\n\r\n`;
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

describe("HTTPAuthSessionWrapper", () => {
  it("asks who one is: a challenge of each factory, in a field of its own (§11.6.1)", async () => {
    const reactor = new MemoryReactor();
    const digest = new DigestCredentialFactory({ reactor, realm: "hall" });
    const { visit } = guard([digest, ...BASIC]);
    const { code, headers, body } = await visit.ask(get(""));
    assert.equal(code, 401);
    assert.match(body, /<h1>401 Unauthorized<\/h1>/u);
    assert.lengthOf(visit.client.received.match(/^WWW-Authenticate: /gmu) ?? [], 2);
    const challenges = parseChallenges(headers.get("www-authenticate") ?? "") ?? [];
    assert.deepEqual(
      challenges.map(({ scheme }) => scheme),
      ["digest", "basic"],
    );
    assert.deepEqual(
      [...(challenges[1]?.parameters ?? [])],
      [
        ["realm", "hall"],
        ["charset", "UTF-8"],
      ],
    );
  });

  it("hands the user's own resource the rest of the path", async () => {
    const { visit } = guard(BASIC);
    const { body } = await visit.ask(get(basic("ada:lovelace")));
    assert.equal(body, "ada at /hall + a/b");
  });

  it("answers itself with the user's own resource", async () => {
    const { visit } = guard(BASIC);
    const { body } = await visit.ask(get(basic("ada:lovelace"), "/hall"));
    assert.equal(body, "ada at /hall + ");
  });

  it("logs out once, when the answer is finished", async () => {
    const { visit, left } = guard(BASIC);
    await visit.ask(get(basic("ada:lovelace")));
    assert.deepEqual(left, ["ada"]);
  });

  it("logs out when the client has gone while its password was looked at", async () => {
    const looking = new Deferred<string>();
    const { visit, left } = guard(BASIC, { requestAvatarId: () => looking });
    visit.send(get(basic("ada:lovelace")));
    visit.client.transport.abortConnection();
    await visit.settle();
    looking.callback("ada");
    await visit.settle();
    assert.deepEqual(left, ["ada"]);
  });

  it("logs what a logout throws, and the answer is as it was", async () => {
    const avatar = {
      resource: new Own("ada"),
      logout: () => {
        throw new Error("boom");
      },
    };
    const portal = new Portal({ requestAvatar: () => avatar }, [USERS]);
    const one = visit(new HTTPAuthSessionWrapper(portal, BASIC));
    using logs = captureLogs();
    const { body } = await one.ask(get(basic("ada:lovelace"), "/"));
    assert.match(body, /^ada/u);
    const logged = logs.events.filter(({ log_format }) => log_format?.includes("logout"));
    assert.lengthOf(logged, 1);
  });

  const REFUSED: readonly (readonly [what: string, authorization: string])[] = [
    ["a wrong password", basic("ada:wrong")],
    ["a wrong user", basic("eve:lovelace")],
    ["a user who is none, with no password", basic("eve:")],
    ["no colon", basic("ada")],
    ["no name", basic(":lovelace")],
    ["a control character (RFC 7617 §2)", basic("ada:love\u0000lace")],
    [
      "what is not UTF-8 (RFC 7617 §2.1)",
      `Basic ${Buffer.from("J\xe4:x", "latin1").toString("base64")}`,
    ],
    ["no token", "Basic"],
    ["parameters where there are none", 'Basic realm="hall"'],
    ["a scheme nobody knows", "Bearer abc"],
    ["two credentials in one field", `${basic("ada:lovelace")}, ${basic("ada:lovelace")}`],
    ["nothing that can be read", "Basic \u0001"],
    ["an empty field", " "],
  ];
  for (const [what, authorization] of REFUSED) {
    it(`refuses ${what}`, async () => {
      const { visit, left } = guard(BASIC);
      const { code } = await visit.ask(get(authorization));
      assert.include([400, 401], code);
      assert.equal(code, authorization.includes("\u0001") ? 400 : 401);
      assert.deepEqual(left, []);
    });
  }

  it("answers 500 and logs when no checker can judge", async () => {
    const reactor = new MemoryReactor();
    const { visit } = guard(
      [new DigestCredentialFactory({ reactor, realm: "hall" })],
      new HashedPasswords(reactor, ""),
    );
    using logs = captureLogs();
    const challenge = await visit.ask(get(""));
    const { code } = await visit.ask(get(signed(challengeOf(challenge), {})));
    assert.equal(code, 500);
    assert.isNotEmpty(logs.events);
  });

  it("needs a factory", () => {
    const portal = new Portal({ requestAvatar: () => ({ resource: new Resource() }) }, []);
    assert.throws(() => new HTTPAuthSessionWrapper(portal, []), TypeError);
  });
});

describe("BasicCredentialFactory", () => {
  it("reads UTF-8 (RFC 7617 §2.1); the name ends at the first colon", async () => {
    const { visit } = guard(BASIC, {
      requestAvatarId: (credentials) => {
        assert.isTrue(credentials.checkPassword("£:pass"));
        return credentials.username;
      },
    });
    const { body } = await visit.ask(get(basic("test:£:pass")));
    assert.match(body, /^test /u);
  });

  it("logs once that passwords come without TLS", async () => {
    const { visit } = guard([new BasicCredentialFactory("hall")]);
    using logs = captureLogs();
    await visit.ask(get(basic("ada:lovelace")));
    await visit.ask(get(basic("ada:lovelace")));
    assert.lengthOf(
      logs.events.filter(({ log_level }) => log_level === "warn"),
      1,
    );
  });

  it("refuses a realm that old clients cannot read", () => {
    assert.throws(() => new BasicCredentialFactory("Käse"), TypeError);
  });
});

// -- Digest

type Parameters = ReadonlyMap<string, string>;

function challengeOf({ code, headers }: RawAnswer, at = 0): Parameters {
  assert.equal(code, 401);
  const challenges: readonly Challenge[] =
    parseChallenges(headers.get("www-authenticate") ?? "") ?? [];
  return challenges[at]?.parameters ?? new Map();
}

interface Signing {
  readonly username?: string;
  readonly password?: string;
  readonly uri?: string;
  readonly method?: string;
  readonly nc?: string;
  /** Put in the place of what would be sent; `undefined` leaves it out. */
  readonly sent?: Readonly<Record<string, string | undefined>>;
}

/** What a client of RFC 7616 answers. */
function signed(challenge: Parameters, signing: Signing): string {
  const { username = "ada", password = "lovelace", nc = "00000001", method = "GET" } = signing;
  const { uri = "/hall/a/b", sent = {} } = signing;
  const [realm = "", nonce = "", opaque = "", algorithm = ""] = [
    "realm",
    "nonce",
    "opaque",
    "algorithm",
  ].map((name) => challenge.get(name));
  const hash = (text: string): string =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const a1 = hash(`${username}:${realm}:${password}`);
  const response = hash(`${a1}:${nonce}:${nc}:0a4f113b:auth:${hash(`${method}:${uri}`)}`);
  const latin1 = Buffer.from(username).toString("latin1");
  const quoted = { username: latin1, realm, nonce, uri, cnonce: "0a4f113b", response, opaque };
  const all: Record<string, string | undefined> = { qop: "auth", nc, algorithm };
  for (const [name, value] of Object.entries(quoted)) all[name] = JSON.stringify(value);
  return `Digest ${Object.entries({ ...all, ...sent })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value ?? ""}`)
    .join(", ")}`;
}

function digestGuard(algorithm?: "MD5"): Guarded & { readonly reactor: MemoryReactor } {
  const reactor = new MemoryReactor();
  const options = algorithm === undefined ? {} : { algorithm };
  const factory = new DigestCredentialFactory({ reactor, realm: "hall", ...options });
  return { ...guard([factory]), reactor };
}

describe("DigestCredentialFactory", () => {
  it("asks for what RFC 7616 §3.3 has", async () => {
    const { visit } = digestGuard();
    const { headers } = await visit.ask(get(""));
    const [known, unknown] = (headers.get("www-authenticate") ?? "").split(", nonce=");
    assert.equal(known, 'Digest realm="hall", qop="auth", algorithm=SHA-256');
    assert.match(unknown ?? "", /^"[^"]{50,}", opaque="\w{32}", charset="UTF-8"$/u);
  });

  for (const algorithm of [undefined, "MD5"] as const) {
    it(`lets in who signs with ${algorithm ?? "SHA-256"}`, async () => {
      const { visit, left } = digestGuard(algorithm);
      const challenge = challengeOf(await visit.ask(get("")));
      const { body } = await visit.ask(get(signed(challenge, {})));
      assert.equal(body, "ada at /hall + a/b");
      assert.deepEqual(left, ["ada"]);
      const wrong = await visit.ask(get(signed(challenge, { nc: "00000002", password: "x" })));
      assert.isUndefined(challengeOf(wrong).get("stale"));
    });
  }

  it("knows clients without `algorithm` for MD5 (RFC 7616 §3.4)", async () => {
    const { visit } = digestGuard("MD5");
    const challenge = challengeOf(await visit.ask(get("")));
    const { code } = await visit.ask(get(signed(challenge, { sent: { algorithm: undefined } })));
    assert.equal(code, 200);
  });

  it("signs the query as well, and the method", async () => {
    const { visit } = digestGuard();
    const challenge = challengeOf(await visit.ask(get("")));
    const asked = { uri: "/hall?a=1", method: "POST" };
    const { body } = await visit.ask(get(signed(challenge, asked), asked.uri, "POST"));
    assert.equal(body, "ada posts to /hall");
    const put = await visit.ask(get(signed(challenge, { ...asked, nc: "00000002" }), asked.uri));
    assert.equal(put.code, 401);
  });

  it("reads names in UTF-8, and extended ones (RFC 7616 §3.4, §3.9.2)", async () => {
    const { visit } = digestGuard();
    const challenge = challengeOf(await visit.ask(get("")));
    const who = { username: "Jäsøn", password: "Ünïcödé" };
    assert.equal((await visit.ask(get(signed(challenge, who)))).code, 200);
    const sent = { username: undefined, "username*": "UTF-8''J%C3%A4s%C3%B8n" };
    const extended = signed(challenge, { ...who, nc: "00000002", sent });
    assert.equal((await visit.ask(get(extended))).code, 200);
  });

  it("takes each count of a nonce once, in any order of a few (§3.4.6, §5.5)", async () => {
    const { visit } = digestGuard();
    const challenge = challengeOf(await visit.ask(get("")));
    const codes: number[] = [];
    for (const nc of ["00000003", "00000001", "00000003", "00000002", "00000001"]) {
      codes.push((await visit.ask(get(signed(challenge, { nc })))).code);
    }
    assert.deepEqual(codes, [200, 200, 401, 200, 401]);
    const again = await visit.ask(get(signed(challenge, { nc: "00000001" })));
    assert.equal(challengeOf(again).get("stale"), "true");
  });

  it("does not let a wrong password use up a count", async () => {
    const { visit } = digestGuard();
    const challenge = challengeOf(await visit.ask(get("")));
    await visit.ask(get(signed(challenge, { nc: "00000009", password: "x" })));
    const { code } = await visit.ask(get(signed(challenge, { nc: "00000009" })));
    assert.equal(code, 200);
  });

  it("says that a nonce is stale after 15 minutes, and takes the new one (§3.3)", async () => {
    const { visit, reactor } = digestGuard();
    const old = challengeOf(await visit.ask(get("")));
    reactor.advance(899);
    assert.equal((await visit.ask(get(signed(old, {})))).code, 200);
    reactor.advance(1);
    const next = challengeOf(await visit.ask(get(signed(old, { nc: "00000002" }))));
    assert.equal(next.get("stale"), "true");
    assert.equal((await visit.ask(get(signed(next, {})))).code, 200);
  });

  it("takes no nonce of another server", async () => {
    const stranger = challengeOf(await digestGuard().visit.ask(get("")));
    const { visit } = digestGuard();
    const ours = challengeOf(await visit.ask(get("")));
    const nonce = `${stranger.get("nonce")?.slice(0, -1) ?? ""}A`;
    const answer = await visit.ask(get(signed(new Map([...ours, ["nonce", nonce]]), {})));
    assert.equal(challengeOf(answer).get("stale"), "true");
  });

  const REFUSED: readonly (readonly [what: string, signing: Signing])[] = [
    ["another uri than the request's (§3.4.6)", { uri: "/hall/a/c" }],
    ["another realm", { sent: { realm: '"cellar"' } }],
    ["another opaque", { sent: { opaque: '"0"' } }],
    ["no opaque", { sent: { opaque: undefined } }],
    ["another algorithm", { sent: { algorithm: "MD5" } }],
    ["no qop (RFC 2069)", { sent: { qop: undefined } }],
    ["qop=auth-int", { sent: { qop: "auth-int" } }],
    ["no nc", { sent: { nc: undefined } }],
    ["an nc of zero", { nc: "00000000" }],
    ["an nc that is no number", { nc: "0000000g" }],
    ["an nc of seven digits", { nc: "0000001" }],
    ["no cnonce", { sent: { cnonce: undefined } }],
    ["no response", { sent: { response: undefined } }],
    ["an empty response", { sent: { response: '""' } }],
    ["no nonce", { sent: { nonce: undefined } }],
    ["an empty nonce", { sent: { nonce: '""' } }],
    ["no name", { sent: { username: undefined } }],
    ["an empty name", { sent: { username: '""' } }],
    ["two names", { sent: { "username*": "UTF-8''ada" } }],
    ["a name that is not UTF-8", { sent: { username: '"\xe4"' } }],
    ["an extended name in another charset", { sent: { username: undefined, "username*": "x''a" } }],
    ["an extended name that is cut", { sent: { username: undefined, "username*": "utf-8''%C3" } }],
    ["a hashed name", { sent: { userhash: "true" } }],
    ["a parameter twice", { sent: { Nc: "00000001" } }],
  ];
  for (const [what, signing] of REFUSED) {
    it(`refuses ${what}`, async () => {
      const { visit } = digestGuard();
      const challenge = challengeOf(await visit.ask(get("")));
      const answer = await visit.ask(get(signed(challenge, signing)));
      assert.equal(answer.code, 401);
    });
  }

  it("is found among two: SHA-256 first, MD5 for those who know no better (§3.7)", async () => {
    const reactor = new MemoryReactor();
    const { visit } = guard([
      new DigestCredentialFactory({ reactor, realm: "hall" }),
      new DigestCredentialFactory({ reactor, realm: "hall", algorithm: "MD5" }),
    ]);
    const answer = await visit.ask(get(""));
    for (const at of [0, 1]) {
      const { code } = await visit.ask(get(signed(challengeOf(answer, at), {})));
      assert.equal(code, 200);
    }
  });

  it("refuses options that are none", () => {
    const reactor = new MemoryReactor();
    assert.throws(() => new DigestCredentialFactory({ reactor, realm: "Käse" }), TypeError);
    assert.throws(
      () => new DigestCredentialFactory({ reactor, realm: "x", nonceLifetime: 0 }),
      RangeError,
    );
  });
});
