import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { readAnswer } from "../../../test/fixtures/web/in-memory-site.ts";
import { ProxyStage } from "../../../test/fixtures/web/proxy-stage.ts";
import type { IListeningPort } from "../../internet/interfaces-factory.ts";
import type { Protocol } from "../../internet/protocol.ts";
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

/** Counts who connects. */
class CountedSite extends Site {
  connections = 0;

  override buildProtocol(): Protocol {
    this.connections += 1;
    return super.buildProtocol();
  }
}

interface Behind {
  readonly site: CountedSite;
  readonly port: IListeningPort;
}

/** A site behind a site behind a site. @param others Gets those behind. */
function stage(others: Behind[] = []): ProxyStage {
  return new ProxyStage((reactor) => {
    const middle = new ReverseProxyResource("http://127.0.0.1:8082", { reactor });
    const roots = [
      [8081, middle],
      [8082, behind],
    ] as const;
    for (const [number, root] of roots) {
      const site = new CountedSite(root, { reactor });
      others.push({ site, port: reactor.listenTCP(number, site) });
    }
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
    const others: Behind[] = [];
    const one = stage(others);
    const client = one.client();
    const paths = ["/1", "/2", "/3", "/4"];
    client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    await settle(one);
    const bodies = client.received.match(/\/\d for/gu)?.map((text) => text.slice(0, 2));
    assert.deepEqual(bodies, paths);
    assert.deepEqual(
      others.map(({ site }) => site.connections),
      [1, 1],
    );
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
    const others: Behind[] = [];
    const one = stage(others);
    const client = one.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    await settle(one);
    client.transport.loseConnection();
    one.reactor.advance(100);
    assert.lengthOf(one.reactor.getDelayedCalls(), 0);
    assert.lengthOf(others, 2);
    for (const { port } of others) assert.equal(port.connections.size, 0);
  });
});
