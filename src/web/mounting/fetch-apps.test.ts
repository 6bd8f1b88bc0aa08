import { H3, readBody } from "h3";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { assert, describe, it } from "vitest";
import { visit, type Visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { answerTo, head, until } from "../../../test/fixtures/web/mounted-visit.ts";
import { Resource } from "../server/resource.ts";
import type { Request } from "../server/request.ts";
import { type FetchApp, FetchResource, type FetchResourceOptions } from "./fetch-resource.ts";

type Mount = (app: FetchApp) => Visit;

/** A visit to a site with an app at `/api/v1`. */
function mount(app: FetchApp, options: FetchResourceOptions): Visit {
  const api = new Resource().putChild("v1", new FetchResource(app, options));
  return visit(new Resource().putChild("api", api));
}

const WAYS: Record<string, Mount> = {
  "": (app) => mount(app, {}),
  ", lazily": (app) => mount(app, { lazyRequest: true }),
};

const JSON_TYPE = ["Content-Type: application/json"];

/** An app, and what it has heard of. */
function hono() {
  const app = new Hono<{ Bindings: Request }>();
  const seen: string[] = [];
  app.get("/users/:id", (c) => c.json({ id: c.req.param("id"), q: c.req.query("q") }));
  app.post("/users", async (c) => c.json(await c.req.json(), 201));
  const limit = bodyLimit({ maxSize: 10, onError: (c) => c.text("too long", 413) });
  app.post("/small", limit, async (c) => c.text(await c.req.text()));
  app.get("/who", (c) => c.text(c.env.getClientAddress().kind));
  app.get("/cookies", (c) => {
    setCookie(c, "seen", String(Number(getCookie(c, "seen") ?? "0") + 1));
    setCookie(c, "other", "x");
    return c.redirect("/api/v1/who");
  });
  app.get("/events", (c) =>
    streamSSE(c, async (stream) => {
      stream.onAbort(() => void seen.push("aborted"));
      await stream.writeSSE({ data: "one" });
      await new Promise(() => {});
    }),
  );
  app.get("/boom", () => assert.fail("boom"));
  app.onError((error, c) => c.text(`own page: ${error.message}`, 500));
  return { app, seen };
}

describe.each(Object.entries(WAYS))("FetchResource with Hono%s", (_, mounted) => {
  it("routes, with parameters and queries", async () => {
    const answer = await answerTo(mounted(hono().app), "GET /api/v1/users/a%20b?q=1");
    assert.deepEqual(JSON.parse(answer.body), { id: "a b", q: "1" });
    assert.equal((await answerTo(mounted(hono().app), "GET /api/v1/nowhere")).code, 404);
    assert.equal((await answerTo(mounted(hono().app), "GET /api/v2/users/1")).code, 404);
  });

  it("reads JSON", async () => {
    const answer = await answerTo(mounted(hono().app), "POST /api/v1/users", JSON_TYPE, '{"a":1}');
    assert.equal(answer.code, 201);
    assert.equal(answer.body, '{"a":1}');
  });

  it("sees the site's request in its env", async () => {
    assert.equal((await answerTo(mounted(hono().app), "GET /api/v1/who")).body, "IPv4");
  });

  it("reads cookies and sets several", async () => {
    const answer = await answerTo(mounted(hono().app), "GET /api/v1/cookies", ["Cookie: seen=4"]);
    assert.equal(answer.code, 302);
    assert.equal(answer.headers.get("set-cookie"), "seen=5; Path=/, other=x; Path=/");
    assert.equal(answer.headers.get("location"), "/api/v1/who");
  });

  it("answers its own errors", async () => {
    const answer = await answerTo(mounted(hono().app), "GET /api/v1/boom");
    assert.equal(answer.code, 500);
    assert.equal(answer.body, "own page: boom");
  });

  it("streams events, and hears that the client has gone", async () => {
    const { app, seen } = hono();
    const at = mounted(app);
    at.send(head("GET /api/v1/events"));
    await until(at, () => at.client.received.includes("data: one"));
    at.client.transport.loseConnection();
    await until(at, () => seen.includes("aborted"));
  });
});

describe.each(Object.entries(WAYS))("FetchResource with h3%s", (_, mounted) => {
  function h3(): H3 {
    const app = new H3();
    app.get("/users/:id", (event) => ({ id: event.context.params?.["id"] }));
    app.post("/users", async (event) => {
      event.res.status = 201;
      event.res.headers.append("set-cookie", "a=1");
      event.res.headers.append("set-cookie", "b=2");
      return { got: await readBody(event) };
    });
    return app;
  }

  it("routes, and reads JSON", async () => {
    const answer = await answerTo(mounted(h3()), "GET /api/v1/users/7");
    assert.deepEqual(JSON.parse(answer.body), { id: "7" });
    const made = await answerTo(mounted(h3()), "POST /api/v1/users", JSON_TYPE, '{"a":1}');
    assert.equal(made.code, 201);
    assert.equal(made.headers.get("set-cookie"), "a=1, b=2");
    assert.deepEqual(JSON.parse(made.body), { got: { a: 1 } });
    assert.equal((await answerTo(mounted(h3()), "GET /api/v1/nowhere")).code, 404);
  });
});

it("FetchResource lets Hono make another Request of it, as some middleware does", async () => {
  const chunked = ["Transfer-Encoding: chunked"];
  for (const [text, code] of [
    ["short", 200],
    ["much too long", 413],
  ] as const) {
    const at = mount(hono().app, {});
    at.send(head("POST /api/v1/small", "Connection: close", ...chunked));
    at.send(`${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);
    await until(at, () => at.client.ended !== undefined);
    assert.match(at.client.received, new RegExp(`^HTTP/1.1 ${String(code)} `, "u"));
  }
});
