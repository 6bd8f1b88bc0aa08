/**
 * What writeFrame() writes is read again in the reader's tests; here is what bytes it makes.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { closePayload, writeFrame, type FrameOptions } from "./frame-writer.ts";
import type { FrameType } from "./opcodes.ts";

const KEY = Buffer.from("37fa213d", "hex");

function hex(
  type: FrameType,
  payload: Uint8Array | string = "",
  options: FrameOptions = {},
): string {
  return Buffer.concat(writeFrame(type, payload, options)).toString("hex");
}

describe("writeFrame", () => {
  it("writes the examples of the RFC (RFC 6455 §5.7)", () => {
    assert.equal(hex("text", "Hello"), "810548656c6c6f");
    assert.equal(hex("text", "Hello", { mask: KEY }), "818537fa213d7f9f4d5158");
    assert.equal(hex("text", "Hel", { fin: false }), "010348656c");
    assert.equal(hex("continuation", "lo"), "80026c6f");
    assert.equal(hex("ping", "Hello"), "890548656c6c6f");
    assert.equal(hex("pong", "Hello", { mask: KEY }), "8a8537fa213d7f9f4d5158");
    assert.equal(hex("binary", Buffer.alloc(256)), `827e0100${"00".repeat(256)}`);
    assert.equal(hex("binary", Buffer.alloc(65_536)).slice(0, 20), "827f0000000000010000");
  });

  it("writes a compressed message (RFC 7692 §7.2.3.1)", () => {
    const deflated = Buffer.from("f248cdc9c90700", "hex");
    assert.equal(hex("text", deflated, { compressed: true }), "c107f248cdc9c90700");
    assert.equal(
      hex("text", deflated.subarray(0, 3), { compressed: true, fin: false }),
      "4103f248cd",
    );
  });

  it("writes each length in its shortest form (RFC 6455 §5.2)", () => {
    const heads = [0, 125, 126, 65_535, 65_536].map((length) => {
      const [head = KEY] = writeFrame("binary", Buffer.alloc(length));
      return Buffer.from(head)
        .toString("hex", 0, 10)
        .replace(/(?:00)+$/u, "");
    });
    assert.deepEqual(heads, [
      "82",
      "827d",
      "827e007e",
      "827effff",
      "827f0000000000010000".slice(0, 16),
    ]);
  });

  it("hands on a long payload as it is, joins a short one, and copies what it masks", () => {
    const long = Buffer.alloc(1025);
    const short = Buffer.alloc(1024);
    assert.equal(writeFrame("binary", long)[1], long);
    assert.lengthOf(writeFrame("binary", short), 1);
    assert.lengthOf(writeFrame("binary", long, { mask: KEY }), 1);
    assert.isTrue(long.equals(Buffer.alloc(1025)), "the payload was masked in place");
  });

  it("writes text as UTF-8", () => {
    assert.equal(hex("text", "κ\ud800"), "8105cebaefbfbd");
  });

  it("refuses what the peer would refuse", () => {
    assert.throws(() => writeFrame("ping", Buffer.alloc(126)), RangeError, "at most 125 bytes");
    assert.throws(() => writeFrame("close", "", { fin: false }), RangeError, "got a fragment");
    for (const type of ["continuation", "ping", "pong", "close"] as const) {
      assert.throws(() => writeFrame(type, "", { compressed: true }), RangeError, type);
    }
    for (const length of [0, 3, 5]) {
      assert.throws(() => writeFrame("text", "", { mask: Buffer.alloc(length) }), RangeError);
    }
  });
});

describe("closePayload", () => {
  it("holds a code and a reason, or nothing (RFC 6455 §5.5.1)", () => {
    assert.equal(closePayload().toString("hex"), "");
    assert.equal(closePayload(1000).toString("hex"), "03e8");
    assert.equal(closePayload(4999, "é").toString("hex"), "1387c3a9");
    assert.lengthOf(closePayload(1000, "é".repeat(61) + "e"), 125);
  });

  it("refuses codes that may not be sent, and reasons that do not fit", () => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5]) {
      assert.throws(() => closePayload(code), RangeError, `got ${String(code)}`);
    }
    assert.throws(() => closePayload(undefined, "why"), RangeError, "got undefined");
    assert.throws(() => closePayload(1000, "é".repeat(62)), RangeError, "got 124");
  });
});
