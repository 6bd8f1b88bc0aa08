/**
 * @module
 */
import * as fc from "fast-check";
import { assert, it } from "vitest";
import type { FileFacts } from "../../internet/interfaces-files.ts";
import { formatEntityTag, parseEntityTag } from "../http/entity-tag.ts";
import { validatorsOf } from "./file-validators.ts";

const FACTS: FileFacts = { kind: "file", size: 255, modified: 1000, device: 1, inode: 16 };

it("validatorsOf() tells files of another size, time or number apart", () => {
  const all = [
    FACTS,
    { ...FACTS, size: 256 },
    { ...FACTS, modified: 1000.000_001 },
    { ...FACTS, inode: 17 },
  ];
  const fields = all.map((facts) => validatorsOf(facts, 2000).etagField);
  assert.equal(fields[0], '"ff-3b9aca00-10"');
  assert.lengthOf(new Set(fields), all.length);
});

it("validatorsOf() gives a weak tag while the time could stay the same (RFC 9110 §8.8.1)", () => {
  assert.isTrue(validatorsOf(FACTS, 1001.9).etag.weak);
  assert.isFalse(validatorsOf(FACTS, 1002).etag.weak);
  assert.isTrue(validatorsOf(FACTS, undefined).etag.weak, "nobody knows the time");
});

it("validatorsOf() knows no Last-Modified in the future (RFC 9110 §8.8.2.1)", () => {
  assert.equal(validatorsOf(FACTS, 1000).lastModifiedField, "Thu, 01 Jan 1970 00:16:40 GMT");
  assert.isUndefined(validatorsOf(FACTS, 999).lastModified);
  assert.isUndefined(validatorsOf(FACTS, 999).lastModifiedField);
  assert.equal(validatorsOf(FACTS, undefined).lastModified, 1000);
});

it("validatorsOf() can name any file that a system may tell of", () => {
  const facts = fc.record({
    kind: fc.constant("file" as const),
    size: fc.maxSafeNat(),
    modified: fc.double({ min: -1e14, max: 1e14, noNaN: true }),
    device: fc.nat(),
    inode: fc.oneof(fc.maxSafeNat(), fc.constant(2 ** 63)),
  });
  fc.assert(
    fc.property(facts, fc.option(fc.double({ noNaN: true }), { nil: undefined }), (one, now) => {
      const { etag, etagField } = validatorsOf(one, now);
      assert.deepEqual(parseEntityTag(etagField), etag);
      assert.equal(formatEntityTag(etag), etagField);
    }),
  );
});
