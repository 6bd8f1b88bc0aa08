import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import {
  type Challenge,
  formatChallenge,
  parseAuthorization,
  parseChallenges,
} from "./authorization.ts";

function challenge(scheme: string, parameters: Readonly<Record<string, string>> = {}): Challenge {
  return { scheme, parameters: new Map(Object.entries(parameters)) };
}

function withToken(scheme: string, token68: string): Challenge {
  return { scheme, token68, parameters: new Map() };
}

describe("parseAuthorization()", () => {
  it("reads a token68 (RFC 9110 §11.2)", () => {
    const cases: readonly (readonly [string, Challenge])[] = [
      ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", withToken("basic", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==")],
      ["BEARER  mF_9.B5f-4.1J~+/q", withToken("bearer", "mF_9.B5f-4.1J~+/q")],
      ["Basic a= ", withToken("basic", "a=")],
    ];
    for (const [value, expected] of cases) assert.deepEqual(parseAuthorization(value), expected);
  });

  it("reads parameters, with blanks around the equals sign", () => {
    assert.deepEqual(
      parseAuthorization('Digest username="Mufasa", URI="/dir/a,b",nc = 00000001 ,qop=auth'),
      challenge("digest", { username: "Mufasa", uri: "/dir/a,b", nc: "00000001", qop: "auth" }),
    );
    assert.deepEqual(parseAuthorization("x a==b"), undefined);
    assert.deepEqual(parseAuthorization('x a=""'), challenge("x", { a: "" }));
    assert.deepEqual(parseAuthorization("x a=b="), undefined);
  });

  it("reads a scheme by itself", () => {
    assert.deepEqual(parseAuthorization("Negotiate"), challenge("negotiate"));
    assert.deepEqual(parseAuthorization("Negotiate "), challenge("negotiate"));
  });

  it("refuses the rest, and more than one", () => {
    const wrong = ["", " ", " Basic a", "=", '"a"', "Basic:a", "Basic a b", "Basic a, Basic b"];
    const worse = [
      "Basic a=b, c",
      "Basic a=b c=d",
      'Basic a="b',
      "Basic a=b;c=d",
      "Basic ä",
      "Basic a,",
    ];
    for (const value of [...wrong, ...worse, "Digest a=1, A=2", 'Digest "a"', "Basic\ta"]) {
      assert.isUndefined(parseAuthorization(value), value);
    }
  });
});

describe("parseChallenges()", () => {
  it("tells challenges from parameters (RFC 9110 §11.6.1)", () => {
    assert.deepEqual(
      parseChallenges(
        String.raw`Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\""`,
      ),
      [
        challenge("basic", { realm: "simple" }),
        challenge("newauth", { realm: "apps", type: "1", title: 'Login to "apps"' }),
      ],
    );
    assert.deepEqual(parseChallenges("Negotiate, NTLM , Basic realm=x,, Foo a=b,c=d"), [
      challenge("negotiate"),
      challenge("ntlm"),
      challenge("basic", { realm: "x" }),
      challenge("foo", { a: "b", c: "d" }),
    ]);
    assert.deepEqual(parseChallenges("Negotiate YWJj==, Basic realm=x"), [
      withToken("negotiate", "YWJj=="),
      challenge("basic", { realm: "x" }),
    ]);
    assert.deepEqual(parseChallenges("Basic , realm=x"), [challenge("basic", { realm: "x" })]);
    assert.deepEqual(parseChallenges(""), []);
  });

  it("refuses what is wrong anywhere", () => {
    for (const value of [
      "Basic, realm=x",
      'Basic realm="x',
      'Basic realm="x" Digest realm="y"',
      "Basic realm=x, realm=y",
      "Basic a=, b=c",
      "=",
      "Basic realm=x, (",
    ]) {
      assert.isUndefined(parseChallenges(value), value);
    }
  });
});

describe("formatChallenge()", () => {
  it("quotes all but what must not be (RFC 7616 §3.3)", () => {
    assert.equal(
      formatChallenge(
        challenge("Digest", { realm: "apps", qop: "auth", algorithm: "SHA-256", stale: "true" }),
      ),
      'Digest realm="apps", qop="auth", algorithm=SHA-256, stale=true',
    );
    assert.equal(
      formatChallenge(challenge("Basic", { realm: 'a "b"' })),
      String.raw`Basic realm="a \"b\""`,
    );
    assert.equal(formatChallenge(challenge("Negotiate")), "Negotiate");
    assert.equal(formatChallenge(withToken("Negotiate", "YWJj")), "Negotiate YWJj");
  });

  it("refuses what would break out of the field", () => {
    const wrong = [
      challenge(""),
      challenge("a b"),
      challenge("Basic", { "a b": "c" }),
      challenge("Basic", { realm: "a\r\nb" }),
      challenge("Basic", { realm: "Ā" }),
      withToken("Basic", ""),
      withToken("Basic", "a b"),
      withToken("Basic", "a\r\n"),
      withToken("Basic", "=a"),
      { ...challenge("Basic", { a: "b" }), token68: "abc" },
    ];
    for (const one of wrong) assert.throws(() => formatChallenge(one), TypeError);
  });

  it("does not show the token that it refuses: it may be a secret", () => {
    assert.throws(() => formatChallenge(withToken("Basic", "hunter2 ")), /^(?!.*hunter2)/u);
  });

  it("writes what parseChallenges() reads, several joined with commas", () => {
    const token = fc.string({ unit: fc.constantFrom(..."az09-_.".split("")), minLength: 1 });
    const value = fc.string({ unit: fc.constantFrom(...'aZ0 ,="\\\u00e9'.split("")) });
    const base64 = fc.string({ unit: fc.constantFrom(..."aZ09+/-._~".split("")), minLength: 1 });
    const one = fc.oneof(
      fc
        .tuple(token, fc.array(fc.tuple(token, value)))
        .map(([scheme, pairs]) => ({ scheme, parameters: new Map(pairs) })),
      fc
        .tuple(token, base64, fc.constantFrom("", "=", "=="))
        .map(([scheme, text, padding]) => withToken(scheme, text + padding)),
    );
    fc.assert(
      fc.property(fc.array(one), (challenges) => {
        const written = challenges.map(formatChallenge);
        assert.deepEqual(parseChallenges(written.join(", ")), challenges);
        assert.deepEqual(written.map(parseAuthorization), challenges);
      }),
    );
  });
});
