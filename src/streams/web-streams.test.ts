/** A connection as the two streams of the web. */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../test/fixtures/networks.ts";
import { allowNoErrors, errorOf, MUCH, Scene } from "../../test/streams/scene.ts";
import { ConnectionAborted, ConnectionLost } from "../internet/errors.ts";
import { connect } from "../testing/connect.ts";
import { HalfCloseWitness } from "../testing/contracts/witness.ts";
import { StreamProtocol } from "./stream-protocol.ts";

allowNoErrors();

describe("StreamProtocol as streams of the web", () => {
  it("carries bytes both ways", async () => {
    const scene = new Scene();
    const writer = scene.stream.writable.getWriter();
    await scene.wait(writer.write(Buffer.from("question")));
    await scene.until(() => scene.peer.text === "question");
    scene.peer.write("!"); // One byte is one chunk.
    const reader = scene.stream.readable.getReader();
    const step = await scene.wait(reader.read());
    assert.equal(Buffer.from(step.value ?? []).toString(), "!");
  });

  it("a reader that lags makes the peer wait", async () => {
    const scene = new Scene();
    const reader = scene.stream.readable.getReader();
    for (let at = 0; at < 16; at += 1) scene.peer.write(MUCH);
    await scene.rest();
    assert.isAbove(scene.peer.transport.bufferedBytes, 12 << 20);
    let bytes = 0;
    while (bytes < 16 << 20) bytes += (await scene.wait(reader.read())).value?.length ?? 0;
    assert.equal(bytes, 16 << 20);
  });

  it("a peer that lags makes the writer wait", async () => {
    const scene = new Scene();
    scene.peer.pause();
    const writer = scene.stream.writable.getWriter();
    await scene.wait(writer.ready);
    const writes = [MUCH, MUCH, MUCH].map((one) => writer.write(one));
    await scene.rest();
    assert.isBelow(writer.desiredSize ?? 0, 0);
    scene.peer.resume();
    await scene.wait(Promise.all(writes));
    assert.equal(writer.desiredSize, 65_536);
  });

  it("close() ends our half, when all is with the peer", async () => {
    const scene = new Scene();
    const writer = scene.stream.writable.getWriter();
    void writer.write(MUCH);
    await scene.wait(writer.close());
    await scene.until(() => scene.peer.calls.includes("readConnectionLost"));
    assert.equal(scene.peer.bytes, MUCH.length);
    assert.isUndefined(scene.peer.reason);
  });

  it("the peer's end is the end of the readable one", async () => {
    const scene = new Scene();
    const reader = scene.stream.readable.getReader();
    scene.peer.write("x");
    scene.peer.loseWrite();
    assert.isFalse((await scene.wait(reader.read())).done);
    assert.isTrue((await scene.wait(reader.read())).done);
    await scene.wait(scene.stream.close());
  });

  it("reads ahead as far as highWaterMark", async () => {
    const scene = new Scene({ highWaterMark: 1000 });
    assert.isFalse(scene.stream.readable.locked);
    for (let at = 0; at < 9; at += 1) scene.peer.write(Buffer.alloc(100));
    await scene.rest();
    assert.isTrue(scene.pump.server.reading);
    scene.peer.write(Buffer.alloc(100));
    await scene.rest();
    assert.isFalse(scene.pump.server.reading);
  });

  it("abort() aborts the connection, and is the error of both", async () => {
    const scene = new Scene();
    const { readable, writable } = scene.stream;
    const reading = errorOf(readable.getReader().read());
    await scene.wait(writable.abort(new Error("changed my mind")));
    assert.instanceOf(await scene.wait(reading), ConnectionAborted);
    assert.instanceOf(scene.peer.reason?.value, ConnectionLost);
  });

  it("abort() does not wait for a peer that takes nothing", async () => {
    const scene = new Scene();
    scene.peer.pause();
    const writer = scene.stream.writable.getWriter();
    const writes = [MUCH, MUCH].map((one) => errorOf(writer.write(one)));
    await scene.rest();
    await scene.wait(writer.abort(new Error("enough")));
    for (const error of await scene.wait(Promise.all(writes))) assert.instanceOf(error, Error);
    await scene.until(() => scene.stream.transport.disconnected);
  });

  it("cancel() throws away what comes, and we may go on writing", async () => {
    const scene = new Scene();
    const { readable, writable } = scene.stream;
    await scene.wait(readable.cancel());
    for (let at = 0; at < 4; at += 1) scene.peer.write(MUCH);
    await scene.until(() => scene.peer.transport.bufferedBytes === 0);
    const writer = writable.getWriter();
    await scene.wait(writer.write(Buffer.from("heard")));
    await scene.until(() => scene.peer.text === "heard");
    await scene.wait(writer.close());
    await scene.until(() => scene.stream.transport.disconnected);
  });

  it("cancel() after our end closes", async () => {
    const scene = new Scene();
    const { readable, writable } = scene.stream;
    await scene.wait(writable.close());
    await scene.wait(readable.cancel());
    await scene.until(() => scene.stream.transport.disconnected);
  });

  it("a lost connection is the error of both, with the reason", async () => {
    const scene = new Scene();
    const { readable, writable } = scene.stream;
    const reading = errorOf(readable.getReader().read());
    const writer = writable.getWriter();
    const closed = errorOf(writer.closed);
    await scene.wait(writer.ready);
    scene.peer.abort();
    assert.instanceOf(await scene.wait(reading), ConnectionLost);
    assert.instanceOf(await scene.wait(closed), ConnectionLost);
  });

  it("what is neither bytes nor text ends the connection", async () => {
    const scene = new Scene();
    const writer = scene.stream.writable.getWriter();
    const write: unknown = Reflect.apply(Reflect.get(writer, "write"), writer, [42]);
    assert(write instanceof Promise);
    assert.instanceOf(await scene.wait(errorOf(write)), TypeError);
    await scene.until(() => scene.peer.reason !== undefined);
  });

  it("may be written to before there is a connection", async () => {
    const stream = new StreamProtocol();
    void stream.writable.getWriter().write(Buffer.from("early"));
    await nextPass();
    const peer = new HalfCloseWitness();
    const pump = connect(peer, stream);
    while (peer.text !== "early") {
      pump.flush();
      await nextPass();
    }
  });
});
