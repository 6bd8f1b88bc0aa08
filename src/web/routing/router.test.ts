import * as v from "valibot";
import { assert, describe, expectTypeOf, it } from "vitest";
import { type RawAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { Deferred } from "../../defer/deferred.ts";
import { json, NOT_DONE_YET } from "../server/answer.ts";
import { BodyTooLargeError } from "../server/request-body.ts";
import type { IResource } from "../server/resource-interface.ts";
import type { Request } from "../server/request.ts";
import { Resource } from "../server/resource.ts";
import type { PathParams } from "./pattern.ts";
import type { CheckedInputs, CheckedParams } from "./route-handler.ts";
import { Router } from "./router.ts";

function ask(root: IResource, line: string, fields = ""): Promise<RawAnswer> {
  return visit(root).ask(`${line} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
}

async function body(root: IResource, line: string): Promise<string> {
  return (await ask(root, line)).body;
}

/** A router that answers with the pattern and the parameters. */
function echoing(...patterns: string[]): Router {
  const router = new Router();
  for (const pattern of patterns) {
    router.get(pattern, (_request, params) => `${pattern} ${JSON.stringify(params)}`);
  }
  return router;
}

describe("PathParams", () => {
  it("names the parameters of a pattern", () => {
    expectTypeOf<PathParams<"/users/:id">>().toEqualTypeOf<{ readonly id: string }>();
    expectTypeOf<PathParams<"/a/:b/c/:d/*rest">>().toEqualTypeOf<{
      readonly b: string;
      readonly d: string;
      readonly rest: string;
    }>();
    expectTypeOf<PathParams<string>>().toEqualTypeOf<Readonly<Record<string, string>>>();
  });

  it("is what a handler is handed", () => {
    const router = new Router();
    router.get("/users/:id", (request, params) => {
      expectTypeOf(request).toEqualTypeOf<Request>();
      expectTypeOf(params).toEqualTypeOf<{ readonly id: string }>();
      return params.id;
    });
    // @ts-expect-error: there is no such parameter
    router.post("/users/:id", { query: v.object({}) }, (_request, { name }) => String(name));
    // @ts-expect-error: a number is no answer
    router.put("/users/:id", () => 1);
  });
});

describe("Router", () => {
  it("answers with the handler of method and path", async () => {
    const router = new Router();
    router.get("/users", () => "all").post("/users", () => "made");
    router.put("/users/:id", (_request, { id }) => `put ${id}`);
    router.patch("/users/:id", (_request, { id }) => `patched ${id}`);
    router.delete("/users/:id", (_request, { id }) => `gone ${id}`);
    router.route("PURGE", "/users/:id", (_request, { id }) => `purged ${id}`);
    assert.equal(await body(router, "GET /users?q=1"), "all");
    assert.equal(await body(router, "POST /users"), "made");
    assert.equal(await body(router, "PUT /users/7"), "put 7");
    assert.equal(await body(router, "PATCH /users/7"), "patched 7");
    assert.equal(await body(router, "DELETE /users/7"), "gone 7");
    assert.equal(await body(router, "PURGE /users/7"), "purged 7");
  });

  const PATTERNS = ["/a/*rest", "/a/:x", "/a/b", "/a/:x/c", "/a/b/d", "/:top/b/c", "/", "/a/b/"];
  const ORDERS = [PATTERNS, PATTERNS.toReversed()];
  for (const [at, order] of ORDERS.entries()) {
    it(`prefers static, then parameters, then the rest, in order ${String(at)}`, async () => {
      const router = echoing(...order);
      assert.equal(await body(router, "GET /"), "/ {}");
      assert.equal(await body(router, "GET /a/b"), "/a/b {}");
      assert.equal(await body(router, "GET /a/z"), '/a/:x {"x":"z"}');
      assert.equal(await body(router, "GET /a/z/c"), '/a/:x/c {"x":"z"}');
      assert.equal(await body(router, "GET /a/b/d"), "/a/b/d {}");
      // Back from /a/b to what stands behind it.
      assert.equal(await body(router, "GET /a/b/c"), '/a/:x/c {"x":"b"}');
      assert.equal(await body(router, "GET /a/b/x/y"), '/a/*rest {"rest":"b/x/y"}');
      assert.equal(await body(router, "GET /z/b/c"), '/:top/b/c {"top":"z"}');
      assert.equal(await body(router, "GET /a/b/"), "/a/b/ {}");
      assert.equal(await body(router, "GET /a/"), '/a/*rest {"rest":""}');
      assert.equal((await ask(router, "GET /a")).code, 404);
      assert.equal((await ask(router, "GET /z/b/")).code, 404);
    });
  }

  it("looks each method up for itself", async () => {
    const router = new Router();
    router.get("/users/me", () => "me");
    router.delete("/users/:id", (_request, { id }) => `gone ${id}`);
    assert.equal(await body(router, "DELETE /users/me"), "gone me");
    const refused = await ask(router, "PUT /users/me");
    assert.equal(refused.code, 405);
    assert.equal(refused.headers.get("allow"), "DELETE, GET, HEAD, OPTIONS");
  });

  it("decodes segments once, static ones too", async () => {
    const router = echoing("/users/:id", "/café/x", "/50%25/:a");
    assert.equal(await body(router, "GET /users/a%2Fb"), '/users/:id {"id":"a/b"}');
    assert.equal(await body(router, "GET /users/%2541"), '/users/:id {"id":"%41"}');
    assert.equal(await body(router, "GET /%75sers/7"), '/users/:id {"id":"7"}');
    assert.equal(
      Buffer.from(await body(router, "GET /caf%C3%A9/x"), "latin1").toString(),
      "/café/x {}",
    );
    // A pattern is not in percent-encoding: this one means a percent sign.
    assert.equal(await body(router, "GET /50%2525/x"), '/50%25/:a {"a":"x"}');
    assert.equal((await ask(router, "GET /50%25/x")).code, 404);
    assert.equal((await ask(echoing("/a%2Fb"), "GET /a%2Fb")).code, 404);
  });

  it("answers 400 to percent-encoding that is none", async () => {
    const router = echoing("/users/:id");
    assert.equal((await ask(router, "GET /users/%")).code, 400);
    assert.equal((await ask(router, "GET /users/%ff")).code, 400);
  });

  it("has parameters that are not empty, and a rest that may be", async () => {
    const router = echoing("/users/:id", "/files/*path");
    assert.equal((await ask(router, "GET /users/")).code, 404);
    assert.equal((await ask(router, "GET /files")).code, 404);
    assert.equal(await body(router, "GET /files/"), '/files/*path {"path":""}');
    assert.equal(await body(router, "GET /files/a//b/"), '/files/*path {"path":"a//b/"}');
  });

  it("says 404 and 405 in the words of the client (RFC 9457, RFC 9110 §15.5.6)", async () => {
    const router = echoing("/users");
    const missing = await ask(router, "GET /x");
    assert.equal(missing.code, 404);
    assert.equal(missing.headers.get("content-type"), "application/problem+json");
    assert.deepEqual(JSON.parse(missing.body), {
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "There is nothing at this address.",
    });
    const page = await ask(router, "POST /users", "Accept: text/html, */*;q=0.1\r\n");
    assert.equal(page.code, 405);
    assert.equal(page.headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(page.headers.get("vary"), "Accept");
    const program = await ask(router, "GET /x", "Accept: application/json\r\n");
    assert.equal(program.headers.get("content-type"), "application/problem+json");
  });

  it("answers OPTIONS with what is possible, without a route (RFC 9110 §9.3.7)", async () => {
    const router = echoing("/a", "/b");
    router.post("/a", () => "");
    router.options("/b", () => "mine");
    const told = await ask(router, "OPTIONS /a");
    assert.equal(told.code, 204);
    assert.equal(told.headers.get("allow"), "GET, HEAD, OPTIONS, POST");
    assert.equal(await body(router, "OPTIONS /b"), "mine");
    assert.equal((await ask(router, "OPTIONS /c")).code, 404);
    assert.equal((await ask(router, "OPTIONS *")).code, 204);
  });

  it("answers HEAD as GET, without the body and a route (RFC 9110 §9.3.2)", async () => {
    const router = echoing("/a", "/b");
    router.head("/b", (request) => {
      request.setHeader("x-mine", "yes");
      return "";
    });
    const got = await ask(router, "HEAD /a");
    assert.equal(got.headers.get("content-length"), "5");
    assert.equal(got.body, "");
    assert.equal((await ask(router, "HEAD /b")).headers.get("x-mine"), "yes");
    assert.equal((await ask(router, "HEAD /c")).code, 404);
  });

  it("all() answers every method that has no route of its own there", async () => {
    const router = echoing("/a");
    router.all("/a", ({ method }) => `all ${method}`);
    assert.equal(await body(router, "GET /a"), "/a {}");
    assert.equal(await body(router, "PROPFIND /a"), "all PROPFIND");
    assert.equal(await body(router, "OPTIONS /a"), "all OPTIONS");
  });

  it("refuses routes that mean the same", () => {
    const router = echoing("/users/:id", "/files/*path");
    assert.throws(() => router.get("/users/:name", () => ""), "there is such a route");
    assert.throws(() => router.get("/files/*rest", () => ""), "there is such a route");
    router.post("/users/:name", (_request, { name }) => name);
    router.get("/users/:user/posts", (_request, { user }) => user);
  });

  for (const [pattern, message] of [
    ["users", "a slash in front"],
    ["/a?b", 'without "?"'],
    ["/:", "a name"],
    ["/:a-b", "a name"],
    ["/:id(\\d+)", "a name"],
    ["/:__proto__", "a name"],
    ["/*", "a name"],
    ["/:a/:a", "each name once"],
    ["/*a/b", "nothing behind"],
  ] as const) {
    it(`refuses the pattern ${pattern}`, () => {
      assert.throws(() => echoing(pattern), message);
    });
  }

  it("refuses what is no method", () => {
    assert.throws(() => new Router().route("GE T", "/", () => ""), "expected a method");
  });

  it("takes handlers that are async, and those that write by hand", async () => {
    const router = new Router();
    const later = new Deferred<string>();
    router.get("/promise", async () => "kept");
    router.get("/deferred", () => later);
    router.get("/hand", (request) => {
      request.write("by ");
      request.finishWith("hand");
      return NOT_DONE_YET;
    });
    assert.equal(await body(router, "GET /promise"), "kept");
    assert.equal(await body(router, "GET /hand"), "by hand");
    const guest = visit(router);
    guest.send("GET /deferred HTTP/1.1\r\nHost: x\r\n\r\n");
    later.callback("fired");
    await guest.settle();
    assert.include(guest.client.received, "fired");
  });

  it("answers as soon as a Deferred fires, also with what it failed with", () => {
    const router = new Router();
    const [good, bad] = [new Deferred<string>(), new Deferred<string>()];
    router.get("/good", () => good).get("/bad", () => bad);
    const guest = visit(router);
    guest.send("GET /good HTTP/1.1\r\nHost: x\r\n\r\n");
    good.callback("fired");
    guest.pump.flush();
    assert.include(guest.client.received, "fired");
    guest.send("GET /bad HTTP/1.1\r\nHost: x\r\n\r\n");
    bad.errback(new BodyTooLargeError(1));
    guest.pump.flush();
    assert.include(guest.client.received, " 413 ");
  });

  it("answers a handler that is not async within the turn", () => {
    const guest = visit(echoing("/a"));
    guest.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.include(guest.client.received, "/a {}");
  });

  it("answers an error with a status of 4xx with it, and leaves others to the site", async () => {
    const router = new Router();
    const gone = Object.assign(new Error("It was eaten"), { status: 410 });
    router.get("/sync", () => {
      throw gone;
    });
    router.get("/async", () => Promise.reject(gone));
    router.get("/bug", () => {
      throw new TypeError("oops");
    });
    for (const path of ["/sync", "/async"]) {
      const answer = await ask(router, `GET ${path}`);
      assert.equal(answer.code, 410);
      assert.include(answer.body, '"detail":"It was eaten"');
    }
    const late = new Router().get("/", (request) => {
      request.setHeader("cache-control", "max-age=3600");
      throw gone;
    });
    late.use((request, next) => {
      request.setHeader("x-mine", "1");
      return next(request);
    });
    const { headers } = await ask(late, "GET /");
    assert.isFalse(headers.has("cache-control"), "it was meant for another answer");
    assert.equal(headers.get("x-mine"), "1");
    const bug = await ask(router, "GET /bug");
    assert.equal(bug.code, 500);
    assert.notInclude(bug.body, "oops");
  });
});

describe("Router.mount()", () => {
  class Showing extends Resource {
    override readonly isLeaf = true;
    render_GET({ prepath, postpath }: Request): string {
      return JSON.stringify([prepath, postpath]);
    }
  }

  it("hands over the rest of the path to a leaf", async () => {
    const router = echoing("/api/known").mount("/api/v1", new Showing());
    assert.equal(await body(router, "GET /api/v1"), '[["api","v1"],[]]');
    assert.equal(await body(router, "GET /api/v1/"), '[["api","v1"],[""]]');
    assert.equal(await body(router, "GET /api/v1/a%2Fb/c"), '[["api","v1"],["a/b","c"]]');
    assert.equal(await body(router, "GET /api/known"), "/api/known {}");
    assert.equal((await ask(router, "GET /api")).code, 404);
  });

  it("goes down a tree of resources, async ones too", async () => {
    class Later extends Resource {
      override async getChild(): Promise<IResource> {
        return new Showing();
      }
    }
    const tree = new Resource().putChild("a", new Showing()).putChild("b", new Later());
    const router = new Router().mount("/", tree);
    assert.equal(await body(router, "GET /a/x"), '[["a"],["x"]]');
    assert.equal(await body(router, "GET /b/x/y"), '[["b","x"],["y"]]');
    assert.equal((await ask(router, "GET /c")).code, 404);
  });

  it("takes routers, which take their own part of the path", async () => {
    const inner = echoing("/", "/:id").mount("/deep", echoing("/x"));
    const router = new Router().mount("/api", inner);
    assert.equal(await body(router, "GET /api"), "/ {}");
    assert.equal(await body(router, "GET /api/"), "/ {}");
    assert.equal(await body(router, "GET /api/7"), '/:id {"id":"7"}');
    assert.equal(await body(router, "GET /api/deep/x"), "/x {}");
    // What the inner one has at /deep is not asked for at the whole path.
    assert.equal((await ask(router, "GET /deep/x")).code, 404);
  });

  it("compares routes with what is left of the path, not with all of it", async () => {
    const router = new Router().mount("/a", echoing("/b", "/a/b"));
    assert.equal(await body(router, "GET /a/b"), "/b {}");
  });

  it("takes what no route answers, the most special first", async () => {
    const router = echoing("/a/b").mount("/", echoing("/*all")).mount("/a", echoing("/*below"));
    assert.equal(await body(router, "GET /a/b"), "/a/b {}");
    assert.equal(await body(router, "GET /a/c"), '/*below {"below":"c"}');
    assert.equal(await body(router, "GET /c"), '/*all {"all":"c"}');
  });

  it("is found under resources too", async () => {
    const root = new Resource().putChild("api", echoing("/users/:id"));
    assert.equal(await body(root, "GET /api/users/7"), '/users/:id {"id":"7"}');
  });

  it("refuses prefixes that are none, or taken", () => {
    const router = new Router().mount("/a", new Resource());
    assert.throws(() => router.mount("/a", new Resource()), "already");
    assert.throws(() => router.mount("/:a", new Resource()), "static segments");
    assert.throws(() => router.mount("/a/", new Resource()), "static segments");
  });
});

describe("Router.use()", () => {
  it("wraps everything, the first outermost, and sees refusals as answers", async () => {
    const seen: string[] = [];
    const router = echoing("/a").mount("/m", echoing("/x"));
    router.use((request, next) => {
      seen.push("outer");
      return next(request);
    });
    router.use(async (request, next) => {
      seen.push("inner");
      const result = await next(request);
      return typeof result === "string" ? `${result}!` : result;
    });
    assert.equal(await body(router, "GET /a"), "/a {}!");
    assert.equal(await body(router, "GET /m/x"), "/x {}!");
    assert.equal((await ask(router, "GET /c")).code, 404);
    assert.deepEqual(seen, ["outer", "inner", "outer", "inner", "outer", "inner"]);
  });

  it("lets a wrapper refuse", async () => {
    const router = echoing("/a");
    router.use(() => {
      throw Object.assign(new Error("Who are you?"), { status: 401 });
    });
    const refused = await ask(router, "GET /a");
    assert.equal(refused.code, 401);
    assert.include(refused.body, "Who are you?");
  });
});

describe("a route with schemas", () => {
  const Id = v.object({ id: v.pipe(v.string(), v.toNumber(), v.integer()) });
  const Page = v.object({ page: v.optional(v.pipe(v.string(), v.toNumber()), "1") });
  const User = v.object({ name: v.string(), age: v.pipe(v.number(), v.minValue(0)) });

  it("hands over what they have made", async () => {
    const router = new Router();
    router.get("/users/:id", { params: Id, query: Page }, (_request, params, inputs) => {
      expectTypeOf(params).toEqualTypeOf<{ id: number }>();
      expectTypeOf(inputs).toEqualTypeOf<{ readonly query: { page: number } }>();
      return json([params.id + 1, inputs.query.page + 1]);
    });
    assert.equal(await body(router, "GET /users/7?page=3"), "[8,4]");
    assert.equal(await body(router, "GET /users/7"), "[8,2]");
  });

  it("has types that follow", () => {
    expectTypeOf<CheckedParams<"/:a", {}>>().toEqualTypeOf<{ readonly a: string }>();
    expectTypeOf<CheckedInputs<{ body: typeof User; limit: 3 }>>().toEqualTypeOf<{
      readonly body: { name: string; age: number };
    }>();
  });

  it("stays within the turn where they do", () => {
    const router = new Router();
    router.get("/users/:id", { params: Id }, (_request, { id }) => `number ${String(id)}`);
    const guest = visit(router);
    guest.send("GET /users/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.include(guest.client.received, "number 7");
  });

  it("answers 422 with every issue (RFC 9457 §3)", async () => {
    const router = new Router();
    router.post("/users", { body: User }, (_request, _params, { body: user }) => {
      expectTypeOf(user).toEqualTypeOf<{ name: string; age: number }>();
      return json(user, { code: 201 });
    });
    const post = (text: string): Promise<RawAnswer> =>
      visit(router).ask(
        `POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${String(text.length)}\r\n\r\n${text}`,
      );
    assert.equal((await post('{"name":"Ada","age":36}')).code, 201);
    const refused = await post('{"age":-1}');
    assert.equal(refused.code, 422);
    assert.equal(refused.headers.get("content-type"), "application/problem+json");
    const { title, errors } = v.parse(
      v.object({ title: v.string(), errors: v.array(v.record(v.string(), v.string())) }),
      JSON.parse(refused.body),
    );
    assert.equal(title, "Unprocessable Content");
    assert.deepEqual(
      errors.map(({ in: part, pointer }) => [part, pointer]),
      [
        ["body", "#/name"],
        ["body", "#/age"],
      ],
    );
    assert.equal((await post("{")).code, 400);
  });

  it("refuses a body beyond its limit", async () => {
    const router = new Router();
    router.post("/", { body: v.string(), limit: 5 }, (_request, _params, { body: text }) => text);
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    assert.equal((await visit(router).ask(`${head}Content-Length: 3\r\n\r\n"a"`)).body, "a");
    assert.equal((await visit(router).ask(`${head}Content-Length: 6\r\n\r\n"abcd"`)).code, 413);
  });
});
