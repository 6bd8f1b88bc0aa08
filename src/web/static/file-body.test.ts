/**
 * @module
 */
import * as fc from "fast-check";
import { assert, it } from "vitest";
import { bodyFor, type FileBody } from "./file-body.ts";
import type { FilePlan } from "./file-plan.ts";
import { validatorsOf } from "./file-validators.ts";

const CONTENT = Buffer.from("0123456789".repeat(10), "latin1");
const facts = { kind: "file", size: 100, modified: 1000, device: 1, inode: 1 } as const;

function plan(code: FilePlan["code"], ...ranges: readonly (readonly [number, number])[]): FilePlan {
  const byteRanges = ranges.map(([first, last]) => ({ first, last }));
  return { code, validators: validatorsOf(facts, 2000), size: CONTENT.length, ranges: byteRanges };
}

function text({ parts, after }: FileBody): string {
  const stretches = parts.map(
    ({ before, position, end }) => before + CONTENT.toString("latin1", position, end),
  );
  return stretches.join("") + after;
}

it("bodyFor() gives the whole file with 200, and nothing of an empty one", () => {
  const { body, contentType, contentRange } = bodyFor(plan(200), "text/css");
  assert.equal(text(body), CONTENT.toString("latin1"));
  assert.equal(body.length, 100);
  assert.equal(contentType, "text/css");
  assert.isUndefined(contentRange);
  const empty = bodyFor({ ...plan(200), size: 0 }, "text/css").body;
  assert.deepEqual(empty, { parts: [], after: "", length: 0 });
});

it("bodyFor() gives one range as it is (RFC 9110 §15.3.7.1)", () => {
  const { body, contentType, contentRange } = bodyFor(plan(206, [5, 7]), "text/css");
  assert.equal(text(body), "567");
  assert.equal(contentType, "text/css");
  assert.equal(contentRange, "bytes 5-7/100");
});

it("bodyFor() gives several ranges as parts of a multipart (RFC 9110 §14.6)", () => {
  const { body, contentType, contentRange } = bodyFor(plan(206, [0, 0], [98, 99]), "text/css");
  assert.isUndefined(contentRange);
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/u.exec(contentType)?.[1] ?? "";
  assert.match(boundary, /^[\w'()+,\-./:=?]{1,70}$/u);
  assert.equal(
    text(body),
    `--${boundary}\r\nContent-Type: text/css\r\nContent-Range: bytes 0-0/100\r\n\r\n0` +
      `\r\n--${boundary}\r\nContent-Type: text/css\r\nContent-Range: bytes 98-99/100\r\n\r\n89` +
      `\r\n--${boundary}--\r\n`,
  );
});

it("bodyFor() knows how long it is", () => {
  const range = fc
    .tuple(fc.nat(99), fc.nat(99))
    .map(([a, b]): readonly [number, number] => (a < b ? [a, b] : [b, a]));
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 5 }), (ranges) => {
      const { body } = bodyFor(plan(206, ...ranges), "text/plain; charset=utf-8");
      assert.equal(body.length, Buffer.byteLength(text(body)));
    }),
  );
});
