import { assert, describe, it } from "vitest";
import { AssertionError } from "../../core/assert.ts";
import { everyChunking } from "./every-chunking.ts";

/** A parser with a mistake: it takes what arrives at once for a message. */
function chunksAsMessages(pieces: readonly Buffer[]): string[] {
  return pieces.flatMap((piece) => piece.toString().split(";").filter(Boolean));
}

function joined(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString("latin1");
}

/** Each way that it tries, as text. */
function waysOf(bytes: string, options = {}): string[] {
  const ways: string[] = [];
  everyChunking(
    bytes,
    (pieces) => {
      ways.push(pieces.map((piece) => piece.toString("latin1")).join("|"));
      return joined(pieces);
    },
    options,
  );
  return ways;
}

function messageOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    assert.instanceOf(error, AssertionError);
    return error instanceof Error ? error.message : "";
  }
  return assert.fail("expected an AssertionError");
}

describe("everyChunking() tries", () => {
  it("the whole, then each way once, those of fewer pieces first", () => {
    const [two, three] = ["a|bcd ab|cd abc|d", "a|b|cd a|bc|d ab|c|d"];
    assert.equal(waysOf("abcd").join(" "), `abcd ${two} ${three} a|b|c|d`);
    assert.deepEqual(waysOf("a"), ["a"]);
  });

  it("all 131,072 ways of 18 bytes, and says so", () => {
    const ways = new Set<string>();
    const bytes = Buffer.from("abcdefghijklmnopqr");
    const tried = everyChunking(bytes, (pieces) => {
      ways.add(pieces.map(({ length }) => length).join());
      return bytes.length;
    });
    assert.deepEqual(tried, { cuts: 131_071, isEvery: true });
    assert.equal(ways.size, 131_072);
  });

  it("of more bytes: two pieces everywhere, single bytes, three pieces, choices of edges", () => {
    const text = "0123456789abcdefghijklmnopqrstuvwxyz";
    const edges = [5, 20, 30, 0, 36, 99, 5];
    const ways = waysOf(text, { maxCuts: 10_000, edges });
    for (let at = 1; at < text.length; at += 1) {
      assert.include(ways, `${text.slice(0, at)}|${text.slice(at)}`);
    }
    assert.include(ways, text.split("").join("|"));
    assert.include(ways, "01|23|45|67|89|ab|cd|ef|gh|ij|kl|mn|op|qr|st|uv|wx|yz");
    assert.include(ways, "01234|56789abcdefghij|klmnopqrst|uvwxyz");
    const triples = new Set(ways.filter((way) => way.split("|").length === 3));
    assert.equal(triples.size, (35 * 34) / 2);
    assert.isFalse(everyChunking(text, joined, { maxCuts: 10_000 }).isEvery);
  });

  it("every choice of the first 12 bytes, when no edges are named", () => {
    const ways = new Set(
      waysOf("a".repeat(40), { maxCuts: 10_000 }).map((way) => way.indexOf("|")),
    );
    assert.isTrue([1, 2, 11, 12].every((at) => ways.has(at)));
    const first = waysOf("0123456789abcdefghijkl", { maxCuts: 5000 });
    assert.include(first, "0|12|345|678|9a|bcdefghijkl");
  });

  it("about as many as maxCuts allows, however long the bytes are", () => {
    for (const length of [50, 1000, 5000]) {
      const { cuts } = everyChunking(Buffer.alloc(length), (pieces) => pieces.length > 0, {
        maxCuts: 1000,
        edges: [1, 2, 3],
      });
      assert.isAtMost(cuts, 1001);
      assert.isAbove(cuts, 900);
    }
  });

  it("bytes of their own each time: a parser may change what it is fed", () => {
    const bytes = Buffer.from("abc");
    everyChunking(bytes, (pieces) => {
      const seen = joined(pieces);
      for (const piece of pieces) piece.fill(0);
      return seen;
    });
    assert.equal(bytes.toString(), "abc");
  });
});

describe("everyChunking() fails", () => {
  it("with the fewest pieces that make a difference, and both outcomes", () => {
    const message = messageOf(() => everyChunking("ab;cd;", chunksAsMessages));
    assert.equal(
      message,
      [
        "Expected the same outcome wherever 6 bytes are cut; in 2 pieces it is another:",
        '  pieces  "a" + "b;cd;"',
        "  whole   [ 'ab', 'cd' ]",
        "  cut     [ 'a', 'b', 'cd' ]",
      ].join("\n"),
    );
  });

  it("with as many pieces as it takes", () => {
    const needsThree = (pieces: readonly Buffer[]): boolean => pieces.length < 3;
    assert.include(
      messageOf(() => everyChunking("abcde", needsThree)),
      '"a" + "b" + "cde"',
    );
    const long = messageOf(() => everyChunking(Buffer.alloc(100, "x"), needsThree));
    assert.include(long, "in 3 pieces");
    const needsFive = (pieces: readonly Buffer[]): boolean => pieces.length < 5;
    const edges = [1];
    assert.include(
      messageOf(() => everyChunking(Buffer.alloc(99), needsFive, { edges })),
      "in 5",
    );
  });

  it("and shows bytes that are no text in hexadecimal, long pieces by their ends", () => {
    const one = (pieces: readonly Buffer[]): number => pieces.length;
    assert.include(
      messageOf(() => everyChunking(Buffer.from("81ff00", "hex"), one)),
      "<81> + <ff00>",
    );
    const long = messageOf(() => everyChunking("x".repeat(64), one));
    assert.include(long, '"x" + "xxxxxxxxxxxxxxxx" … "xxxxxxxxxxxxxxxx" (63 bytes)');
  });

  it("when a cut makes feed throw, which is the cause", () => {
    const bad = new RangeError("no room");
    const feed = (pieces: readonly Buffer[]): string => {
      if (pieces.length > 1) throw bad;
      return "fine";
    };
    try {
      everyChunking("ab", feed);
      assert.fail("expected an AssertionError");
    } catch (error) {
      assert.instanceOf(error, AssertionError);
      assert.include(String(error), "cut     throws RangeError: no room");
      assert.equal(error instanceof Error ? error.cause : undefined, bad);
    }
  });

  it("as feed does, when that is about the whole bytes", () => {
    const feed = (): never => {
      throw new RangeError("always");
    };
    assert.throws(() => everyChunking("ab", feed), RangeError, "always");
  });

  it("for outcomes that cannot be compared, and for arguments that make no sense", () => {
    assert.throws(() => everyChunking("ab", async () => Promise.resolve(1)), TypeError);
    assert.throws(() => everyChunking("", joined), RangeError);
    assert.throws(() => everyChunking("ab", joined, { maxCuts: 1 }), RangeError);
    assert.throws(() => everyChunking("ab", joined, { maxCuts: 2.5 }), RangeError);
    const edges = Array.from({ length: 17 }, (_, at) => at);
    assert.throws(() => everyChunking(Buffer.alloc(99), joined, { edges }), RangeError);
  });
});
