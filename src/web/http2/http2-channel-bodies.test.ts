/**
 * Bodies over HTTP/2, both ways, at the pace of who reads them.
 *
 * @module
 */
import { constants } from "node:http2";
import { assert, describe, it } from "vitest";
import {
  type AskedHTTP2,
  heldHTTP2,
  type HTTP2Visit,
  outcome,
  visitHTTP2,
} from "../../../test/fixtures/web/in-memory-http2.ts";
import { captureLogs } from "../../logger/capture.ts";
import { Headers } from "../http/headers.ts";
import { HTTPMessageError } from "../http/wire/message-error.ts";
import { AnswerStateError } from "../server/request.ts";

const POST = { ":method": "POST" } as const;
const KIB = 1024;
const PIECE = Buffer.alloc(16 * KIB, "x");
/** What may wait at our end: with the transport, `node:http2` and the channel. */
const WAITING_MAX = 512 * KIB;

/** Begin to send so many pieces. */
function upload(at: HTTP2Visit, pieces: number): { asked: AskedHTTP2; gone(): number } {
  const asked = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
  let gone = 0;
  const next = (): void => {
    if (gone === pieces * PIECE.length) asked.stream.end();
    else {
      asked.stream.write(PIECE, () => {
        gone += PIECE.length;
        next();
      });
    }
  };
  next();
  return { asked, gone: () => gone };
}

describe("HTTP2Channel: the body of a request", () => {
  it("comes in pieces, with its trailers", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/", ...POST }, { endStream: false, waitForTrailers: true });
    asked.stream.on("wantTrailers", () => asked.stream.sendTrailers({ "x-sum": "3" }));
    asked.stream.write("ab");
    await at.settle();
    const { content } = request(0);
    const read = outcome(content.text());
    assert.equal(content.length, undefined);
    assert.isFalse(content.complete);
    asked.stream.end("c");
    await at.settle();
    assert.deepEqual(read, { value: "abc" });
    assert.equal(content.trailers.get("x-sum"), "3");
    await at.end();
  });

  it("waits with the client while nobody reads it, and others go on", async () => {
    const { at, request } = heldHTTP2({ http2: { streamWindowBytes: 128 * KIB } });
    const held = upload(at, 64);
    await at.settle();
    // 64 KiB are taken, and then the window is full.
    assert.isAtLeast(held.gone(), 128 * KIB);
    assert.isAtMost(held.gone(), 256 * KIB);

    const other = upload(at, 64);
    await at.settle();
    const read = outcome(request(1).content.read({ limit: 2 ** 30 }));
    await at.settle();
    assert.equal(other.gone(), 64 * PIECE.length);
    assert.isDefined(read.value);

    const late = outcome(request(0).content.read({ limit: 2 ** 30 }));
    await at.settle();
    assert.equal(Buffer.isBuffer(late.value) && late.value.length, 64 * PIECE.length);
    await at.end();
  });

  it("comes at the pace of a reader that pauses", async () => {
    const { at, request } = heldHTTP2({ http2: { streamWindowBytes: 64 * KIB } });
    const sent = upload(at, 64);
    await at.settle();
    const { content } = request(0);
    let bytes = 0;
    content.deliver({
      dataReceived: (data) => {
        bytes += data.length;
        content.pause();
      },
      bodyEnded: () => request(0).finishWith(String(bytes)),
    });
    await at.settle();
    const before = bytes;
    await at.settle();
    assert.equal(bytes, before);
    for (let n = 0; n < 200 && sent.asked.body === ""; n += 1) {
      content.resume();
      await at.settle();
      assert.isAtMost(sent.gone() - bytes, 192 * KIB);
    }
    assert.equal(sent.asked.body, String(64 * PIECE.length));
    await at.end();
  });

  it("is asked for with 100 Continue when somebody wants it (RFC 9110 §10.1.1)", async () => {
    const { at, request } = heldHTTP2();
    const options = { endStream: false };
    const asked = at.begin({ ":path": "/", ...POST, expect: "100-continue" }, options).read();
    let isTold = false;
    asked.stream.on("continue", () => {
      isTold = true;
      asked.stream.end("hello");
    });
    await at.settle();
    assert.isFalse(isTold);
    const read = outcome(request(0).content.text());
    await at.settle();
    assert.isTrue(isTold);
    assert.deepEqual(read, { value: "hello" });
    const unwanted = at.begin({ ":path": "/", ...POST, expect: "100-continue" }, options).read();
    await at.settle();
    request(1).finishWith("no");
    await at.settle();
    assert.deepEqual([unwanted.code, unwanted.interim, unwanted.body], [200, [], "no"]);
    assert.isTrue(unwanted.stream.closed);
    await at.end();
  });

  it("is refused with 413 beyond maxBodyBytes, announced or not", async () => {
    const { at, request } = heldHTTP2({ maxBodyBytes: 1000 });
    const announced = await at.ask("/", { ...POST, "content-length": "1001" }, "x".repeat(1001));
    assert.equal(announced.code, 413);
    const promised = at.begin(
      { ":path": "/", ...POST, "content-length": "9999" },
      { endStream: false },
    );
    await at.settle();
    assert.equal(promised.code, 413);
    const asked = upload(at, 1).asked;
    await at.settle();
    assert.equal(asked.code, 413);
    assert.isTrue(asked.ended);
    const read = outcome(request(0).content.read());
    await at.settle();
    assert.instanceOf(read.error, HTTPMessageError);
    assert.isTrue(request(0).disconnected);
    await at.end();
  });

  it("fails a read that has a limit, and the answer is 413", async () => {
    const at = visitHTTP2(async (request) => await request.content.text({ limit: 4 }));
    const { code, ended } = await at.ask("/", POST, "hello");
    assert.deepEqual([code, ended], [413, true]);
    await at.end();
  });

  it.each([
    ["shorter", "6"],
    ["longer", "4"],
  ])(
    "is never whole when it is %s than Content-Length (RFC 9113 §8.1.1)",
    async (_what, length) => {
      const { at, request } = heldHTTP2();
      const options = { endStream: false };
      const asked = at.begin({ ":path": "/", ...POST, "content-length": length }, options).read();
      await at.settle();
      const { content } = request(0);
      const read = outcome(content.text());
      asked.stream.end("hello");
      await at.settle();
      assert.instanceOf(read.error, Error);
      assert.isFalse(content.complete);
      assert.isTrue(request(0).disconnected);
      // Node 24 calls it INTERNAL_ERROR when there is too much.
      const { NGHTTP2_PROTOCOL_ERROR, NGHTTP2_INTERNAL_ERROR } = constants;
      assert.include([NGHTTP2_PROTOCOL_ERROR, NGHTTP2_INTERNAL_ERROR], asked.reset);
      await at.end();
    },
  );

  it("ends with an error for who reads it, when its request is answered before", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
    asked.stream.write("hello");
    await at.settle();
    const read = outcome(request(0).content.text());
    request(0).finishWith("enough");
    await at.settle();
    assert.instanceOf(read.error, AnswerStateError);
    assert.equal(asked.body, "enough");
    asked.stream.write("more");
    await at.settle();
    assert.isTrue(asked.stream.closed);
    assert.equal(asked.stream.rstCode, constants.NGHTTP2_NO_ERROR);
    await at.end();
  });

  it("is thrown away when it is answered without a body of ours", async () => {
    const { at, request } = heldHTTP2();
    const sent = upload(at, 200);
    await at.settle();
    request(0).setResponseCode(204);
    request(0).finish();
    await at.settle();
    assert.equal(sent.asked.code, 204);
    assert.isTrue(sent.asked.stream.closed);
    await at.end();
  });

  it("resets its stream when a receiver throws, and no other notices", async () => {
    using logs = captureLogs();
    const { at, request } = heldHTTP2();
    const bad = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
    const good = at.begin({ ":path": "/", ...POST }, { endStream: false }).read();
    await at.settle();
    request(0).content.deliver({
      dataReceived: () => {
        throw new TypeError("broken");
      },
      bodyEnded: () => {},
    });
    const read = outcome(request(1).content.text());
    bad.stream.write("hello");
    good.stream.end("hello");
    await at.settle();
    assert.equal(bad.reset, constants.NGHTTP2_INTERNAL_ERROR);
    assert.isTrue(request(0).disconnected);
    assert.deepEqual(read, { value: "hello" });
    assert.lengthOf(
      logs.flush((event) => event.log_level === "critical"),
      1,
    );
    await at.end();
  });
});

describe("HTTP2Channel: the body of an answer", () => {
  it("is as long as one likes, whole or in pieces, many at a time", async () => {
    const whole = Buffer.alloc(300_001, "abc");
    const at = visitHTTP2(
      (request) => {
        if (request.path === "/small") return "small";
        return request.path === "/whole"
          ? whole
          : [whole.subarray(0, 70_000), whole.subarray(70_000)];
      },
      { settings: { initialWindowSize: 1000 } },
    );
    const asked: AskedHTTP2[] = [];
    for (let n = 0; n < 90; n += 1) {
      asked.push(at.begin({ ":path": n % 2 === 0 ? "/whole" : "/pieces" }));
    }
    await at.settle();
    // None of them is read; that is no reason to refuse a stream.
    assert.equal((await at.ask("/small")).body, "small");
    for (const one of asked) one.read();
    await at.settle();
    for (const { body, reset } of asked) {
      assert.isTrue(body === whole.toString());
      assert.isUndefined(reset);
    }
    await at.end();
  });

  it("takes small pieces together, in order", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/" }).read();
    await at.settle();
    let all = "";
    for (let n = 0; n < 20_000; n += 1) {
      all += `${String(n)} `;
      request(0).write(`${String(n)} `);
    }
    request(0).finish();
    await at.settle();
    assert.isTrue(asked.body === all);
    await at.end();
  });

  it("pauses a producer whose client does not read, and resumes it", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/" });
    await at.settle();
    let made = 0;
    const calls: string[] = ["resume"];
    const make = (): void => {
      while (calls.at(-1) === "resume" && made < 4_000_000) {
        request(0).write(PIECE);
        made += PIECE.length;
      }
      if (made < 4_000_000) return;
      request(0).unregisterProducer();
      request(0).finish();
    };
    const producer = {
      pauseProducing: () => calls.push("pause"),
      resumeProducing: () => {
        calls.push("resume");
        make();
      },
      stopProducing: () => calls.push("stop"),
    };
    request(0).registerProducer(producer, true);
    make();
    await at.settle();
    assert.isAtMost(made, WAITING_MAX);
    assert.equal(calls.at(-1), "pause");
    asked.read();
    await at.settle();
    assert.equal(asked.body.length, made);
    assert.isAtLeast(made, 4_000_000);
    assert.notInclude(calls, "stop");
    await at.end();
  });

  it("asks a pull producer as the client reads", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/" });
    await at.settle();
    let made = 0;
    request(0).registerProducer(
      {
        resumeProducing: () => {
          made += PIECE.length;
          request(0).write(PIECE);
          if (made < 2_000_000) return;
          request(0).unregisterProducer();
          request(0).finish();
        },
        stopProducing: () => {},
      },
      false,
    );
    await at.settle();
    assert.isAtLeast(made, 64 * KIB);
    assert.isAtMost(made, WAITING_MAX);
    asked.read();
    await at.settle();
    assert.equal(asked.body.length, made);
    assert.isAtLeast(made, 2_000_000);
    await at.end();
  });

  it("takes an iterable at the client's pace, and ends it when the client goes", async () => {
    let made = 0;
    let isEnded = false;
    const at = visitHTTP2(async function* pieces() {
      try {
        for (;;) {
          made += PIECE.length;
          yield PIECE;
          await Promise.resolve();
        }
      } finally {
        isEnded = true;
      }
    });
    const asked = at.begin({ ":path": "/" });
    await at.settle();
    const before = made;
    assert.isAtMost(before, WAITING_MAX);
    asked.stream.read();
    await at.settle();
    assert.isFalse(isEnded);
    asked.stream.close(constants.NGHTTP2_CANCEL);
    await at.settle();
    assert.isTrue(isEnded);
    await at.end();
  });

  it("tells with drained() when there is room, and fails it when the client has gone", async () => {
    const { at, request } = heldHTTP2();
    const first = at.begin({ ":path": "/" });
    const second = at.begin({ ":path": "/" });
    await at.settle();
    const big = Buffer.alloc(500_000);
    const all = [request(0), request(1)].map((one) => {
      one.write(big);
      return outcome(one.drained().addCallback(() => "drained"));
    });
    await at.settle();
    assert.deepEqual(all, [{}, {}]);
    first.read();
    second.stream.close(constants.NGHTTP2_CANCEL);
    await at.settle();
    assert.deepEqual(all[0], { value: "drained" });
    const late = outcome(request(1).channel.drained());
    await at.settle();
    assert.instanceOf(late.error, Error);
    assert.instanceOf(all[1]?.error, Error);
    request(0).finish();
    await at.settle();
    assert.equal(first.body.length, 500_000);
    await at.end();
  });

  it("goes on while the request is still coming: an echo", async () => {
    const at = visitHTTP2((request) => request.content);
    const { asked } = upload(at, 100);
    await at.settle();
    assert.equal(asked.body.length, 100 * PIECE.length);
    assert.isTrue(asked.ended);
    await at.end();
  });

  it("with 500 kB waiting, goes on to trailers", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/", te: "trailers" });
    await at.settle();
    request(0).write(Buffer.alloc(500_000));
    request(0).finish(new Headers({ "x-sum": "1" }));
    await at.settle();
    asked.read();
    await at.settle();
    assert.equal(asked.body.length, 500_000);
    assert.equal(asked.trailers?.["x-sum"], "1");
    await at.end();
  });
});
