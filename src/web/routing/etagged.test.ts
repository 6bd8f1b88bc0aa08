import { assert, describe, it } from "vitest";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Answer, json, type RenderResult } from "../server/answer.ts";
import { etagged } from "./etagged.ts";
import { wrapped } from "./wrapper.ts";

function ask(result: () => RenderResult, fields = "", method = "GET"): Promise<RawAnswer> {
  const guest = visit(wrapped(result, etagged()));
  return guest.ask(`${method} / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
}

describe("etagged()", () => {
  it("names whole bodies after what they hold, the same each time (RFC 9110 §8.8.3)", async () => {
    const one = (await ask(() => "one")).headers.get("etag");
    assert.match(one ?? "", /^"[\w-]{22}"$/u);
    assert.equal((await ask(() => new Answer("one"))).headers.get("etag"), one);
    assert.equal((await ask(() => Buffer.from("one"))).headers.get("etag"), one);
    assert.notEqual((await ask(() => "two")).headers.get("etag"), one);
    const head = await ask(() => "one", "", "HEAD");
    assert.equal(head.headers.get("etag"), one);
    assert.equal(head.headers.get("content-length"), "3");
  });

  it("answers 304 to who has it (RFC 9110 §13.1.2, §15.4.5)", async () => {
    const first = await ask(() => json({ tea: 3 }, { headers: { "x-mine": "1" } }));
    const etag = first.headers.get("etag") ?? "";
    for (const tags of [etag, `"x", W/${etag}`, "*"]) {
      const again = await ask(
        () => json({ tea: 3 }, { headers: { "x-mine": "1" } }),
        `If-None-Match: ${tags}\r\n`,
      );
      assert.equal(again.code, 304, tags);
      assert.equal(again.headers.get("etag"), etag);
      assert.equal(again.headers.get("x-mine"), "1");
      assert.isFalse(again.headers.has("content-type"));
      assert.equal(again.body, "");
    }
    assert.equal((await ask(() => json({ tea: 4 }), `If-None-Match: ${etag}\r\n`)).code, 200);
  });

  it("answers 412 to who wants what it was (RFC 9110 §13.1.1)", async () => {
    assert.equal((await ask(() => "one", 'If-Match: "x"\r\n')).code, 412);
    assert.equal((await ask(() => "one", "If-Match: *\r\n")).code, 200);
  });

  it("keeps a tag that is there", async () => {
    const tagged = (): Answer => new Answer("one", { headers: { etag: '"v1"' } });
    assert.equal((await ask(tagged)).headers.get("etag"), '"v1"');
    assert.equal((await ask(tagged, 'If-None-Match: "v1"\r\n')).code, 304);
  });

  it("leaves what is no 200 of a GET, and what comes in pieces", async () => {
    assert.isFalse((await ask(() => "one", "", "POST")).headers.has("etag"));
    assert.isFalse((await ask(() => new Answer("", { code: 404 }))).headers.has("etag"));
    assert.isFalse((await ask(() => ["one"])).headers.has("etag"));
  });
});
