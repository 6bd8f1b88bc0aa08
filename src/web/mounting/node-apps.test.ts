import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express from "express";
import fastify from "fastify";
import Koa from "koa";
import { assert, describe, it } from "vitest";
import { visit, type Visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { answerTo, head, until } from "../../../test/fixtures/web/mounted-visit.ts";
import { Resource } from "../server/resource.ts";
import { type NodeListener, NodeResource } from "./node-resource.ts";

/** Every app does the same things, in its own way. */
const APPS: Record<string, () => NodeListener | Promise<NodeListener>> = {
  Express() {
    const app = express();
    app.use(express.json());
    app.get("/users/:id", (request, response) => {
      const { params, query, originalUrl, ip, protocol, host } = request;
      response.json({ id: params.id, q: query["q"], originalUrl, ip, protocol, host });
    });
    app.post("/users", (request, response) => {
      response.cookie("a", "1").cookie("b", "2").status(201).json(request.body);
    });
    app.put("/echo", (request, response) => void request.pipe(response));
    app.get("/endless", (_, response) => void pipeline(endless(), response).catch(() => {}));
    app.get("/boom", () => assert.fail("boom"));
    app.use(((_error, _request, response, _next) => {
      response.status(500).send("own page");
    }) satisfies express.ErrorRequestHandler);
    return app;
  },
  async Fastify() {
    const app = fastify();
    app.get("/users/:id", ({ params, query, originalUrl, ip, protocol, host }) => {
      return { ...Object(params), ...Object(query), originalUrl, ip, protocol, host };
    });
    app.post("/users", (request, reply) => {
      void reply.header("set-cookie", ["a=1; Path=/", "b=2; Path=/"]).code(201).send(request.body);
    });
    app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    app.put("/echo", (request, reply) => reply.send(request.body));
    app.get("/endless", (_, reply) => reply.send(endless()));
    app.get("/boom", () => assert.fail("boom"));
    app.setErrorHandler((_error, _request, reply) => reply.code(500).send("own page"));
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  Koa() {
    const app = new Koa();
    app.silent = true;
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch {
        ctx.status = 500;
        ctx.body = "own page";
      }
    });
    app.use(async (ctx) => {
      const { path, method } = ctx;
      if (path.startsWith("/users/")) {
        const originalUrl: unknown = Reflect.get(ctx.req, "baseUrl") + ctx.originalUrl;
        const { ip, protocol, host } = ctx;
        const id = decodeURIComponent(path.slice(7));
        ctx.body = { id, q: ctx.query["q"], originalUrl, ip, protocol, host };
      } else if (path === "/users" && method === "POST") {
        ctx.cookies.set("a", "1", { httpOnly: false });
        ctx.cookies.set("b", "2", { httpOnly: false });
        ctx.status = 201;
        ctx.body = JSON.parse((await ctx.req.toArray()).join(""));
      } else if (path === "/echo") ctx.body = ctx.req;
      else if (path === "/endless") ctx.body = endless();
      else if (path === "/boom") assert.fail("boom");
    });
    return app.callback();
  },
};

const sources: Readable[] = [];

/** Bytes without an end, that may be looked at in `sources`. */
function endless(): Readable {
  const source = new Readable({
    read() {
      this.push(Buffer.alloc(10_000, "x"));
    },
  });
  sources.push(source);
  return source;
}

for (const [name, make] of Object.entries(APPS)) {
  describe(`NodeResource with ${name}`, () => {
    const mounted = async (): Promise<Visit> => {
      const api = new Resource().putChild("v1", new NodeResource(await make()));
      return visit(new Resource().putChild("api", api));
    };

    it("routes, with parameters and queries, and knows who asks for what", async () => {
      const answer = await answerTo(await mounted(), "GET /api/v1/users/a%20b?q=1");
      const originalUrl = "/api/v1/users/a%20b?q=1";
      const [ip, protocol, host] = ["127.0.0.1", "http", "example.com"];
      const expected = { id: "a b", q: "1", originalUrl, ip, protocol, host };
      assert.deepEqual(JSON.parse(answer.body), expected);
      assert.equal((await answerTo(await mounted(), "GET /api/v1/nowhere")).code, 404);
    });

    it("reads JSON, and sets several cookies", async () => {
      const type = ["Content-Type: application/json"];
      const answer = await answerTo(await mounted(), "POST /api/v1/users", type, '{"a":1}');
      assert.equal(answer.code, 201);
      assert.equal(answer.body, '{"a":1}');
      const cookies = answer.headers.get("set-cookie")?.toLowerCase();
      assert.equal(cookies, "a=1; path=/, b=2; path=/");
    });

    it("answers its own errors", async () => {
      const answer = await answerTo(await mounted(), "GET /api/v1/boom");
      assert.equal(answer.code, 500);
      assert.equal(answer.body, "own page");
    });

    it("answers HEAD with the length", async () => {
      const answer = await answerTo(await mounted(), "HEAD /api/v1/users/1");
      assert.equal(answer.code, 200);
      assert.equal(answer.body, "");
      assert.match(answer.headers.get("content-length") ?? "", /^\d+$/u);
    });

    it("streams both ways at once", async () => {
      const at = await mounted();
      const type = "Content-Type: application/octet-stream";
      at.send(head("PUT /api/v1/echo", "Transfer-Encoding: chunked", type));
      at.send("5\r\nhello\r\n");
      await until(at, () => at.client.received.includes("hello"));
      at.send("5\r\nagain\r\n0\r\n\r\n");
      await until(at, () => at.client.received.endsWith("again\r\n0\r\n\r\n"));
    });

    it("stops when the client has gone", async () => {
      const at = await mounted();
      at.send(head("GET /api/v1/endless"));
      await until(at, () => at.client.received.length > 200_000);
      at.client.transport.abortConnection();
      await until(at, () => sources.at(-1)?.destroyed === true);
    });
  });
}
