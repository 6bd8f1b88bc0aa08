/**
 * Nonces and their counts; and the example of RFC 7616.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { DigestedCredentials } from "./digest-credential-factory.ts";
import { DigestNonces } from "./digest-nonces.ts";

describe("DigestNonces", () => {
  it("are for one client alone (RFC 7616 §5.4)", () => {
    const nonces = new DigestNonces(new MemoryReactor(), 900);
    const nonce = nonces.make("192.0.2.1");
    assert.isTrue(nonces.isGood(nonce, "192.0.2.1", 1));
    assert.isFalse(nonces.isGood(nonce, "192.0.2.2", 1));
  });

  it("cannot be made younger", () => {
    const reactor = new MemoryReactor();
    const nonces = new DigestNonces(reactor, 900);
    const nonce = nonces.make("a");
    reactor.advance(900);
    assert.isFalse(nonces.isGood(nonce, "a", 1));
    assert.isFalse(nonces.isGood(nonce.replace(/^0/u, "p"), "a", 1));
  });

  it("take each of the counts within a window once, and none from before it", () => {
    const nonces = new DigestNonces(new MemoryReactor(), 900);
    const nonce = nonces.make("a");
    const order = [1, 2, 5, 4, 40, 9, 8, 39, 10, 72, 41, 72, 40, 0xffff_ffff, 73];
    const taken = order.filter(
      (count) => nonces.isGood(nonce, "a", count) && nonces.use(nonce, count),
    );
    assert.deepEqual(taken, [1, 2, 5, 4, 40, 9, 39, 10, 72, 41, 0xffff_ffff]);
  });

  it("of two that come at once, one is let in", () => {
    const nonces = new DigestNonces(new MemoryReactor(), 900);
    const nonce = nonces.make("a");
    assert.isTrue(nonces.isGood(nonce, "a", 7) && nonces.isGood(nonce, "a", 7));
    assert.isTrue(nonces.use(nonce, 7));
    assert.isFalse(nonces.use(nonce, 7));
  });

  it("have a bounded memory, and what is forgotten cannot be used again", () => {
    const reactor = new MemoryReactor();
    const nonces = new DigestNonces(reactor, 900, 2);
    const made = [0, 1, 2].map(() => {
      reactor.advance(1);
      return nonces.make("a");
    });
    for (const nonce of made) assert.isTrue(nonces.use(nonce, 1));
    const [first = "", second = "", third = ""] = made;
    assert.isFalse(nonces.isGood(first, "a", 2));
    assert.isFalse(nonces.use(first, 2));
    assert.isTrue(nonces.isGood(second, "a", 2));
    assert.isTrue(nonces.isGood(third, "a", 2));
  });

  it("forgets counters of dead nonces when it makes another", () => {
    const reactor = new MemoryReactor();
    const nonces = new DigestNonces(reactor, 900);
    nonces.use(nonces.make("a"), 1);
    reactor.advance(900);
    const young = nonces.make("a");
    assert.isTrue(nonces.use(young, 1));
    assert.isFalse(nonces.isGood(young, "a", 1));
  });
});

describe("DigestedCredentials", () => {
  const common = {
    method: "GET",
    uri: "/dir/index.html",
    nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    nc: "00000001",
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  };
  const EXAMPLES = [
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ] as const;
  for (const [algorithm, response] of EXAMPLES) {
    it(`are those of the example in RFC 7616 §3.9.1, with ${algorithm}`, () => {
      const space = { realm: "http-auth@example.org", algorithm };
      const signed = { ...common, response };
      const credentials = new DigestedCredentials("Mufasa", space, signed, () => true);
      assert.isTrue(credentials.checkPassword("Circle of Life"));
      assert.isFalse(credentials.checkPassword("Circle of life"));
      assert.isFalse(credentials.checkPassword(""));
    });
  }
});
