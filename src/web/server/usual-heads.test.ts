/**
 * Heads that are put together once: they say what any head says, and what is not usual is left to
 * others.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Headers } from "../http/headers.ts";
import { type AnswerSetting, formatAnswerHead, type FormattedHead } from "./answer-head.ts";
import type { AnswerHead } from "./channel.ts";
import { USUAL_HEADERS, UsualHeads } from "./usual-heads.ts";

/** A copy of the usual ones, as answers have them. */
function usual(type: string): Headers {
  return USUAL_HEADERS.get(type)?.copy() ?? assert.fail(type);
}

const JSON_ALONE = "application/json";
const STANDING = "Server: s\r\nDate: d\r\n";
const HEAD: AnswerHead = { code: 200, phrase: "OK", headers: usual(JSON_ALONE), bodiless: false };
const SETTING: AnswerSetting = { version: "1.1", length: 5, standing: STANDING, closing: false };

/** The same head with usual heads, twice, and without. */
function each(head: AnswerHead, setting: AnswerSetting): FormattedHead[] {
  const known = { ...setting, usual: new UsualHeads() };
  return [known, known, setting].map((one) => formatAnswerHead(head, one));
}

describe("UsualHeads", () => {
  for (const type of USUAL_HEADERS.keys()) {
    it(`says what any head says: ${type}`, () => {
      const [first, again, any] = each({ ...HEAD, headers: usual(type) }, SETTING);
      assert.deepEqual(first, any);
      assert.deepEqual(again, any);
    });
  }

  const others: [string, Partial<AnswerHead>, Partial<AnswerSetting>][] = [
    ["another status", { code: 201 }, {}],
    ["another phrase", { phrase: "Fine" }, {}],
    ["an answer to HEAD", { bodiless: true }, {}],
    ["a body that is written bit by bit", {}, { length: undefined }],
    ["a connection that is closed", {}, { closing: true }],
    ["HTTP/1.0", {}, { version: "1.0" }],
    ["other fields", { headers: new Headers({ "content-type": JSON_ALONE, date: "x" }) }, {}],
  ];
  for (const [name, head, setting] of others) {
    it(`leaves ${name} to others`, () => {
      const heads = new UsualHeads();
      const known = { ...SETTING, usual: heads };
      formatAnswerHead(HEAD, known);
      assert.deepEqual(
        formatAnswerHead({ ...HEAD, ...head }, { ...known, ...setting }),
        formatAnswerHead({ ...HEAD, ...head }, { ...SETTING, ...setting }),
      );
    });
  }

  it("startOf() knows a list by itself, not by what it says, and not once it was changed", () => {
    const heads = new UsualHeads();
    const own = usual(JSON_ALONE);
    assert.isDefined(heads.startOf(own.list, STANDING));
    own.set("vary", "origin");
    assert.isUndefined(heads.startOf(own.list, STANDING));
    assert.isUndefined(heads.startOf(new Headers({ "content-type": JSON_ALONE }).list, STANDING));
    assert.deepEqual([...usual(JSON_ALONE)], [["content-type", JSON_ALONE]]);
  });

  it("startOf() has the standing fields of now", () => {
    const heads = new UsualHeads();
    const { list } = usual(JSON_ALONE);
    const first = heads.startOf(list, "Date: 1\r\n");
    assert.equal(heads.startOf(list, "Date: 1\r\n"), first);
    assert.equal(heads.startOf(list, "Date: 2\r\n"), first?.replace("Date: 1", "Date: 2"));
  });
});
