import { setImmediate as nextTurn } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import { visit, type Visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { answerTo, head, until } from "../../../test/fixtures/web/mounted-visit.ts";
import { type LogCapture, captureLogs } from "../../logger/capture.ts";
import { Resource } from "../server/resource.ts";
import type { Request } from "../server/request.ts";
import { type FetchApp, FetchResource, type FetchResourceOptions } from "./fetch-resource.ts";

/** A visit to a site with an app at `/app`. */
function mounted(app: FetchApp, options?: FetchResourceOptions): Visit {
  return visit(new Resource().putChild("app", new FetchResource(app, options)));
}

/** What was logged as going wrong. */
function errors({ events }: LogCapture): string[] {
  return events
    .filter((event) => event.log_failure !== undefined)
    .map((event) => String(event.log_failure?.value));
}

/** A body without an end, of pieces of 10,000 bytes; and how many of them were asked for. */
function endless() {
  const seen = { pieces: 0, cancelled: false };
  const body = new ReadableStream({
    pull: (controller) => {
      seen.pieces += 1;
      controller.enqueue(new Uint8Array(10_000));
    },
    cancel: () => {
      seen.cancelled = true;
    },
  });
  return { seen, body };
}

const url = (request: globalThis.Request): Response => new Response(request.url);

describe("FetchResource: what the app is asked", () => {
  it("is a path below its place, with the query, as it was sent", async () => {
    const { body } = await answerTo(mounted(url), "GET /app/a%2Fb//c?d=%20&e");
    assert.equal(body, "http://example.com/a%2Fb//c?d=%20&e");
    assert.equal((await answerTo(mounted(url), "GET /app")).body, "http://example.com/");
  });

  it("is the whole path with stripPrefix: false", async () => {
    const at = mounted(url, { stripPrefix: false });
    assert.equal((await answerTo(at, "GET /app/x?y")).body, "http://example.com/app/x?y");
  });

  it("is nothing that a URL would take out of its place", async () => {
    for (const path of ["/app/../admin", "/app/%2e%2E/admin", "/app/x\\..\\..\\admin", "/app/.."]) {
      const whole = mounted(url, { stripPrefix: false });
      assert.equal((await answerTo(whole, `GET ${path}`)).code, 400, path);
    }
    const below = await answerTo(mounted(url), "GET /app/../admin");
    assert.equal(below.body, "http://example.com/admin");
  });

  it("has the method and all fields", async () => {
    const app = (request: globalThis.Request): Response =>
      Response.json([request.method, request.headers.get("x-a"), request.headers.get("cookie")]);
    const fields = ["X-A: 1", "X-A: 2", "Cookie: a=1"];
    const { body } = await answerTo(mounted(app), "DELETE /app", fields);
    assert.equal(body, '["DELETE","1, 2","a=1"]');
  });

  it("comes with the site's own request", async () => {
    const app = (_: globalThis.Request, from: Request): Response =>
      new Response(`${from.prepath.join()} ${from.getClientAddress().toString()}`);
    assert.match((await answerTo(mounted(app), "GET /app/x")).body, /^app 127\.0\.0\.1:\d+$/u);
  });

  it("is nothing where the web knows no such request", async () => {
    assert.equal((await answerTo(mounted(url), "TRACE /app")).code, 501);
    const at = mounted(url);
    at.send("GET /app HTTP/1.0\r\nHost: example.com:99999\r\n\r\n");
    await until(at, () => at.client.ended !== undefined);
    assert.match(at.client.received, /^HTTP\/1\.1 400 /u);
  });

  it("is at localhost if the client of HTTP/1.0 names no host", async () => {
    const at = mounted(url);
    at.send("GET /app HTTP/1.0\r\n\r\n");
    await until(at, () => at.client.ended !== undefined);
    assert.match(at.client.received, /http:\/\/localhost\/$/u);
  });
});

describe("FetchResource: what the app answers", () => {
  it("is sent with its status, its phrase and each cookie", async () => {
    const at = mounted(() => {
      const headers = new Headers({ "x-a": "1" });
      headers.append("set-cookie", "a=1; Path=/");
      headers.append("set-cookie", "b=2");
      return new Response("made", { status: 201, statusText: "Made Up", headers });
    });
    await answerTo(at, "GET /app");
    assert.match(at.client.received, /^HTTP\/1\.1 201 Made Up\r\n/u);
    assert.match(at.client.received, /\r\nSet-Cookie: a=1; Path=\/\r\nSet-Cookie: b=2\r\n/u);
    assert.match(at.client.received, /\r\nContent-Length: 4\r\n/u);
  });

  it("keeps what resources above have set", async () => {
    const app = new FetchResource(
      () => new Response("", { headers: { "set-cookie": "b=2", "x-a": "app" } }),
    );
    const at = visit({
      isLeaf: true,
      getChildWithDefault: () => app,
      render: (request: Request) => {
        request.setHeader("set-cookie", "a=1");
        request.setHeader("x-a", "above");
        return app.render(request);
      },
    });
    const { headers } = await answerTo(at, "GET /");
    assert.equal(headers.get("set-cookie"), "a=1, b=2");
    assert.equal(headers.get("x-a"), "app");
  });

  it("has no body where there is none", async () => {
    for (const status of [204, 304]) {
      const at = mounted(() => new Response(null, { status }));
      const answer = await answerTo(at, "GET /app");
      assert.equal(answer.code, status);
      assert.equal(answer.body, "");
      assert.isFalse(answer.headers.has("transfer-encoding"));
    }
  });

  it("has a head alone if no more is asked for, and its body is not read", async () => {
    const { seen, body } = endless();
    const at = mounted(() => new Response(body, { headers: { "content-length": "4" } }));
    const answer = await answerTo(at, "HEAD /app");
    assert.equal(answer.body, "");
    assert.equal(answer.headers.get("content-length"), "4");
    assert.deepEqual(seen, { pieces: 1, cancelled: true });
  });

  it("is a body of no pieces, too", async () => {
    const empty = new ReadableStream({ start: (controller) => controller.close() });
    const answer = await answerTo(
      mounted(() => new Response(empty)),
      "GET /app",
    );
    assert.equal(answer.headers.get("content-length"), "0");
  });

  it("keeps the bytes of a field's value", async () => {
    const name = Buffer.from("日本").toString("latin1");
    const at = mounted(() => new Response("", { headers: { "x-name": name } }));
    assert.equal((await answerTo(at, "GET /app")).headers.get("x-name"), name);
  });

  it("is 500 if it fails, and is logged", async () => {
    using logs = captureLogs();
    const reject = (): Promise<Response> => Promise.reject(new Error("no luck"));
    assert.equal((await answerTo(mounted(reject), "GET /app")).code, 500);
    assert.equal(
      (
        await answerTo(
          mounted(() => Response.error()),
          "GET /app",
        )
      ).code,
      500,
    );
    const wrong = { fetch: JSON.parse("null") };
    assert.throws(() => new FetchResource(wrong), TypeError);
    assert.deepEqual(errors(logs), [
      "Error: no luck",
      "TypeError: Cannot answer: expected a Response, got [object Response]",
    ]);
  });

  it("is cut off if its body fails in the middle", async () => {
    using logs = captureLogs();
    const pieces = [() => Buffer.from("some"), () => assert.fail("lost the rest")];
    const at = mounted(
      () =>
        new Response(
          new ReadableStream({
            pull: async (controller) => {
              await nextTurn();
              controller.enqueue(pieces.shift()?.());
            },
          }),
        ),
    );
    await answerTo(at, "GET /app");
    assert.match(at.client.received, /some\r\n$/u);
    assert.lengthOf(errors(logs), 1);
  });
});

describe("FetchResource: the body of a request", () => {
  it("is asked for when the app reads it, and not before", async () => {
    let read = (): void => {};
    const at = mounted(async (request) => {
      await new Promise<void>((resolve) => {
        read = resolve;
      });
      return new Response((await request.text()).toUpperCase());
    });
    at.send(head("POST /app", "Content-Length: 5", "Expect: 100-continue"));
    await at.settle();
    assert.equal(at.client.received, "");
    read();
    await until(at, () => at.client.received === "HTTP/1.1 100 Continue\r\n\r\n");
    at.send("hello");
    await until(at, () => at.client.received.endsWith("HELLO"));
  });

  it("comes at the pace of the app", async () => {
    const size = 4_000_000;
    let got = 0;
    let goOn = (): void => {};
    const at = mounted(async ({ body }) => {
      for await (const piece of body ?? []) {
        got += piece.length;
        if (got === piece.length) {
          await new Promise<void>((resolve) => {
            goOn = resolve;
          });
        }
      }
      return new Response(String(got));
    });
    at.send(head("PUT /app", `Content-Length: ${String(size)}`));
    at.send(Buffer.alloc(size, "x"));
    await until(at, () => got > 0);
    await at.settle();
    const held = at.client.transport.bufferedBytes;
    assert.isAbove(held, size / 2, "the client has to wait");
    goOn();
    await until(at, () => at.client.received.endsWith(String(size)));
    assert.equal(got, size);
  });

  it("is thrown away if the app does not want it", async () => {
    const at = mounted(async ({ body }) => {
      await body?.cancel();
      return new Response("no, thanks");
    });
    at.send(`${head("PUT /app", "Content-Length: 5")}12345${head("GET /app")}`);
    await until(at, () => at.client.received.split("no, thanks").length === 3);
  });

  it("fails if the client goes in the middle, and the signal tells it", async () => {
    const seen: string[] = [];
    const at = mounted(async (request) => {
      request.signal.addEventListener("abort", () => seen.push(`signal: ${request.signal.reason}`));
      try {
        await request.text();
      } catch (error) {
        seen.push(`body: ${String(error)}`);
      }
      return new Response("late");
    });
    at.send(`${head("PUT /app", "Content-Length: 5")}123`);
    await at.settle();
    at.client.transport.abortConnection();
    await until(at, () => seen.length === 2);
    assert.match(seen.toSorted().join(), /^body: .*ConnectionLost.*,signal: .*ConnectionLost/u);
  });
});

describe("FetchResource: the body of an answer", () => {
  it("comes at the pace of the client, and is cancelled when it goes", async () => {
    const { seen, body } = endless();
    const at = mounted(() => new Response(body));
    at.client.transport.pauseProducing();
    at.send(head("GET /app"));
    await until(at, () => seen.pieces > 5);
    await at.settle();
    const before = seen.pieces;
    await at.settle();
    assert.equal(seen.pieces, before);
    assert.isBelow(before, 100);
    at.client.transport.resumeProducing();
    await until(at, () => seen.pieces > before + 10);
    at.client.transport.abortConnection();
    await until(at, () => seen.cancelled);
  });

  it("is cancelled also while it waits for its next piece", async () => {
    let isCancelled = false;
    const events = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from("data: 1\n\n")),
      cancel: () => {
        isCancelled = true;
      },
    });
    const at = mounted(() => new Response(events));
    at.send(head("GET /app"));
    await until(at, () => at.client.received.includes("data: 1"));
    at.client.transport.loseConnection();
    await until(at, () => isCancelled);
  });

  it("is cancelled if the client has gone before it was there", async () => {
    const { seen, body } = endless();
    let answer: ((response: Response) => void) | undefined;
    const at = mounted(
      () =>
        new Promise<Response>((resolve) => {
          answer = resolve;
        }),
    );
    at.send(head("GET /app"));
    await at.settle();
    at.client.transport.abortConnection();
    await until(at, () => at.client.ended !== undefined);
    answer?.(new Response(body));
    await until(at, () => seen.cancelled);
  });
});
