/**
 * @module
 */
import { assert, it } from "vitest";
import { get } from "../../../test/fixtures/web/http1-scene.ts";
import { visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Resource } from "../server/resource.ts";
import { Data } from "./data.ts";

it("Data sends its bytes with their type", async () => {
  const root = new Resource();
  root.putChild("a", new Data("ä", "text/plain; charset=utf-8"));
  root.putChild("b", new Data(Buffer.of(0, 255), "application/x-thing"));
  const text = await visit(root).ask(get("/a"));
  assert.equal(text.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(Buffer.from(text.body, "latin1").toString(), "ä");
  const bytes = await visit(root).ask(get("/b"));
  assert.equal(bytes.headers.get("content-type"), "application/x-thing");
  assert.equal(bytes.body, "\0\u{ff}");
});

it("Data is at its own address alone", async () => {
  const root = new Resource();
  root.putChild("a", new Data("", "text/plain"));
  assert.equal((await visit(root).ask(get("/a/b"))).code, 404);
});

it("Data refuses a type that cannot be sent", () => {
  assert.throws(() => new Data("", "text/plain\r\nX: 1"), TypeError);
});
