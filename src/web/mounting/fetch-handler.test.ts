import { getEventListeners } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Hono } from "hono";
import { assert, describe, it } from "vitest";
import type { Failure } from "../../defer/failure.ts";
import { captureLogs } from "../../logger/capture.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { Answer, NOT_DONE_YET } from "../server/answer.ts";
import { Resource } from "../server/resource.ts";
import type { IResource } from "../server/resource-interface.ts";
import { turnUntil } from "../../../test/fixtures/web/in-memory-site.ts";
import type { Request } from "../server/request.ts";
import { Site, type SiteHandler, type SiteOptions } from "../server/site.ts";
import { type FetchHandlerOptions, toFetchHandler } from "./fetch-handler.ts";

type Handler = (request: globalThis.Request) => Promise<Response>;

function handler(
  root: IResource | SiteHandler,
  options: FetchHandlerOptions & Partial<SiteOptions> = {},
): Handler {
  return toFetchHandler(new Site(root, { reactor: new MemoryReactor(), ...options }), options);
}

function ask(path: string, init?: RequestInit): globalThis.Request {
  return new globalThis.Request(`https://example.com${path}`, init);
}

async function until(holds: () => boolean): Promise<void> {
  await turnUntil(holds);
  assert.isTrue(holds(), `waited in vain for ${holds.toString()}`);
}

/** A request with a body that the test writes by hand. */
function upload(): { request: globalThis.Request; pieces: ReadableStreamDefaultController } {
  let pieces: ReadableStreamDefaultController | undefined;
  const body = new ReadableStream({
    start: (controller) => {
      pieces = controller;
    },
  });
  const request = ask("/", { method: "PUT", body, duplex: "half" });
  assert(pieces !== undefined);
  return { request, pieces };
}

describe("toFetchHandler(): what the site is asked", () => {
  it("is what the Request says", async () => {
    const handle = handler((request) => {
      const { method, uri, path, query, authority, postpath } = request;
      const rest = [request.isSecure(), request.getHeader("x-a"), request.arg("q")];
      return JSON.stringify([method, uri, path, query, authority, postpath, ...rest]);
    });
    const answer = await handle(ask("/a%20b/c?q=1", { method: "PUT", headers: { "X-A": "2" } }));
    const expected = ["PUT", "/a%20b/c?q=1", "/a%20b/c", "q=1", "example.com", ["a b", "c"]];
    assert.deepEqual(await answer.json(), [...expected, true, "2", "1"]);
  });

  it("is below the prefix, which is consumed", async () => {
    const handle = handler(
      (request) => JSON.stringify([request.path, request.prepath, request.postpath]),
      { prefix: "/ours/here" },
    );
    const seen = async (path: string): Promise<unknown> => (await handle(ask(path))).json();
    assert.deepEqual(await seen("/ours/here/x"), ["/ours/here/x", ["ours", "here"], ["x"]]);
    assert.deepEqual(await seen("/ours/here"), ["/ours/here", ["ours", "here"], []]);
    assert.equal((await handle(ask("/ours/hereabouts"))).status, 404);
    assert.throws(() => handler(() => "", { prefix: "ours" }), TypeError);
    assert.throws(() => handler(() => "", { prefix: "/ours/" }), TypeError);
  });

  it("has a body, which is read when the site wants it", async () => {
    const handle = handler(async (request) => {
      const bytes = await request.content.read();
      return `${String(request.content.length)} ${bytes.toString()}`;
    });
    const known = ask("/", { method: "POST", body: "hello", headers: { "content-length": "5" } });
    assert.equal(await (await handle(known)).text(), "5 hello");
    const { request, pieces } = upload();
    const answer = handle(request);
    pieces.enqueue(Buffer.from("hel"));
    pieces.enqueue(new Uint8Array(Buffer.from("xlox").buffer, 0, 0));
    pieces.enqueue(Buffer.from("lo"));
    pieces.close();
    assert.equal(await (await answer).text(), "undefined hello");
    const unread = ask("/", { method: "POST", body: "x" });
    await handler(() => "not wanted")(unread);
    assert.isFalse(unread.bodyUsed);
  });

  it("has a body at the pace of the site", async () => {
    let pulled = 0;
    const body = new ReadableStream(
      {
        pull: (controller) => {
          pulled += 1;
          if (pulled <= 100) controller.enqueue(new Uint8Array(20_000));
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const reactor = new MemoryReactor();
    let held: Request | undefined;
    let got = 0;
    const handle = handler(
      (request) => {
        held = request;
        request.content.deliver({
          dataReceived: (data) => {
            got += data.length;
            if (got === 20_000) request.content.pause();
          },
          bodyEnded: () => request.finishWith(String(got)),
        });
        return NOT_DONE_YET;
      },
      { reactor },
    );
    const answer = handle(ask("/", { method: "PUT", body, duplex: "half" }));
    await until(() => got > 0);
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    assert.equal(pulled, 1);
    held?.content.resume();
    assert.equal(await (await answer).text(), "2000000");
  });

  it("is refused if its body is longer than the site allows", async () => {
    const handle = handler((request) => request.content.text(), { maxBodyBytes: 4 });
    assert.equal((await handle(ask("/", { method: "POST", body: "12345" }))).status, 413);
    assert.equal((await handle(ask("/", { method: "POST", body: "1234" }))).status, 200);
  });
});

describe("toFetchHandler(): what the site answers", () => {
  it("has its status, fields and cookies", async () => {
    const handle = handler((request) => {
      request.setResponseCode(201, "Made Up");
      request.addHeader("set-cookie", "a=1");
      request.addHeader("set-cookie", "b=2");
      request.setHeader("x-name", "日本");
      request.setHeader("connection", "close");
      return "made";
    });
    const answer = await handle(ask("/"));
    assert.equal(answer.status, 201);
    assert.equal(answer.statusText, "Made Up");
    assert.deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(answer.headers.get("x-name"), Buffer.from("日本").toString("latin1"));
    assert.isFalse(answer.headers.has("connection"));
    assert.equal(answer.headers.get("content-length"), "4");
    assert.equal(await answer.text(), "made");
  });

  it("has no body where there is none", async () => {
    const empty = await handler(() => new Answer("", { code: 204 }))(ask("/"));
    assert.equal(empty.status, 204);
    assert.isNull(empty.body);
    assert.isFalse(empty.headers.has("content-length"));
    const headOnly = await handler(() => "text")(ask("/", { method: "HEAD" }));
    assert.isNull(headOnly.body);
    assert.equal(headOnly.headers.get("content-length"), "4");
  });

  it("comes with its head, and then at the pace of who reads it", async () => {
    let made = 0;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (; made < 100; made += 1) {
        await nextTurn();
        yield new Uint8Array(20_000);
      }
    }
    const answer = await handler(() => pieces())(ask("/"));
    await until(() => made > 2);
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    assert.isBelow(made, 10);
    assert.lengthOf(Buffer.from(await answer.arrayBuffer()), 2_000_000);
  });

  it("pauses and resumes a producer", async () => {
    const told: string[] = [];
    const handle = handler((request) => {
      const producer = {
        pauseProducing: () => told.push("pause"),
        resumeProducing: () => {
          told.push("resume");
          request.unregisterProducer();
          request.finish();
        },
        stopProducing: () => told.push("stop"),
      };
      request.registerProducer(producer, true);
      request.write(Buffer.alloc(100_000));
      return NOT_DONE_YET;
    });
    const answer = await handle(ask("/"));
    assert.deepEqual(told, ["pause"]);
    assert.lengthOf(Buffer.from(await answer.arrayBuffer()), 100_000);
    assert.deepEqual(told, ["pause", "resume"]);
  });

  it("is held to its Content-Length", async () => {
    using logs = captureLogs();
    const written = (text: string): Handler =>
      handler((request) => {
        request.setHeader("content-length", 4);
        request.write(text);
        request.finish();
        return NOT_DONE_YET;
      });
    assert.equal(await (await written("longer")(ask("/"))).text(), "long");
    const short = await written("abc")(ask("/"));
    const error: unknown = await short.text().catch((reason: unknown) => reason);
    assert.instanceOf(error, Error);
    assert.lengthOf(
      logs.events.filter((event) => event.log_level === "error"),
      2,
    );
  });

  it("is 500 if a resource fails", async () => {
    using _ = captureLogs();
    assert.equal((await handler(() => assert.fail("no"))(ask("/"))).status, 500);
  });

  it("fails if the site gives it up", async () => {
    const gone: Failure[] = [];
    const before = handler((request) => {
      void request.notifyFinish().addErrback((failure) => void gone.push(failure));
      request.loseConnection();
      return NOT_DONE_YET;
    })(ask("/"));
    const error: unknown = await before.catch((reason: unknown) => reason);
    assert.propertyVal(error, "code", "ERR_CONNECTION_ABORTED");
    await until(() => gone.length === 1);
    const answer = await handler((request) => {
      request.write("some");
      void nextTurn().then(() => request.loseConnection());
      return NOT_DONE_YET;
    })(ask("/"));
    const late: unknown = await answer.text().catch((reason: unknown) => reason);
    assert.instanceOf(late, Error);
  });
});

describe("toFetchHandler(): a client that goes", () => {
  /** A site that keeps its requests and answers none; and which of them were over. */
  function held() {
    const gone: string[] = [];
    const over: string[] = [];
    const handle = handler(
      (request) => {
        if (request.path === "/begun") request.write("begun");
        void request.notifyFinish().addErrback(() => void gone.push(request.path));
        return NOT_DONE_YET;
      },
      { accessLog: (request) => over.push(`${request.path} ${String(request.disconnected)}`) },
    );
    return { handle, gone, over };
  }

  it("is told to the site by the signal", async () => {
    const { handle, gone, over } = held();
    const controller = new AbortController();
    const answer = handle(ask("/new", { signal: controller.signal }));
    await nextTurn();
    controller.abort();
    assert.equal((await answer).status, 499);
    assert.deepEqual([gone, over], [["/new"], ["/new true"]]);
  });

  it("is told by the answer that is cancelled, too", async () => {
    const { handle, gone, over } = held();
    const answer = await handle(ask("/begun"));
    await answer.body?.cancel();
    assert.deepEqual([gone, over], [["/begun"], ["/begun true"]]);
  });

  it("is not listened for when the answer is whole", async () => {
    const request = ask("/");
    await handler(() => "text")(request);
    assert.isEmpty(getEventListeners(request.signal, "abort"));
  });

  it("may have gone before it was there", async () => {
    const { handle, over } = held();
    assert.equal((await handle(ask("/", { signal: AbortSignal.abort() }))).status, 499);
    assert.deepEqual(over, ["/ true"]);
  });

  it("makes the body of its request fail", async () => {
    let failed: unknown;
    const controller = new AbortController();
    const handle = handler((request) =>
      request.content.text().addErrback((failure) => {
        failed = failure.value;
        return "";
      }),
    );
    const { body } = upload().request;
    const init = { method: "PUT", body, duplex: "half", signal: controller.signal } as const;
    const answer = handle(ask("/", init));
    await nextTurn();
    controller.abort();
    await answer;
    assert.instanceOf(failed, Error);
  });
});

it("toFetchHandler() puts a site into Hono", async () => {
  const root = new Resource();
  class Hello extends Resource {
    override readonly isLeaf = true;
    render_GET(request: Request): string {
      return `hello ${request.postpath.join()} from ${request.prepath.join("/")}`;
    }
  }
  root.putChild("hello", new Hello());
  const app = new Hono();
  const handle = handler(root, { prefix: "/ours" });
  app.all("/ours/*", (c) => handle(c.req.raw));
  app.mount("/mounted", handler(root));
  const text = async (path: string): Promise<string> => (await app.request(path)).text();
  assert.equal(await text("/ours/hello/x"), "hello x from ours/hello");
  assert.equal(await text("/mounted/hello/x"), "hello x from hello");
  assert.equal((await app.request("/ours/nothing")).status, 404);
});
