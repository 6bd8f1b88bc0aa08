/** Serial ports, with a device that does what it is told, in virtual time. */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import { allowNoErrors, errorOf } from "../../../../test/streams/scene.ts";
import { SerialScene } from "../../../../test/streams/serial-device.ts";
import {
  ConnectionAborted,
  ConnectionDone,
  ConnectionLost,
  ConnectionTimedOut,
} from "../../../internet/errors.ts";
import { SerialPortError } from "../../../internet/interfaces-serial.ts";
import { HalfCloseWitness, Witness } from "../../../testing/contracts/witness.ts";

allowNoErrors();

describe("SerialTransport", () => {
  it("carries bytes both ways", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    witness.write("question");
    await scene.until(() => scene.device.taken.toString() === "question");
    scene.device.says("ans");
    scene.device.says("wer");
    await scene.until(() => witness.text === "answer");
    assert.deepEqual(witness.violations, []);
  });

  it("what comes of a read that was under way waits while it is paused", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    witness.pause();
    scene.device.says("one ");
    scene.device.says("two");
    await nextPass();
    await nextPass();
    assert.equal(witness.text, "");
    witness.resume();
    assert.equal(witness.text, "");
    await scene.until(() => witness.text === "one two");
    for (let at = 0; at < 3; at += 1) {
      witness.pause();
      witness.resume();
      scene.reactor.flush();
    }
    scene.device.says(" three");
    await scene.until(() => witness.text.length > 8);
    assert.equal(witness.text, "one two three");
  });

  it("the bytes are the protocol's to keep", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    for (const text of ["first", "other"]) {
      scene.device.says(text);
      await scene.until(() => witness.text.endsWith(text));
    }
    assert.deepEqual(witness.pieces.map(String), ["first", "other"]);
  });

  it("a device that takes nothing is back-pressure, and one write at a time", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    scene.device.isStalled = true;
    for (let at = 0; at < 3; at += 1) {
      witness.write(Buffer.alloc(200_000));
      await nextPass();
      scene.reactor.flush();
    }
    assert.equal(witness.transport.bufferedBytes, 600_000);
  });

  it("a device that vanishes is ConnectionLost, and the port is closed", async () => {
    for (const isPaused of [false, true]) {
      const witness = new Witness();
      const scene = new SerialScene(witness);
      await scene.transport();
      if (isPaused) witness.pause();
      scene.device.vanish();
      await scene.until(() => witness.reason !== undefined);
      const reason = witness.reason?.value;
      assert(reason instanceof ConnectionLost);
      assert.match(String(reason.cause), /EIO/u);
      assert.deepEqual(scene.device.calls, ["close"]);
    }
  });

  it("loseConnection() waits until the line has taken it, then closes", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    scene.device.isBusy = true;
    witness.write("last words");
    witness.lose();
    await scene.until(() => witness.reason !== undefined);
    assert.instanceOf(witness.reason?.value, ConnectionDone);
    assert.equal(scene.device.taken.toString(), "last words");
    assert.deepEqual(scene.device.calls, ["drain"]);
    scene.device.drained();
    await scene.until(() => scene.device.calls.includes("close"));
    assert.deepEqual(scene.reactor.getDelayedCalls(), []);
    await scene.wait(scene.reactor[Symbol.asyncDispose]());
    assert.deepEqual(scene.device.calls, ["drain", "close"]);
  });

  it("a line that does not take it is given up after 30 seconds", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    scene.device.isBusy = true;
    witness.lose();
    await scene.until(() => witness.reason !== undefined);
    scene.reactor.advance(29.9);
    await nextPass();
    assert.deepEqual(scene.device.calls, ["drain"]);
    scene.reactor.advance(0.1);
    await scene.until(() => scene.device.calls.includes("close"));
    assert.deepEqual(scene.device.calls, ["drain", "flush", "close"]);
    scene.device.drained();
    await nextPass();
    assert.deepEqual(scene.device.calls, ["drain", "flush", "close"]);
  });

  it("a reactor that stops does not wait for the line", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    scene.device.isBusy = true;
    witness.lose();
    await scene.until(() => witness.reason !== undefined);
    await scene.wait(scene.reactor[Symbol.asyncDispose]());
    await nextPass();
    assert.deepEqual(scene.device.calls, ["drain", "flush", "close"]);
  });

  it("abortConnection() throws away what was written, and closes", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness);
    await scene.transport();
    scene.device.isStalled = true;
    witness.write("never taken");
    await nextPass();
    scene.reactor.flush();
    witness.abort();
    await scene.until(() => witness.reason !== undefined);
    assert.instanceOf(witness.reason?.value, ConnectionAborted);
    await scene.until(() => scene.device.calls.includes("close"));
    assert.deepEqual(scene.device.calls, ["flush", "close"]);
  });

  it("a slow line is given the time that 128 KiB take", async () => {
    const witness = new Witness();
    const scene = new SerialScene(witness, { baudRate: 1200 });
    await scene.transport();
    scene.device.isStalled = true;
    witness.write(Buffer.alloc(131_072));
    scene.reactor.flush();
    witness.lose();
    scene.reactor.advance(1300);
    assert.deepEqual(witness.calls, ["connectionMade"]);
    scene.reactor.advance(100);
    assert.instanceOf(witness.reason?.value, ConnectionTimedOut);
  });

  it("half a close is told to the protocol alone", async () => {
    const witness = new HalfCloseWitness();
    const scene = new SerialScene(witness);
    await scene.transport();
    witness.loseWrite();
    await scene.until(() => witness.calls.includes("writeConnectionLost"));
    scene.device.says("still heard");
    await scene.until(() => witness.text === "still heard");
    assert.deepEqual(scene.device.calls, []);
  });

  it("sets the speed and flushes", async () => {
    const scene = new SerialScene();
    const transport = await scene.transport();
    await scene.wait(transport.setBaudRate(300));
    await scene.wait(transport.flushInput());
    await scene.wait(transport.flushOutput());
    assert.deepEqual(scene.device.calls, ["update 300", "flush", "flush"]);
    assert.throws(() => void transport.setBaudRate(-1), RangeError);
  });

  it("sets one line and leaves the others, in the order asked for", async () => {
    const scene = new SerialScene();
    const transport = await scene.transport();
    const all = [transport.setDTR(false), transport.setRTS(false), transport.setDTR()];
    await scene.wait(Promise.all(all));
    assert.deepEqual(scene.device.lines, [
      { dtr: false, rts: true, brk: false },
      { dtr: false, rts: false, brk: false },
      { dtr: true, rts: false, brk: false },
    ]);
  });

  it("sends a break for as long as it is told", async () => {
    const scene = new SerialScene();
    const transport = await scene.transport();
    let isOver = false;
    void transport.sendBreak(2).addCallback(() => {
      isOver = true;
    });
    await scene.until(() => scene.reactor.getDelayedCalls().length > 0);
    assert.deepEqual(scene.device.lines, [{ dtr: true, rts: true, brk: true }]);
    scene.reactor.advance(2);
    await scene.until(() => isOver);
    assert.deepEqual(scene.device.lines[1], { dtr: true, rts: true, brk: false });
  });

  it("reads the lines", async () => {
    const transport = await new SerialScene().transport();
    const lines = [transport.getCTS(), transport.getDSR(), transport.getCD()];
    assert.deepEqual(await Promise.all(lines), [true, false, true]);
  });

  it("says what a port cannot do, and that it is closed", async () => {
    const scene = new SerialScene();
    const transport = await scene.transport();
    const cause = new Error("Inappropriate ioctl for device");
    scene.device.get = () => Promise.reject(cause);
    const error = await scene.wait(errorOf(transport.getCTS()));
    assert(error instanceof SerialPortError);
    assert.equal(error.message, "Cannot read a line of /dev/ttyX: Inappropriate ioctl for device");
    assert.equal(error.cause, cause);
    transport.abortConnection();
    await scene.until(() => transport.disconnected);
    assert.instanceOf(await errorOf(transport.setDTR()), ConnectionLost);
  });
});
