import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import { readAnswer, visit, type Visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { answerTo, head, until } from "../../../test/fixtures/web/mounted-visit.ts";
import { captureLogs } from "../../logger/capture.ts";
import { Resource } from "../server/resource.ts";
import { type NodeListener, NodeResource } from "./node-resource.ts";

/** A visit to a site with an app at `/app`. */
function mounted(app: NodeListener): Visit {
  return visit(new Resource().putChild("app", new NodeResource(app)));
}

/** What `look` makes of the request, as JSON. */
function looking(look: (request: IncomingMessage, response: ServerResponse) => unknown): Visit {
  return mounted((request, response) => {
    response.end(JSON.stringify(look(request, response)));
  });
}

async function seen(at: Visit, line: string, ...fields: readonly string[]): Promise<unknown> {
  return JSON.parse((await answerTo(at, line, fields)).body);
}

describe("NodeResource: what the app is asked", () => {
  it("is Node's own, below the place of the app", async () => {
    const at = looking((request, response) => [
      request instanceof IncomingMessage && response instanceof ServerResponse,
      request.method,
      request.url,
      Reflect.get(request, "baseUrl"),
      Reflect.get(request, "originalUrl"),
      request.httpVersion,
    ]);
    const [line, url] = ["PATCH /app/a%2Fb//c?d=%20", "/a%2Fb//c?d=%20"];
    assert.deepEqual(await seen(at, line), [true, "PATCH", url, "/app", `/app${url}`, "1.1"]);
  });

  it("is a slash where nothing is left of the path", async () => {
    assert.equal(
      await seen(
        looking(({ url }) => url),
        "GET /app",
      ),
      "/",
    );
    assert.equal(
      await seen(
        looking(({ url }) => url),
        "GET /app?x",
      ),
      "/?x",
    );
  });

  it("has all fields", async () => {
    const at = looking(({ headers, rawHeaders }) => [
      headers.cookie,
      headers["x-a"],
      rawHeaders.filter((_, at) => at % 2 === 0),
    ]);
    const fields = ["Cookie: a=1", "Cookie: b=2", "X-A: 1", "X-A: 2"];
    const names = ["Host", "Connection", "Cookie", "Cookie", "X-A", "X-A"];
    assert.deepEqual(await seen(at, "GET /app", ...fields), ["a=1; b=2", "1, 2", names]);
  });

  it("is to the host that is meant (RFC 9112 §3.2.2)", async () => {
    const at = looking(({ headers, url }) => [headers.host, url]);
    const target = "http://other.example:81/app/x";
    assert.deepEqual(await seen(at, `GET ${target}`), ["other.example:81", "/x"]);
  });

  it("knows both ends of the connection", async () => {
    const at = looking(({ socket }) => {
      socket
        .setNoDelay()
        .setKeepAlive()
        .setTimeout(1, () => assert.fail("there are none"));
      const { remoteAddress, remoteFamily, localAddress, localPort } = socket;
      const isSecure: unknown = Reflect.get(socket, "encrypted");
      return [remoteAddress, remoteFamily, localAddress, localPort, socket.address(), isSecure];
    });
    const [address, family, port] = ["127.0.0.1", "IPv4", 80];
    const local = { address, port, family };
    assert.deepEqual(await seen(at, "GET /app"), [address, family, address, port, local, false]);
  });

  it("is not offered to switch protocols", async () => {
    const at = looking(({ headers }) => headers.upgrade);
    const upgrade = ["Upgrade: websocket", "Connection: upgrade"];
    assert.equal(await seen(at, "GET /app", ...upgrade), "websocket");
    using _ = captureLogs();
    const switching = mounted((_, response) => response.writeHead(101).end());
    assert.equal((await answerTo(switching, "GET /app", upgrade)).code, 500);
  });

  it("may come without a host, and from HTTP/1.0", async () => {
    const at = looking(({ headers, httpVersion }) => [headers.host ?? "none", httpVersion]);
    at.send("GET /app HTTP/1.0\r\n\r\n");
    await until(at, () => at.client.ended !== undefined);
    assert.equal(readAnswer(at.client.received).body, '["none","1.1"]');
  });

  it("is nothing where Node knows no such method", async () => {
    assert.equal(
      (
        await answerTo(
          looking(() => ""),
          "BREW /app",
        )
      ).code,
      501,
    );
  });
});

describe("NodeResource: the body of a request", () => {
  it("is a stream, with a length or in chunks, and trailers", async () => {
    const app: NodeListener = async (request, response) => {
      const text = (await request.toArray()).join("");
      response.end(`${text} ${JSON.stringify(request.trailers)} ${String(request.complete)}`);
    };
    const known = await answerTo(mounted(app), "POST /app", [], "hello");
    assert.equal(known.body, "hello {} true");
    const at = mounted(app);
    at.send(head("POST /app", "Connection: close", "Transfer-Encoding: chunked"));
    at.send("5\r\nhello\r\n3\r\nyou\r\n0\r\nX-Sum: 1\r\n\r\n");
    await until(at, () => at.client.ended !== undefined);
    assert.equal(readAnswer(at.client.received).body, 'helloyou {"x-sum":"1"} true');
  });

  it("comes at the pace of the app", async () => {
    const size = 4_000_000;
    let got = 0;
    const held: IncomingMessage[] = [];
    const at = mounted((request, response) => {
      request.on("data", (data: Buffer) => {
        got += data.length;
        if (held.length === 0) held.push(request.pause());
      });
      request.on("end", () => response.end(String(got)));
    });
    at.send(head("PUT /app", `Content-Length: ${String(size)}`));
    at.send(Buffer.alloc(size, "x"));
    await until(at, () => got > 0);
    await at.settle();
    assert.isAbove(at.client.transport.bufferedBytes, size / 2, "the client has to wait");
    held[0]?.resume();
    await until(at, () => at.client.received.endsWith(String(size)));
  });

  it("tells a client that asks to go on, once", async () => {
    const at = mounted((request, response) => request.pipe(response));
    at.send(head("POST /app", "Content-Length: 5", "Expect: 100-continue"));
    await until(at, () => at.client.received === "HTTP/1.1 100 Continue\r\n\r\n");
    at.send("hello");
    await until(at, () => at.client.received.endsWith("\r\n0\r\n\r\n"));
    assert.equal(readAnswer(at.client.received).body, "hello");
    assert.lengthOf(at.client.received.split("100 Continue"), 2);
  });

  it("ends in 'aborted' and 'close' if the client goes in the middle", async () => {
    const told: string[] = [];
    const at = mounted((request, response) => {
      for (const name of ["aborted", "error", "close"]) request.on(name, () => told.push(name));
      response.on("close", () => told.push(`answer closed, ${String(response.writableEnded)}`));
      request.resume();
    });
    at.send(`${head("PUT /app", "Content-Length: 5")}123`);
    await at.settle();
    at.client.transport.abortConnection();
    await until(at, () => told.length === 4);
    const expected = ["aborted", "answer closed, false", "close", "error"];
    assert.deepEqual(told.toSorted(), expected);
  });
});

describe("NodeResource: what the app answers", () => {
  it("is sent as it is, without what is Node's about the connection", async () => {
    const at = mounted((_, response) => {
      response.statusMessage = "Made Up";
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.setHeader("X-Name", Buffer.from("日本").toString("latin1"));
      response.writeHead(201, { "Content-Type": "text/plain" });
      response.end("made");
    });
    at.send(head("GET /app"));
    await until(at, () => at.client.received.endsWith("4\r\nmade\r\n0\r\n\r\n"));
    assert.match(at.client.received, /^HTTP\/1\.1 201 Made Up\r\n/u);
    const { headers } = readAnswer(at.client.received);
    assert.equal(headers.get("set-cookie"), "a=1, b=2");
    assert.equal(headers.get("x-name"), Buffer.from("日本").toString("latin1"));
    assert.isFalse(headers.has("connection"));
    assert.isFalse(headers.has("keep-alive"));
    assert.lengthOf(at.client.received.split("\r\nDate: "), 2);
    assert.isUndefined(at.client.ended);
  });

  it("has no body where there is none", async () => {
    for (const code of [204, 304]) {
      const at = mounted((_, response) => response.writeHead(code).end("no"));
      const answer = await answerTo(at, "GET /app");
      assert.equal(answer.code, code);
      assert.equal(answer.body, "");
      assert.isFalse(answer.headers.has("transfer-encoding"));
    }
    const at = mounted((_, response) => response.setHeader("Content-Length", 4).end("text"));
    const answer = await answerTo(at, "HEAD /app");
    assert.equal(answer.body, "");
    assert.equal(answer.headers.get("content-length"), "4");
  });

  it("begins when the app says so, and may have interim answers and trailers", async () => {
    let end = (): void => {};
    const at = mounted((_, response) => {
      response.writeEarlyHints({ link: "</a.css>; rel=preload; as=style" });
      response.writeHead(200, { Trailer: "X-Sum" });
      response.flushHeaders();
      end = () => {
        response.write("some");
        response.addTrailers({ "X-Sum": "1" });
        response.end();
      };
    });
    at.send(head("GET /app"));
    await until(at, () => at.client.received.includes("HTTP/1.1 103 "));
    end();
    await until(at, () => at.client.received.endsWith("0\r\nX-Sum: 1\r\n\r\n"));
    assert.match(at.client.received, /^HTTP\/1\.1 103 Early Hints\r\nLink: </u);
    assert.equal(readAnswer(at.client.received).body, "some");
  });

  it("may be framed by the end of the connection", async () => {
    const at = mounted((_, response) => {
      response.removeHeader("Transfer-Encoding");
      response.write("to the ");
      response.end("end");
    });
    assert.equal((await answerTo(at, "GET /app")).body, "to the end");
  });

  it("comes at the pace of the client: write() is false, and 'drain' comes", async () => {
    const told = { written: 0, drained: 0, waiting: false };
    const at = mounted(async (_, response) => {
      const piece = Buffer.alloc(50_000);
      for (let count = 0; count < 40; count += 1) {
        told.written += 1;
        if (response.write(piece)) continue;
        told.waiting = response.writableNeedDrain;
        await once(response, "drain");
        told.drained += 1;
      }
      response.end();
    });
    at.client.transport.pauseProducing();
    at.send(head("GET /app", "Connection: close"));
    await until(at, () => told.waiting);
    await at.settle();
    assert.isBelow(told.written, 20);
    at.client.transport.resumeProducing();
    await until(at, () => at.client.ended !== undefined);
    assert.lengthOf(readAnswer(at.client.received).body, 2_000_000);
    assert.isAbove(told.drained, 5);
  });

  it("has been copied when the app hears that it was written", async () => {
    const at = mounted(async (_, response) => {
      const piece = Buffer.alloc(4);
      for (const letter of "abc") {
        piece.fill(letter);
        await new Promise((resolve) => {
          response.write(piece, resolve);
        });
      }
      response.end();
    });
    assert.equal((await answerTo(at, "GET /app")).body, "aaaabbbbcccc");
  });

  it("ends in 'close' without 'finish' if the client goes", async () => {
    let isOver = false;
    let isDestroyed = false;
    const source = new Readable({
      read() {
        this.push(Buffer.alloc(10_000));
      },
      destroy(_error, done) {
        isDestroyed = true;
        done(null);
      },
    });
    const at = mounted((_, response) => {
      source.pipe(response);
      response.on("close", () => {
        isOver = !response.writableFinished && response.destroyed;
        source.destroy();
      });
    });
    at.send(head("GET /app"));
    await until(at, () => at.client.received.length > 100_000);
    at.client.transport.abortConnection();
    await until(at, () => isOver && isDestroyed);
  });

  it("is cut off if the app destroys it", async () => {
    const at = mounted((_, response) => {
      response.write("some");
      void nextTurn().then(() => response.destroy());
    });
    await answerTo(at, "GET /app");
    assert.match(at.client.received, /some\r\n$/u);
  });

  it("is 500 if the app fails, and is logged", async () => {
    using logs = captureLogs();
    const failing: NodeListener[] = [
      () => assert.fail("at once"),
      () => Promise.reject(new Error("later")),
    ];
    for (const app of failing) assert.equal((await answerTo(mounted(app), "GET /app")).code, 500);
    assert.lengthOf(
      logs.events.filter((event) => event.log_failure !== undefined),
      2,
    );
    const wrong = JSON.parse('"text"');
    assert.throws(() => new NodeResource(wrong), "expected a function");
  });

  it("is followed by the next on the same connection", async () => {
    const at = mounted(({ url }, response) => response.end(url));
    at.send(head("GET /app/1") + head("GET /app/2") + head("GET /app/3", "Connection: close"));
    await until(at, () => at.client.ended !== undefined);
    assert.match(at.client.received, /\/1HTTP.*\/2HTTP.*\/3$/su);
  });
});
