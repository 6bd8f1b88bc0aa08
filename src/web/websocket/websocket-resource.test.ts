/**
 * How a request becomes a WebSocket, and how it does not: what clients ask and are answered.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { readAnswer, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import {
  ACCEPT,
  Diary,
  Echo,
  frame,
  goodbye,
  handshake,
  socket,
  type SocketOptions,
} from "../../../test/fixtures/web/websocket-scene.ts";
import { Deferred } from "../../defer/deferred.ts";
import { capturedLogs, captureLogs } from "../../logger/capture.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { toFetchHandler } from "../mounting/fetch-handler.ts";
import { Answer } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import { Resource } from "../server/resource.ts";
import { Site } from "../server/site.ts";
import type { AllowedOrigins } from "./origin-check.ts";
import type { IWebSocketProtocol } from "./websocket-protocol.ts";
import { WebSocketResource } from "./websocket-resource.ts";

/** The status of the answer, its fields, and whether a protocol was made. */
function asked(fields: Record<string, string>, options: SocketOptions = {}) {
  let built = 0;
  const build = (): Diary => {
    built += 1;
    return new Diary();
  };
  const at = socket({ build, ...options, fields });
  return { ...readAnswer(at.client.received), built, at };
}

describe("WebSocketResource: the handshake (RFC 6455 §4.2)", () => {
  it("answers 101 with what it makes of the key, and nothing that was not asked for", () => {
    const at = socket();
    assert.deepEqual(at.head().split("\r\n").slice(0, -2), [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${ACCEPT}`,
    ]);
    assert.deepEqual(at.diary.pages, ["made"]);
    assert.deepEqual(at.heard(), ["open"]);
  });

  it("takes lists and any case in Upgrade and Connection, and Content-Length: 0", () => {
    for (const fields of [
      { upgrade: "h2c, WebSocket" },
      { connection: "keep-alive, UPGRADE" },
      { "content-length": "0" },
    ]) {
      assert.equal(asked(fields).code, 101);
    }
  });

  const refused: readonly [string, Record<string, string>, number, Record<string, string>][] = [
    ["no Upgrade", { upgrade: "" }, 426, { upgrade: "websocket", connection: "Upgrade" }],
    ["another Upgrade", { upgrade: "h2c" }, 426, { upgrade: "websocket" }],
    ["no Connection", { connection: "" }, 400, {}],
    ["Connection without it", { connection: "keep-alive" }, 400, {}],
    ["no version", { "sec-websocket-version": "" }, 426, { "sec-websocket-version": "13" }],
    ["version 8", { "sec-websocket-version": "8" }, 426, { "sec-websocket-version": "13" }],
    ["two versions", { "sec-websocket-version": "13, 8" }, 426, { "sec-websocket-version": "13" }],
    ["no key", { "sec-websocket-key": "" }, 400, {}],
    ["a short key", { "sec-websocket-key": "AAAA" }, 400, {}],
    ["two keys", { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==, x" }, 400, {}],
    ["subprotocols that are none", { "sec-websocket-protocol": "a b" }, 400, {}],
    ["a subprotocol twice", { "sec-websocket-protocol": "a, a" }, 400, {}],
    ["extensions that are none", { "sec-websocket-extensions": "a; b c" }, 400, {}],
  ];
  for (const [name, fields, code, told] of refused) {
    it(`refuses ${name} with ${String(code)}, and builds nothing`, () => {
      const answer = asked(fields);
      assert.equal(answer.code, code);
      assert.equal(answer.built, 0);
      for (const [field, value] of Object.entries(told)) {
        assert.equal(answer.headers.get(field), value);
      }
      assert.isFalse(answer.headers.has("sec-websocket-accept"));
    });
  }

  it("refuses another method with 405 and Allow, HTTP/1.0 with 426, and a body with 400", () => {
    const sent: readonly [string, number][] = [
      [handshake().replace("GET", "POST"), 405],
      [handshake().replace("GET", "HEAD"), 405],
      [handshake().replace("HTTP/1.1", "HTTP/1.0"), 426],
      [`${handshake({ "content-length": "3" })}abc`, 400],
      [`${handshake({ "transfer-encoding": "chunked" })}0\r\n\r\n`, 400],
    ];
    for (const [request, code] of sent) {
      const built: string[] = [];
      const at = visit(
        new WebSocketResource(() => {
          built.push("one");
          return new Diary();
        }),
      );
      at.send(request);
      const answer = readAnswer(at.client.received);
      assert.equal(answer.code, code, request);
      if (code === 405) assert.equal(answer.headers.get("allow"), "GET");
      assert.isEmpty(built);
    }
  });

  it("leaves a connection usable that it has refused", async () => {
    const at = visit(new WebSocketResource(() => new Diary()));
    assert.equal((await at.ask(handshake({ "sec-websocket-version": "8" }))).code, 426);
    assert.equal((await at.ask(handshake())).code, 101);
  });

  it("is a leaf: the path below it is the builder's business", () => {
    const paths: string[][] = [];
    const root = new Resource();
    const build = (request: Request): Diary => {
      paths.push([...request.postpath]);
      return new Diary();
    };
    root.putChild("ws", new WebSocketResource(build));
    const at = visit(root);
    at.send(handshake({}, "/ws/room/7?as=me"));
    assert.deepEqual(paths, [["room", "7"]]);
    assert.include(at.client.received, " 101 ");
  });

  it("sends what the builder has set in the answer: cookies", () => {
    const at = socket({
      build: (request) => {
        request.addCookie("seen", "1");
        return new Diary();
      },
    });
    assert.include(at.head(), "Set-Cookie: seen=1");
  });

  it("throws for limits that are none, at once", () => {
    const build = (): Diary => new Diary();
    for (const limits of [
      { maxMessageBytes: 0 },
      { maxMessageBytes: 1.5 },
      { maxMessageBytes: 2 ** 30 },
      { maxFragments: 0 },
      { pingInterval: -1 },
      { pongTimeout: Number.NaN },
      { closeTimeout: -0.1 },
      { writeTimeout: Number.NEGATIVE_INFINITY },
    ]) {
      assert.throws(() => new WebSocketResource(build, limits), RangeError, /Cannot set/u);
    }
  });
});

describe("WebSocketResource: origins (RFC 6455 §10.2)", () => {
  const table: readonly [AllowedOrigins | undefined, string, number][] = [
    [undefined, "", 101],
    [undefined, "https://a.example", 101],
    [undefined, "http://A.EXAMPLE", 101],
    [undefined, "https://a.example:8443", 403],
    [undefined, "https://a.example.evil", 403],
    [undefined, "https://evil/a.example", 403],
    [undefined, "https://b.example", 403],
    [undefined, "null", 403],
    [undefined, "file://", 403],
    [undefined, "https://a.example, https://a.example", 403],
    ["same", "https://b.example", 403],
    ["any", "null", 101],
    [["https://b.example"], "https://b.example", 101],
    [["https://b.example"], "http://b.example", 403],
    [["https://b.example"], "https://a.example", 403],
    [[], "https://a.example", 403],
    [[], "", 101],
    [(origin) => origin.endsWith(".b.example"), "https://x.b.example", 101],
    [(origin) => origin.endsWith(".b.example"), "https://x.c.example", 403],
    [(_, request) => request.path === "/", "https://x.c.example", 101],
  ];
  for (const [origins, origin, code] of table) {
    const policy = typeof origins === "function" ? "a function" : JSON.stringify(origins);
    it(`${policy ?? "the default"}, asked by ${origin || "no page"}: ${String(code)}`, () => {
      const answer = asked({ origin }, origins === undefined ? {} : { origins });
      assert.equal(answer.code, code);
      assert.equal(answer.built, code === 101 ? 1 : 0);
    });
  }

  it("compares with the port that was asked", () => {
    const fields = { host: "a.example:8080", origin: "http://a.example:8080" };
    assert.equal(asked(fields).code, 101);
    assert.equal(asked({ ...fields, origin: "http://a.example" }).code, 403);
  });
});

describe("WebSocketResource: lists of origins", () => {
  const build = (): Diary => new Diary();

  it("throws at once for what no browser sends", () => {
    for (const origin of ["b.example", "https://b.example/", "https://B.example", "https://", ""]) {
      const make = (): WebSocketResource => new WebSocketResource(build, { origins: [origin] });
      assert.throws(make, RangeError, /Cannot allow origin/u);
    }
  });

  it("takes what browsers send, extensions and pages of no site too", () => {
    const origins = ["https://b.example:8443", "moz-extension://f00", "null", "http://[::1]:80"];
    for (const origin of origins) {
      assert.equal(asked({ origin }, { origins }).code, 101);
    }
  });
});

describe("WebSocketResource: subprotocols (RFC 6455 §4.2.2)", () => {
  const table: readonly [readonly string[], string, string | undefined][] = [
    [[], "a, b", undefined],
    [["a", "b"], "b, a", "b"],
    [["b"], "a, b", "b"],
    [["c"], "a, b", undefined],
    [["a"], "", undefined],
    [["A"], "a", undefined],
  ];
  for (const [protocols, offered, taken] of table) {
    it(`of ${offered || "none"}, where ${protocols.join(", ") || "none"} are spoken`, () => {
      const told: (string | undefined)[] = [];
      const diary = new Diary((_, { transport }) => told.push(transport.subprotocol));
      const build = (_: Request, subprotocol: string | undefined): Diary => {
        told.push(subprotocol);
        return diary;
      };
      const at = socket({ protocols, build, fields: { "sec-websocket-protocol": offered } });
      assert.deepEqual(told, [taken, taken]);
      assert.equal(readAnswer(at.head()).headers.get("sec-websocket-protocol"), taken);
    });
  }
});

describe("WebSocketResource: the builder", () => {
  it("refuses with an Answer, at once or later", async () => {
    const answer = (): Answer => new Answer("who are you?", { code: 401 });
    for (const build of [answer, () => Promise.resolve(answer())]) {
      const at = socket({ build });
      await at.settle();
      const { code, body, headers } = readAnswer(at.client.received);
      assert.deepEqual([code, body], [401, "who are you?"]);
      assert.isFalse(headers.has("sec-websocket-accept"));
      assert.deepEqual(at.client.ended, undefined);
    }
  });

  it("may take its time; what comes meanwhile is delivered after connectionMade", async () => {
    const diary = new Echo();
    const coming = new Deferred<IWebSocketProtocol>();
    const behind = Buffer.concat([frame("text", "one"), frame("text", "two")]);
    const at = socket({ diary, behind, build: () => coming });
    at.send(frame("text", "three"));
    assert.equal(at.client.received, "");
    coming.callback(diary);
    await at.settle();
    assert.deepEqual(diary.pages, ["made", "text one", "text two", "text three"]);
    assert.deepEqual(at.heard(), ["text one", "text two", "text three", "open"]);
  });

  it("that throws or fails is answered with 500, and logged", async () => {
    const error = new Error("no room");
    const thrower = (): never => {
      throw error;
    };
    for (const build of [thrower, () => Promise.reject(error)]) {
      using logs = captureLogs();
      const at = socket({ build });
      await at.settle();
      assert.equal(readAnswer(at.client.received).code, 500);
      const errors = logs.flush(({ log_level: level }) => level === "critical");
      assert.deepEqual(
        errors.map((event) => event.log_failure?.value),
        [error],
      );
    }
  });

  it("whose client has gone connects nothing", async () => {
    const diary = new Diary();
    const coming = new Deferred<IWebSocketProtocol>();
    const at = socket({ build: () => coming });
    at.client.transport.abortConnection();
    at.pump.flush();
    const errors = capturedLogs(() => coming.callback(diary));
    await at.settle();
    assert.isEmpty(diary.pages);
    assert.isEmpty(errors);
    assert.isEmpty(at.reactor.getDelayedCalls());
  });

  it("that is too late finds a client that was told 503, and cuts nothing off", async () => {
    const diary = new Diary();
    const coming = new Deferred<IWebSocketProtocol>();
    const at = socket({ build: () => coming, site: { handlerTimeout: 5 } });
    at.advance(5);
    coming.callback(diary);
    await at.settle();
    assert.equal(readAnswer(at.client.received).code, 503);
    assert.equal(at.client.ended?.type, "ConnectionDone");
    assert.isEmpty(diary.pages);
  });
});

describe("WebSocketResource: a site in somebody else's server", () => {
  it("answers 501 where the connection cannot be had, and connects nothing", async () => {
    const diary = new Diary();
    const site = new Site(new WebSocketResource(() => diary), { reactor: new MemoryReactor() });
    const headers = Object.fromEntries(readAnswer(handshake()).headers);
    const asking = new globalThis.Request("http://a.example/", { headers });
    const answer = await toFetchHandler(site)(asking);
    assert.equal(answer.status, 501);
    assert.isFalse(answer.headers.has("sec-websocket-accept"));
    assert.isEmpty(diary.pages);
  });
});

describe("WebSocketResource: what comes glued to the request", () => {
  it("is delivered after connectionMade, whole or in parts, up to the end", () => {
    const bytes = Buffer.concat([frame("text", "a"), frame("binary", "b"), goodbye(1000)]);
    for (let at = 0; at <= bytes.length; at += 1) {
      const scene = socket({ diary: new Echo(), behind: bytes.subarray(0, at) });
      scene.send(bytes.subarray(at));
      assert.deepEqual(scene.diary.pages, ["made", "text a", "bytes b", "lost WebSocketClosed"]);
      assert.deepEqual(scene.heard(), ["text a", "binary b", "close 1000", "closed"]);
    }
  });

  it("comes byte by byte, request and frames", () => {
    const behind = Buffer.concat([frame("text", "hello"), frame("text", "x".repeat(300))]);
    const at = socket({ diary: new Echo(), behind, chunkBytes: 1 });
    assert.deepEqual(at.heard(), ["text hello", "text (300)", "open"]);
  });
});
