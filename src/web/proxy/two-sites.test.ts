import { assert, describe, it } from "vitest";
import { readAnswer } from "../../../test/fixtures/web/in-memory-site.ts";
import { ProxyStage } from "../../../test/fixtures/web/proxy-stage.ts";
import { Answer, type RenderResult } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { Site } from "../server/site.ts";
import { ReverseProxyResource } from "./reverse-proxy-resource.ts";

/** Goal: whole sites, one behind the other; a client of the first one sees the last one. */
async function behind(request: Request): Promise<RenderResult> {
  if (request.method !== "PUT") return new Answer(`${request.path} for ${request.authority}`);
  let bytes = 0;
  for await (const chunk of request.content) bytes += chunk.length;
  return `${String(bytes)} bytes, ${request.getHeader("x-forwarded-for") ?? "nobody"}`;
}

/** A site behind a site behind a site. */
function stage(): ProxyStage {
  return new ProxyStage((reactor) => {
    const middle = new ReverseProxyResource("http://127.0.0.1:8082", { reactor });
    reactor.listenTCP(8081, new Site(middle, { reactor }));
    reactor.listenTCP(8082, new Site(behind, { reactor }));
    return new ReverseProxyResource("http://127.0.0.1:8081", { reactor, host: "b.example" });
  });
}

async function settle({ reactor }: ProxyStage): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    reactor.flush();
    await Promise.resolve();
  }
}

describe("sites behind sites", () => {
  it("answer, however the bytes are cut", async () => {
    for (const chunkBytes of [1, 7, 100_000]) {
      const one = stage();
      const client = one.client(chunkBytes);
      client.send("GET /a/b HTTP/1.1\r\nHost: a.example\r\n\r\n");
      await settle(one);
      assert.equal(readAnswer(client.take()).body, "/a/b for b.example");
    }
  });

  it("answer many, one after the other, on few connections", async () => {
    const one = stage();
    const client = one.client();
    const paths = ["/1", "/2", "/3", "/4"];
    client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    await settle(one);
    const bodies = client.received.match(/\/\d for/gu)?.map((text) => text.slice(0, 2));
    assert.deepEqual(bodies, paths);
    assert.lengthOf(one.reactor.tcpClients, 2);
  });

  it("take long bodies, and know the first of those before them only if they trust", async () => {
    const one = stage();
    const client = one.client();
    client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let at = 0; at < 5; at += 1) {
      client.send("186a0\r\n");
      client.send(Buffer.alloc(100_000));
      client.send("\r\n");
      await settle(one);
    }
    client.send("0\r\n\r\n");
    await settle(one);
    assert.equal(readAnswer(client.received).body, "500000 bytes, 127.0.0.1");
  });

  it("leave nothing behind", async () => {
    const one = stage();
    const client = one.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    await settle(one);
    client.transport.loseConnection();
    one.reactor.advance(100);
    assert.lengthOf(one.reactor.getDelayedCalls(), 0);
    for (const { listeningPort } of one.reactor.tcpServers) {
      assert.equal(listeningPort.connections.size, 0);
    }
  });
});
