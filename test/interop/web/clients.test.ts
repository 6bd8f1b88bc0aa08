/**
 * More clients that others wrote: Twisted's Agent, Node's fetch, and the load of wrk, ab and
 * h2load, which count what fails.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { assert, describe, it, type TestContext } from "vitest";
import { type RenderResult, text } from "../../../src/web/server/answer.ts";
import type { Request } from "../../../src/web/server/request.ts";
import { type Running, start } from "../fixtures/lines/running.ts";
import { serve } from "../fixtures/web/real-site.ts";
import { peer, type Peer, pythonPeer } from "../peers.ts";

const AGENT = fileURLToPath(new URL("../fixtures/web/agent.py", import.meta.url));
const python = pythonPeer("twisted.web", "python3-twisted");
const wrk = peer("wrk", "wrk");
const ab = peer("ab", "apache2-utils");
const h2load = peer("h2load", "nghttp2-client");

async function ended(
  context: TestContext,
  program: Peer,
  ...args: readonly string[]
): Promise<Running> {
  const running = start(context, program.path(context), args);
  assert.equal((await running.exit()).code, 0, running.stderr);
  return running;
}

function* pieces(): Generator<string> {
  for (const word of ["one", "two", "three"]) yield `${word} `;
}

function answer(request: Request): RenderResult {
  if (request.path === "/echo") return request.content;
  if (request.path === "/pieces") return pieces();
  return text("hello");
}

describe("Twisted's Agent", () => {
  it("gets, posts with and without a length, and keeps its connection", async (context) => {
    const places = new Set<string>();
    const { url } = await serve(context, (request) => {
      places.add(request.getClientAddress().toString());
      return answer(request);
    });
    const { stdout } = await ended(context, python, AGENT, url);
    assert.equal(
      stdout,
      "GET /hello 200 hello\nHEAD /hello 200 \nPOST /echo 200 with length\n" +
        "POST /echo 200 without length\nGET /pieces 200 one two three \n",
    );
    assert.equal(places.size, 1);
  });
});

describe("fetch", () => {
  it("streams both ways at once", async (context) => {
    const { url } = await serve(context, answer);
    const sent = ["a".repeat(100_000), "b".repeat(100_000), "c"];
    const body = ReadableStream.from(sent.map((part) => Buffer.from(part)));
    const options = {
      method: "POST",
      body,
      duplex: "half" as const,
      headers: { connection: "close" },
    };
    const echoed = await fetch(`${url}/echo`, options);
    assert.equal(await echoed.text(), sent.join(""));
  });

  it("gives up in the middle, and the resource hears of it", async (context) => {
    let told: (error: unknown) => void = () => {};
    const gone = new Promise<unknown>((resolve) => {
      told = resolve;
    });
    const { url } = await serve(context, async function* (request) {
      void request.notifyFinish().addErrback((failure) => told(failure.value));
      yield "first";
      await gone;
    });
    const abort = new AbortController();
    const asked = await fetch(url, { signal: abort.signal });
    await asked.body?.getReader().read();
    abort.abort();
    assert.propertyVal(await gone, "code", "ERR_CONNECTION_DONE");
  });
});

describe("under load nothing fails", () => {
  it("with wrk, on 200 connections", async (context) => {
    const { url } = await serve(context, answer);
    const { stdout } = await ended(context, wrk, "-t1", "-c200", "-d1s", `${url}/hello`);
    assert.match(stdout, /[1-9]\d* requests in/u);
    assert.notMatch(stdout, /Socket errors|Non-2xx/u);
  });

  it("with ab, which speaks HTTP/1.0, kept and not", async (context) => {
    const { url } = await serve(context, answer);
    for (const more of [["-k"], []]) {
      const args = ["-q", "-n", "500", "-c", "20", ...more, `${url}/hello`];
      const { stdout } = await ended(context, ab, ...args);
      assert.match(stdout, /^Complete requests:\s+500$/mu);
      assert.match(stdout, /^Failed requests:\s+0$/mu);
      if (more.length > 0) assert.match(stdout, /^Keep-Alive requests:\s+500$/mu);
    }
  });

  for (const version of ["--h1", "--no-tls-proto=h2c"]) {
    it(`with h2load ${version}, many at once on each connection`, async (context) => {
      const { url } = await serve(context, answer);
      const args = [version, "-n", "2000", "-c", "10", "-m", "20", `${url}/hello`];
      const { stdout } = await ended(context, h2load, ...args);
      assert.match(stdout, /2000 succeeded, 0 failed, 0 errored, 0 timeout/u);
      assert.match(stdout, /status codes: 2000 2xx/u);
    });
  }
});
