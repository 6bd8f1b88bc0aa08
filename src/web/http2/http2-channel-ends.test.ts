/**
 * Streams of HTTP/2 that end early, and who is told.
 *
 * @module
 */
import { constants } from "node:http2";
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import { heldHTTP2, outcome, visitHTTP2 } from "../../../test/fixtures/web/in-memory-http2.ts";

const POST = { ":method": "POST" } as const;

describe("HTTP2Channel: the end of a stream", () => {
  it.each([
    ["CANCEL", constants.NGHTTP2_CANCEL],
    ["NO_ERROR", constants.NGHTTP2_NO_ERROR],
    ["PROTOCOL_ERROR", constants.NGHTTP2_PROTOCOL_ERROR],
  ])("is told when the client resets it with %s", async (_name, code) => {
    let stopped = 0;
    const over: string[] = [];
    const { at, request } = heldHTTP2({
      accessLog: (one) => over.push(`${one.path} ${String(one.disconnected)}`),
    });
    const plain = at.begin({ ":path": "/plain" });
    const head = at.begin({ ":path": "/head", ":method": "HEAD" });
    const body = at.begin({ ":path": "/body", ...POST }, { endStream: false });
    const begun = at.begin({ ":path": "/begun" });
    body.stream.write(Buffer.alloc(100_000));
    await at.settle();
    const ends = [0, 1, 2, 3].map((n) => outcome(request(n).notifyFinish()));
    const stopProducing = (): void => {
      stopped += 1;
    };
    request(3).write("hello");
    const producer = { pauseProducing: () => {}, resumeProducing: () => {}, stopProducing };
    request(3).registerProducer(producer, true);
    for (const { stream } of [plain, head, body, begun]) stream.close(code);
    await at.settle();
    for (const { error } of ends) assert.instanceOf(error, Error);
    assert.equal(stopped, 1);
    assert.deepEqual(over.toSorted(), ["/begun true", "/body true", "/head true", "/plain true"]);
    assert.isFalse(request(2).content.complete);
    assert.instanceOf(outcome(request(2).content.read()), Object);
    for (const n of [0, 1, 2, 3]) request(n).finishWith("nobody hears it");
    await at.settle();
    await at.end();
  });

  it("is told with the connection's reason when that is lost", async () => {
    const { at, request } = heldHTTP2();
    at.begin({ ":path": "/" });
    await at.settle();
    const end = outcome(request(0).notifyFinish());
    at.pump.client.abortConnection();
    await at.settle();
    assert.instanceOf(end.error, Error);
    assert.notMatch(String(end.error), /stream/u);
    await at.end();
  });

  it("loseConnection() resets the stream, and the request hears of it later", async () => {
    const { at, request } = heldHTTP2();
    const asked = at.begin({ ":path": "/" }).read();
    await at.settle();
    const end = outcome(request(0).notifyFinish());
    request(0).write("half");
    request(0).loseConnection();
    assert.isFalse(request(0).disconnected);
    await at.settle();
    assert.instanceOf(end.error, Error);
    assert.equal(asked.reset, constants.NGHTTP2_INTERNAL_ERROR);
    await at.end();
  });

  it("is logged once for each request, whatever becomes of it", async () => {
    const over: string[] = [];
    const at = visitHTTP2((request) => request.path, {
      accessLog: (one) => over.push(`${one.path} ${String(one.code)} ${String(one.sentLength)}`),
    });
    await at.ask("/a");
    await at.ask("/b", POST, "body");
    await at.end();
    assert.deepEqual(over, ["/a 200 2", "/b 200 2"]);
  });
});
