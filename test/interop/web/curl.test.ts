/**
 * curl, as people use it: both versions of HTTP, uploads, ranges, trailers, connections that are
 * kept, a UNIX socket.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, it, type TestContext } from "vitest";
import { UNIXServerEndpoint } from "../../../src/internet/endpoints/unix-server.ts";
import { selfSignedCertificate } from "../../../src/internet/tls/self-signed.ts";
import { NodeReactor } from "../../../src/reactors/node/node-reactor.ts";
import { Headers } from "../../../src/web/http/headers.ts";
import { json, NOT_DONE_YET, type RenderResult, text } from "../../../src/web/server/answer.ts";
import type { Request } from "../../../src/web/server/request.ts";
import { Site } from "../../../src/web/server/site.ts";
import { File } from "../../../src/web/static/file.ts";
import { start } from "../fixtures/lines/running.ts";
import { folderWith, serve } from "../fixtures/web/real-site.ts";
import { peer } from "../peers.ts";

const curl = peer("curl", "curl");

/** What curl printed, and how it ended. */
async function run(context: TestContext, ...args: readonly string[]): Promise<string> {
  const words = ["--silent", "--show-error", "--max-time", "20", ...args];
  const running = start(context, curl.path(context), words, { encoding: "latin1" });
  const { code } = await running.exit();
  assert.equal(code, 0, running.stderr);
  return running.stdout;
}

const sha = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("hex");

async function digest(request: Request): Promise<RenderResult> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request.content) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return json({ bytes, hash: hash.digest("hex"), clientproto: request.clientproto });
}

for (const version of ["--http1.1", "--http2-prior-knowledge"]) {
  describe(`curl ${version}`, () => {
    it("gets what it asks for", async (context) => {
      const { url } = await serve(context, (request) => text(`You asked for ${request.uri}`));
      assert.equal(await run(context, version, `${url}/a?b=c`), "You asked for /a?b=c");
    });

    it("asks with HEAD, and is told the length", async (context) => {
      const { url } = await serve(context, () => text("hello"));
      const head = await run(context, version, "--head", url);
      assert.match(head, /^HTTP\/\S+ 200/u);
      assert.match(head, /^content-length: 5\r$/imu);
    });

    it("uploads 5 MB in chunks, and as a file with its length", async (context) => {
      const bytes = randomBytes(5_000_000);
      const folder = folderWith(context, { "up.bin": bytes });
      const { url } = await serve(context, digest);
      const expected = { bytes: bytes.length, hash: sha(bytes) };
      for (const how of [
        ["--upload-file", join(folder, "up.bin")],
        ["--header", "Transfer-Encoding: chunked", "--upload-file", join(folder, "up.bin")],
        ["--data-binary", `@${join(folder, "up.bin")}`],
      ]) {
        const isChunked = how.includes("Transfer-Encoding: chunked");
        if (isChunked && version !== "--http1.1") continue; // HTTP/2 knows no such field.
        const answer: unknown = JSON.parse(await run(context, version, ...how, url));
        assert.containSubset(answer, expected);
      }
    });

    it("streams an answer piece by piece, with trailers", async (context) => {
      const { url } = await serve(context, (request) => {
        request.setHeader("trailer", "X-Sum");
        request.write("one ");
        request.write("two");
        request.finish(new Headers({ "X-Sum": "7" }));
        return NOT_DONE_YET;
      });
      const asked = [version, "--header", "TE: trailers", "--dump-header", "-", url];
      const answer = await run(context, ...asked);
      assert.include(answer, "one two");
      if (version === "--http1.1") assert.match(answer, /X-Sum: 7\r\n/u);
    });

    it("takes parts of a file, and goes on with a download", async (context) => {
      const bytes = randomBytes(300_000);
      const folder = folderWith(context, {
        "a.bin": bytes,
        "half.bin": bytes.subarray(0, 100_000),
      });
      const { url } = await serve(context, new File(folder));
      const part = await run(context, version, "--range", "10-19", `${url}/a.bin`);
      assert.equal(part, bytes.subarray(10, 20).toString("latin1"));
      const half = join(folder, "half.bin");
      await run(context, version, "--continue-at", "-", "--output", half, `${url}/a.bin`);
      assert.equal(sha(readFileSync(half)), sha(bytes));
    });

    it("asks whether a file has changed", async (context) => {
      const folder = folderWith(context, { "a.txt": "text" });
      const { url } = await serve(context, new File(folder));
      const tags = join(folder, "tags");
      const place = ["--etag-save", tags, "--output", join(folder, "out"), `${url}/a.txt`];
      await run(context, version, ...place);
      const again = ["--etag-compare", tags, "--write-out", "%{http_code}", `${url}/a.txt`];
      assert.equal(await run(context, version, ...again), "304");
    });
  });
}

describe("curl --http1.1", () => {
  it("waits for 100 Continue, and does not send what is refused", async (context) => {
    const folder = folderWith(context, { "up.bin": Buffer.alloc(2_000_000) });
    const { url } = await serve(context, async (request) => {
      if (request.path === "/no") {
        request.setResponseCode(403);
        return "no";
      }
      return await digest(request);
    });
    const upload = ["--http1.1", "--verbose", "--expect100-timeout", "15"];
    const file = ["--upload-file", join(folder, "up.bin")];
    const running = start(context, curl.path(context), [...upload, ...file, `${url}/yes`]);
    assert.equal((await running.exit()).code, 0);
    assert.match(running.stderr, /< HTTP\/1\.1 100 Continue/u);
    assert.include(running.stdout, '"bytes":2000000');
    const refused = start(context, curl.path(context), [...upload, ...file, `${url}/no`]);
    await refused.exit();
    assert.notMatch(refused.stderr, /100 Continue/u);
    assert.match(refused.stderr, /< HTTP\/1\.1 403/u);
  });

  it("speaks HTTP/1.0, and is kept if it asks", async (context) => {
    const { url } = await serve(context, () => text("hello"));
    const answer = await run(context, "--http1.0", "--dump-header", "-", url);
    assert.match(answer, /^Connection: close\r$/mu);
    const kept = ["--header", "Connection: keep-alive", "--dump-header", "-", url, url];
    assert.lengthOf((await run(context, "--http1.0", ...kept)).match(/^hello/gmu) ?? [], 2);
  });

  it("posts a form", async (context) => {
    const { url } = await serve(context, async (request) => {
      const { boundary } = /boundary=(?<boundary>\S+)/u.exec(
        request.getHeader("content-type") ?? "",
      )?.groups ?? { boundary: "" };
      return text(String((await request.content.text()).includes(boundary ?? "")));
    });
    assert.equal(await run(context, "--http1.1", "--form", "a=b", url), "true");
  });

  it("speaks over a UNIX socket", async (context) => {
    const path = join(folderWith(context, {}), "web.sock");
    const reactor = new NodeReactor();
    const site = new Site((request) => text(request.authority), { reactor });
    site.noisy = false;
    const port = await new UNIXServerEndpoint(reactor, path).listen(site);
    context.onTestFinished(async () => {
      await port.stopListening();
      await port.whenEmpty();
    });
    assert.equal(await run(context, "--unix-socket", path, "http://app.example/"), "app.example");
  });
});

describe("curl over TLS", () => {
  it("agrees on HTTP/2, or on HTTP/1.1", async (context) => {
    const certificate = await selfSignedCertificate();
    const { url } = await serve(
      context,
      (request) => text(`${request.clientproto} ${String(request.isSecure())}`),
      { certificate },
    );
    assert.equal(await run(context, "--insecure", url), "HTTP/2 true");
    assert.equal(await run(context, "--insecure", "--http1.1", url), "HTTP/1.1 true");
    assert.equal(await run(context, "--insecure", "--no-alpn", url), "HTTP/1.1 true");
  });

  // Without TLS curl 7.88 fails when it uses a connection of HTTP/2 again, with any server.
  for (const version of ["--http1.1", "--http2"]) {
    it(`${version}: asks again on the same connection`, async (context) => {
      const certificate = await selfSignedCertificate();
      const seen: string[] = [];
      const answer = (request: Request): RenderResult => {
        seen.push(request.getClientAddress().toString());
        return text(`You asked for ${request.uri}. `);
      };
      const { url } = await serve(context, answer, { certificate });
      const both = await run(context, "--insecure", version, `${url}/a`, `${url}/b`);
      assert.equal(both, "You asked for /a. You asked for /b. ");
      assert.lengthOf(seen, 2);
      assert.lengthOf(new Set(seen), 1);
    });
  }
});
