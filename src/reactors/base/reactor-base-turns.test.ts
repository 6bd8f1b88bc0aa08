import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../memory/memory-reactor.ts";

/** Each flush, in order. */
class Flushes {
  readonly told: string[] = [];
  named(name: string): { flush(): void } {
    return { flush: () => void this.told.push(name) };
  }
}

describe("ReactorBase.deliver", () => {
  it("flushes at the end of the turn, with what waited before it, and each once", () => {
    const reactor = new MemoryReactor();
    const flushes = new Flushes();
    reactor.soonFlush(flushes.named("before"));
    const bytesReceived = (): void => {
      reactor.soonFlush(flushes.named("in it"));
      assert.deepEqual(flushes.told, []);
    };
    reactor.deliver({ bytesReceived }, Buffer.from("some"));
    assert.deepEqual(flushes.told, ["before", "in it"]);
    reactor.flush();
    assert.deepEqual(flushes.told, ["before", "in it"]);
  });

  it("flushes later what the flush itself has written", () => {
    const reactor = new MemoryReactor();
    const flushes = new Flushes();
    const again = { flush: () => reactor.soonFlush(flushes.named("again")) };
    reactor.deliver({ bytesReceived: () => reactor.soonFlush(again) }, Buffer.from("some"));
    assert.deepEqual(flushes.told, []);
    reactor.flush();
    assert.deepEqual(flushes.told, ["again"]);
  });

  it("ends the turn when the receiver throws", () => {
    const reactor = new MemoryReactor();
    const flushes = new Flushes();
    const bytesReceived = (): void => {
      reactor.soonFlush(flushes.named("in it"));
      throw new Error("receiver");
    };
    const give = (): void => reactor.deliver({ bytesReceived }, Buffer.from("some"));
    assert.throws(give, "receiver");
    assert.deepEqual(flushes.told, ["in it"]);
    reactor.soonFlush(flushes.named("later"));
    reactor.flush();
    assert.deepEqual(flushes.told, ["in it", "later"]);
  });
});
