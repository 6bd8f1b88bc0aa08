import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatContentRange, parseContentRange, parseRange } from "./range.ts";

/** Ranges as people write them: `0-4 7-9`. */
function ranges(value: string, size: number): string | undefined {
  const found = parseRange(value, size);
  if (found === undefined || found === "unsatisfiable") return found;
  return found.map(({ first, last }) => `${String(first)}-${String(last)}`).join(" ");
}

describe("parseRange()", () => {
  it("reads the examples of RFC 9110 §14.1.2", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["bytes=0-499", "0-499"],
      ["bytes=500-999", "500-999"],
      ["bytes=-500", "9500-9999"],
      ["bytes=9500-", "9500-9999"],
      ["bytes=0-0,-1", "0-0 9999-9999"],
      ["bytes= 0-0, -2", "0-0 9998-9999"],
      ["bytes= 0-999, 4500-5499, -1000", "0-999 4500-5499 9000-9999"],
      ["bytes=500-600,601-999", "500-999"],
      ["bytes=500-700,601-999", "500-999"],
    ];
    for (const [value, expected] of cases) assert.equal(ranges(value, 10_000), expected, value);
  });

  it("cuts ranges to what is there", () => {
    assert.equal(ranges("bytes=5-100", 10), "5-9");
    assert.equal(ranges("bytes=-100", 10), "0-9");
    assert.equal(ranges("bytes=9-9", 10), "9-9");
    assert.equal(ranges(`bytes=5-${"9".repeat(400)}`, 10), "5-9");
    assert.equal(ranges(`bytes=-${"9".repeat(400)}`, 10), "0-9");
    assert.equal(ranges("BYTES=0-1", 10), "0-1");
    assert.equal(ranges("bytes=,0-1,,", 10), "0-1");
  });

  it("finds what cannot be satisfied, and leaves it out beside what can (RFC 9110 §14.1.2)", () => {
    for (const value of ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99-,-0,10-10"]) {
      assert.equal(ranges(value, 10), "unsatisfiable", value);
    }
    assert.equal(ranges(`bytes=${"9".repeat(400)}-`, 10), "unsatisfiable");
    assert.equal(ranges("bytes=10-,0-0,-0", 10), "0-0");
  });

  it("ignores what it cannot read, and other units (RFC 9110 §14.2)", () => {
    const wrong = ["", "bytes", "bytes=", "bytes=,", "bytes 0-1", "=0-1", "lines=0-1", "0-1"];
    const worse = ["bytes=a-b", "bytes=1", "bytes=-", "bytes=--1", "bytes=1-0", "bytes=0-1;2-3"];
    const worst = ["bytes=0 -1", "bytes=0- 1", "bytes=0x0-1", "bytes=+1-2", "bytes=0-1,2-1"];
    for (const value of [
      ...wrong,
      ...worse,
      ...worst,
      "bytes =0-1",
      "bytes=0-1 2-3",
      "bytes=1.5-2",
    ]) {
      assert.isUndefined(ranges(value, 10), value);
    }
  });

  it("has no ranges of nothing: the whole is sent", () => {
    for (const value of ["bytes=0-", "bytes=-5", "bytes=0-0"]) assert.isUndefined(ranges(value, 0));
  });

  it("makes one of those that overlap or touch, and keeps the order (RFC 9110 §15.3.7.2)", () => {
    assert.equal(ranges("bytes=5-6,0-1", 10), "5-6 0-1");
    assert.equal(ranges("bytes=8-8,0-3,2-5", 10), "8-8 0-5");
    assert.equal(ranges("bytes=6-7,0-1,5-5", 10), "5-7 0-1");
    assert.equal(ranges("bytes=0-9,2-3,4-5", 10), "0-9");
    assert.equal(ranges("bytes=0-,0-,0-", 10), "0-9");
    assert.equal(ranges("bytes=4-,3-,2-,1-,0-", 10), "0-9");
  });

  it("ignores more ranges than it may have (RFC 9110 §14.2)", () => {
    const many = (count: number): string => {
      const bytes = Array.from({ length: count }, (_, at) => String(2 * at));
      return `bytes=${bytes.map((byte) => `${byte}-${byte}`).join()}`;
    };
    assert.lengthOf(parseRange(many(16), 100) ?? "", 16);
    assert.isUndefined(parseRange(many(17), 100));
    assert.isUndefined(parseRange(`bytes=${"0-,".repeat(17)}`, 100));
    assert.isUndefined(parseRange(many(3), 100, { maxRanges: 2 }));
    assert.lengthOf(parseRange(many(17), 100, { maxRanges: 17 }) ?? "", 17);
  });

  it("gives what was asked for and nothing else, each byte once", () => {
    const spec = fc
      .tuple(fc.nat(30), fc.option(fc.nat(30)))
      .filter(([a, b]) => b === null || a <= b);
    fc.assert(
      fc.property(
        fc.array(spec, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 24 }),
        (specs, size) => {
          const text = specs
            .map(([first, last]) => `${String(first)}-${String(last ?? "")}`)
            .join();
          const found = parseRange(`bytes=${text}`, size);
          const served = found === "unsatisfiable" || found === undefined ? [] : found;
          const bytes = served.flatMap(({ first, last }) =>
            Array.from({ length: last - first + 1 }, (_, at) => first + at),
          );
          const wanted = Array.from({ length: size }, (_, at) => at).filter((byte) =>
            specs.some(([first, last]) => first <= byte && byte <= (last ?? size)),
          );
          assert.deepEqual(
            bytes.toSorted((one, other) => one - other),
            wanted,
          );
        },
      ),
    );
  });

  it("refuses what is no size", () => {
    for (const size of [-1, 0.5, Number.NaN, Infinity]) {
      assert.throws(() => parseRange("bytes=0-", size), RangeError, "expected a size");
    }
  });
});

describe("formatContentRange() and parseContentRange()", () => {
  const range = fc
    .tuple(fc.maxSafeNat(), fc.maxSafeNat())
    .map(([one, other]) => ({ first: Math.min(one, other), last: Math.max(one, other) }));
  const contentRange = fc.oneof(
    range.map((range) => ({ range })),
    fc.maxSafeNat().map((size) => ({ size })),
    range
      .filter(({ last }) => last < Number.MAX_SAFE_INTEGER)
      .map((range) => ({ range, size: range.last + 1 })),
  );

  it("write and read the forms of RFC 9110 §14.4", () => {
    const first = { first: 42, last: 1233 };
    assert.equal(formatContentRange({ range: first, size: 1234 }), "bytes 42-1233/1234");
    assert.equal(formatContentRange({ range: first }), "bytes 42-1233/*");
    assert.equal(formatContentRange({ size: 1234 }), "bytes */1234");
    assert.deepEqual(parseContentRange("Bytes 42-1233/1234"), { range: first, size: 1234 });
  });

  it("are each other's inverse", () => {
    fc.assert(
      fc.property(contentRange, (value) => {
        assert.deepEqual(parseContentRange(formatContentRange(value)), value);
      }),
    );
  });

  it("parseContentRange() refuses the rest", () => {
    const wrong = [
      "",
      "bytes",
      "bytes 0-1",
      "bytes 0-1/",
      "bytes */*",
      "bytes 1-0/2",
      "bytes 0-1/1",
    ];
    const worse = [
      "bytes=0-1/2",
      "lines 0-1/2",
      "bytes  0-1/2",
      "bytes 0-1/2 ",
      "bytes -1/2",
      "0-1/2",
    ];
    const large = `bytes 0-${"9".repeat(20)}/*`;
    for (const value of [...wrong, ...worse, large, "byteſ 0-1/2", "bytes 0-/2"]) {
      assert.isUndefined(parseContentRange(value), value);
    }
  });

  it("formatContentRange() refuses a range that is not within its size", () => {
    const wrong = [
      {},
      { size: -1 },
      { size: 1.5 },
      { range: { first: 1, last: 0 } },
      { range: { first: 0, last: 1 }, size: 1 },
      { range: { first: 0, last: Infinity } },
    ];
    for (const value of wrong) {
      assert.throws(() => formatContentRange(value), RangeError, "Cannot write Content-Range");
    }
  });
});
