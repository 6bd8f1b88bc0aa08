import { EventEmitter, once } from "node:events";
import { createConnection, createServer } from "node:net";
import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../memory/memory-reactor.ts";
import { Inlet } from "./inlet.ts";
import { Linger } from "./linger.ts";

class Stream extends EventEmitter {
  bytesRead = 0;
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

function lingering() {
  const reactor = new MemoryReactor();
  const stream = new Stream();
  new Linger(reactor, stream).start();
  return { reactor, stream };
}

describe("Linger", () => {
  it("lets go of a peer that is silent for 2 seconds", () => {
    const { reactor, stream } = lingering();
    reactor.advance(1.9);
    assert.isFalse(stream.destroyed);
    reactor.advance(0.1);
    assert.isTrue(stream.destroyed);
    assert.isEmpty(reactor.getDelayedCalls());
  });

  it("waits for one that sends, for 30 seconds at most", () => {
    const { reactor, stream } = lingering();
    for (let second = 0; second < 29; second += 1) {
      stream.bytesRead += 1;
      reactor.advance(1);
      assert.isFalse(stream.destroyed, `after ${String(second + 1)} s`);
    }
    stream.bytesRead += 1;
    reactor.advance(1);
    assert.isTrue(stream.destroyed);
  });

  it("is over when the peer has closed, or the reactor stops", async () => {
    const one = lingering();
    one.stream.emit("close");
    assert.isEmpty(one.reactor.getDelayedCalls());
    const other = lingering();
    await other.reactor[Symbol.asyncDispose]();
    assert.isTrue(other.stream.destroyed);
  });

  it("hears of sockets what has come after their end, however they are read", async () => {
    const server = createServer((far) => {
      far.on("error", () => {}).on("end", () => far.end("still here"));
      far.resume();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert(typeof address === "object" && address !== null);
    const place = { host: "127.0.0.1", port: address.port };
    for (const options of [place, { ...place, onread: new Inlet().onread }]) {
      const near = createConnection(options);
      await once(near, "connect");
      near.end();
      near.resume();
      await once(near, "close");
      assert.equal(near.bytesRead, "still here".length);
    }
    server.close();
  });
});
