/**
 * The body of a request, and the ways to read it.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Failure } from "../../defer/failure.ts";
import { failureResultOf, successResultOf } from "../../testing/results.ts";
import { StringTransport } from "../../testing/string-transport.ts";
import { Protocol } from "../../internet/protocol.ts";
import {
  BodyTooLargeError,
  BodyUsedError,
  RequestBody,
  type BodyReceiver,
} from "./request-body.ts";

/** A body, and what its source is told. */
function source(length?: number): { body: RequestBody; told: string[] } {
  const told: string[] = [];
  const body = new RequestBody(
    {
      pauseBody: () => told.push("pause"),
      resumeBody: () => told.push("resume"),
      bodyWanted: () => told.push("wanted"),
    },
    length,
  );
  return { body, told };
}

/** Writes down what it gets. */
class Taker implements BodyReceiver {
  readonly got: string[] = [];
  dataReceived(data: Buffer): void {
    this.got.push(data.toString());
  }
  bodyEnded(failure: Failure | undefined): void {
    this.got.push(failure === undefined ? "$" : `! ${String(failure.value)}`);
  }
}

const lost = new Failure(new Error("the client has gone"));

describe("RequestBody", () => {
  it("says that it is wanted when somebody reads, once, and not when it is there", () => {
    const { body, told } = source();
    body.receive(Buffer.from("a"));
    assert.deepEqual(told, []);
    body.deliver(new Taker());
    assert.deepEqual(told, ["wanted"]);
    const whole = source();
    whole.body.receiveEnd([]);
    whole.body.deliver(new Taker());
    assert.deepEqual(whole.told, []);
  });

  it("deliver() gives what waits at once, then what comes, then the end", () => {
    const { body } = source();
    const taker = new Taker();
    body.receive(Buffer.from("a"));
    body.deliver(taker);
    body.receive(Buffer.from("b"));
    body.receiveEnd(["x-sum", "1"]);
    body.receive(Buffer.from("late"));
    body.fail(lost);
    assert.deepEqual(taker.got, ["a", "b", "$"]);
    assert.equal(body.trailers.get("X-Sum"), "1");
    assert.isTrue(body.complete);
  });

  it("deliver() tells of a failure, also of one that has come before", () => {
    for (const isBefore of [true, false]) {
      const { body } = source();
      const taker = new Taker();
      if (isBefore) body.fail(lost);
      body.deliver(taker);
      if (!isBefore) body.fail(lost);
      assert.deepEqual(taker.got, ["! Error: the client has gone"]);
      assert.isFalse(body.complete);
    }
  });

  it("is read once, in one way", async () => {
    const { body } = source();
    body.deliver(new Taker());
    assert.throws(() => body.deliver(new Taker()), BodyUsedError);
    failureResultOf(body.read(), BodyUsedError);
    failureResultOf(body.pipeTo(new StringTransport()), BodyUsedError);
    let error: unknown;
    try {
      for await (const _ of body);
    } catch (thrown) {
      error = thrown;
    }
    assert.instanceOf(error, BodyUsedError);
  });

  it("pauses its source at 64 KiB, or at 1,024 pieces, that nobody has read", () => {
    const large = source();
    large.body.receive(Buffer.alloc(65_535));
    assert.deepEqual(large.told, []);
    large.body.receive(Buffer.alloc(1));
    large.body.receive(Buffer.alloc(1));
    assert.deepEqual(large.told, ["pause"]);
    const many = source();
    for (let count = 0; count < 1024; count += 1) many.body.receive(Buffer.alloc(1));
    assert.deepEqual(many.told, ["pause"]);
  });

  it("deliver() resumes its source, unless the receiver has paused it", () => {
    const { body, told } = source();
    body.receive(Buffer.alloc(65_536));
    body.deliver(new Taker());
    assert.deepEqual(told, ["pause", "wanted", "resume"]);
    const other = source();
    other.body.receive(Buffer.alloc(65_536));
    other.body.deliver({ dataReceived: () => other.body.pause(), bodyEnded: () => {} });
    assert.deepEqual(other.told, ["pause", "wanted", "resume", "pause"]);
  });

  it("for await gives pieces as they come, and fails as the connection does", async () => {
    const { body } = source();
    const got: string[] = [];
    const reading = (async () => {
      for await (const piece of body) got.push(piece.toString());
    })();
    await Promise.resolve();
    body.receive(Buffer.from("a"));
    body.receive(Buffer.from("b"));
    await Promise.resolve();
    body.fail(lost);
    let error: unknown;
    await reading.catch((thrown: unknown) => {
      error = thrown;
    });
    assert.deepEqual(got, ["a", "b"]);
    assert.strictEqual(error, lost.value);
  });

  it("for await resumes a source that was paused when all that waited is read", async () => {
    const { body, told } = source();
    body.receive(Buffer.alloc(65_536));
    const iterator = body[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    await Promise.resolve();
    assert.deepEqual(told, ["pause", "wanted", "resume"]);
    body.receiveEnd([]);
    assert.isTrue((await next).done);
  });

  it("read() and text() give it whole", () => {
    const { body } = source();
    const text = body.text();
    body.receive(Buffer.from("h\u00e9"));
    body.receive(Buffer.from("llo"));
    assert.isFalse(text.called);
    body.receiveEnd([]);
    assert.equal(successResultOf(text), "h\u00e9llo");
    const empty = source(0);
    empty.body.receiveEnd([]);
    assert.equal(successResultOf(empty.body.read()).length, 0);
  });

  it("read() fails as soon as it is sure that there is too much", () => {
    const known = source(9);
    failureResultOf(known.body.read({ limit: 8 }), BodyTooLargeError);
    assert.isFalse(known.body.used, "nothing of it was asked for");
    const { body, told } = source();
    const read = body.read({ limit: 3 });
    body.receive(Buffer.from("abc"));
    assert.isFalse(read.called);
    body.receive(Buffer.from("d"));
    assert.deepEqual(told, ["wanted", "pause"]);
    const { value } = failureResultOf(read, BodyTooLargeError);
    assert.include(String(value), "at most 3 bytes");
    body.receive(Buffer.from("e"));
    body.receiveEnd([]);
  });

  it("read() has a limit of 1 MiB unless told otherwise", () => {
    failureResultOf(source(1_048_577).body.read(), BodyTooLargeError);
    const whole = source(1_048_577);
    const read = whole.body.read({ limit: 2_000_000 });
    whole.body.receive(Buffer.alloc(1_048_577));
    whole.body.receiveEnd([]);
    assert.equal(successResultOf(read).length, 1_048_577);
  });

  it("read() can be cancelled: the source is paused", () => {
    const { body, told } = source();
    const read = body.read();
    read.cancel();
    failureResultOf(read);
    assert.deepEqual(told, ["wanted", "pause"]);
    body.receive(Buffer.from("a"));
    body.receiveEnd([]);
  });

  it("pipeTo() writes it to a consumer, and tells whether all of it went there", () => {
    const transport = new StringTransport();
    transport.connect(new Protocol());
    const { body } = source();
    body.receive(Buffer.from("a"));
    const done = body.pipeTo(transport);
    body.receive(Buffer.from("b"));
    body.receiveEnd([]);
    assert.isTrue(successResultOf(done));
    assert.equal(transport.value().toString(), "ab");
    transport.write("c"); // No producer is left that would be in charge.
    transport.loseConnection();
    assert.equal(transport.end, "closed");
  });

  it("pipeTo() goes at the consumer's pace, and ends with it", () => {
    const transport = new StringTransport();
    transport.connect(new Protocol());
    transport.stalled = true;
    const { body, told } = source();
    const done = body.pipeTo(transport);
    body.receive(Buffer.alloc(70_000));
    assert.deepEqual(told, ["wanted", "pause"]);
    transport.reactor.flush();
    transport.stalled = false;
    assert.deepEqual(told, ["wanted", "pause", "resume"]);
    transport.deliverReset();
    assert.isFalse(successResultOf(done));
    body.receive(Buffer.from("b"));
    body.receiveEnd([]);
  });

  it("pipeTo() lets nothing come for a consumer that is full from the start", () => {
    const transport = new StringTransport();
    transport.connect(new Protocol());
    transport.stalled = true;
    transport.write(Buffer.alloc(70_000));
    const { body, told } = source();
    body.receive(Buffer.alloc(65_536));
    void body.pipeTo(transport);
    assert.equal(told.at(-1), "pause");
    transport.reactor.flush();
    transport.stalled = false;
    assert.equal(told.at(-1), "resume");
  });

  it("pipeTo() fails as the connection does, and leaves the consumer open", () => {
    const transport = new StringTransport();
    transport.connect(new Protocol());
    const { body } = source();
    const done = body.pipeTo(transport);
    body.fail(lost);
    failureResultOf(done);
    transport.write("more");
    assert.equal(transport.value().toString(), "more");
  });
});
