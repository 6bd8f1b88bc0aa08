import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { type CGIBeginning, CGIHeadReader } from "./cgi-head-reader.ts";
import { CGIOutputError } from "./cgi-output-error.ts";

/** Read it, cut into pieces of this many bytes. */
function read(text: string, size = text.length): CGIBeginning | undefined {
  const bytes = Buffer.from(text, "latin1");
  const reader = new CGIHeadReader();
  for (let at = 0; at < bytes.length; at += size) {
    const beginning = reader.receive(bytes.subarray(at, at + size));
    if (beginning === undefined) continue;
    const rest = Buffer.concat([beginning.rest, bytes.subarray(at + size)]);
    return { head: beginning.head, rest };
  }
  return undefined;
}

describe("CGIHeadReader", () => {
  it("reads fields to the empty line, whatever ends the lines (RFC 3875 §6.2)", () => {
    for (const end of ["\n", "\r\n"]) {
      const lines = [
        "Content-Type:text/html",
        "X-Y:  a: b\t",
        "Set-Cookie: a",
        "set-cookie: b",
        "",
      ];
      const text = `${lines.join(end)}${end}body\n\n`;
      for (const size of [1, 2, 7, 1000]) {
        const beginning = read(text, size);
        assert.deepEqual(beginning?.head, {
          status: 200,
          phrase: "",
          fields: [
            "content-type",
            "text/html",
            "x-y",
            "a: b",
            "set-cookie",
            "a",
            "set-cookie",
            "b",
          ],
        });
        assert.equal(beginning?.rest.toString(), "body\n\n");
      }
    }
  });

  it("takes Status and Location for what they say (RFC 3875 §6.2.3, §6.3.3)", () => {
    const cases: [string, number, string][] = [
      ["Status: 404 Not here\n\n", 404, "Not here"],
      ["Status: 599\n\n", 599, ""],
      ["Location: /x\n\n", 302, ""],
      ["Location: http://a/\nStatus: 303 See\n\n", 303, "See"],
    ];
    for (const [text, status, phrase] of cases) {
      const head = read(text)?.head;
      assert.deepEqual([head?.status, head?.phrase], [status, phrase]);
      assert.notInclude(head?.fields ?? [], "status");
    }
  });

  it("refuses what is no head", () => {
    const wrong = [
      "\n",
      "X-Y: 1\n\n",
      "hello world\n",
      "HTTP/1.1 200 OK\nContent-Type: a\n\n",
      "Content Type: a\n\n",
      " Content-Type: a\n\n",
      "Content-Type: a\0\n\n",
      "Content-Type: a\rb\n\n",
      "Status: 101 Switch\n\n",
      "Status: 600\n\n",
      "Status: OK\n\n",
      "Status: 200\nStatus: 404\n\n",
    ];
    for (const text of wrong) assert.throws(() => read(text), CGIOutputError, "Cannot read", text);
  });

  it("is bounded, however it is cut", () => {
    const many = `Content-Type: a\n${"X: 1\n".repeat(100)}\n`;
    for (const text of [many, `X: ${"a".repeat(20_000)}`, "a".repeat(16_385)]) {
      for (const size of [1000, 30_000]) assert.throws(() => read(text, size), CGIOutputError);
    }
    assert.isUndefined(read("a".repeat(16_384)));
  });

  it("reads anything, or says that it cannot", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(20), (text, size) => {
        const whole = attempt(() => read(text));
        assert.deepEqual(
          attempt(() => read(text, size + 1)),
          whole,
        );
      }),
    );
  });
});

/** What comes of it; what is thrown must be the one error. */
function attempt(f: () => CGIBeginning | undefined): unknown {
  try {
    const beginning = f();
    return beginning && { head: beginning.head, rest: beginning.rest.toString("latin1") };
  } catch (error) {
    assert.instanceOf(error, CGIOutputError);
    return "refused";
  }
}
