/** A connection as a Duplex. */
import { finished } from "node:stream/promises";
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../test/fixtures/networks.ts";
import { allowNoErrors, errorOf, MUCH, Scene } from "../../test/streams/scene.ts";
import { ConnectionDone, ConnectionLost } from "../internet/errors.ts";
import { connect } from "../testing/connect.ts";
import { HalfCloseWitness, Witness } from "../testing/contracts/witness.ts";
import { StreamProtocol } from "./stream-protocol.ts";

allowNoErrors();

describe("StreamProtocol.duplex", () => {
  it("carries bytes both ways", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    let heard = "";
    duplex.on("data", (data: Buffer) => {
      heard += data.toString();
    });
    scene.peer.write("question");
    await scene.until(() => heard === "question");
    duplex.write("answer");
    await scene.until(() => scene.peer.text === "answer");
  });

  it("reads nothing before somebody does, and the peer waits", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    scene.peer.write(MUCH);
    scene.peer.write(MUCH);
    await scene.rest();
    assert.equal(duplex.readableLength, 0);
    assert.isAbove(scene.peer.transport.bufferedBytes, 0);
    duplex.resume();
    await scene.until(() => scene.peer.transport.bufferedBytes === 0);
  });

  it("reads ahead as far as highWaterMark, and a wire's piece", async () => {
    const scene = new Scene({ highWaterMark: 1000 });
    const { duplex } = scene.stream;
    assert.deepEqual([duplex.readableHighWaterMark, duplex.writableHighWaterMark], [1000, 1000]);
    duplex.read(0);
    for (let at = 0; at < 100; at += 1) {
      scene.peer.write(Buffer.alloc(100));
      scene.pump.flush();
    }
    await scene.rest();
    assert.equal(duplex.readableLength, 1000);
  });

  it("calls a write done when the platform has it", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    scene.peer.pause();
    let written = 0;
    for (let at = 0; at < 4; at += 1) duplex.write(MUCH, () => (written += 1));
    await scene.rest();
    assert.isBelow(written, 4);
    assert.isTrue(duplex.writableNeedDrain);
    scene.peer.resume();
    await scene.until(() => written === 4);
    await scene.until(() => scene.peer.bytes === 4 * MUCH.length);
  });

  it("end() ends our half after what was written, and reading goes on", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    let heard = "";
    duplex.on("data", (data: Buffer) => {
      heard += data.toString();
    });
    duplex.end(MUCH);
    await scene.until(() => scene.peer.calls.includes("readConnectionLost"));
    assert.equal(scene.peer.bytes, MUCH.length);
    scene.peer.write("still heard");
    await scene.until(() => heard === "still heard");
    assert.isTrue(duplex.writableFinished);
    assert.isFalse(duplex.destroyed);
    scene.peer.lose();
    await scene.until(() => duplex.closed);
    assert.instanceOf(scene.peer.reason?.value, ConnectionDone);
    assert.isNull(duplex.errored);
  });

  it("the peer's end is 'end', after its bytes, and writing goes on", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    scene.peer.write("last words");
    scene.peer.loseWrite();
    await scene.rest();
    const heard: string[] = [];
    duplex.on("data", (data: Buffer) => heard.push(data.toString()));
    duplex.on("end", () => heard.push("end"));
    await scene.until(() => heard.includes("end"));
    assert.equal(heard.pop(), "end");
    assert.equal(heard.join(""), "last words");
    duplex.end("answer");
    await scene.until(() => duplex.closed);
    assert.equal(scene.peer.text, "answer");
  });

  it("with allowHalfOpen false it ends when the peer has ended", async () => {
    const scene = new Scene({ allowHalfOpen: false });
    const { duplex } = scene.stream;
    duplex.resume();
    scene.peer.loseWrite();
    await scene.until(() => duplex.closed);
    assert.instanceOf(scene.peer.reason?.value, ConnectionDone);
  });

  it("a lost connection is its error, with the reason", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    const over = errorOf(finished(duplex));
    duplex.resume(); // Who does not read may not learn of it.
    scene.peer.abort();
    assert.instanceOf(await scene.wait(over), ConnectionLost);
    await scene.until(() => duplex.closed);
  });

  it("a lost connection that nobody listens to is no error of the process", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    duplex.resume();
    scene.peer.abort();
    await scene.until(() => duplex.closed);
    assert.instanceOf(duplex.errored, ConnectionLost);
  });

  it("a connection lost after the peer's end is its error too", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    duplex.resume();
    scene.peer.loseWrite();
    await scene.until(() => duplex.readableEnded);
    scene.peer.abort();
    await scene.until(() => duplex.closed);
    assert.instanceOf(duplex.errored, ConnectionLost);
  });

  it("a write that waits when the connection is lost is not called done", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    scene.peer.pause();
    const outcomes: unknown[] = [];
    for (let at = 0; at < 3; at += 1) duplex.write(MUCH, (error) => outcomes.push(error));
    await scene.rest();
    scene.peer.abort();
    await scene.until(() => duplex.closed);
    assert.equal(outcomes.length, 3);
    for (const one of outcomes) assert.instanceOf(one, Error);
  });

  it("destroy() aborts, and 'close' comes when the connection is gone", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    duplex.write("never sent");
    duplex.destroy();
    await nextPass();
    assert.isFalse(duplex.closed);
    await scene.until(() => duplex.closed);
    assert.instanceOf(scene.peer.reason?.value, ConnectionLost);
    assert.equal(scene.peer.text, "");
  });

  it("destroy() with all written and nothing wrong closes in good order", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    duplex.end("all there is");
    await scene.until(() => duplex.writableFinished);
    duplex.destroy();
    await scene.until(() => duplex.closed);
    await scene.until(() => scene.peer.calls.includes("readConnectionLost"));
    assert.equal(scene.peer.text, "all there is");
    scene.peer.lose();
    await scene.until(() => scene.peer.reason !== undefined);
    assert.instanceOf(scene.peer.reason?.value, ConnectionDone);
  });

  it("may be written to before there is a connection", async () => {
    const stream = new StreamProtocol();
    stream.duplex.write("early ");
    stream.duplex.end("bird");
    await nextPass();
    const peer = new HalfCloseWitness();
    const pump = connect(peer, stream);
    while (!peer.calls.includes("readConnectionLost")) {
      pump.flush();
      await nextPass();
    }
    assert.equal(peer.text, "early bird");
  });

  it("destroyed before there is a connection, it has none", async () => {
    const scene = new Scene();
    const stream = new StreamProtocol();
    stream.duplex.destroy();
    await nextPass();
    assert.isTrue(stream.duplex.closed);
    const peer = new Witness();
    const pump = connect(peer, stream);
    pump.flush();
    assert.instanceOf(peer.reason?.value, ConnectionLost);
    assert.isUndefined(scene.peer.reason);
  });

  it("a close by somebody else fails what is written afterwards", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    scene.stream.transport.loseConnection();
    const written = new Promise((resolve) => {
      duplex.write("too late", resolve);
    });
    assert.instanceOf(await scene.wait(written), ConnectionLost);
  });

  it("so it does when the connection is gone already", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    scene.stream.transport.loseConnection();
    await scene.until(() => scene.stream.transport.disconnected);
    const written = new Promise((resolve) => {
      duplex.write("too late", resolve);
    });
    assert.instanceOf(await scene.wait(written), ConnectionLost);
  });

  it("a loss in good order is told to one who does not read, when nothing is left", async () => {
    const scene = new Scene();
    const { duplex } = scene.stream;
    let ended = false;
    duplex.on("end", () => {
      ended = true;
    });
    scene.stream.transport.loseConnection();
    await scene.until(() => ended);
  });
});
