import { assert, describe, it } from "vitest";
import {
  type ConditionalRequest,
  type ConditionOutcome,
  evaluateConditions,
  mayServeRange,
  type SelectedRepresentation,
} from "./conditional.ts";
import { formatHTTPDate } from "./http-date.ts";

const MODIFIED = 784_111_777;
const NOW = MODIFIED + 3600;
const BEFORE = formatHTTPDate(MODIFIED - 1);
const SAME = formatHTTPDate(MODIFIED);
const AFTER = formatHTTPDate(MODIFIED + 1);

const STRONG = { exists: true, etag: { weak: false, tag: "v1" }, lastModified: MODIFIED };
const WEAK = { exists: true, etag: { weak: true, tag: "v1" }, lastModified: MODIFIED };
const BARE = { exists: true };
const MISSING = { exists: false };

function request(method: string, fields: Readonly<Record<string, string>>): ConditionalRequest {
  const map = new Map(Object.entries(fields));
  return { method, field: (name) => map.get(name) };
}

type Case = readonly [
  method: string,
  fields: Readonly<Record<string, string>>,
  selected: SelectedRepresentation,
  outcome: ConditionOutcome,
];

function check(cases: readonly Case[]): void {
  for (const [method, fields, selected, outcome] of cases) {
    const told = `${method} ${JSON.stringify(fields)} of ${JSON.stringify(selected)}`;
    assert.equal(evaluateConditions(request(method, fields), selected, NOW), outcome, told);
  }
}

describe("evaluateConditions()", () => {
  it("If-Match compares strongly, for every method (RFC 9110 §13.1.1)", () => {
    check([
      ["PUT", { "if-match": '"v1"' }, STRONG, "proceed"],
      ["PUT", { "if-match": '"v0", "v1"' }, STRONG, "proceed"],
      ["PUT", { "if-match": '"v2"' }, STRONG, "failed"],
      ["PUT", { "if-match": 'W/"v1"' }, STRONG, "failed"],
      ["PUT", { "if-match": '"v1"' }, WEAK, "failed"],
      ["PUT", { "if-match": '"v1"' }, BARE, "failed"],
      ["PUT", { "if-match": '"v1"' }, MISSING, "failed"],
      ["PUT", { "if-match": "*" }, BARE, "proceed"],
      ["PUT", { "if-match": "*" }, MISSING, "failed"],
      ["GET", { "if-match": '"v2"' }, STRONG, "failed"],
    ]);
  });

  it("If-Match that cannot be read matches nothing", () => {
    check([
      ["PUT", { "if-match": "v1" }, STRONG, "failed"],
      ["PUT", { "if-match": "" }, STRONG, "failed"],
    ]);
  });

  it("If-Unmodified-Since fails when it was modified later (RFC 9110 §13.1.4)", () => {
    check([
      ["PUT", { "if-unmodified-since": BEFORE }, STRONG, "failed"],
      ["PUT", { "if-unmodified-since": SAME }, STRONG, "proceed"],
      ["PUT", { "if-unmodified-since": AFTER }, STRONG, "proceed"],
      ["GET", { "if-unmodified-since": BEFORE }, STRONG, "failed"],
      [
        "PUT",
        { "if-unmodified-since": SAME },
        { ...BARE, lastModified: MODIFIED + 0.9 },
        "proceed",
      ],
      // To be ignored: no date of ours, no date of theirs.
      ["PUT", { "if-unmodified-since": BEFORE }, BARE, "proceed"],
      ["PUT", { "if-unmodified-since": "yesterday" }, STRONG, "proceed"],
      ["PUT", { "if-unmodified-since": `${BEFORE}, ${BEFORE}` }, STRONG, "proceed"],
    ]);
  });

  it("If-None-Match compares weakly: 304 for GET and HEAD, else 412 (RFC 9110 §13.1.2)", () => {
    check([
      ["GET", { "if-none-match": '"v1"' }, STRONG, "not-modified"],
      ["HEAD", { "if-none-match": '"v1"' }, STRONG, "not-modified"],
      ["GET", { "if-none-match": 'W/"v1"' }, STRONG, "not-modified"],
      ["GET", { "if-none-match": '"v0", "v1"' }, WEAK, "not-modified"],
      ["GET", { "if-none-match": '"v2"' }, STRONG, "proceed"],
      ["GET", { "if-none-match": '"v1"' }, BARE, "proceed"],
      ["GET", { "if-none-match": "*" }, BARE, "not-modified"],
      ["PUT", { "if-none-match": '"v1"' }, STRONG, "failed"],
      ["PUT", { "if-none-match": "*" }, STRONG, "failed"],
      ["PUT", { "if-none-match": "*" }, MISSING, "proceed"],
    ]);
  });

  it("If-None-Match that cannot be read protects, and does not save", () => {
    check([
      ["GET", { "if-none-match": "v1" }, STRONG, "proceed"],
      ["PUT", { "if-none-match": "v1" }, MISSING, "failed"],
    ]);
  });

  it("If-Modified-Since is for GET and HEAD (RFC 9110 §13.1.3)", () => {
    check([
      ["GET", { "if-modified-since": SAME }, STRONG, "not-modified"],
      ["HEAD", { "if-modified-since": AFTER }, STRONG, "not-modified"],
      ["GET", { "if-modified-since": BEFORE }, STRONG, "proceed"],
      [
        "GET",
        { "if-modified-since": SAME },
        { ...BARE, lastModified: MODIFIED + 0.9 },
        "not-modified",
      ],
      ["GET", { "if-modified-since": SAME }, BARE, "proceed"],
      ["GET", { "if-modified-since": "yesterday" }, STRONG, "proceed"],
      ["GET", { "if-modified-since": `${SAME}, ${SAME}` }, STRONG, "proceed"],
      ["GET", { "if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT" }, STRONG, "not-modified"],
      ["POST", { "if-modified-since": SAME }, STRONG, "proceed"],
      ["PUT", { "if-modified-since": SAME }, STRONG, "proceed"],
    ]);
  });

  it("goes by entity tags where there are some, and by dates where not (RFC 9110 §13.2.2)", () => {
    check([
      ["PUT", { "if-match": '"v1"', "if-unmodified-since": BEFORE }, STRONG, "proceed"],
      ["PUT", { "if-match": '"v2"', "if-unmodified-since": AFTER }, STRONG, "failed"],
      ["GET", { "if-none-match": '"v2"', "if-modified-since": AFTER }, STRONG, "proceed"],
      ["GET", { "if-none-match": '"v1"', "if-modified-since": BEFORE }, STRONG, "not-modified"],
      ["GET", { "if-none-match": "v1", "if-modified-since": AFTER }, STRONG, "proceed"],
    ]);
  });

  it("lets what was expected go before what is new (RFC 9110 §13.2.2)", () => {
    check([
      ["GET", { "if-match": '"v2"', "if-none-match": '"v1"' }, STRONG, "failed"],
      ["GET", { "if-match": '"v1"', "if-none-match": '"v1"' }, STRONG, "not-modified"],
      ["GET", { "if-unmodified-since": BEFORE, "if-none-match": '"v1"' }, STRONG, "failed"],
      ["GET", { "if-unmodified-since": SAME, "if-modified-since": SAME }, STRONG, "not-modified"],
      ["GET", { "if-match": "*", "if-modified-since": SAME }, STRONG, "not-modified"],
    ]);
  });

  it("ignores conditions where they mean nothing (RFC 9110 §13.2.1)", () => {
    const fields = { "if-match": '"v2"', "if-none-match": "*" };
    check([
      ["OPTIONS", fields, STRONG, "proceed"],
      ["TRACE", fields, STRONG, "proceed"],
      ["CONNECT", fields, STRONG, "proceed"],
      ["GET", fields, MISSING, "proceed"],
      ["HEAD", fields, MISSING, "proceed"],
      ["GET", {}, STRONG, "proceed"],
      ["DELETE", {}, MISSING, "proceed"],
    ]);
  });
});

describe("mayServeRange()", () => {
  function may(value: string, selected: SelectedRepresentation, now = NOW): boolean {
    return mayServeRange(request("GET", { "if-range": value }), selected, now);
  }

  it("may without If-Range, and for GET only (RFC 9110 §14.2)", () => {
    assert.isTrue(mayServeRange(request("GET", {}), STRONG, NOW));
    for (const method of ["HEAD", "POST", "PUT"]) {
      assert.isFalse(mayServeRange(request(method, {}), STRONG, NOW));
      assert.isFalse(mayServeRange(request(method, { "if-range": '"v1"' }), STRONG, NOW));
    }
  });

  it("compares entity tags strongly (RFC 9110 §13.1.5)", () => {
    assert.isTrue(may('"v1"', STRONG));
    assert.isFalse(may('"v2"', STRONG));
    assert.isFalse(may('W/"v1"', STRONG));
    assert.isFalse(may('"v1"', WEAK));
    assert.isFalse(may('W/"v1"', WEAK));
    assert.isFalse(may('"v1"', BARE));
    assert.isFalse(may('"v1", "v2"', STRONG));
    assert.isFalse(may("*", STRONG));
  });

  it("takes the very date only (RFC 9110 §13.1.5)", () => {
    assert.isTrue(may(SAME, STRONG));
    assert.isTrue(may(SAME, { exists: true, lastModified: MODIFIED + 0.9 }));
    assert.isFalse(may(BEFORE, STRONG));
    assert.isFalse(may(AFTER, STRONG));
    assert.isFalse(may(SAME, BARE));
    assert.isFalse(may("yesterday", STRONG));
  });

  it("takes a date whose second is over only (RFC 9110 §8.8.2.2)", () => {
    assert.isFalse(may(SAME, STRONG, MODIFIED));
    assert.isFalse(may(SAME, STRONG, MODIFIED + 0.99));
    assert.isTrue(may(SAME, STRONG, MODIFIED + 1));
  });
});
