/**
 * Connections of HTTP/2 that are flooded: the work is bounded, nothing is kept, nothing breaks.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import {
  block,
  field,
  FLAG,
  frame,
  framesOf,
  GET,
  goawayOf,
  head,
  hello,
  request as requestFrame,
  resetsOf,
  statusesOf,
  TYPE,
  word,
} from "../../../test/fixtures/web/http2-frames.ts";
import { settleWire } from "../../../test/fixtures/web/in-memory-http2.ts";
import { type Visit, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { captureLogs } from "../../logger/capture.ts";
import { NOT_DONE_YET } from "../server/answer.ts";
import type { Request } from "../server/request.ts";
import type { SiteOptions } from "../server/site.ts";

const CALM = 11;
const REFUSED = 7;
const CANCEL = 8;

/** A connection that has exchanged settings, to a site that answers nothing by itself. */
interface Flooded extends Visit {
  readonly requests: readonly Request[];
  /** Send, and let all happen that follows. */
  readonly pour: (...bytes: readonly Uint8Array[]) => Promise<void>;
  /** Is it alive: does it answer one more request? */
  readonly answers: (stream: number) => Promise<boolean>;
}

async function flooded(options: Partial<SiteOptions> = {}): Promise<Flooded> {
  const requests: Request[] = [];
  const at = visit((request) => {
    if (request.path === "/alive") return "yes";
    requests.push(request);
    return NOT_DONE_YET;
  }, options);
  const pour = async (...bytes: readonly Uint8Array[]): Promise<void> => {
    at.send(Buffer.concat(bytes));
    await settleWire(at.pump);
  };
  const answers = async (stream: number): Promise<boolean> => {
    await pour(requestFrame(stream, [...GET.slice(0, 4), ":path", "/alive", ":authority", "a"]));
    return statusesOf(at.client).get(stream) === 200;
  };
  // Without a table, each status is there to be read.
  await pour(hello(1, 0));
  await pour(frame(TYPE.settings, FLAG.ack, 0));
  return { ...at, requests, pour, answers };
}

function reset(stream: number, code = CANCEL): Buffer {
  return frame(TYPE.reset, 0, stream, word(code));
}

/** The numbers of streams, from `first`. */
function streams(count: number, first = 1): number[] {
  return Array.from({ length: count }, (_, at) => first + 2 * at);
}

function times(count: number, bytes: Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}

describe("streams that are reset (CVE-2023-44487)", () => {
  it.each([
    ["CANCEL", CANCEL],
    ["NO_ERROR", 0],
    ["PROTOCOL_ERROR", 1],
  ])("end the connection, beyond maxResets: with %s", async (_name, code) => {
    using logs = captureLogs();
    const at = await flooded();
    for (const stream of streams(300)) {
      if (at.client.ended !== undefined) break;
      await at.pour(requestFrame(stream));
      await at.pour(reset(stream, code));
    }
    assert.equal(goawayOf(at.client), CALM);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.requests, 201);
    assert.isTrue(at.requests.every((request) => request.disconnected));
    assert.lengthOf(
      logs.flush((event) => event.log_level === "warn"),
      1,
    );
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("make no work at all when the reset comes with the request", async () => {
    using logs = captureLogs();
    const at = await flooded();
    await at.pour(...streams(300).flatMap((stream) => [requestFrame(stream), reset(stream)]));
    assert.lengthOf(at.requests, 0);
    assert.isAbove(goawayOf(at.client) ?? 0, 0);
    assert.isDefined(at.client.ended);
    logs.flush();
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("are bounded by nghttp2 when they come faster than we see them", async () => {
    const at = await flooded({ http2: { maxResets: 1e9 } });
    await at.pour(...streams(2000).flatMap((stream) => [requestFrame(stream), reset(stream)]));
    assert.isAbove(goawayOf(at.client) ?? 0, 0);
    assert.isDefined(at.client.ended);
  });

  it("may be as many as one likes, over time", async () => {
    const at = await flooded();
    for (let n = 0; n < 5; n += 1) {
      const some = streams(150, 1 + 300 * n);
      await at.pour(...some.flatMap((stream) => [requestFrame(stream), reset(stream)]));
      at.advance(11);
    }
    assert.isUndefined(goawayOf(at.client));
    assert.isTrue(await at.answers(9001));
  });

  it("are not counted when we reset them, or when they were answered", async () => {
    const at = await flooded({ http2: { maxResets: 10 } });
    for (const stream of streams(50)) {
      await at.pour(requestFrame(stream));
      at.requests.at(-1)?.loseConnection();
      await settleWire(at.pump);
    }
    for (const stream of streams(50, 1001)) {
      await at.pour(head(stream));
      at.requests.at(-1)?.finishWith("no body, please");
      await settleWire(at.pump);
      await at.pour(reset(stream));
    }
    assert.isUndefined(goawayOf(at.client));
    assert.isTrue(await at.answers(9001));
  });

  // CVE-2025-8671: the client makes the server reset them.
  it.each([
    ["WINDOW_UPDATE of 0", (stream: number) => frame(TYPE.windowUpdate, 0, stream, word(0))],
    [
      "a window of 2 GiB",
      (stream: number) => frame(TYPE.windowUpdate, 0, stream, word(2 ** 31 - 1)),
    ],
    ["DATA after the end", (stream: number) => frame(TYPE.data, 0, stream, Buffer.from("x"))],
    ["HEADERS after the end", (stream: number) => requestFrame(stream)],
    ["a PRIORITY of four bytes", (stream: number) => frame(TYPE.priority, 0, stream, word(0))],
    [
      "itself as its parent",
      (s: number) => frame(TYPE.priority, 0, s, Buffer.from([0, 0, 0, s, 1])),
    ],
  ])("end the connection, or bound the work: by %s", async (_what, provoke) => {
    using logs = captureLogs();
    const at = await flooded();
    for (const stream of streams(110)) {
      if (at.client.ended !== undefined) break;
      await at.pour(requestFrame(stream));
      await at.pour(provoke(stream));
    }
    // Either it is over, or each of these streams is still one of the hundred.
    const isOver = goawayOf(at.client) !== undefined;
    const isBounded = at.requests.length <= 100 || at.requests.every((one) => !one.disconnected);
    assert.isTrue(isOver || isBounded);
    assert.isAtMost(at.requests.length, 201);
    logs.flush();
  });
});

describe("frames without number", () => {
  it.each([
    ["PING", frame(TYPE.ping, 0, 0, Buffer.alloc(8))],
    ["SETTINGS", frame(TYPE.settings, 0, 0)],
  ])("%s: are answered at a measure, and end a connection that pours them", async (_what, one) => {
    const at = await flooded();
    for (let n = 0; n < 200; n += 1) await at.pour(times(10, one));
    assert.isUndefined(at.client.ended);
    assert.isTrue(await at.answers(1));
    await at.pour(times(5000, one));
    assert.isAbove(goawayOf(at.client) ?? 0, 0);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it.each([
    ["PING", frame(TYPE.ping, 0, 0, Buffer.alloc(8))],
    ["SETTINGS", frame(TYPE.settings, 0, 0)],
  ])("%s: their answers are not piled up for a client that does not read", async (_what, one) => {
    const at = await flooded();
    at.client.transport.pauseProducing();
    for (let n = 0; n < 1000 && !at.pump.server.disconnected; n += 1) {
      at.client.transport.write(times(500, one));
      await settleWire(at.pump);
      assert.isAtMost(at.pump.server.bufferedBytes, 200_000);
      if (n % 100 === 99) at.advance(61);
    }
    assert.isTrue(at.pump.server.disconnected);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("empty DATA ends the connection (CVE-2019-9518)", async () => {
    const at = await flooded();
    await at.pour(head(1));
    await at.pour(times(1500, frame(TYPE.data, 0, 1)));
    assert.isDefined(at.client.ended);
    assert.isTrue(at.requests[0]?.disconnected);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("CONTINUATION ends the connection (CVE-2024-27983, CVE-2024-28182)", async () => {
    for (const payload of [Buffer.alloc(0), field("x-a", "b"), field("x-a", "b".repeat(16_000))]) {
      const at = await flooded();
      await at.pour(frame(TYPE.headers, FLAG.endStream, 1, block(...GET)));
      for (let n = 0; n < 50; n += 1) await at.pour(frame(TYPE.continuation, 0, 1, payload));
      assert.isAbove(goawayOf(at.client) ?? 0, 0);
      assert.isDefined(at.client.ended);
      assert.lengthOf(at.requests, 0);
    }
  });

  it("a connection that breaks off in CONTINUATION harms nobody (CVE-2024-27983)", async () => {
    for (let n = 0; n < 20; n += 1) {
      const at = await flooded();
      const more = frame(TYPE.continuation, 0, 1, field("x-a", "b"));
      at.send(Buffer.concat([frame(TYPE.headers, FLAG.endStream, 1, block(...GET)), more]));
      at.client.transport.abortConnection();
      await settleWire(at.pump);
      assert.lengthOf(at.reactor.getDelayedCalls(), 0);
    }
  });

  it("SETTINGS of more than 32 entries ends the connection", async () => {
    const at = await flooded();
    await at.pour(frame(TYPE.settings, 0, 0, times(40, Buffer.from([0, 3, 0, 0, 0, 100]))));
    assert.equal(goawayOf(at.client), CALM);
    assert.isDefined(at.client.ended);
  });

  it.each([
    ["WINDOW_UPDATE", frame(TYPE.windowUpdate, 0, 0, word(1))],
    ["WINDOW_UPDATE of a stream", frame(TYPE.windowUpdate, 0, 1, word(1))],
    ["PRIORITY", frame(TYPE.priority, 0, 1, Buffer.from([0, 0, 0, 0, 7]))],
    ["PRIORITY of streams that are not there", frame(TYPE.priority, 0, 777, Buffer.alloc(5))],
    ["unknown frames", frame(77, 0, 0, Buffer.alloc(10))],
    ["padding", frame(TYPE.data, FLAG.padded, 1, Buffer.from([3, 0, 0, 0]))],
  ])("%s are borne, and leave nothing", async (_what, one) => {
    const at = await flooded();
    await at.pour(head(1));
    await at.pour(times(20_000, one));
    // In Node 24, nghttp2 counts some of them, and says goodbye.
    assert.isTrue(goawayOf(at.client) !== undefined || (await at.answers(3)));
    assert.isAtMost(at.pump.server.bufferedBytes, 1000);
  });
});

describe("heads that are too large", () => {
  it("are answered with 431 up to twice the limit, and reset beyond it", async () => {
    const at = await flooded({ maxHeadBytes: 4000, maxFields: 20 });
    const many = (count: number): string[] =>
      times(count, Buffer.from("x-a,b,")).toString().split(",").slice(0, -1);
    await at.pour(requestFrame(1, [...GET, "x-a", "b".repeat(3900)]));
    await at.pour(requestFrame(3, [...GET, "x-a", "b".repeat(4100)]));
    await at.pour(requestFrame(5, [...GET, "x-a", "b".repeat(9000)]));
    await at.pour(requestFrame(7, [...GET, ...many(20)]));
    await at.pour(requestFrame(9, [...GET, ...many(21)]));
    await at.pour(requestFrame(11, [...GET, ...many(50)]));
    assert.deepEqual(
      [...statusesOf(at.client)],
      [
        [3, 431],
        [9, 431],
      ],
    );
    assert.lengthOf(at.requests, 2);
    assert.deepEqual([...resetsOf(at.client).keys()], [5, 11]);
    assert.isTrue(await at.answers(13));
  });

  it("of fields from the table, too: a bomb of HPACK", async () => {
    const at = await flooded();
    await at.pour(
      frame(
        TYPE.headers,
        5,
        1,
        Buffer.concat([block(...GET), field("x-a", "y".repeat(3900), 0x40)]),
      ),
    );
    assert.lengthOf(at.requests, 1);
    // Each byte of it stands for 3.9 kB.
    for (const stream of streams(50, 3)) {
      await at.pour(
        frame(TYPE.headers, 5, stream, Buffer.concat([block(...GET), Buffer.alloc(16_000, 0xbe)])),
      );
    }
    assert.lengthOf(at.requests, 1);
    assert.equal(resetsOf(at.client).size, 50);
    assert.isTrue(await at.answers(9001));
  });

  it("may have names without letters, which are nobody's (CVE-2019-9516)", async () => {
    const at = await flooded();
    for (const stream of streams(50)) {
      await at.pour(requestFrame(stream, [...GET, ...Array.from({ length: 400 }, () => "")]));
    }
    assert.isTrue(at.requests.every(({ requestHeaders }) => requestHeaders.size === 1));
    assert.isTrue(await at.answers(9001));
  });
});

describe("streams beyond maxConcurrentStreams", () => {
  it("are refused before the client knows of it", async () => {
    const requests: Request[] = [];
    const at = visit(
      (request) => {
        requests.push(request);
        return NOT_DONE_YET;
      },
      { http2: { maxConcurrentStreams: 10 } },
    );
    at.send(Buffer.concat([hello(), ...streams(30).map((stream) => requestFrame(stream))]));
    await settleWire(at.pump);
    assert.lengthOf(requests, 10);
    assert.deepEqual([...new Set(resetsOf(at.client).values())], [REFUSED]);
    assert.equal(resetsOf(at.client).size, 20);
    for (const request of requests) request.finishWith("");
    await settleWire(at.pump);
    assert.lengthOf([...statusesOf(at.client)], 10);
    at.send(Buffer.concat(streams(1500, 1001).map((stream) => requestFrame(stream))));
    await settleWire(at.pump);
    assert.isAtMost(requests.length, 20);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("end a connection whose client knows of it", async () => {
    const at = await flooded({ http2: { maxConcurrentStreams: 10 } });
    await at.pour(...streams(10).map((stream) => requestFrame(stream)));
    await at.pour(requestFrame(21));
    assert.lengthOf(at.requests, 10);
    assert.isDefined(at.client.ended);
  });
});

describe("bodies that nobody reads", () => {
  it("are bounded by the window, in frames of one byte each", async () => {
    const at = await flooded({ http2: { streamWindowBytes: 65_536 } });
    await at.pour(head(1));
    const byte = frame(TYPE.data, 0, 1, Buffer.from("x"));
    for (let n = 0; n < 15; n += 1) await at.pour(times(4000, byte));
    assert.isUndefined(at.client.ended);
    const [request] = at.requests;
    const pieces: number[] = [];
    request?.content.deliver({
      dataReceived: (data) => pieces.push(data.length),
      bodyEnded: () => {},
    });
    await settleWire(at.pump);
    assert.equal(
      pieces.reduce((sum, one) => sum + one, 0),
      60_000,
    );
    // Those before the pause are as they came.
    assert.isBelow(pieces.length, 6000);
    assert.isEmpty(framesOf(at.client).filter((one) => one.type === TYPE.goaway));
  });

  it("are cut off early, 300 on one connection, with DATA on the way", async () => {
    const at = await flooded();
    for (const stream of streams(300)) {
      await at.pour(head(stream), frame(TYPE.data, 0, stream, Buffer.alloc(1000)));
      at.requests.at(-1)?.finishWith("enough");
      for (let n = 0; n < 8; n += 1) {
        at.send(frame(TYPE.data, 0, stream, Buffer.alloc(1000)));
      }
    }
    assert.isUndefined(goawayOf(at.client));
    assert.isTrue(await at.answers(9001));
    assert.equal(resetsOf(at.client).size, 300);
  });

  it("beyond the window end the stream or the connection", async () => {
    const at = await flooded({ http2: { streamWindowBytes: 65_536 } });
    await at.pour(head(1));
    for (let n = 0; n < 20; n += 1) await at.pour(frame(TYPE.data, 0, 1, Buffer.alloc(16_384)));
    assert.isTrue(at.requests[0]?.disconnected);
    assert.isFalse(at.requests[0]?.content.complete);
  });
});
