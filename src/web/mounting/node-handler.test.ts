import { setImmediate as nextTurn } from "node:timers/promises";
import express from "express";
import { assert, describe, it } from "vitest";
import { readAnswer, visit, type Visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { answerTo, head, until } from "../../../test/fixtures/web/mounted-visit.ts";
import { captureLogs } from "../../logger/capture.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { Headers } from "../http/headers.ts";
import { Answer, NOT_DONE_YET } from "../server/answer.ts";
import { Resource } from "../server/resource.ts";
import type { IResource } from "../server/resource-interface.ts";
import { Site, type SiteHandler, type SiteOptions } from "../server/site.ts";
import { toNodeHandler } from "./node-handler.ts";
import { NodeResource } from "./node-resource.ts";

// Node's HTTP server is one without a socket: a site of ours, in which a NodeResource is mounted.

/** A visit to a site inside of Node's HTTP server, which is at `/outer`. */
function inside(root: IResource | SiteHandler, options: Partial<SiteOptions> = {}): Visit {
  const site = new Site(root, { reactor: new MemoryReactor(), ...options });
  const listener = toNodeHandler(site);
  return visit(new Resource().putChild("outer", new NodeResource(listener)));
}

describe("toNodeHandler(): what the site is asked", () => {
  it("is what came, with what stands around it consumed", async () => {
    const at = inside((request) => {
      const { method, uri, path, query, authority, prepath, postpath, clientproto } = request;
      const rest = [request.isSecure(), request.getHeader("x-a"), request.getCookie("b")];
      const all = [method, uri, path, query, authority, prepath, postpath, clientproto, ...rest];
      return JSON.stringify(all);
    });
    const fields = ["X-A: 1", "X-A: 2", "Cookie: b=3"];
    const { body } = await answerTo(at, "PUT /outer/a%20b/c?q=1", fields);
    const path = "/outer/a%20b/c";
    const target = ["PUT", `${path}?q=1`, path, "q=1", "example.com", ["outer"], ["a b", "c"]];
    assert.deepEqual(JSON.parse(body), [...target, "HTTP/1.1", false, "1, 2", "3"]);
  });

  it("knows both ends of the connection", async () => {
    const at = inside((request) => [request.getClientAddress(), request.getHost()].join(" "));
    assert.match((await answerTo(at, "GET /outer")).body, /^127\.0\.0\.1:\d+ 127\.0\.0\.1:80$/u);
  });

  it("has a body, with trailers", async () => {
    const at = inside(async ({ content }) => {
      const bytes = await content.read();
      return `${String(content.length)} ${bytes.toString()} ${String(content.trailers.get("x-s"))}`;
    });
    assert.equal((await answerTo(at, "POST /outer", [], "hello")).body, "5 hello undefined");
    assert.equal(
      (
        await answerTo(
          inside(({ content }) => content.text()),
          "GET /outer",
        )
      ).body,
      "",
    );
    const chunked = inside(({ content }) =>
      content.text().addCallback((text) => `${text} ${String(content.trailers.get("x-s"))}`),
    );
    chunked.send(head("POST /outer", "Connection: close", "Transfer-Encoding: chunked"));
    chunked.send("5\r\nhello\r\n0\r\nX-S: 1\r\n\r\n");
    await until(chunked, () => chunked.client.ended !== undefined);
    assert.equal(readAnswer(chunked.client.received).body, "hello 1");
  });

  it("has a body at the pace of the site", async () => {
    const size = 4_000_000;
    let got = 0;
    let goOn = (): void => {};
    const at = inside((request) => {
      request.content.deliver({
        dataReceived: (data) => {
          if (got === 0) request.content.pause();
          got += data.length;
        },
        bodyEnded: () => request.finishWith(String(got)),
      });
      goOn = () => request.content.resume();
      return NOT_DONE_YET;
    });
    at.send(head("PUT /outer", `Content-Length: ${String(size)}`));
    at.send(Buffer.alloc(size, "x"));
    await until(at, () => got > 0);
    await at.settle();
    assert.isAbove(at.client.transport.bufferedBytes, size / 2, "the client has to wait");
    goOn();
    await until(at, () => at.client.received.endsWith(String(size)));
  });

  it("is refused if its body is longer than the site allows", async () => {
    const at = inside((request) => request.content.text(), { maxBodyBytes: 4 });
    assert.equal((await answerTo(at, "POST /outer", [], "12345")).code, 413);
  });

  it("leaves a body that is not wanted, and goes on with the next request", async () => {
    const at = inside((request) => `for ${request.method};`);
    at.send(`${head("PUT /outer", "Content-Length: 5")}12345${head("GET /outer")}`);
    await until(at, () => at.client.received.includes("for GET;"));
  });
});

describe("toNodeHandler(): what the site answers", () => {
  it("has its status, fields, cookies and trailers", async () => {
    const at = inside((request) => {
      request.setResponseCode(201, "Made Up");
      request.addHeader("set-cookie", "a=1");
      request.addHeader("set-cookie", "b=2");
      request.setHeader("x-name", "日本");
      request.setHeader("trailer", "x-sum");
      request.interim(103, new Headers({ Link: "</a.css>; rel=preload; as=style" }));
      request.write("made");
      request.finish(new Headers({ "x-sum": "1" }));
      return NOT_DONE_YET;
    });
    at.send(head("GET /outer"));
    await until(at, () => at.client.received.endsWith("0\r\nX-Sum: 1\r\n\r\n"));
    assert.match(at.client.received, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>/u);
    assert.match(at.client.received, /\r\n\r\nHTTP\/1\.1 201 Made Up\r\n/u);
    const { headers, body } = readAnswer(at.client.received);
    assert.equal(headers.get("set-cookie"), "a=1, b=2");
    assert.equal(headers.get("x-name"), Buffer.from("日本").toString("latin1"));
    assert.equal(body, "made");
  });

  it("has a length where it is whole, and no body where there is none", async () => {
    const whole = await answerTo(
      inside(() => "text"),
      "GET /outer",
    );
    assert.equal(whole.headers.get("content-length"), "4");
    const headOnly = await answerTo(
      inside(() => "text"),
      "HEAD /outer",
    );
    assert.deepEqual([headOnly.headers.get("content-length"), headOnly.body], ["4", ""]);
    const empty = await answerTo(
      inside(() => new Answer("", { code: 204 })),
      "GET /outer",
    );
    assert.deepEqual([empty.code, empty.headers.has("content-length")], [204, false]);
  });

  it("comes at the pace of the client", async () => {
    let made = 0;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (; made < 100; made += 1) {
        await nextTurn();
        yield new Uint8Array(20_000);
      }
    }
    const at = inside(() => pieces());
    at.client.transport.pauseProducing();
    at.send(head("GET /outer", "Connection: close"));
    await until(at, () => made > 2);
    for (let turn = 0; turn < 10; turn += 1) await at.settle();
    assert.isBelow(made, 30);
    at.client.transport.resumeProducing();
    await until(at, () => at.client.ended !== undefined);
    assert.lengthOf(readAnswer(at.client.received).body, 2_000_000);
  });

  it("is held to its Content-Length", async () => {
    using logs = captureLogs();
    for (const [text, seen] of [
      ["longer", /\r\n\r\nlong$/u],
      ["abc", /\r\n\r\nabc$/u],
    ] as const) {
      const at = inside((request) => {
        request.setHeader("content-length", 4);
        request.write(text);
        void nextTurn().then(() => request.finish());
        return NOT_DONE_YET;
      });
      await answerTo(at, "GET /outer");
      assert.match(at.client.received, seen);
    }
    assert.lengthOf(
      logs.events.filter((event) => event.log_level === "error"),
      2,
    );
  });

  it("is 500 if a resource fails, and cut off if the site gives it up", async () => {
    using _ = captureLogs();
    assert.equal(
      (
        await answerTo(
          inside(() => assert.fail("no")),
          "GET /outer",
        )
      ).code,
      500,
    );
    const at = inside((request) => {
      request.loseConnection();
      return NOT_DONE_YET;
    });
    at.send(head("GET /outer"));
    await until(at, () => at.client.ended !== undefined);
    assert.equal(at.client.received, "");
  });

  it("fails, with the body, when the client goes", async () => {
    const told: string[] = [];
    const at = inside(
      async (request) => {
        void request.notifyFinish().addErrback(() => void told.push("answer"));
        await request.content.text().addErrback(() => void told.push("body"));
        return "late";
      },
      { accessLog: (request) => told.push(`over, ${String(request.disconnected)}`) },
    );
    at.send(`${head("PUT /outer", "Content-Length: 5")}123`);
    await at.settle();
    at.client.transport.abortConnection();
    await until(at, () => told.length === 3);
    assert.deepEqual(told.toSorted(), ["answer", "body", "over, true"]);
  });
});

describe("toNodeHandler() in Express", () => {
  it("stands where it is used, and reads bodies that nobody has read", async () => {
    const root = new Resource();
    const leaf = (render: SiteHandler): IResource => ({
      isLeaf: true,
      getChildWithDefault: () => assert.fail("a leaf"),
      render,
    });
    root.putChild(
      "",
      leaf(() => "index"),
    );
    root.putChild(
      "echo",
      leaf((request) => request.content.text()),
    );
    root.putChild(
      "where",
      leaf(({ uri, prepath }) => `${uri} ${prepath.join("/")}`),
    );
    const app = express();
    app.get("/theirs", (_, response) => void response.send("theirs"));
    app.use("/ours", toNodeHandler(new Site(root, { reactor: new MemoryReactor() })));
    app.use(
      "/late",
      express.text(),
      toNodeHandler(new Site(root, { reactor: new MemoryReactor() })),
    );
    const outer = new Resource().putChild("node", new NodeResource(app));
    const body = async (line: string, fields: readonly string[] = [], sent = ""): Promise<string> =>
      (await answerTo(visit(outer), line, fields, sent)).body;
    assert.equal(await body("GET /node/theirs"), "theirs");
    assert.equal(await body("GET /node/ours"), "index");
    assert.equal(await body("GET /node/ours/"), "index");
    assert.equal(await body("GET /node/ours/where?x"), "/node/ours/where?x node/ours/where");
    assert.equal(await body("PUT /node/ours/echo", [], "hello"), "hello");
    assert.equal(await body("PUT /node/late/echo", ["Content-Type: text/plain"], "hello"), "");
  });
});
