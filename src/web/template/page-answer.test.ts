/**
 * Templates as answers of a site.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { type RawAnswer, readAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Deferred } from "../../defer/deferred.ts";
import { captureLogs } from "../../logger/capture.ts";
import { Answer } from "../server/answer.ts";
import type { SiteHandler } from "../server/site.ts";
import { html } from "./html.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async function ask(handler: SiteHandler): Promise<RawAnswer> {
  return await visit(handler).ask(GET);
}

describe("an answer that is a template", () => {
  it("is HTML, and has a Content-Length when it is short and all there", async () => {
    const { code, headers, body } = await ask(() => html`<p>${"ä"}</p>`);
    assert.equal(code, 200);
    assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(headers.get("content-length"), "9");
    assert.equal(Buffer.from(body, "latin1").toString(), "<p>ä</p>");
  });

  it("has the status and the fields of an Answer around it", async () => {
    const headers = { "content-type": "application/xhtml+xml" };
    const own = await ask(() => new Answer(html`<p>${1}</p>`, { code: 404, headers }));
    assert.equal(own.code, 404);
    assert.equal(own.headers.get("content-type"), "application/xhtml+xml");
    const plain = await ask(() => new Answer(html`<p>${1}</p>`, { code: 404 }));
    assert.equal(plain.headers.get("content-type"), "text/html; charset=utf-8");
  });

  it("is sent as far as it is there, before what it waits for", async () => {
    const slow = new Deferred<string>();
    const one = visit(() => html`<h1>Now</h1>${slow}<p>end</p>`);
    one.send(GET);
    await one.settle();
    assert.match(one.client.received, /<h1>Now<\/h1>\r\n$/u);
    slow.callback("later");
    await one.settle();
    assert.equal(readAnswer(one.client.received).body, "<h1>Now</h1>later<p>end</p>");
  });

  it("waits for a slow client, with what is written and with what is made", async () => {
    let made = 0;
    async function* rows(): AsyncGenerator<string> {
      for (; made < 1000; made += 1) yield "x".repeat(10_000);
    }
    const one = visit(() => html`${rows()}`);
    one.client.transport.pauseProducing();
    one.send(GET);
    await one.settle();
    assert.isBelow(made, 100);
    one.client.transport.resumeProducing();
    for (let last = -1; last !== made; await one.settle()) last = made;
    assert.equal(made, 1000);
  });

  it("ends its generators when the client has gone", async () => {
    let ended = false;
    const never = new Deferred<string>();
    async function* rows(): AsyncGenerator<string> {
      try {
        yield "a";
        yield "b";
        await never;
      } finally {
        ended = true;
      }
    }
    const first = new Deferred<string>();
    const one = visit(() => html`<p>${rows()}${first}`);
    one.send(GET);
    one.client.transport.abortConnection();
    await one.settle();
    never.callback("x");
    await one.settle();
    assert.isTrue(ended);
  });

  it("is a 500 when it fails before its first piece, and is cut off after it", async () => {
    using logs = captureLogs();
    const boom = async (): Promise<string> => await Promise.reject(new Error("boom"));
    const early = await ask(() => html`${boom()}<p>`);
    assert.equal(early.code, 500);
    const one = visit(() => html`<p>${boom()}</p>`);
    one.send(GET);
    await one.settle();
    assert.match(one.client.received, /<p>\r\n$/u);
    assert.isDefined(one.client.ended);
    assert.isAbove(logs.events.length, 1);
  });

  it("has no body to HEAD", async () => {
    const { headers, body } = await visit(() => html`<p>${1}</p>`).ask(GET.replace("GET", "HEAD"));
    assert.equal(headers.get("content-length"), "8");
    assert.equal(body, "");
  });
});
