/** What contracts cannot see from outside: streams that neither end nor close. */
import { PassThrough, Writable } from "node:stream";
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../memory/memory-reactor.ts";
import { DuplexConduit } from "./duplex-conduit.ts";

/** A stream that never says that it has ended. */
function endless(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(), final: () => {} });
}

describe("DuplexConduit", () => {
  it("close() destroys what has not closed in 2 seconds, both halves", async () => {
    const reactor = new MemoryReactor();
    const readable = new PassThrough();
    const writable = endless();
    const parts = { reactor, readable, writable, shared: true, lingers: true };
    new DuplexConduit(parts).close();
    await nextPass();
    reactor.advance(1.99);
    await nextPass();
    assert.deepEqual([readable.destroyed, writable.destroyed], [false, false]);
    reactor.advance(0.01);
    assert.deepEqual([readable.destroyed, writable.destroyed], [true, true]);
    await nextPass();
    assert.deepEqual(reactor.getDelayedCalls(), []);
  });

  it("close() destroys the reading half at once, where nobody has to hear of us", () => {
    const reactor = new MemoryReactor();
    const readable = new PassThrough();
    const parts = { reactor, readable, writable: endless(), shared: true, lingers: false };
    new DuplexConduit(parts).close();
    assert.isTrue(readable.destroyed);
  });

  it("close() leaves a writing half alone that has all of it, and is read slowly", async () => {
    const reactor = new MemoryReactor();
    const [readable, writable] = [new PassThrough(), new PassThrough()];
    const parts = { reactor, readable, writable, shared: true, lingers: false };
    const conduit = new DuplexConduit(parts);
    conduit.send([Buffer.from("last words")]);
    conduit.close();
    await nextPass();
    await nextPass();
    assert.deepEqual([readable.destroyed, writable.destroyed], [true, false]);
    assert.deepEqual(reactor.getDelayedCalls(), []);
    assert.equal(String(writable.read()), "last words");
  });

  it("close() lets a reactor that stops destroy what is left", async () => {
    const reactor = new MemoryReactor();
    const writable = endless();
    const readable = new PassThrough();
    new DuplexConduit({ reactor, readable, writable, shared: true, lingers: true }).close();
    const disposed = reactor[Symbol.asyncDispose]();
    reactor.flush();
    await disposed;
    assert.deepEqual([readable.destroyed, writable.destroyed], [true, true]);
  });
});
