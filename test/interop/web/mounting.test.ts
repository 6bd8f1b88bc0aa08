/**
 * Apps of others in a site of ours, and a site of ours in servers of others, over real sockets.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { Agent, type ClientRequest, createServer, request, type Server } from "node:http";
import { connect as connectHTTP2 } from "node:http2";
import { createConnection } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextPass } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { assert, describe, it, type TestContext } from "vitest";
import { TCP4ServerEndpoint } from "../../../src/internet/endpoints/tcp-server.ts";
import { NodeReactor } from "../../../src/reactors/node/node-reactor.ts";
import { portNumber } from "../../../src/testing/contracts/network.ts";
import { FetchResource } from "../../../src/web/mounting/fetch-resource.ts";
import { toFetchHandler } from "../../../src/web/mounting/fetch-handler.ts";
import { toNodeHandler } from "../../../src/web/mounting/node-handler.ts";
import { type NodeListener, NodeResource } from "../../../src/web/mounting/node-resource.ts";
import { NOT_DONE_YET } from "../../../src/web/server/answer.ts";
import { Resource } from "../../../src/web/server/resource.ts";
import type { Request } from "../../../src/web/server/request.ts";
import { Site, type SiteHandler } from "../../../src/web/server/site.ts";

const MIB = 1 << 20;
const SIZE = 12 * MIB;

/** Real time, with a guard of ten seconds. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    assert.isBelow(performance.now(), deadline, `waited for ${holds.toString()}`);
    await nextPass();
  }
}

/** Bytes of which every thousand are different. */
function* pieces(size = SIZE): Generator<Buffer> {
  for (let at = 0; at < size; at += MIB) yield Buffer.alloc(Math.min(MIB, size - at), String(at));
}

function hashOf(source: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const piece of source) hash.update(piece);
  return hash.digest("hex");
}

const HASH = hashOf(pieces());

/** A reactor that ends with the test. */
function reactorOf(context: TestContext): NodeReactor {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  return reactor;
}

/** A site of ours with an app at `/app`; the address of the app. */
async function siteWith(context: TestContext, app: FetchResource | NodeResource): Promise<string> {
  const reactor = reactorOf(context);
  const site = new Site(new Resource().putChild("app", app), { reactor });
  site.noisy = false;
  const endpoint = new TCP4ServerEndpoint(reactor, 0, { interface: "127.0.0.1" });
  const port = await endpoint.listen(site);
  return `http://127.0.0.1:${String(portNumber(port))}/app`;
}

/** A server of Node's; its address. */
async function nodeServer(context: TestContext, listener: NodeListener): Promise<string> {
  return await addressOf(context, createServer(listener));
}

async function addressOf(context: TestContext, server: Server): Promise<string> {
  context.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  return `http://127.0.0.1:${String(address.port)}`;
}

/** Send all pieces, and give what is answered. */
async function upload(url: string): Promise<string> {
  const asking: ClientRequest = request(url, { method: "PUT", agent: new Agent() });
  const answered = once(asking, "response");
  await pipeline(Readable.from(pieces()), asking);
  const [answer] = await answered;
  return (await answer.toArray()).join("");
}

/** Read all, now and then slowly, and give the hash. */
async function download(url: string): Promise<string> {
  const hash = createHash("sha256");
  const { body } = await fetch(url);
  let count = 0;
  for await (const piece of body ?? []) {
    count += 1;
    if (count % 50 === 0) await nextPass();
    hash.update(piece);
  }
  return hash.digest("hex");
}

/** What goes on in an app while the tests use it. */
class Events {
  readonly seen: string[] = [];

  async has(name: string): Promise<void> {
    await until(() => this.seen.includes(name));
  }
}

/** What each app does: `/up` hashes, `/down` sends, `/wait` sends a little and then waits. */
function expressApp(events: Events): NodeListener {
  const app = express();
  app.put("/up", async (incoming, outgoing) => {
    const hash = createHash("sha256");
    try {
      for await (const piece of incoming) hash.update(piece);
      outgoing.send(hash.digest("hex"));
    } catch {
      events.seen.push("upload failed");
    }
  });
  app.get("/down", (_, outgoing) => void pipeline(Readable.from(pieces()), outgoing));
  app.get("/where", (incoming, outgoing) => void outgoing.send(incoming.host));
  app.get("/wait", (_, outgoing) => {
    outgoing.write("some");
    outgoing.on("close", () => events.seen.push("download failed"));
  });
  return app;
}

function honoApp(events: Events): Hono {
  const app = new Hono();
  app.put("/up", async (c) => {
    const hash = createHash("sha256");
    try {
      for await (const piece of c.req.raw.body ?? []) hash.update(piece);
    } catch {
      events.seen.push("upload failed");
    }
    return c.text(hash.digest("hex"));
  });
  app.get("/down", () => new Response(ReadableStream.from(pieces())));
  app.get("/where", (c) => c.text(new URL(c.req.url).host));
  app.get("/wait", (c) => {
    c.req.raw.signal.addEventListener("abort", () => events.seen.push("download failed"));
    const start = (controller: ReadableStreamDefaultController): void => {
      controller.enqueue(Buffer.from("some"));
    };
    return c.body(new ReadableStream({ start }));
  });
  return app;
}

function ourSite(context: TestContext, events: Events): Site {
  const up: SiteHandler = async (asked: Request) => {
    const hash = createHash("sha256");
    try {
      for await (const piece of asked.content) hash.update(piece);
    } catch {
      events.seen.push("upload failed");
    }
    return hash.digest("hex");
  };
  const wait: SiteHandler = (asked) => {
    asked.write("some");
    void asked.notifyFinish().addErrback(() => void events.seen.push("download failed"));
    return NOT_DONE_YET;
  };
  const paths = new Map<string | undefined, SiteHandler>([
    ["up", up],
    ["down", () => pieces()],
    ["wait", wait],
  ]);
  const reactor = reactorOf(context);
  return new Site((asked) => paths.get(asked.postpath.at(-1))?.(asked) ?? "what?", { reactor });
}

/** Where the app stands, of each combination. */
const PLACES: Record<string, (context: TestContext, events: Events) => Promise<string>> = {
  "Express in our site": (context, events) =>
    siteWith(context, new NodeResource(expressApp(events))),
  "Hono in our site": (context, events) => siteWith(context, new FetchResource(honoApp(events))),
  "our site in node:http": (context, events) =>
    nodeServer(context, toNodeHandler(ourSite(context, events))),
  "our site in Express": async (context, events) => {
    const app = express();
    app.use("/ours", toNodeHandler(ourSite(context, events)));
    return `${await nodeServer(context, app)}/ours`;
  },
  "our site in Hono": async (context, events) => {
    const app = new Hono();
    const handler = toFetchHandler(ourSite(context, events), { prefix: "/ours" });
    app.all("/ours/*", (c) => handler(c.req.raw));
    // The globals of this process are not Hono's to replace.
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    return `${await nodeServer(context, (...both) => void listener(...both))}/ours`;
  },
};

for (const [name, place] of Object.entries(PLACES)) {
  describe(name, () => {
    it("streams uploads and downloads whole, several at once", async (context) => {
      const address = await place(context, new Events());
      const [up, other, down] = await Promise.all([
        upload(`${address}/up`),
        upload(`${address}/up`),
        download(`${address}/down`),
      ]);
      assert.deepEqual([up, other, down], [HASH, HASH, HASH]);
    });

    it("hears of clients that go in the middle", async (context) => {
      const events = new Events();
      const address = await place(context, events);
      const asking = request(`${address}/up`, { method: "PUT" }).on("error", () => {});
      asking.write("some");
      const reading = request(`${address}/wait`).on("error", () => {});
      const [answer] = await once(reading.end(), "response");
      await once(answer, "data");
      answer.on("error", () => {});
      reading.destroy();
      await events.has("download failed");
      asking.destroy();
      await events.has("upload failed");
    });

    it("keeps a connection for many requests, and warns of nothing", async (context) => {
      const warnings: Error[] = [];
      const warn = (warning: Error): void => void warnings.push(warning);
      process.on("warning", warn);
      context.onTestFinished(() => void process.off("warning", warn));
      const address = await place(context, new Events());
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      context.onTestFinished(() => agent.destroy());
      const ports = new Set<number | undefined>();
      for (let count = 0; count < 50; count += 1) {
        const asking = request(`${address}/up`, { agent, method: "PUT" });
        const [answer] = await once(asking.end(`upload ${String(count)}`), "response");
        assert.lengthOf((await answer.toArray()).join(""), 64);
        ports.add(asking.socket?.localPort);
      }
      assert.equal(ports.size, 1);
      assert.isEmpty(warnings);
    });
  });
}

it("our site in node:http says when to go on, if the server leaves it to it", async (context) => {
  const site = new Site((asked) => asked.content.text(), { reactor: reactorOf(context) });
  const listener = toNodeHandler(site);
  const server = createServer(listener).on("checkContinue", listener);
  const { port } = new URL(await addressOf(context, server));
  const socket = createConnection(Number(port), "127.0.0.1");
  const fields =
    "Host: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
  socket.write(`PUT / HTTP/1.1\r\n${fields}`);
  let received = "";
  for await (const piece of socket) {
    received += String(piece);
    if (received === "HTTP/1.1 100 Continue\r\n\r\n") socket.write("hello");
  }
  assert.match(received, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n.*hello$/su);
});

it("our site in node:http leaves half a body, and goes on", async (context) => {
  const site = new Site(
    (asked) => {
      asked.content.deliver({
        dataReceived: () => {
          asked.content.pause();
          if (!asked.finished) asked.finishWith("enough");
        },
        bodyEnded: () => {},
      });
      return NOT_DONE_YET;
    },
    { reactor: reactorOf(context) },
  );
  const address = await nodeServer(context, toNodeHandler(site));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  context.onTestFinished(() => agent.destroy());
  const ports = new Set<number | undefined>();
  for (let count = 0; count < 3; count += 1) {
    const asking = request(address, { agent, method: "PUT" });
    const [answer] = await once(asking.end(Buffer.alloc(4 * MIB)), "response");
    assert.equal((await answer.toArray()).join(""), "enough");
    ports.add(asking.socket?.localPort);
    await until(() => asking.writableFinished);
  }
  assert.equal(ports.size, 1);
});

describe("an app in our site, over HTTP/2", () => {
  for (const name of ["Express in our site", "Hono in our site"]) {
    it(`is ${name}: it gets uploads of any length, and sends downloads`, async (context) => {
      const address = new URL((await PLACES[name]?.(context, new Events())) ?? "");
      const session = connectHTTP2(address.origin);
      context.onTestFinished(() => session.destroy());
      const sending = session.request({ ":method": "PUT", ":path": `${address.pathname}/up` });
      await pipeline(Readable.from(pieces()), sending, { end: true });
      assert.equal((await sending.toArray()).join(""), HASH);
      const where = session.request({ ":path": `${address.pathname}/where` });
      assert.equal((await where.end().toArray()).join(""), address.host);
      const reading = session.request({ ":path": `${address.pathname}/down` });
      const hash = createHash("sha256");
      for await (const piece of reading.end()) hash.update(piece);
      assert.equal(hash.digest("hex"), HASH);
    });
  }
});
