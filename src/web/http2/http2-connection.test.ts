/**
 * Connections of HTTP/2: how they begin, and how they end.
 *
 * @module
 */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import {
  drain,
  heldHTTP2,
  settleWire,
  visitHTTP2,
} from "../../../test/fixtures/web/in-memory-http2.ts";
import {
  frame,
  GET,
  goawayOf,
  head,
  hello,
  POST,
  PREFACE,
  request as requestFrame,
  resetsOf,
  statusesOf,
  TYPE,
  word,
} from "../../../test/fixtures/web/http2-frames.ts";
import { type Visit, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { captureLogs } from "../../logger/capture.ts";
import { NOT_DONE_YET } from "../server/answer.ts";
import { Request } from "../server/request.ts";

const MALFORMED: readonly (readonly [string, readonly string[]])[] = [
  ["no method", GET.slice(2)],
  ["no path", [...GET.slice(0, 4), ...GET.slice(6)]],
  ["no scheme", [...GET.slice(0, 2), ...GET.slice(4)]],
  ["neither authority nor host", GET.slice(0, 6)],
  ["two methods", [":method", "GET", ...GET]],
  ["an unknown pseudo-field", [...GET, ":pseudo", "1"]],
  ["a status", [...GET, ":status", "200"]],
  ["a pseudo-field that is late", [...GET.slice(2), "x-a", "1", ":method", "GET"]],
  ["a name in upper case", [...GET, "X-A", "1"]],
  ["Connection", [...GET, "connection", "close"]],
  ["Transfer-Encoding", [...GET, "transfer-encoding", "chunked"]],
  ["Upgrade", [...GET, "upgrade", "websocket"]],
  ["TE that is not trailers", [...GET, "te", "gzip"]],
  ["a body that is announced, and no body", [...GET, "content-length", "3"]],
  ["a Content-Length that is no number", [...GET, "content-length", "-1"]],
  ["two Content-Lengths", [...GET, "content-length", "0", "content-length", "0"]],
  ["two Hosts", [...GET, "host", "a", "host", "a"]],
  ["an empty path", [...GET.slice(0, 4), ":path", "", ...GET.slice(6)]],
  ["a path without a slash", [...GET.slice(0, 4), ":path", "a", ...GET.slice(6)]],
  ["an authority with a path", [...GET.slice(0, 6), ":authority", "a/b"]],
  ["a host with a blank", [...GET.slice(0, 6), "host", "a b"]],
  ["a blank in the path", [...GET.slice(0, 4), ":path", "/a b", ...GET.slice(6)]],
  ["an asterisk to be got", [...GET.slice(0, 4), ":path", "*", ...GET.slice(6)]],
  ["a method that is no token", [":method", "G T", ...GET.slice(2)]],
];
/** nghttp2 leaves such a field out, and tells nobody; RFC 9113 §8.2.1 would refuse the request. */
const LEFT_OUT: readonly (readonly [string, readonly string[]])[] = [
  ["a name with a blank", [...GET, "x a", "1"]],
  ["an empty name", [...GET, "", "1"]],
  ["a line break in a value", [...GET, "x-a", "1\r\nx-b: 2"]],
  ["NUL in a value", [...GET, "x-a", "1\0"]],
  ["blanks around a value", [...GET, "x-a", " 1 "]],
];
const REFUSED: readonly (readonly [number, string, readonly string[]])[] = [
  [400, "authority and host that differ", [...GET, "host", "b"]],
  [400, "a fragment in the path", [...GET.slice(0, 4), ":path", "/a#b", ...GET.slice(6)]],
  [400, "CONNECT without a port", [":method", "CONNECT", ":authority", "a"]],
  [417, "an expectation that nobody knows", [...GET, "expect", "miracles"]],
];
const TAKEN: readonly (readonly [string, string, readonly string[]])[] = [
  ["a host alone", "GET / a", [...GET.slice(0, 6), "host", "a"]],
  [
    "authority and host that say the same",
    "GET / A:80",
    [...GET.slice(0, 6), ":authority", "A:80", "host", "a:80"],
  ],
  [
    "an asterisk",
    "OPTIONS * a",
    [":method", "OPTIONS", ...GET.slice(2, 4), ":path", "*", ":authority", "a"],
  ],
  ["CONNECT", "CONNECT  a:80", [":method", "CONNECT", ":authority", "a:80"]],
  ["TE: trailers", "GET / a", [...GET, "te", "trailers"]],
];

/** A site that says what it was asked. */
interface EchoVisit extends Omit<Visit, "ask"> {
  readonly asked: string[];
  readonly ask: (data: Uint8Array) => Promise<void>;
}

function echo(): EchoVisit {
  const asked: string[] = [];
  const at = visit((request) => {
    asked.push(`${request.method} ${request.path} ${request.authority}`);
    return "hello";
  });
  const ask = async (data: Uint8Array): Promise<void> => {
    at.send(data);
    await settleWire(at.pump);
  };
  return { ...at, asked, ask };
}

describe("HTTP2Connection: requests that are no requests", () => {
  it.each(MALFORMED)("resets a stream with %s (RFC 9113 §8.1.1)", async (_what, fields) => {
    const at = echo();
    await at.ask(Buffer.concat([hello(), requestFrame(1, fields), requestFrame(3)]));
    assert.deepEqual([...resetsOf(at.client)], [[1, 1]]);
    assert.deepEqual([...statusesOf(at.client)], [[3, 200]]);
    assert.deepEqual(at.asked, ["GET / a"]);
  });

  it.each(LEFT_OUT)("never sees %s", async (_what, fields) => {
    let seen: Request | undefined;
    const at = visit((request) => {
      seen = request;
      return "hello";
    });
    at.send(Buffer.concat([hello(), requestFrame(1, fields)]));
    await settleWire(at.pump);
    assert.deepEqual(seen?.requestHeaders.list, ["host", "a"]);
  });

  it.each(REFUSED)("answers %i to %s", async (status, _what, fields) => {
    const at = echo();
    await at.ask(Buffer.concat([hello(), requestFrame(1, fields), requestFrame(3)]));
    assert.equal(statusesOf(at.client).get(1), status);
    assert.equal(statusesOf(at.client).get(3), 200);
    assert.deepEqual(at.asked, ["GET / a"]);
  });

  it("never takes half a body for a whole one, in a HEAD that is reset", async () => {
    let seen: Request | undefined;
    const at = visit((request) => {
      seen = request;
      return NOT_DONE_YET;
    });
    const half = frame(TYPE.data, 0, 1, Buffer.from("half"));
    at.send(Buffer.concat([hello(), head(1, [":method", "HEAD", ...GET.slice(2)]), half]));
    await settleWire(at.pump);
    at.send(frame(TYPE.reset, 0, 1, word(0)));
    await settleWire(at.pump);
    assert.isFalse(seen?.content.complete);
    assert.isTrue(seen?.disconnected);
  });

  it("needs no body of a request that it refuses", async () => {
    const at = echo();
    await at.ask(Buffer.concat([hello(), head(1, [...POST, "expect", "miracles"])]));
    assert.equal(statusesOf(at.client).get(1), 417);
    assert.deepEqual([...resetsOf(at.client)], [[1, 0]]);
    assert.deepEqual(at.asked, []);
  });

  it.each(TAKEN)("takes %s", async (_what, asked, fields) => {
    const at = echo();
    await at.ask(Buffer.concat([hello(), requestFrame(1, fields)]));
    assert.deepEqual(at.asked, [asked]);
    assert.deepEqual([...statusesOf(at.client)], [[1, 200]]);
  });

  it("does not take an authority with a user, whoever refuses it", async () => {
    const at = echo();
    await at.ask(
      Buffer.concat([hello(), requestFrame(1, [...GET.slice(0, 6), ":authority", "me@a"])]),
    );
    assert.deepEqual(at.asked, []);
    // Some versions of nghttp2 do.
    assert.isTrue(statusesOf(at.client).get(1) === 400 || resetsOf(at.client).get(1) === 1);
  });

  it("answers 500 when no request can be made of it", async () => {
    using logs = captureLogs();
    const at = visitHTTP2(() => "hello", {
      requestFactory: (parts) => {
        if (parts.path === "/bad") throw new TypeError("broken");
        return new Request(parts);
      },
    });
    const bad = await at.ask("/bad");
    assert.equal(bad.code, 500);
    assert.equal((await at.ask("/")).body, "hello");
    assert.lengthOf(
      logs.flush((event) => event.log_level === "critical"),
      1,
    );
    await at.end();
  });
});

describe("HTTP2Connection: its beginning", () => {
  it("is told by the preface, however that is cut (RFC 9113 §3.4)", async () => {
    const whole = Buffer.concat([hello(), requestFrame(1)]);
    const settled: Promise<void>[] = [];
    for (let cut = 1; cut < whole.length; cut += 1) {
      const at = echo();
      at.send(whole.subarray(0, cut));
      at.send(whole.subarray(cut));
      const check = async (): Promise<void> => {
        await settleWire(at.pump);
        assert.deepEqual([...statusesOf(at.client)], [[1, 200]], `cut at ${String(cut)}`);
      };
      settled.push(check());
    }
    await Promise.all(settled);
  });

  it("is taken byte by byte", async () => {
    const at = visitHTTP2(() => "hello", { chunkBytes: 1 });
    assert.equal((await at.ask("/")).body, "hello");
    await at.end();
  });

  it("is HTTP/1 where the site does not speak HTTP/2", async () => {
    const at = visit(() => "hello", { http2: false });
    at.send(hello());
    await settleWire(at.pump);
    assert.match(at.client.received, /^HTTP\/1\.1 (?:400|505) /u);
  });

  it("announces its limits; for heads, what would be reset", async () => {
    const at = visitHTTP2(() => "", { http2: { maxConcurrentStreams: 7 }, maxHeadBytes: 9000 });
    await at.settle();
    const { maxConcurrentStreams, initialWindowSize, maxHeaderListSize } =
      at.session.remoteSettings;
    assert.deepEqual(
      [maxConcurrentStreams, initialWindowSize, maxHeaderListSize],
      [7, 262_144, 18_000],
    );
    assert.equal(at.session.state.remoteWindowSize, 1_048_576);
    await at.end();
  });
});

describe("HTTP2Connection: its end", () => {
  it("drain() closes an idle connection at once, with GOAWAY", async () => {
    const at = visitHTTP2(() => "hello");
    await at.ask("/");
    drain(at.pump);
    await at.settle();
    assert.equal(at.goaway, 0);
    assert.isTrue(at.closed);
    assert.isTrue(at.pump.server.disconnected);
    await at.end();
  });

  it("drain() lets open streams finish, and takes no others", async () => {
    const { at, requests, request } = heldHTTP2();
    const slow = at.begin({ ":path": "/slow" }).read();
    await at.settle();
    drain(at.pump);
    await at.settle();
    assert.equal(at.goaway, 0);
    assert.isFalse(at.pump.server.disconnected);
    assert.isTrue(at.session.closed);
    request(0).write("slow ");
    await at.settle();
    request(0).write("answer");
    request(0).finish();
    await at.settle();
    assert.equal(slow.body, "slow answer");
    assert.isTrue(at.pump.server.disconnected);
    assert.lengthOf(requests, 1);
    await at.end();
  });

  it("drain() refuses a stream that comes all the same", async () => {
    let count = 0;
    const at = visit(() => {
      count += 1;
      return NOT_DONE_YET;
    });
    at.send(Buffer.concat([hello(), requestFrame(1)]));
    await settleWire(at.pump);
    drain(at.pump);
    await settleWire(at.pump);
    at.send(requestFrame(3));
    await settleWire(at.pump);
    assert.equal(count, 1);
    assert.equal(goawayOf(at.client), 0);
    assert.isUndefined(at.client.ended);
  });

  it("drain() of half a preface closes", async () => {
    const at = echo();
    at.send(PREFACE.subarray(0, 10));
    drain(at.pump);
    await settleWire(at.pump);
    at.advance(60);
    await settleWire(at.pump);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("comes with the client's GOAWAY, after the open streams", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/" }).read();
    await at.settle();
    at.session.goaway();
    await at.settle();
    request(0).finishWith("hello");
    await at.settle();
    assert.equal(asked.body, "hello");
    assert.isTrue(at.pump.server.disconnected);
    await at.end();
  });

  it.each([
    ["a frame that is too long", Buffer.from([0x01, 0, 0, 0, 0, 0, 0, 0, 1])],
    ["DATA of no stream", Buffer.from([0, 0, 1, TYPE.data, 0, 0, 0, 0, 0, 0])],
    ["HEADERS of an even stream", requestFrame(2)],
    ["SETTINGS of five bytes", Buffer.from([0, 0, 5, TYPE.settings, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5])],
    ["HPACK that ends in the middle", Buffer.from([0, 0, 1, TYPE.headers, 5, 0, 0, 0, 1, 0x7f])],
    ["a PUSH_PROMISE", Buffer.from([0, 0, 4, TYPE.pushPromise, 4, 0, 0, 0, 1, 0, 0, 0, 2])],
  ])("comes with GOAWAY after %s (RFC 9113 §5.4.1)", async (_what, bytes) => {
    const at = echo();
    await at.ask(Buffer.concat([hello(), requestFrame(1)]));
    await at.ask(bytes);
    assert.isAbove(goawayOf(at.client) ?? 0, 0);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("comes with GOAWAY after a preface without settings", async () => {
    const at = echo();
    await at.ask(Buffer.concat([PREFACE, requestFrame(1)]));
    assert.isAbove(goawayOf(at.client) ?? 0, 0);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("leaves nothing behind when the client vanishes in the middle of everything", async () => {
    for (let cut = 1; cut < 90; cut += 3) {
      const at = echo();
      at.send(Buffer.concat([hello(), requestFrame(1), requestFrame(3, POST)]).subarray(0, cut));
      at.client.transport.abortConnection();
      await settleWire(at.pump);
      assert.isDefined(at.client.ended);
      assert.lengthOf(at.reactor.getDelayedCalls(), 0, `cut at ${String(cut)}`);
    }
  });
});
