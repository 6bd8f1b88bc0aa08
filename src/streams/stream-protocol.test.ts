/** What all ways to use a connection as a stream have in common. */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../test/fixtures/networks.ts";
import { allowNoErrors, errorOf, MUCH, Scene } from "../../test/streams/scene.ts";
import { Failure } from "../defer/failure.ts";
import { ConnectionAborted, ConnectionDone, ConnectionLost } from "../internet/errors.ts";
import { Protocol } from "../internet/protocol.ts";
import { connect } from "../testing/connect.ts";
import { Witness } from "../testing/contracts/witness.ts";
import { StringTransport } from "../testing/string-transport.ts";
import { StreamStateError } from "./errors.ts";
import { StreamProtocol } from "./stream-protocol.ts";

allowNoErrors();

describe("StreamProtocol", () => {
  it("is read in one way", () => {
    const { stream } = new Scene();
    assert.equal(stream.duplex, stream.duplex);
    assert.throws(() => stream.readable, StreamStateError, "the connection is read by duplex");
    assert.throws(() => stream[Symbol.asyncIterator](), StreamStateError);
    assert.equal(stream.writable, stream.writable);
    const other = new Scene().stream;
    assert.equal(other.readable, other.readable);
    assert.throws(() => other.duplex, StreamStateError, "the connection is read by readable");
  });

  it("write() fires when the platform has it", async () => {
    const scene = new Scene();
    scene.peer.pause();
    const first = scene.stream.write(MUCH);
    const second = scene.stream.write("text");
    await scene.rest();
    assert.isFalse(first.called);
    assert.isFalse(second.called);
    scene.peer.resume();
    await scene.wait(second);
    await scene.until(() => scene.peer.bytes === MUCH.length + 4);
  });

  it("write() after end(), after the loss and before the connection fails", async () => {
    const scene = new Scene();
    assert.instanceOf(await errorOf(new StreamProtocol().write("x")), StreamStateError);
    const ended = scene.stream.end();
    assert.instanceOf(await errorOf(scene.stream.write("x")), StreamStateError);
    await scene.wait(ended);
    assert.instanceOf(await errorOf(scene.stream.write("x")), StreamStateError);
    scene.stream.duplex.resume(); // Who does not read may not learn of a reset.
    scene.peer.abort();
    await scene.until(() => scene.stream.transport.disconnected);
    const error = await errorOf(scene.stream.write("x"));
    assert(error instanceof ConnectionLost);
    assert.instanceOf(error.cause, ConnectionLost);
  });

  it("write() refuses what is neither bytes nor text", () => {
    const { stream } = new Scene();
    assert.throws(() => Reflect.apply(Reflect.get(stream, "write"), stream, [42]), TypeError);
  });

  it("end() fires when the peer was told, each time; fails if the connection is lost", async () => {
    const scene = new Scene();
    await scene.wait(scene.stream.write("x"));
    const ends = [scene.stream.end(), scene.stream.end()];
    await scene.wait(Promise.all(ends));
    await scene.wait(scene.stream.end());
    assert.include(scene.peer.calls, "readConnectionLost");

    const other = new Scene();
    other.peer.pause();
    const written = errorOf(other.stream.write(MUCH));
    const ending = errorOf(other.stream.end());
    await other.rest();
    other.peer.abort();
    assert.instanceOf(await other.wait(ending), ConnectionLost);
    assert.instanceOf(await other.wait(written), ConnectionLost);
    assert.instanceOf(await errorOf(other.stream.end()), ConnectionLost);

    const closed = new Scene();
    await closed.wait(closed.stream.close());
    await closed.stream.end();
  });

  it("close() sends what was written, by duplex too, and fires at the end", async () => {
    const scene = new Scene({}, new Witness());
    const { duplex } = scene.stream;
    scene.peer.pause();
    for (let at = 0; at < 4; at += 1) duplex.write(MUCH);
    const closing = scene.stream.close();
    await scene.rest();
    assert.isFalse(closing.called);
    scene.peer.resume();
    await scene.wait(closing);
    await scene.until(() => scene.peer.reason !== undefined);
    assert.equal(scene.peer.bytes, 4 * MUCH.length);
    assert.instanceOf(scene.peer.reason?.value, ConnectionDone);
    await scene.wait(scene.stream.close());
  });

  it("close() after duplex.end() keeps what is still on its way", async () => {
    const scene = new Scene({}, new Witness());
    const { duplex } = scene.stream;
    duplex.write(MUCH);
    duplex.end(MUCH);
    await scene.wait(scene.stream.close());
    await scene.until(() => scene.peer.reason !== undefined);
    assert.equal(scene.peer.bytes, 2 * MUCH.length);
  });

  it("close() to a peer that takes nothing ends at closeTimeout", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    scene.peer.pause();
    for (let at = 0; at < 4; at += 1) duplex.write(MUCH);
    await scene.rest();
    const closing = scene.stream.close();
    await scene.rest();
    scene.pump.advance(30);
    await scene.wait(closing);
    await scene.until(() => duplex.closed);
    assert.equal(
      duplex.errored !== null && Reflect.get(duplex.errored, "code"),
      "ERR_CONNECTION_TIMED_OUT",
    );
  });

  it("await using closes", async () => {
    const scene = new Scene();
    const using = (async () => {
      await using stream = scene.stream;
      await stream.write("bye");
    })();
    await scene.wait(using);
    assert.equal(scene.peer.text, "bye");
    assert.isTrue(scene.stream.transport.disconnected);
  });

  it("drain(), as its service stops, sends what was written and closes", async () => {
    const scene = new Scene({}, new Witness());
    void scene.stream.write(MUCH);
    scene.stream.drain();
    await scene.until(() => scene.peer.reason !== undefined);
    assert.equal(scene.peer.bytes, MUCH.length);
  });

  it("abort() drops what is queued", async () => {
    const scene = new Scene();
    const written = errorOf(scene.stream.write("never sent"));
    scene.stream.abort();
    assert.instanceOf(await scene.wait(written), ConnectionAborted);
    await scene.until(() => scene.peer.reason !== undefined);
    assert.equal(scene.peer.text, "");
  });

  it("close() before there is a connection refuses it", async () => {
    const stream = new StreamProtocol();
    const written = errorOf(stream.writable.getWriter().write(Buffer.from("never")));
    const read = errorOf(stream.readable.getReader().read());
    await nextPass();
    await stream.close();
    assert.instanceOf(await written, ConnectionLost);
    assert.instanceOf(await read, ConnectionAborted);
    await stream.close();
    const peer = new Witness();
    connect(peer, stream).flush();
    assert.instanceOf(peer.reason?.value, ConnectionLost);
  });

  it("knows its addresses", () => {
    const { stream, pump } = new Scene();
    assert.equal(stream.peer, pump.server.getPeer());
    assert.equal(stream.host, pump.server.getHost());
  });

  it("refuses a highWaterMark that is none", () => {
    assert.throws(() => new StreamProtocol({ highWaterMark: 0 }), RangeError);
    assert.throws(() => new StreamProtocol({ highWaterMark: Number.NaN }), RangeError);
  });

  it("goes on with a connection that another protocol has begun, first with its head", async () => {
    const transport = new StringTransport();
    const rest = new StreamProtocol({ head: Buffer.from("head ") });
    class Outer extends Protocol {
      override connectionMade(): void {
        rest.makeConnection(this.transport);
      }
      override dataReceived(data: Buffer): void {
        rest.dataReceived(data);
      }
      override connectionLost(reason: Failure): void {
        rest.connectionLost(reason);
      }
    }
    transport.connect(new Outer());
    let text = "";
    rest.duplex.on("data", (data: Buffer) => {
      text += data.toString();
    });
    await nextPass();
    transport.deliver("and tail");
    await nextPass();
    assert.equal(text, "head and tail");
    rest.duplex.end("bye");
    await nextPass();
    transport.deliverEnd();
    await nextPass();
    assert.equal(transport.value().toString(), "bye");
    await nextPass();
    assert.isTrue(rest.duplex.closed);
    assert.isNull(rest.duplex.errored);
  });

  it("holds back what follows its head, when the head is as much as it may hold", async () => {
    const scene = new Scene({ head: Buffer.alloc(100), highWaterMark: 10 });
    const { duplex } = scene.stream;
    duplex.read(0);
    scene.peer.write("more");
    await scene.rest();
    assert.equal(duplex.readableLength, 100);
    duplex.resume();
    await scene.until(() => duplex.readableLength === 0);
  });

  it("gives its head before an end that comes while nobody reads", async () => {
    const stream = new StreamProtocol({ head: Buffer.from("head") });
    const { duplex } = stream;
    stream.readConnectionLost();
    await nextPass();
    const chunks: unknown[] = await duplex.toArray();
    assert.deepEqual(chunks, [Buffer.from("head")]);
  });

  it("gives its head before an end that has come already", async () => {
    const stream = new StreamProtocol({ head: Buffer.from("head") });
    stream.readConnectionLost();
    let text = "";
    for await (const chunk of stream) text += chunk.toString();
    assert.equal(text, "head");
  });

  it("a view that is taken after the loss has its reason", async () => {
    const stream = new StreamProtocol();
    connect(new Witness(), stream).flush();
    stream.connectionLost(new Failure(new ConnectionLost("gone")));
    assert.instanceOf(await errorOf(stream[Symbol.asyncIterator]().next()), ConnectionLost);
  });
});
