/**
 * Deadlines of a connection of HTTP/2 and of its streams: who falls silent, wherever, is gone.
 *
 * @module
 */
import { constants } from "node:http2";
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import {
  block,
  FLAG,
  frame,
  framesOf,
  GET,
  goawayOf,
  hello,
  PREFACE,
  request as requestFrame,
  TYPE,
} from "../../../test/fixtures/web/http2-frames.ts";
import {
  drain,
  heldHTTP2,
  type HTTP2Visit,
  settleWire,
  turn,
  visitHTTP2,
} from "../../../test/fixtures/web/in-memory-http2.ts";
import { type Visit, visit } from "../../../test/fixtures/web/in-memory-site.ts";
import { ConnectionAborted, ConnectionTimedOut } from "../../internet/errors.ts";
import { NOT_DONE_YET } from "../server/answer.ts";

const POST = { ":method": "POST" } as const;

async function pass(at: Visit, seconds: number): Promise<void> {
  at.advance(seconds);
  await settleWire(at.pump);
}

/** What a promise has failed with, or `undefined` as long as it has not. */
function failing(work: PromiseLike<unknown>): () => unknown {
  let failure: unknown;
  work.then(undefined, (error: unknown) => {
    failure = error;
  });
  return () => failure;
}

/** In steps of a second, with all that follows from each. */
async function wait(at: HTTP2Visit, seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n += 5) await at.advance(5);
}

describe("HTTP2Connection: a silent client", () => {
  const first = requestFrame(1);
  const half = frame(TYPE.headers, FLAG.endStream, 1, block(...GET));
  it.each([
    ["in the middle of the preface", PREFACE.subarray(0, 5), 30],
    ["after the preface", PREFACE, 60],
    ["after its settings", hello(), 60],
    ["in the middle of a frame's head", Buffer.concat([hello(), first.subarray(0, 4)]), 60],
    ["in the middle of HEADERS", Buffer.concat([hello(), first.subarray(0, 20)]), 60],
    ["before CONTINUATION", Buffer.concat([hello(), half]), 60],
    ["after a request", Buffer.concat([hello(), first]), 60],
  ])("is gone when it falls silent %s", async (_where, bytes, seconds) => {
    const at = visit(() => "hello");
    at.send(bytes);
    await settleWire(at.pump);
    await pass(at, seconds - 1);
    assert.isUndefined(at.client.ended);
    await pass(at, 1);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("is gone, pings or not, when it asks nothing", async () => {
    const at = visit(() => "hello");
    at.send(hello());
    for (let n = 0; n < 59; n += 1) {
      at.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
      await pass(at, 1);
    }
    assert.isUndefined(at.client.ended);
    await pass(at, 1);
    assert.equal(goawayOf(at.client), 0);
    assert.isDefined(at.client.ended);
  });

  it("is pinged while a stream is open, and dropped when it does not answer", async () => {
    const at = visit(() => NOT_DONE_YET);
    at.send(Buffer.concat([hello(), requestFrame(1)]));
    await settleWire(at.pump);
    await pass(at, 59);
    const pings = (): number => framesOf(at.client).filter((one) => one.type === TYPE.ping).length;
    assert.equal(pings(), 0);
    await pass(at, 1);
    assert.equal(pings(), 1);
    await pass(at, 59);
    assert.isUndefined(at.client.ended);
    await pass(at, 1);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("that answers pings may wait for an hour", async () => {
    const { at, request } = heldHTTP2({ handlerTimeout: 0 });
    const asked = at.begin({ ":path": "/" }).read();
    await at.settle();
    await wait(at, 3600);
    request(0).finishWith("at last");
    await at.settle();
    assert.equal(asked.body, "at last");
    await at.end();
  });

  it("is not waited for where the deadlines are 0", async () => {
    const { at, request } = heldHTTP2({
      idleTimeout: 0,
      bodyTimeout: 0,
      handlerTimeout: 0,
      writeTimeout: 0,
    });
    const asked = at.begin({ ":path": "/", ...POST }, { endStream: false });
    await at.settle();
    const read = request(0).content.text();
    await at.advance(100_000);
    asked.stream.end("hello");
    await at.settle();
    assert.equal(await read, "hello");
    request(0).finishWith("hello");
    await at.advance(100_000);
    asked.read();
    await at.advance(100_000);
    assert.equal(asked.body, "hello");
    assert.isFalse(at.closed);
    await at.end();
  });
});

describe("HTTP2Channel: deadlines of a request", () => {
  it("a body that stops is answered with 408, and no other stream notices", async () => {
    const { at, request } = heldHTTP2();
    const slow = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
    const other = at.begin({ ":path": "/" }).read();
    await at.settle();
    const failure = failing(request(0).content.text());
    for (let n = 0; n < 10; n += 1) {
      slow.stream.write("drop");
      await at.settle();
      await at.advance(50);
    }
    assert.isUndefined(slow.code);
    await at.advance(10);
    assert.deepEqual([slow.code, slow.body, slow.ended], [408, "408 Request Timeout\n", true]);
    const reason = failure();
    assert.instanceOf(reason, ConnectionTimedOut);
    assert.equal(reason instanceof ConnectionTimedOut && reason.phase, "body");
    assert.isTrue(request(0).disconnected);
    request(1).finishWith("fine");
    await at.settle();
    assert.equal(other.body, "fine");
    await at.end();
  });

  it("a body that nobody reads has no deadline, before somebody does", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
    asked.stream.write(Buffer.alloc(100_000));
    await at.settle();
    await wait(at, 500);
    assert.isUndefined(asked.code);
    const failure = failing(request(0).content.read());
    await at.settle();
    await wait(at, 55);
    assert.isUndefined(asked.code);
    await wait(at, 5);
    assert.equal(asked.code, 408);
    assert.instanceOf(failure(), ConnectionTimedOut);
    await at.end();
  });

  it("a body that stops after the answer has begun is cut off", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
    await at.settle();
    const failure = failing(request(0).content.read());
    request(0).write("so far");
    await at.advance(60);
    assert.equal(asked.stream.rstCode, constants.NGHTTP2_CANCEL);
    assert.instanceOf(failure(), ConnectionTimedOut);
    await at.end();
  });

  it("a handler that never answers is 503, in its time", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/" }).read();
    const only = at.begin({ ":path": "/", ":method": "HEAD" }).read();
    await at.settle();
    const failure = failing(request(0).notifyFinish());
    await wait(at, 3595);
    assert.isUndefined(asked.code);
    await wait(at, 5);
    assert.deepEqual([asked.code, asked.body], [503, "503 Service Unavailable\n"]);
    assert.deepEqual([only.code, only.body, only.ended], [503, "", true]);
    assert.instanceOf(failure(), ConnectionTimedOut);
    request(0).finishWith("too late");
    await at.settle();
    await at.end();
  });

  it("a handler has time again when the body has come", async () => {
    const { at, request } = heldHTTP2({ handlerTimeout: 100 });
    const asked = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
    await at.settle();
    const read = request(0).content.text();
    await wait(at, 55);
    asked.stream.end("hello");
    await at.settle();
    assert.equal(await read, "hello");
    await wait(at, 95);
    assert.isUndefined(asked.code);
    await wait(at, 5);
    assert.equal(asked.code, 503);
    await at.end();
  });
});

describe("HTTP2Channel: deadlines of an answer", () => {
  const NOTHING = { settings: { initialWindowSize: 0 } };

  it("a client that never opens its window is cut off from a short answer", async () => {
    const at = visitHTTP2(() => "hello", NOTHING);
    const asked = await at.ask("/");
    assert.equal(asked.code, 200);
    await at.advance(59);
    assert.isFalse(asked.stream.closed);
    await at.advance(1);
    assert.equal(asked.stream.rstCode, constants.NGHTTP2_CANCEL);
    await at.end();
  });

  it("… and from a long one, and from one that is written, whose producer is stopped", async () => {
    const { at, request } = heldHTTP2(NOTHING);
    const long = at.begin({ ":path": "/" }).read();
    const written = at.begin({ ":path": "/" }).read();
    await at.settle();
    let stopped = 0;
    const producer = {
      pauseProducing: () => {},
      resumeProducing: () => {},
      stopProducing: () => {
        stopped += 1;
      },
    };
    request(0).finishWith(Buffer.alloc(300_000));
    request(1).registerProducer(producer, true);
    request(1).write(Buffer.alloc(300_000));
    const failures = [failing(request(1).notifyFinish()), failing(request(1).drained())];
    await at.advance(59);
    assert.deepEqual([long.stream.closed, written.stream.closed], [false, false]);
    await at.advance(1);
    assert.equal(long.stream.rstCode, constants.NGHTTP2_CANCEL);
    assert.equal(written.stream.rstCode, constants.NGHTTP2_CANCEL);
    assert.equal(stopped, 1);
    for (const failure of failures) assert.instanceOf(failure(), ConnectionTimedOut);
    await at.end();
  });

  it("… and from what it refused to send the body of", async () => {
    const { at } = heldHTTP2({ ...NOTHING, handlerTimeout: 10 });
    const asked = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
    await at.settle();
    await at.advance(10);
    assert.equal(asked.code, 503);
    await at.advance(60);
    assert.isTrue(asked.stream.closed);
    await at.end();
  });

  it("a client that reads slowly, but reads, gets all of it", async () => {
    const at = visitHTTP2(() => Buffer.alloc(700_000, "x"), {
      settings: { initialWindowSize: 65_535 },
    });
    const asked = at.begin({ ":path": "/" });
    let bytes = 0;
    await at.settle();
    for (let n = 0; n < 100 && bytes < 700_000; n += 1) {
      await at.advance(50);
      for (let part = 0; part < 4; part += 1) {
        const chunk: unknown = asked.stream.read();
        if (Buffer.isBuffer(chunk)) bytes += chunk.length;
        await at.settle();
      }
    }
    assert.equal(bytes, 700_000);
    assert.isUndefined(asked.reset);
    await at.end();
  });

  it("a client that reads nothing at all is aborted, with all its streams", async () => {
    const { at, request } = heldHTTP2({ settings: { initialWindowSize: 2 ** 20 } });
    at.begin({ ":path": "/" });
    at.begin({ ":path": "/" });
    at.session.setLocalWindowSize(2 ** 20);
    await at.settle();
    const failures = [failing(request(0).notifyFinish()), failing(request(1).notifyFinish())];
    at.pump.client.pauseProducing();
    for (let n = 0; n < 10; n += 1) {
      request(0).write(Buffer.alloc(60_000));
      await at.settle();
    }
    await wait(at, 55);
    assert.isFalse(at.pump.server.disconnected);
    await wait(at, 5);
    assert.isTrue(at.pump.server.disconnected);
    assert.instanceOf(failures[1]?.(), ConnectionAborted);
    assert.instanceOf(failures[0]?.(), Error);
    at.pump.client.resumeProducing();
    await at.settle();
    await at.end();
  });

  it("many answers over a slow connection are not cut off while some of it moves", async () => {
    const at = visitHTTP2(() => Buffer.alloc(200_000, "x"), {
      settings: { initialWindowSize: 2 ** 20 },
      chunkBytes: 10_000,
    });
    at.session.setLocalWindowSize(2 ** 24);
    await at.settle();
    const asked = Array.from({ length: 20 }, () => at.begin({ ":path": "/" }).read());
    // A few kilobytes each second, for all of them.
    for (let n = 0; n < 2000 && asked.some((one) => !one.ended); n += 1) {
      for (let step = 0; step < 10; step += 1) {
        at.pump.client.resumeProducing();
        for (let event = 0; event < 8; event += 1) at.pump.pump();
        at.pump.client.pauseProducing();
        await turn();
      }
      at.pump.advance(10);
    }
    assert.isTrue(asked.every((one) => one.body.length === 200_000));
    at.pump.client.resumeProducing();
    await at.end();
  });

  it("drain() in the middle of a head waits no longer than that", async () => {
    const at = visit(() => "hello", { idleTimeout: 1000 });
    at.send(Buffer.concat([hello(), requestFrame(1).subarray(0, 20)]));
    await settleWire(at.pump);
    drain(at.pump);
    await pass(at, 59);
    assert.isUndefined(at.client.ended);
    await pass(at, 1);
    assert.isDefined(at.client.ended);
    assert.lengthOf(at.reactor.getDelayedCalls(), 0);
  });

  it("drain() waits for an answer no longer than its deadlines", async () => {
    const { at, request } = heldHTTP2(NOTHING);
    at.begin({ ":path": "/" });
    await at.settle();
    drain(at.pump);
    await at.settle();
    request(0).finishWith("hello");
    await wait(at, 60);
    assert.isTrue(at.pump.server.disconnected);
    await at.end();
  });
});
