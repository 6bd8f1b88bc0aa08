/**
 * HTTP/2 with programs that others wrote: nghttp, h2load, curl, python3-h2, and Node's own client.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:http2";
import { join } from "node:path";
import { setImmediate as nextPass } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { assert, describe, it, type TestContext } from "vitest";
import { providesDrain } from "../../../src/internet/interfaces-transport.ts";
import { selfSignedCertificate } from "../../../src/internet/tls/self-signed.ts";
import { captureLogs } from "../../../src/logger/capture.ts";
import { NodeReactor } from "../../../src/reactors/node/node-reactor.ts";
import { portNumber } from "../../../src/testing/contracts/network.ts";
import { Headers } from "../../../src/web/http/headers.ts";
import { NOT_DONE_YET, type RenderResult } from "../../../src/web/server/answer.ts";
import type { Request } from "../../../src/web/server/request.ts";
import { Site } from "../../../src/web/server/site.ts";
import { type Running, start } from "../fixtures/lines/running.ts";
import { folderWith, type RealSite, serve } from "../fixtures/web/real-site.ts";
import { peer, type Peer, pythonPeer } from "../peers.ts";

const CLIENT = fileURLToPath(new URL("../fixtures/web/http2_client.py", import.meta.url));
const nghttp = peer("nghttp", "nghttp2-client");
const h2load = peer("h2load", "nghttp2-client");
const curl = peer("curl", "curl");
const python = pythonPeer("h2.connection", "python3-h2");
const BIG = randomBytes(3_000_000);

async function ended(
  context: TestContext,
  program: Peer,
  ...args: readonly string[]
): Promise<Running> {
  const running = start(context, program.path(context), args);
  assert.equal((await running.exit()).code, 0, running.stderr);
  return running;
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function answer(request: Request): Promise<RenderResult> {
  switch (request.path) {
    case "/big":
      return BIG;
    case "/echo":
      return request.content;
    case "/sum":
      return hash(await request.content.read({ limit: BIG.length }));
    case "/trailers":
      request.interim(103, new Headers({ Link: "</a.css>; rel=preload" }));
      request.write("hello");
      request.finish(new Headers({ "X-Sum": "5" }));
      return NOT_DONE_YET;
    case "/never":
      return NOT_DONE_YET;
    default:
      return `${request.clientproto} ${String(request.isSecure())}\n`;
  }
}

async function site(context: TestContext, isSecure: boolean): Promise<RealSite> {
  return serve(context, answer, isSecure ? { certificate: await selfSignedCertificate() } : {});
}

/** How python3-h2 gets on. */
async function pythonSees(context: TestContext, what: string): Promise<string> {
  python.path(context);
  const { port } = await site(context, false);
  return (await ended(context, python, CLIENT, String(port), what)).stdout;
}

for (const isSecure of [false, true]) {
  const how = isSecure ? "over TLS" : "without TLS";

  describe(`nghttp ${how}`, () => {
    it("has many answers from one connection, and uploads", async (context) => {
      nghttp.path(context);
      const { url } = await site(context, isSecure);
      const urls = ["", "a", "b", "c"].map((path) => `${url}/${path}`);
      const { stdout } = await ended(context, nghttp, ...urls);
      assert.equal(stdout, `HTTP/2 ${String(isSecure)}\n`.repeat(4));
      const file = join(folderWith(context, { big: BIG }), "big");
      const sum = await ended(context, nghttp, "--data", file, `${url}/sum`);
      assert.equal(sum.stdout, hash(BIG));
    });

    it("sees an interim answer, trailers, and no reset", async (context) => {
      nghttp.path(context);
      const { url } = await site(context, isSecure);
      const asked = ["-nv", "--header", "te: trailers", `${url}/trailers`];
      const { stdout } = await ended(context, nghttp, ...asked);
      assert.match(stdout, /:status: 103/u);
      assert.match(stdout, /x-sum: 5/u);
      assert.notMatch(stdout, /RST_STREAM/u);
    });
  });

  describe(`curl ${how}`, () => {
    it("downloads and uploads at once, a few megabytes each", async (context) => {
      curl.path(context);
      const { url } = await site(context, isSecure);
      const folder = folderWith(context, { big: BIG });
      const version = isSecure ? "--http2" : "--http2-prior-knowledge";
      const how = ["--silent", "--insecure", version, "--write-out", "%{http_version} "];
      const echo = ["--data-binary", `@${join(folder, "big")}`, `${url}/echo`];
      const { stdout } = await ended(context, curl, ...how, "--output", "/dev/null", ...echo);
      assert.equal(stdout, "2 ");
      const more = [...how, "--write-out", "%{size_download}", `${url}/big`, "-o", "/dev/null"];
      assert.equal((await ended(context, curl, ...more)).stdout, String(BIG.length));
    });
  });

  describe(`h2load ${how}`, () => {
    for (const [path, count] of [
      ["/", 3000],
      ["/big", 60],
    ] as const) {
      it(`nothing fails: ${path}`, async (context) => {
        h2load.path(context);
        const { url } = await site(context, isSecure);
        const args = ["-n", String(count), "-c", "6", "-m", "10", url + path];
        const { stdout } = await ended(context, h2load, ...args);
        assert.include(stdout, `${String(count)} succeeded, 0 failed, 0 errored, 0 timeout`);
        assert.include(stdout, `status codes: ${String(count)} 2xx`);
      });
    }
  });

  describe(`Node's client ${how}`, () => {
    it("may break off anywhere, 100 times, and nobody else notices", async (context) => {
      using logs = captureLogs();
      const { url } = await site(context, isSecure);
      const paths = ["/", "/big", "/never", "/echo", "/trailers"];
      const ends = Array.from({ length: 100 }, async (_, n) => {
        const session = connect(url, { rejectUnauthorized: false });
        session.on("error", () => {});
        for (const path of paths) {
          const stream = session.request({ ":path": path, ":method": "POST" });
          stream.on("error", () => {});
          stream.end(BIG.subarray(0, 100_000));
          if (n % 3 > 0) stream.resume();
        }
        for (let passes = 0; passes < n * 3; passes += 1) await nextPass();
        if (n % 2 === 0) session.destroy();
        else session.close();
        for (let passes = 0; passes < 200; passes += 1) await nextPass();
        session.destroy();
      });
      await Promise.all(ends);
      const session = connect(url, { rejectUnauthorized: false });
      const status = await new Promise((resolve) => {
        session.request({ ":path": "/" }).on("response", (fields) => resolve(fields[":status"]));
      });
      session.destroy();
      assert.equal(status, 200);
      const bad = logs.flush(({ log_level: level }) => level === "error" || level === "critical");
      assert.deepEqual(
        bad.map((event) => event.log_failure?.getTraceback() ?? event.log_format),
        [],
      );
    });
  });
}

describe("python3-h2", () => {
  it("sees an interim answer, and trailers", async (context) => {
    const lines = ["interim 103", "status 200", "data hello", "trailers {'x-sum': '5'}", ""];
    assert.equal(await pythonSees(context, "trailers"), lines.join("\n"));
  });

  it("sends and reads a megabyte as the windows allow", async (context) => {
    assert.equal(await pythonSees(context, "echo"), "echoed 1000000\n");
  });

  it("is answered its PING", async (context) => {
    assert.equal(await pythonSees(context, "ping"), "pong 12345678\n");
  });

  it("is told to calm down when it resets on and on (CVE-2023-44487)", async (context) => {
    using logs = captureLogs();
    assert.match(await pythonSees(context, "resets"), /^goaway (?:2|11) True\n$/u);
    logs.flush();
  });
});

describe("a server that stops", () => {
  it("lets curl have the rest of its answer, and closes", async (context) => {
    const program = curl.path(context);
    const reactor = new NodeReactor();
    context.onTestFinished(() => reactor[Symbol.asyncDispose]());
    let open: Request | undefined;
    const slow = new Site(
      (request) => {
        open = request;
        request.write("half ");
        return NOT_DONE_YET;
      },
      { reactor },
    );
    slow.noisy = false;
    const port = reactor.listenTCP(0, slow, { interface: "127.0.0.1" });
    const url = `http://127.0.0.1:${String(portNumber(await port.listening))}/`;
    const args = ["--http2-prior-knowledge", "--no-buffer", "--verbose", url];
    const client = start(context, program, args);
    await client.out(/half/u);
    void port.stopListening();
    for (const { protocol } of port.connections) if (providesDrain(protocol)) protocol.drain();
    await client.err(/GOAWAY/u);
    open?.write("and half");
    open?.finish();
    assert.equal((await client.exit()).code, 0);
    assert.equal(client.stdout, "half and half");
    await port.whenEmpty();
  });
});
