import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatHTTPDate, parseHTTPDate } from "./http-date.ts";

const SECONDS_1994 = 784_111_777;
const NOW = Date.UTC(2026, 6, 1) / 1000;
const FIRST = -62_167_219_200;
const LAST = 253_402_300_799;

/** The date of the text as ISO has it. */
function iso(text: string, now = NOW): string | undefined {
  const seconds = parseHTTPDate(text, now);
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();
}

describe("formatHTTPDate()", () => {
  it("writes IMF-fixdate (RFC 9110 §5.6.7)", () => {
    assert.equal(formatHTTPDate(SECONDS_1994), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert.equal(formatHTTPDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert.equal(formatHTTPDate(FIRST), "Sat, 01 Jan 0000 00:00:00 GMT");
    assert.equal(formatHTTPDate(LAST), "Fri, 31 Dec 9999 23:59:59 GMT");
  });

  it("cuts parts of a second off, before the epoch too", () => {
    assert.equal(formatHTTPDate(0.999), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert.equal(formatHTTPDate(-0.001), "Wed, 31 Dec 1969 23:59:59 GMT");
    assert.equal(formatHTTPDate(LAST + 0.999), "Fri, 31 Dec 9999 23:59:59 GMT");
  });

  it("refuses years that four digits cannot say", () => {
    for (const seconds of [FIRST - 0.5, LAST + 1, Number.NaN, Infinity, -Infinity]) {
      assert.throws(() => formatHTTPDate(seconds), RangeError, "expected a year from 0 to 9999");
    }
  });
});

describe("parseHTTPDate()", () => {
  it("reads all three forms (RFC 9110 §5.6.7)", () => {
    assert.equal(parseHTTPDate("Sun, 06 Nov 1994 08:49:37 GMT", NOW), SECONDS_1994);
    assert.equal(parseHTTPDate("Sunday, 06-Nov-94 08:49:37 GMT", NOW), SECONDS_1994);
    assert.equal(parseHTTPDate("Sun Nov  6 08:49:37 1994", NOW), SECONDS_1994);
    assert.equal(iso("Wed Nov 16 08:49:37 1994"), "1994-11-16T08:49:37.000Z");
  });

  it("reads what formatHTTPDate() writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: FIRST, max: LAST }), (seconds) => {
        assert.equal(parseHTTPDate(formatHTTPDate(seconds), NOW), seconds);
      }),
    );
  });

  it("takes two digits for the latest year at most 50 years ahead (RFC 9110 §5.6.7)", () => {
    const cases: readonly (readonly [string, number, string])[] = [
      ["Sunday, 06-Nov-94 08:49:37 GMT", Date.UTC(2043, 0), "1994"],
      // The 6th of November 2094 is 50 years ahead, and no more, from that day of 2044 on.
      ["Sunday, 06-Nov-94 08:49:37 GMT", Date.UTC(2044, 10, 6, 8, 49, 36), "1994"],
      ["Sunday, 06-Nov-94 08:49:37 GMT", Date.UTC(2044, 10, 6, 8, 49, 37), "2094"],
      ["Sunday, 06-Nov-00 08:49:37 GMT", Date.UTC(1999, 0), "2000"],
      ["Sunday, 06-Nov-99 08:49:37 GMT", Date.UTC(2000, 0), "1999"],
      ["Sunday, 06-Nov-76 08:49:37 GMT", NOW * 1000, "1976"],
      ["Sunday, 06-Nov-75 08:49:37 GMT", NOW * 1000, "2075"],
    ];
    for (const [text, now, year] of cases) {
      assert.equal(iso(text, now / 1000)?.slice(0, 4), year, `${text} at ${String(now)}`);
    }
  });

  it("knows which days and times there are", () => {
    assert.equal(iso("Thu, 29 Feb 2024 00:00:00 GMT"), "2024-02-29T00:00:00.000Z");
    assert.equal(iso("Sat, 01 Jan 0094 00:00:00 GMT"), "0094-01-01T00:00:00.000Z");
    assert.equal(iso("Tue, 30 Jun 2015 23:59:60 GMT"), "2015-07-01T00:00:00.000Z");
    const wrong = [
      "Wed, 29 Feb 2023 00:00:00 GMT",
      "Wed, 31 Apr 2024 00:00:00 GMT",
      "Wed, 00 Apr 2024 00:00:00 GMT",
      "Wed, 32 Jan 2024 00:00:00 GMT",
      "Wed, 10 Apr 2024 24:00:00 GMT",
      "Wed, 10 Apr 2024 00:60:00 GMT",
      "Wed, 10 Apr 2024 00:00:60 GMT",
      "Wed, 10 Apr 2024 23:59:61 GMT",
      "Wednesday, 29-Feb-23 00:00:00 GMT",
      "Wed Feb 30 00:00:00 2024",
      "Wed Feb  0 00:00:00 2024",
    ];
    for (const text of wrong) assert.isUndefined(parseHTTPDate(text, NOW), text);
  });

  it("takes the wrong day's name, which servers send", () => {
    assert.equal(iso("Mon, 26 Jul 1997 05:00:00 GMT"), "1997-07-26T05:00:00.000Z");
  });

  it("is strict with the rest", () => {
    const wrong = [
      "",
      "0",
      "-1",
      "784111777",
      "06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 GMT+1",
      "Sun, 06 Nov 1994 08:49:37 gmt",
      "sun, 06 nov 1994 08:49:37 GMT",
      " Sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Sun, 06 Nov 1994 08:49:37 GMT\n",
      "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06  Nov 1994 08:49:37 GMT",
      "Sun, 06-Nov-1994 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT",
      "Foo, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Foo 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 8:49:37 GMT",
      "Sun, 06 Nov 1994 08:49 GMT",
      "Sun Nov 6 08:49:37 1994",
      "Sun Nov  6 08:49:37 1994 GMT",
      "Sun, 06-Nov-94 08:49:37 GMT",
      "1994-11-06T08:49:37Z",
    ];
    for (const text of wrong) assert.isUndefined(parseHTTPDate(text, NOW), text);
  });
});
