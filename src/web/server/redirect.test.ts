import { assert, describe, it } from "vitest";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Redirect, redirectTo } from "./redirect.ts";
import { Resource } from "./resource.ts";

describe("Redirect", () => {
  it("sends everybody elsewhere, whatever stands behind it", async () => {
    const root = new Resource().putChild("old", new Redirect("/new?a=b", 308));
    for (const path of ["/old", "/old/", "/old/x/y"]) {
      const answer = await visit(root).ask(`POST ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal(answer.code, 308);
      assert.equal(answer.headers.get("location"), "/new?a=b");
    }
  });
});

describe("redirectTo()", () => {
  it("shows where, to those who do not follow, and nothing of it is HTML", async () => {
    const page = visit(() => redirectTo("/<b>&"));
    const answer = await page.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(answer.code, 302);
    assert.include(answer.body, "/&lt;b&gt;&amp;");
  });

  it("refuses what could break out of its field", () => {
    for (const url of ["", "/a b", "/a\r\nX: y", "/ä"]) {
      assert.throws(() => redirectTo(url), TypeError, "expected a URL in ASCII");
    }
  });
});
