/**
 * Goal: no value of a field makes a reader throw, or take time that grows faster than the value.
 * Method: 100 KB of what each could choke on (a reader whose time is quadratic runs into the time
 * limit of the test), and random text.
 *
 * @module
 */
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { parseAuthorization, parseChallenges } from "./authorization.ts";
import { evaluateConditions, mayServeRange } from "./conditional.ts";
import { parseCookies } from "./cookie.ts";
import { parseEntityTag, parseEntityTags } from "./entity-tag.ts";
import { parseForwarded } from "./forwarded.ts";
import { removeHopByHop } from "./hop-by-hop.ts";
import { parseHTTPDate } from "./http-date.ts";
import { parseMediaType } from "./media-type.ts";
import { preferredEncoding, preferredLanguage, preferredMediaType } from "./negotiation.ts";
import { parseQuery } from "./query.ts";
import { parseContentRange, parseRange } from "./range.ts";

const NOW = 784_111_777;
const SELECTED = { exists: true, etag: { weak: false, tag: "a" }, lastModified: NOW };

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  parseAuthorization,
  parseChallenges,
  parseCookies,
  parseEntityTag,
  parseEntityTags,
  parseForwarded,
  parseMediaType,
  parseContentRange,
  parseHTTPDate: (text) => parseHTTPDate(text, NOW),
  parseRange: (text) => parseRange(text, 1000),
  parseQuery: (text) => parseQuery(text, { maxPairs: Infinity }),
  evaluateConditions: (text) =>
    ["GET", "PUT"].map((method) =>
      evaluateConditions({ method, field: () => text }, SELECTED, NOW),
    ),
  mayServeRange: (text) => mayServeRange({ method: "GET", field: () => text }, SELECTED, NOW),
  preferredEncoding: (text) => preferredEncoding(text, ["br", "gzip", "identity"]),
  preferredLanguage: (text) => preferredLanguage(text, ["de", "en-GB"]),
  preferredMediaType: (text) => preferredMediaType(text, ["text/html", "application/json"]),
  removeHopByHop: (text) => removeHopByHop(["connection", text, "x-a", text]),
};

/** Each a beginning, and what is said again and again after it. */
const SEEDS: readonly (readonly [string, string])[] = [
  ["", ","],
  ["", " "],
  ["", "\t ,"],
  ["", "a"],
  ["", "="],
  ["", "a="],
  ["", "a=b;"],
  ["", "a=b,"],
  ["", "a=b, c "],
  ["", "a ,"],
  ["", "&"],
  ["", "%"],
  ["", "%FF"],
  ["", "a&"],
  ["", "(("],
  ["", "\\"],
  ["", "é"],
  ["", "\0"],
  ["", "\ud800"],
  ["", "😀"],
  ["a=", "     x"],
  ["a=b", " "],
  ["a/b", ";"],
  ["a/b;a=", '\\"'],
  ['a/b;a="', '\\"'],
  ['a a="', "x"],
  ['a a="', "\\\\"],
  ["a ", "a"],
  ["a ", ", "],
  ["a ", "a, a "],
  ["a b=c", ", d e=f"],
  ["for=", "1."],
  ['for="[', "1:"],
  ['for="[', ":"],
  ['for="', "_a:"],
  ['"', "a"],
  ['"a"', ', "a"'],
  ['W/"a"', ',W/"a"'],
  ["bytes=", "0-,"],
  ["bytes=", "9"],
  ["bytes=", "-"],
  ["bytes=-", "9"],
  ["bytes ", "0-"],
  ["bytes 0-", "1"],
  ["Sun, ", "06 Nov "],
  ["Sunday, 06-Nov-94 08:49:37 ", "GMT"],
  ["*/*;q=", "0"],
  ["", "a;q=0.1,"],
  ["", "a/b;c=d;q=0.1,"],
  ["", 'a;b="'],
];

describe("whatever a peer sends", () => {
  for (const [name, read] of Object.entries(READERS)) {
    it(`${name}() comes to an end`, () => {
      for (const [start, again] of SEEDS) {
        read(start + again.repeat(Math.ceil(100_000 / again.length)));
        read(`${start}${again.repeat(Math.ceil(100_000 / again.length))}\n`);
      }
    });

    it(`${name}() does not throw`, () => {
      const pieces = fc.constantFrom(
        ...'aW/*"\\=;:,- 0%[]&\t\r\n\0é\ud800'.split(""),
        "bytes",
        "for",
        "😀",
      );
      fc.assert(fc.property(fc.string({ unit: pieces, maxLength: 40 }), (text) => void read(text)));
      fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void read(text)));
    });
  }
});
