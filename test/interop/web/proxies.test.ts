/**
 * Our proxies between programs of others: nginx and Node behind, curl and `ws` in front.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it, type TestContext } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { TCP4ServerEndpoint } from "../../../src/internet/endpoints/tcp-server.ts";
import { SSL4ClientEndpoint } from "../../../src/internet/endpoints/tls-endpoints.ts";
import { insecureOptionsForClientTLS } from "../../../src/internet/tls/client-options.ts";
import { NodeReactor } from "../../../src/reactors/node/node-reactor.ts";
import { portNumber } from "../../../src/testing/contracts/network.ts";
import { ForwardProxyResource } from "../../../src/web/proxy/forward-proxy-resource.ts";
import {
  ReverseProxyResource,
  type ReverseProxyOptions,
} from "../../../src/web/proxy/reverse-proxy-resource.ts";
import { Resource } from "../../../src/web/server/resource.ts";
import type { IResource } from "../../../src/web/server/resource-interface.ts";
import { Site } from "../../../src/web/server/site.ts";
import { certificateFor } from "../fixtures/haproxy/running-haproxy.ts";
import { start } from "../fixtures/lines/running.ts";
import { startNginx, webFolder } from "../fixtures/web/running-nginx.ts";
import { peer } from "../peers.ts";

const curl = peer("curl", "curl");
const nginx = peer("nginx", "nginx");
const openssl = peer("openssl", "openssl");
const MIB = 1 << 20;

/** Bytes of which every thousand are different. */
const BYTES = Buffer.concat(
  Array.from({ length: 16 }, (_, at) => Buffer.alloc(MIB, `${String(at)} of these, `)),
);
const HASH = hashOf(BYTES);

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A site of ours; its port. */
async function serve(
  context: TestContext,
  make: (reactor: NodeReactor) => IResource,
): Promise<number> {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  const site = new Site(make(reactor), { reactor });
  site.noisy = false;
  const endpoint = new TCP4ServerEndpoint(reactor, 0, { interface: "127.0.0.1" });
  return portNumber(await endpoint.listen(site));
}

/** A proxy of ours at `/app` before that port. */
async function before(
  context: TestContext,
  port: number,
  options: Partial<ReverseProxyOptions> = {},
): Promise<string> {
  const ours = await serve(context, (reactor) => {
    const target = `http://127.0.0.1:${String(port)}`;
    const proxy = new ReverseProxyResource(target, { reactor, ...options });
    return new Resource().putChild("app", proxy);
  });
  return `http://127.0.0.1:${String(ours)}/app`;
}

/** A server of Node's; its port. */
async function nodeServer(context: TestContext, server: Server): Promise<number> {
  context.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  return address.port;
}

/** Answer with the hash of what comes. */
async function answerHash(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const hash = createHash("sha256");
  for await (const piece of incoming) hash.update(piece);
  answer.end(hash.digest("hex"));
}

/** What curl prints. */
async function ask(context: TestContext, args: readonly string[]): Promise<string> {
  const running = start(context, curl.path(context), ["--silent", "--show-error", ...args]);
  const { code } = await running.exit();
  assert.equal(code, 0, running.stderr);
  return running.stdout;
}

describe("nginx behind us", () => {
  it("sends files, ranges and chunks, on connections that are kept", async (context) => {
    const command = nginx.path(context);
    const folder = webFolder(context);
    writeFileSync(join(folder, "long"), BYTES);
    const text = "hello, and hello again. ".repeat(100);
    writeFileSync(join(folder, "text"), text);
    const port = await startNginx(context, command, [
      `root ${folder};`,
      "gzip on;",
      "gzip_types text/plain;",
      // It compresses nothing for what has passed a proxy, unless told so.
      "gzip_proxied any;",
      "location /count { return 200 $connection_requests; }",
    ]);
    const url = await before(context, port);
    const long = await fetch(`${url}/long`);
    assert.equal(hashOf(new Uint8Array(await long.arrayBuffer())), HASH);
    const range = await ask(context, ["--include", "--range", "7-11", `${url}/text`]);
    assert.match(range, /^HTTP\/1.1 206 Partial Content\r\n(?:.*\r\n)+\r\nand h$/u);
    const zipped = await ask(context, ["--compressed", "--dump-header", "-", `${url}/text`]);
    assert.include(zipped, "Transfer-Encoding: chunked\r\n");
    assert.isTrue(zipped.endsWith(text));
    const head = await ask(context, ["--head", `${url}/long`]);
    assert.include(head, `Content-Length: ${String(BYTES.length)}\r\n`);
    assert.match(await ask(context, [`${url}/none`]), /404 Not Found/u);
    assert.isAbove(Number(await ask(context, [`${url}/count`])), 3);
  });

  it("speaks HTTP/1.1 with us, whatever our clients speak", async (context) => {
    const command = nginx.path(context);
    const port = await startNginx(context, command, [
      'location / { add_header X-Name "\u00e9"; return 200 "$http_cookie $http_via"; }',
    ]);
    const url = await before(context, port, { via: "us" });
    const two = ["--http2-prior-knowledge", "--include", "--cookie", "a=1; b=2"];
    const answer = await ask(context, [...two, url]);
    assert.match(answer, /^HTTP\/2 200 \r\n(?:.*\r\n)*x-name: \u00e9\r\n/u);
    assert.match(answer, /\r\n\r\na=1; b=2 2 us$/u);
  });

  it("speaks TLS with us, through an endpoint", async (context) => {
    const command = nginx.path(context);
    const pem = certificateFor(openssl.path(context), webFolder(context), "localhost");
    const tls = [`ssl_certificate ${pem};`, `ssl_certificate_key ${pem};`];
    const port = await startNginx(context, command, [...tls, 'return 200 "$https $host";'], "ssl");
    const ours = await serve(context, (reactor) => {
      const options = insecureOptionsForClientTLS("localhost");
      const endpoint = new SSL4ClientEndpoint(reactor, "127.0.0.1", port, options);
      return new ReverseProxyResource(endpoint, { reactor, host: "shop.example" });
    });
    for (let time = 0; time < 2; time += 1) {
      const answer = await fetch(`http://127.0.0.1:${String(ours)}/`);
      assert.equal(await answer.text(), "on shop.example");
    }
  });

  it("that dies in the middle cuts what curl gets; that is not there is 502", async (context) => {
    curl.path(context);
    const cutting = createServer((_, answer) => {
      answer.write("some", () => answer.destroy());
    });
    const url = await before(context, await nodeServer(context, cutting));
    const running = start(context, curl.path(context), ["--silent", "--show-error", url]);
    const { code } = await running.exit();
    assert.oneOf(code, [18, 56], "a body that is not whole, or a reset");
    cutting.close();
    cutting.closeAllConnections();
    const status = ["--output", "/dev/null", "--write-out", "%{http_code}"];
    assert.equal(await ask(context, [...status, url]), "502");
  });
});

describe("Node behind us", () => {
  it("takes what is sent at its own pace, with Expect, and whole", async (context) => {
    const expected: string[] = [];
    const server = createServer((incoming, answer) => void answerHash(incoming, answer));
    server.on("checkContinue", (incoming: IncomingMessage, answer) => {
      expected.push(String(incoming.headers["x-forwarded-for"]));
      answer.writeContinue();
      server.emit("request", incoming, answer);
    });
    const url = await before(context, await nodeServer(context, server));
    const file = join(webFolder(context), "long");
    writeFileSync(file, BYTES);
    const put = ["--upload-file", file, "--header", "Expect: 100-continue"];
    assert.equal(await ask(context, [...put, url]), HASH);
    assert.deepEqual(expected, ["127.0.0.1"]);
    const chunked = ["--upload-file", "-", url];
    const running = start(context, curl.path(context), ["--silent", ...chunked]);
    running.send(BYTES);
    running.end();
    await running.exit();
    assert.equal(running.stdout, HASH);
  });

  it("hears that a client has gone; its trailers and hints get through", async (context) => {
    let gone: Promise<unknown> = Promise.resolve();
    const server = createServer((incoming, answer) => {
      if (incoming.url === "/hang") {
        gone = once(answer, "close");
        answer.write("some");
      } else {
        answer.writeEarlyHints({ link: "</a.css>; rel=preload" });
        answer.writeHead(200, { trailer: "x-sum" });
        answer.write("hi");
        answer.addTrailers({ "x-sum": "7" });
        answer.end();
      }
    });
    const url = await before(context, await nodeServer(context, server));
    const asking = request(`${url}/hang`).end();
    const [answer] = await once(asking, "response");
    await once(answer, "readable");
    asking.destroy();
    await gone;
    const hints: unknown[] = [];
    const other = request(url, { headers: { te: "trailers", connection: "te" } }).end();
    other.on("information", ({ statusCode, headers }) => hints.push(statusCode, headers["link"]));
    const [second] = await once(other, "response");
    assert.equal((await second.toArray()).join(""), "hi");
    assert.deepEqual(second.trailers, { "x-sum": "7" });
    assert.deepEqual(hints, [103, "</a.css>; rel=preload"]);
  });

  it("speaks WebSocket with a client, long messages and compression included", async (context) => {
    const server = createServer();
    const sockets = new WebSocketServer({ server, perMessageDeflate: true });
    sockets.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
      socket.on("close", (code) => void server.emit("told", code));
    });
    const url = await before(context, await nodeServer(context, server));
    const client = new WebSocket(url.replace("http", "ws"), { perMessageDeflate: true });
    context.onTestFinished(() => client.terminate());
    await once(client, "open");
    client.send(BYTES);
    const [back] = await once(client, "message");
    assert.equal(hashOf(back), HASH);
    const told = once(server, "told");
    client.close(4001);
    assert.deepEqual(await told, [4001]);
    if (client.readyState !== WebSocket.CLOSED) await once(client, "close");
  });
});

describe("curl with a proxy of ours", () => {
  /** It goes to servers of this machine, for those who know the word. */
  async function proxy(context: TestContext): Promise<string> {
    const port = await serve(
      context,
      (reactor) =>
        new ForwardProxyResource({
          reactor,
          allow: ({ address }) => address.host === "127.0.0.1",
          authenticate: async ({ username, password }) => `${username}:${password}` === "ada:word",
        }),
    );
    return `http://ada:word@127.0.0.1:${String(port)}`;
  }

  it("asks servers, through tunnels too, and with TLS in them", async (context) => {
    const command = nginx.path(context);
    const folder = webFolder(context);
    const pem = certificateFor(openssl.path(context), folder, "localhost");
    writeFileSync(join(folder, "long"), BYTES);
    const root = `root ${folder};`;
    const plain = await startNginx(context, command, [root]);
    const tls = [root, `ssl_certificate ${pem};`, `ssl_certificate_key ${pem};`];
    const secure = await startNginx(context, command, tls, "ssl");
    const via = ["--proxy", await proxy(context)];
    const place = `http://127.0.0.1:${String(plain)}/long`;
    for (const args of [[place], ["--proxytunnel", place]]) {
      const file = join(folder, "got");
      await ask(context, [...via, "--output", file, ...args]);
      assert.equal(hashOf(readFileSync(file)), HASH);
    }
    const url = `https://127.0.0.1:${String(secure)}/long`;
    const size = ["--insecure", "--output", "/dev/null", "--write-out", "%{size_download}"];
    assert.equal(await ask(context, [...via, ...size, url]), String(BYTES.length));
  });

  it("is told what it may not", async (context) => {
    const url = await proxy(context);
    const code = ["--output", "/dev/null", "--write-out", "%{http_code} %{http_connect}"];
    const wrong = ["--proxy", url.replace("word", "none"), ...code];
    assert.equal(await ask(context, [...wrong, "http://127.0.0.1:1/"]), "407 000");
    const via = ["--proxy", url, ...code];
    assert.equal(await ask(context, [...via, "http://127.0.0.2/"]), "403 000");
    assert.equal(await ask(context, [...via, "http://127.0.0.1:1/"]), "502 000");
    const running = start(context, curl.path(context), ["-s", ...via, "https://127.0.0.2/"]);
    await running.exit();
    assert.equal(running.stdout, "000 403");
  });
});

describe("a slow client", () => {
  it("makes the server behind us wait, and not our memory grow", async (context) => {
    let sent = 0;
    const server = createServer((_, answer) => {
      const pieces = function* (): Generator<Buffer> {
        for (let at = 0; at < 64; at += 1) {
          sent += MIB;
          yield Buffer.alloc(MIB);
        }
      };
      void pipeline(Readable.from(pieces()), answer).catch(() => {});
    });
    const url = await before(context, await nodeServer(context, server));
    const asking = request(url).end();
    const [answer] = await once(asking, "response");
    // Nothing is read: what was sent is in the buffers of three sockets, and in ours.
    let still = 0;
    for (let last = -1; still < 2000; last = sent) {
      still = sent === last ? still + 1 : 0;
      await nextPass();
    }
    assert.isBelow(sent, 32 * MIB);
    let read = 0;
    for await (const piece of answer) read += Buffer.from(piece).length;
    assert.equal(read, 64 * MIB);
  });
});
