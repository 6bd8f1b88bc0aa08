/**
 * @module
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { deflateMessage, inflateMessage } from "./deflate.ts";
import { WebSocketProtocolError } from "./wire/errors.ts";
import type { MessageType } from "./wire/events.ts";

const HELLO = "f248cdc9c90700";
const PLENTY = 1_048_576;
const LARGEST = { windowBits: 15 };

function inflate(of: MessageType, data: Buffer | string, most = PLENTY): string {
  const bytes = typeof data === "string" ? Buffer.from(data.replaceAll(" ", ""), "hex") : data;
  return inflateMessage({ type: "compressed", of, data: bytes }, most).data.toString();
}

/** With which code it is refused; 0 if it is not. */
function closeCode(of: MessageType, data: Buffer | string, most?: number): number {
  try {
    inflate(of, data, most);
    return 0;
  } catch (error) {
    assert.instanceOf(error, WebSocketProtocolError);
    return error.closeCode;
  }
}

describe("inflateMessage", () => {
  const examples: readonly (readonly [string, string, string])[] = [
    ["a block of fixed codes (§7.2.3.1)", HELLO, "Hello"],
    ["a block without compression (§7.2.3.3)", "00 0500 faff 48656c6c6f 00", "Hello"],
    ["a block that is final (§7.2.3.4)", "f348cdc9c9070000", "Hello"],
    ["two blocks (§7.2.3.5)", "f24805000000ffff cac9c90700", "Hello"],
    [
      "final blocks that others follow (§7.2.1)",
      `f348cdc9c90700 f348cdc9c90700 ${HELLO}`,
      "HelloHelloHello",
    ],
    ["an empty message (§7.2.3.6)", "00", ""],
  ];
  for (const [name, bytes, expected] of examples) {
    it(`reads ${name}`, () => {
      assert.equal(inflate("text", bytes), expected);
      assert.equal(inflate("binary", bytes), expected);
    });
  }

  it("gives an event of the kind that was sent", () => {
    const data = Buffer.from(HELLO, "hex");
    assert.deepEqual(inflateMessage({ type: "compressed", of: "text", data }, 5), {
      type: "text",
      data: "Hello",
    });
    assert.deepEqual(inflateMessage({ type: "compressed", of: "binary", data }, 5), {
      type: "binary",
      data: Buffer.from("Hello"),
    });
  });

  it("refuses what is longer than it may be, to the byte", () => {
    assert.equal(closeCode("text", HELLO, 4), 1009);
    assert.equal(inflate("text", "f348cdc9c90700 f348cdc9c90700 00", 10), "HelloHello");
    assert.equal(closeCode("text", "f348cdc9c90700 f348cdc9c90700 00", 9), 1009);
    assert.equal(closeCode("text", "f348cdc9c90700 4b0400 00", 5), 1009);
    assert.equal(inflate("text", "f348cdc9c90700 4b0400 00", 6), "Helloa");
    const large = deflateRawSync(Buffer.alloc(PLENTY, "ab"), {
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    assert.lengthOf(inflate("binary", large), PLENTY);
    assert.equal(closeCode("binary", large, PLENTY - 1), 1009);
  });

  it("ends a bomb at the limit, in memory and in time", () => {
    const bomb = deflateRawSync(Buffer.alloc(2 ** 28), { finishFlush: constants.Z_SYNC_FLUSH });
    const before = process.memoryUsage().arrayBuffers;
    assert.equal(closeCode("binary", bomb, PLENTY), 1009);
    // The message itself is copied once, to put its tail back.
    const most = PLENTY + bomb.length + 65_536;
    assert.isAtMost(process.memoryUsage().arrayBuffers - before, most);
  });

  it("bounds the streams in a message", () => {
    assert.equal(inflate("text", `${"0300".repeat(63)}00`), "");
    assert.equal(closeCode("text", `${"0300".repeat(64)}00`), 1008);
    assert.equal(closeCode("text", "0300".repeat(500_000)), 1008);
  });

  it("refuses what is no DEFLATE, and text that is no UTF-8 (RFC 6455 §8.1)", () => {
    for (const bytes of ["ffff", "06", "deadbeef"]) assert.equal(closeCode("binary", bytes), 1007);
    const broken = deflateRawSync(Buffer.from("ff", "hex"), {
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    assert.equal(closeCode("text", broken.subarray(0, -4)), 1007);
  });

  it("makes of random bytes a message or a WebSocketProtocolError, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 200 }), (bytes, most) => {
        try {
          assert.isAtMost(inflate("binary", Buffer.from(bytes), most).length, most);
        } catch (error) {
          if (!(error instanceof WebSocketProtocolError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("deflateMessage", () => {
  const text = Array.from({ length: 400 }, (_, at) => `{"id":${String(at * 7919)}}`).join();

  it("makes what inflateMessage() reads", () => {
    const words = fc.array(fc.constantFrom("abc", "défg", text.slice(0, 300), "\u0000"), {
      minLength: 400,
      maxLength: 500,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 8, max: 15 }), (parts, windowBits) => {
        const message = parts.join("");
        const deflated = deflateMessage(Buffer.from(message), { windowBits });
        assert.isDefined(deflated);
        assert.equal(inflate("text", deflated ?? Buffer.alloc(0)), message);
      }),
    );
  });

  it("keeps to a window that a peer has room for (RFC 7692 §7.1.2)", () => {
    for (let windowBits = 8; windowBits <= 15; windowBits += 1) {
      const deflated = deflateMessage(Buffer.from(text), { windowBits }) ?? Buffer.alloc(0);
      const whole = Buffer.concat([deflated, Buffer.from("0000ffff", "hex")]);
      // In small steps, so that zlib has nothing but its window to look back at.
      const options = { windowBits, chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH };
      const inflated = inflateRawSync(whole, options);
      assert.equal(inflated.toString(), text);
    }
  });

  it("leaves alone what would not pay", () => {
    assert.isUndefined(deflateMessage(Buffer.alloc(1023), LARGEST));
    assert.isDefined(deflateMessage(Buffer.alloc(1024), LARGEST));
    assert.isDefined(deflateMessage(Buffer.alloc(1_048_576), LARGEST));
    assert.isUndefined(deflateMessage(Buffer.alloc(1_048_577), LARGEST));
    let state = 1;
    const noise = Uint8Array.from({ length: 4096 }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state & 0xff;
    });
    assert.isUndefined(deflateMessage(noise, LARGEST));
  });
});
