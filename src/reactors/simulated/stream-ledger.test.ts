/**
 * What a ledger of a stream lets pass, and what not.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Monitor, MonitorError } from "./monitor.ts";
import { StreamLedger } from "./stream-ledger.ts";
import { Trace } from "./trace.ts";

/** One that stands alone. */
class Ledger extends StreamLedger {
  written(data: Buffer): void {
    this.noteWritten(data);
  }

  read(data: Buffer): void {
    this.checkRead(data, { name: "reader", id: 1 });
  }
}

function makeLedger() {
  const errors: string[] = [];
  const monitor = new Monitor({
    now: 0,
    trace: new Trace(() => 0),
    fail: (error) => errors.push(error instanceof MonitorError ? error.message : "?"),
  });
  const ledger = new Ledger(monitor, 3);
  return { errors, ledger, read: (data: Buffer) => ledger.read(data) };
}

describe("StreamLedger", () => {
  it("lets any cuts pass: the same memory and copies, short and long", () => {
    for (const size of [10, 1000]) {
      for (const isCopied of [false, true]) {
        for (let cut = 1; cut < size; cut += 7) {
          const { errors, ledger, read } = makeLedger();
          const whole = Buffer.from(Array.from({ length: size }, (_, at) => at & 0xff));
          ledger.written(whole.subarray(0, size >> 1));
          ledger.written(whole.subarray(size >> 1));
          const arrived = isCopied ? Buffer.from(whole) : whole;
          for (let at = 0; at < size; at += cut) read(arrived.subarray(at, at + cut));
          assert.deepEqual(errors, []);
        }
      }
    }
  });

  it("sees other bytes, short and long", () => {
    for (const size of [10, 1000]) {
      const { errors, ledger, read } = makeLedger();
      ledger.written(Buffer.alloc(size, "a"));
      ledger.written(Buffer.alloc(size, "b"));
      read(Buffer.alloc(size, "a"));
      read(Buffer.concat([Buffer.alloc(size - 1, "b"), Buffer.from("c")]));
      const what = "what was read is not what was written";
      const text = `on reader, connection 3: ${what}, after ${String(size)} bytes`;
      assert.deepEqual(errors, [text]);
    }
  });

  it("sees pieces out of order, left out, and twice", () => {
    for (const order of [
      [1, 0],
      [0, 2],
      [0, 0],
    ]) {
      const { errors, ledger, read } = makeLedger();
      const pieces = ["one", "two", "three"].map((text) => Buffer.from(text));
      for (const piece of pieces) ledger.written(piece);
      for (const at of order) read(pieces[at] ?? Buffer.alloc(0));
      assert.equal(errors.length, 1, order.join());
    }
  });

  it("sees more than was written", () => {
    const { errors, ledger, read } = makeLedger();
    ledger.written(Buffer.from("all"));
    read(Buffer.from("all there is"));
    assert.deepEqual(errors, [
      "on reader, connection 3: more was read than was written, after 3 bytes",
    ]);
  });
});
