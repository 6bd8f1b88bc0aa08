import { assert, describe, it } from "vitest";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { json } from "../server/answer.ts";
import { html } from "../template/html.ts";
import { negotiate } from "./negotiate.ts";
import { Router } from "./router.ts";

function ask(fields = ""): Promise<RawAnswer> {
  const router = new Router();
  router.get("/", (request) =>
    negotiate(request, {
      "application/json": () => json({ tea: 3 }),
      "text/html": async () => html`<p>${3}</p>`,
    }),
  );
  return visit(router).ask(`GET / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
}

describe("negotiate()", () => {
  it("answers in the type that the client likes best (RFC 9110 §12.5.1)", async () => {
    const page = await ask("Accept: text/html, application/json;q=0.9\r\n");
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(page.headers.get("vary"), "Accept");
    assert.equal((await ask("Accept: application/*\r\n")).body, '{"tea":3}');
  });

  it("answers in the first to who has no wish", async () => {
    assert.equal((await ask()).body, '{"tea":3}');
    assert.equal((await ask("Accept: */*\r\n")).body, '{"tea":3}');
  });

  it("answers 406 to who takes none (RFC 9110 §15.5.7)", async () => {
    const refused = await ask("Accept: image/png\r\n");
    assert.equal(refused.code, 406);
    assert.include(refused.body, "application/json, text/html");
    assert.equal(refused.headers.get("vary"), "Accept");
  });
});
