/** A connection chunk by chunk. */
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../test/fixtures/networks.ts";
import { allowNoErrors, errorOf, Scene } from "../../test/streams/scene.ts";
import { ConnectionAborted, ConnectionLost } from "../internet/errors.ts";

allowNoErrors();

describe("for await over a StreamProtocol", () => {
  it("gives each chunk, then ends with the peer's half", async () => {
    const scene = new Scene();
    scene.peer.write("one ");
    scene.pump.flush();
    scene.peer.write("two");
    scene.peer.loseWrite();
    let text = "";
    const loop = (async () => {
      for await (const chunk of scene.stream) text += chunk.toString();
    })();
    await scene.wait(loop);
    assert.equal(text, "one two");
  });

  it("leaving the loop closes nothing, and another one goes on", async () => {
    const scene = new Scene();
    scene.peer.write("1");
    const first = scene.stream[Symbol.asyncIterator]();
    assert.equal((await scene.wait(first.next())).value?.toString(), "1");
    await first.return?.();
    scene.peer.write("2");
    const second = scene.stream[Symbol.asyncIterator]();
    assert.equal((await scene.wait(second.next())).value?.toString(), "2");
    assert.isUndefined(scene.peer.reason);
  });

  it("a loop that lags makes the peer wait, also one that sends single bytes", async () => {
    const scene = new Scene({ highWaterMark: 10_000 });
    const loop = scene.stream[Symbol.asyncIterator]();
    scene.peer.write("x");
    await scene.wait(loop.next());
    for (let at = 0; at < 1000; at += 1) {
      scene.peer.write("x");
      scene.pump.flush();
    }
    await scene.rest();
    let held = 0;
    scene.stream.transport.abortConnection();
    await scene.rest();
    const counting = errorOf(
      (async () => {
        for await (const chunk of scene.stream) held += chunk.length;
      })(),
    );
    assert.instanceOf(await scene.wait(counting), ConnectionAborted);
    assert.equal(held, Math.ceil(10_000 / 129));
  });

  it("reads ahead again when it has caught up", async () => {
    const scene = new Scene({ highWaterMark: 1000 });
    const loop = scene.stream[Symbol.asyncIterator]();
    for (let at = 0; at < 20; at += 1) {
      const asked = loop.next();
      for (let chunk = 0; chunk < 2; chunk += 1) {
        scene.peer.write("x"); // One byte is one chunk.
        await scene.rest();
      }
      await scene.wait(asked);
      await scene.wait(loop.next());
    }
    scene.peer.write("x");
    await scene.rest();
    assert.isTrue(scene.pump.server.reading);
  });

  it("what came before a loss is given first, then the reason, once", async () => {
    const scene = new Scene();
    const loop = scene.stream[Symbol.asyncIterator]();
    scene.peer.write("1");
    await scene.wait(loop.next());
    scene.peer.write("2");
    await scene.rest();
    scene.peer.abort();
    await scene.rest();
    assert.equal((await loop.next()).value?.toString(), "2");
    assert.instanceOf(await errorOf(loop.next()), ConnectionLost);
    assert.deepEqual(await loop.next(), { done: true, value: undefined });
  });

  it("several who ask at a time are answered in order; one hears of the loss", async () => {
    const scene = new Scene();
    const loop = scene.stream[Symbol.asyncIterator]();
    const asked = [loop.next(), loop.next(), loop.next()];
    const outcomes = Promise.allSettled(asked);
    scene.peer.write("1");
    await scene.rest();
    scene.peer.abort();
    const [first, second, third] = await scene.wait(outcomes);
    assert.equal(first?.status === "fulfilled" && first.value.value?.toString(), "1");
    assert.equal(second?.status, "rejected");
    assert.deepEqual(third, { status: "fulfilled", value: { done: true, value: undefined } });
  });
});
