/**
 * @module
 */
import { assert, describe, it } from "vitest";
import type { FileFacts } from "../../internet/interfaces-files.ts";
import { type FileQuestion, planFor } from "./file-plan.ts";

const NOW = 1_000_000_000;
const FACTS: FileFacts = { kind: "file", size: 100, modified: NOW - 60, device: 1, inode: 1 };
const DATE = "Sun, 09 Sep 2001 01:45:40 GMT";
const TAG = `"64-${((NOW - 60) * 1e6).toString(16)}-1"`;

function asking(fields: Readonly<Record<string, string>>, method = "GET"): FileQuestion {
  const known = new Map(Object.entries(fields));
  return { method, getHeader: (name) => known.get(name), wallClock: () => NOW };
}

/** The status, and the ranges. */
function planned(fields: Readonly<Record<string, string>>, method = "GET"): string {
  const { code, ranges } = planFor(asking(fields, method), FACTS);
  return [code, ...ranges.map(({ first, last }) => `${String(first)}-${String(last)}`)].join(" ");
}

it("planFor() names the file as these tests do", () => {
  const { validators, size } = planFor(asking({}), FACTS);
  assert.equal(validators.etagField, TAG);
  assert.equal(validators.lastModifiedField, DATE);
  assert.equal(size, 100);
});

describe("planFor()", () => {
  const table: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ["no condition", {}, "200"],
    ["If-None-Match: the same", { "if-none-match": TAG }, "304"],
    ["If-None-Match: the same, weakly", { "if-none-match": `W/${TAG}` }, "304"],
    ["If-None-Match: one of several", { "if-none-match": `"a", ${TAG}` }, "304"],
    ["If-None-Match: any", { "if-none-match": "*" }, "304"],
    ["If-None-Match: another", { "if-none-match": '"a"' }, "200"],
    [
      "If-None-Match goes before If-Modified-Since",
      { "if-none-match": '"a"', "if-modified-since": DATE },
      "200",
    ],
    ["If-Modified-Since: then", { "if-modified-since": DATE }, "304"],
    ["If-Modified-Since: before", { "if-modified-since": "Sun, 09 Sep 2001 01:45:39 GMT" }, "200"],
    ["If-Modified-Since: no date", { "if-modified-since": "yesterday" }, "200"],
    ["If-Match: the same", { "if-match": TAG }, "200"],
    ["If-Match: weakly is not enough", { "if-match": `W/${TAG}` }, "412"],
    ["If-Match: another", { "if-match": '"a"' }, "412"],
    ["If-Match goes before If-None-Match", { "if-match": '"a"', "if-none-match": TAG }, "412"],
    [
      "If-Unmodified-Since: before",
      { "if-unmodified-since": "Sun, 09 Sep 2001 01:45:39 GMT" },
      "412",
    ],
    ["If-Unmodified-Since: then", { "if-unmodified-since": DATE }, "200"],
    ["one range", { range: "bytes=0-9" }, "206 0-9"],
    ["the last bytes", { range: "bytes=-10" }, "206 90-99"],
    ["up to the end", { range: "bytes=90-" }, "206 90-99"],
    ["beyond the end", { range: "bytes=90-200" }, "206 90-99"],
    ["several ranges", { range: "bytes=0-1,50-51" }, "206 0-1 50-51"],
    ["ranges that overlap", { range: "bytes=0-60,50-99" }, "206 0-99"],
    ["unsatisfiable", { range: "bytes=100-" }, "416"],
    ["one of them satisfiable", { range: "bytes=100-,0-0" }, "206 0-0"],
    ["bad ranges are ignored", { range: "bytes=9-1" }, "200"],
    ["other units are ignored", { range: "lines=1-2" }, "200"],
    ["too many are ignored", { range: `bytes=${Array(20).fill("0-0").join(",")}` }, "200"],
    ["If-Range: the same tag", { range: "bytes=0-9", "if-range": TAG }, "206 0-9"],
    ["If-Range: weakly is not enough", { range: "bytes=0-9", "if-range": `W/${TAG}` }, "200"],
    ["If-Range: another tag", { range: "bytes=0-9", "if-range": '"a"' }, "200"],
    ["If-Range: the same date", { range: "bytes=0-9", "if-range": DATE }, "206 0-9"],
    [
      "If-Range: another date",
      { range: "bytes=0-9", "if-range": "Sun, 09 Sep 2001 01:45:41 GMT" },
      "200",
    ],
    ["a 304 goes before ranges", { range: "bytes=0-9", "if-none-match": TAG }, "304"],
    ["a 304 goes before a 416", { range: "bytes=100-", "if-none-match": TAG }, "304"],
  ];
  for (const [what, fields, expected] of table) {
    it(`${what} (RFC 9110 §13.2.2, §14.2)`, () => {
      assert.equal(planned(fields), expected);
    });
  }

  it("knows no ranges for HEAD (RFC 9110 §14.2)", () => {
    assert.equal(planned({ range: "bytes=0-9" }, "HEAD"), "200");
    assert.equal(planned({ "if-none-match": TAG }, "HEAD"), "304");
  });

  it("sends the whole of an empty file, whatever range is asked for", () => {
    const { code } = planFor(asking({ range: "bytes=0-" }), { ...FACTS, size: 0 });
    assert.equal(code, 200);
  });

  it("does not trust If-Range where nobody knows the time", () => {
    const question = asking({ range: "bytes=0-9", "if-range": DATE });
    assert.equal(planFor({ ...question, wallClock: () => undefined }, FACTS).code, 200);
  });
});
