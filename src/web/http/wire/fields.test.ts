/**
 * Fields: their syntax, their bounds, and what they say about framing.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { bytesOf, lines, single } from "../../../../test/fixtures/web/http-transcripts.ts";
import { isFieldValue, isToken, lowerFieldName, writtenFieldName } from "./field-names.ts";
import { type FieldLimits, FieldReader, type Fields, interpret } from "./fields.ts";
import { Inbox } from "./inbox.ts";
import { HTTPMessageError } from "./message-error.ts";

const LIMITS: FieldLimits = {
  line: { bytes: 40, fault: "line-too-long" },
  maxFields: 4,
  maxBytes: 60,
  tooLarge: "head-too-large",
};

/** The fields of a block, `undefined` while it is not whole; or the fault. Also byte by byte. */
function read(text: string, before = 0): string | undefined {
  const whole = readPieces([text], before);
  assert.deepEqual(readPieces(single(text), before), whole, "byte by byte");
  return whole;
}

function readPieces(pieces: readonly string[], before: number): string | undefined {
  const inbox = new Inbox();
  const reader = new FieldReader(LIMITS, before);
  try {
    for (const piece of pieces) {
      inbox.receive(bytesOf(piece));
      const list = reader.read(inbox);
      if (list !== undefined) return list.join("|");
    }
  } catch (error) {
    return faultOf(error);
  }
  return undefined;
}

function faultOf(error: unknown): string {
  if (!(error instanceof HTTPMessageError)) throw error;
  return `!${error.fault}`;
}

/** What fields say, or the fault. */
function said(...list: string[]): Fields | string {
  try {
    return interpret(list);
  } catch (error) {
    return faultOf(error);
  }
}

/** One thing that they say. */
function saying<Name extends keyof Fields>(name: Name, ...list: string[]): Fields[Name] | string {
  const fields = said(...list);
  return typeof fields === "string" ? fields : fields[name];
}

describe("FieldReader", () => {
  it("reads names in lower case and values without the blanks around them (RFC 9112 §5.1)", () => {
    assert.equal(read(lines("Host: a", "")), "host|a");
    assert.equal(read(lines("HOST:a", "X-y: \t b c\t ", "Z:", "")), "host|a|x-y|b c|z|");
    assert.equal(read(lines("")), "");
    assert.equal(read(lines("A: b:c: d", "")), "a|b:c: d");
    assert.equal(read(lines("A: \u00a0b\u00a0", "")), "a|\u00a0b\u00a0", "no blanks of HTTP");
    assert.isUndefined(read(lines("A: b")));
  });

  it("refuses names that are none", () => {
    for (const line of [
      "A : b",
      "A\t: b",
      ": b",
      "A b: c",
      "A",
      "\u00c4: b",
      "A\u0000: b",
      "(A): b",
      '"A": b',
    ]) {
      assert.equal(read(lines(line, "")), "!field-name", line);
    }
  });

  it("refuses folded lines, also before the first field (RFC 9112 §5.2)", () => {
    assert.equal(read(lines("A: b", " c", "")), "!folding");
    assert.equal(read(lines("A: b", "\tC: d", "")), "!folding");
    assert.equal(read(lines(" A: b", "")), "!folding");
    assert.equal(read(lines("A: b", " ", "")), "!folding");
  });

  it("refuses control characters in values but for the tab (RFC 9110 §5.5)", () => {
    assert.equal(read(lines("A: b\tc", "")), "a|b\tc");
    assert.equal(read(lines("A: b\u0080\u00ffc", "")), "a|b\u0080\u00ffc");
    for (const code of [0, 1, 8, 11, 12, 14, 27, 31, 127]) {
      const one = String.fromCodePoint(code);
      assert.equal(read(lines(`A: b${one}c`, "")), "!field-value", String(code));
      assert.equal(read(lines(`A: ${one}`, "")), "!field-value", String(code));
    }
    assert.equal(read("A: b\rc\r\n\r\n"), "!bare-cr");
    assert.equal(read("A: b\nc: d\r\n\r\n"), "!bare-lf");
  });

  it("bounds a line, the number of fields and all of them", () => {
    assert.equal(read(lines(`A: ${"b".repeat(37)}`, "")), `a|${"b".repeat(37)}`);
    assert.equal(read(lines(`A: ${"b".repeat(38)}`, "")), "!line-too-long");
    assert.equal(read(lines("A:", "B:", "C:", "D:", "")), "a||b||c||d|");
    assert.equal(read(lines("A:", "B:", "C:", "D:", "E:", "")), "!too-many-fields");
    const two = lines(`A: ${"b".repeat(25)}`, `C: ${"d".repeat(25)}`);
    assert.equal(two.length, 60);
    assert.equal(read(`${two}\r\n`), `a|${"b".repeat(25)}|c|${"d".repeat(25)}`);
    assert.equal(read(two.replace("d", "dd")), "!head-too-large");
    assert.equal(read(lines("A: b", ""), 60), "!head-too-large", "what came before counts");
  });
});

describe("interpret()", () => {
  it("reads a Content-Length of digits alone (RFC 9110 §8.6)", () => {
    const length = (...values: string[]): unknown =>
      saying("contentLength", ...values.flatMap((value) => ["content-length", value]));
    assert.isUndefined(length());
    assert.equal(length("0"), 0);
    assert.equal(length("007"), 7);
    assert.equal(length("9007199254740991"), Number.MAX_SAFE_INTEGER);
    for (const value of ["", "+1", "-1", "0x1", "1e3", "1.0", "1 1", "1, 1", "1,", "\u00b2", "a"]) {
      assert.equal(length(value), "!length-invalid", value);
    }
    assert.equal(length("9007199254740992"), "!length-invalid", "2^53");
    assert.equal(length("18446744073709551617"), "!length-invalid", "2^64 + 1");
    assert.equal(length("1", "1"), "!length-repeated");
    assert.equal(length("x", "1"), "!length-invalid");
  });

  it("keeps a Transfer-Encoding in lower case, and takes one (RFC 9112 §6.1)", () => {
    assert.equal(saying("transferEncoding", "transfer-encoding", "ChunKed"), "chunked");
    assert.equal(saying("transferEncoding", "transfer-encoding", ""), "");
    const twice = ["transfer-encoding", "chunked", "transfer-encoding", "chunked"];
    assert.equal(said(...twice), "!coding-repeated");
    assert.equal(said("transfer-encoding", "x", "content-length", "1"), "!coding-with-length");
    assert.equal(said("content-length", "0", "transfer-encoding", "x"), "!coding-with-length");
  });

  it("joins the options of Connection, in lower case (RFC 9110 §7.6.1)", () => {
    const list = ["connection", "Keep-Alive, ,\tX", "connection", "close,"];
    assert.deepEqual(saying("connection", ...list), ["keep-alive", "x", "close"]);
    assert.deepEqual(saying("connection"), []);
    assert.deepEqual(saying("connection", "connection", "close\u00a0"), ["close\u00a0"]);
  });

  it("counts Hosts, and joins Expect and Upgrade", () => {
    assert.equal(saying("hosts", "host", "a", "host", "a"), 2);
    assert.equal(saying("expect", "expect", "X", "expect", "100-Continue"), "x, 100-continue");
    assert.equal(saying("upgrade", "upgrade", "a", "upgrade", "B"), "a, B");
  });

  it("takes time that grows with the length alone", () => {
    for (const value of [" ,".repeat(50_000), `${" ".repeat(100_000)}x`, "a,".repeat(50_000)]) {
      said("connection", value, "transfer-encoding", value, "expect", value);
      said("content-length", value);
    }
  });
});

describe("names of fields", () => {
  it("are tokens (RFC 9110 §5.6.2)", () => {
    assert.isTrue(isToken("!#$%&'*+-.^_`|~0aZ"));
    for (const text of ["", " ", "a b", "a:", "(", "\u00e9", "a\n", "a\u0000"]) {
      assert.isFalse(isToken(text), text);
    }
  });

  it("are lower case inside, and written as people know them", () => {
    assert.equal(lowerFieldName("Content-Type"), "content-type");
    assert.equal(lowerFieldName("cONTENT-tYPE"), "content-type");
    assert.isUndefined(lowerFieldName("a b"));
    assert.equal(writtenFieldName("etag"), "ETag");
    assert.equal(writtenFieldName("www-authenticate"), "WWW-Authenticate");
    assert.equal(writtenFieldName("x-own-thing"), "X-Own-Thing");
    assert.equal(writtenFieldName("constructor"), "Constructor");
  });

  it("values are everything but control characters", () => {
    assert.isTrue(isFieldValue("\t !~\u00e9\u{1f600}"));
    for (const text of ["\n", "\r", "\u0000", "\u007f", "a\u001fb"])
      assert.isFalse(isFieldValue(text));
  });
});
