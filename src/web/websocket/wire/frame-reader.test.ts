/**
 * RFC 6455 §5 to §7, sentence by sentence; frames as Autobahn's suite sends them.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { WebSocketProtocolError } from "./errors.ts";
import type { WebSocketEvent } from "./events.ts";
import { FrameReader, type FrameReaderOptions } from "./frame-reader.ts";
import { closePayload, writeFrame } from "./frame-writer.ts";
import type { FrameType } from "./opcodes.ts";

const KEY = Buffer.from("37fa213d", "hex");
const CLIENT: FrameReaderOptions = { role: "client" };
const SERVER: FrameReaderOptions = { role: "server" };

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** One frame as an honest server writes it. */
function frame(type: FrameType, payload: Uint8Array | string = "", fin = true): Buffer {
  return Buffer.concat(writeFrame(type, payload, { fin }));
}

/** An event or error as something that can be compared and read. */
function shown(event: WebSocketEvent): string {
  if (event.type === "close") return `close ${String(event.code)} ${event.reason}`;
  if (event.type === "text") return `text ${event.data}`;
  const data = event.data.toString("latin1");
  return event.type === "compressed" ? `compressed ${event.of} ${data}` : `${event.type} ${data}`;
}

/** Everything that is ready; an error is the last of it, by its close code. */
function drain(reader: FrameReader): string[] {
  const seen: string[] = [];
  try {
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      seen.push(shown(event));
    }
  } catch (error) {
    if (!(error instanceof WebSocketProtocolError)) throw error;
    seen.push(`error ${String(error.closeCode)}`);
  }
  return seen;
}

/** What comes of `chunks`. They are copied: a reader changes what it is given. */
function read(options: FrameReaderOptions, chunks: readonly Uint8Array[]): string[] {
  const reader = new FrameReader(options);
  const seen: string[] = [];
  for (const chunk of chunks) {
    reader.receive(Buffer.from(chunk));
    if (reader.state !== "spent") seen.push(...drain(reader));
  }
  return seen;
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const inside = cuts.filter((at) => at < bytes.length).sort((a, b) => a - b);
  const borders = [0, ...inside, bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

describe("FrameReader: the examples of the RFC", () => {
  const HELLO = "48656c6c6f";
  const examples: readonly (readonly [string, FrameReaderOptions, string, readonly string[]])[] = [
    ["an unmasked text", CLIENT, "8105 48656c6c6f", ["text Hello"]],
    ["a masked text", SERVER, "8185 37fa213d 7f9f4d5158", ["text Hello"]],
    ["a text in two frames", CLIENT, "0103 48656c  8002 6c6f", ["text Hello"]],
    ["an unmasked ping", CLIENT, `8905 ${HELLO}`, ["ping Hello"]],
    ["a masked pong", SERVER, "8a85 37fa213d 7f9f4d5158", ["pong Hello"]],
    [
      "256 bytes",
      CLIENT,
      `827e0100 ${"ab".repeat(256)}`,
      [`binary ${Buffer.alloc(256, 0xab).toString("latin1")}`],
    ],
    [
      "64 KiB",
      CLIENT,
      `827f0000000000010000 ${"cd".repeat(65_536)}`,
      [`binary ${Buffer.alloc(65_536, 0xcd).toString("latin1")}`],
    ],
  ];
  for (const [name, options, bytes, expected] of examples) {
    it(`next() reads ${name} (RFC 6455 §5.7)`, () => {
      assert.deepEqual(read(options, [hex(bytes)]), expected);
    });
  }

  it("next() reads a compressed message in one frame and in two (RFC 7692 §7.2.3.1)", () => {
    const options = { ...CLIENT, mayCompress: true };
    const deflated = hex("f248cdc9c90700").toString("latin1");
    const whole = hex("c107 f248cdc9c90700");
    const parts = hex("4103 f248cd 8004 c9c90700");
    assert.deepEqual(read(options, [whole, parts]), [
      `compressed text ${deflated}`,
      `compressed text ${deflated}`,
    ]);
  });
});

describe("FrameReader: what a peer must not send", () => {
  const wrong: readonly (readonly [string, FrameReaderOptions, string, number])[] = [
    ["RSV1 without an extension (§5.2)", CLIENT, "c100", 1002],
    ["RSV2 (§5.2)", { ...CLIENT, mayCompress: true }, "a100", 1002],
    ["RSV3 (§5.2)", { ...CLIENT, mayCompress: true }, "9100", 1002],
    ["RSV1 in a continuation (RFC 7692 §6.1)", { ...CLIENT, mayCompress: true }, "0100 c000", 1002],
    ["RSV1 in a ping (RFC 7692 §6.1)", { ...CLIENT, mayCompress: true }, "c900", 1002],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (opcode) =>
        [`opcode ${String(opcode)} (§5.2)`, CLIENT, `8${opcode.toString(16)}00`, 1002] as const,
    ),
    ["an unmasked frame, to a server (§5.1)", SERVER, "8100", 1002],
    ["a masked frame, to a client (§5.1)", CLIENT, "8180", 1002],
    ["125 bytes in 2 bytes of length (§5.2)", CLIENT, "817e007d", 1002],
    ["65,535 bytes in 8 bytes of length (§5.2)", CLIENT, "817f000000000000ffff", 1002],
    ["a length with its top bit set (§5.2)", CLIENT, "827f8000000000000000", 1002],
    ["a length of more than 32 bits", CLIENT, "827f0000000100000005", 1009],
    ["the greatest length there is", CLIENT, "827f7fffffffffffffff", 1009],
    ["a ping in fragments (§5.5)", CLIENT, "0900", 1002],
    ["a close in fragments (§5.5)", CLIENT, "0800", 1002],
    ["a ping of 126 bytes (§5.5)", CLIENT, "897e007e", 1002],
    ["a continuation of nothing (§5.4)", CLIENT, "8000", 1002],
    ["a continuation of what is whole (§5.4)", CLIENT, "8100 8000", 1002],
    ["a message within a message (§5.4)", CLIENT, "0100 8100", 1002],
    ["a close of one byte (§5.5.1)", CLIENT, "880103", 1002],
    ["a reason that is no UTF-8 (§5.5.1)", CLIENT, "8803 03e8 ff", 1007],
  ];
  for (const [name, options, bytes, closeCode] of wrong) {
    it(`next() refuses ${name}`, () => {
      assert.equal(read(options, [hex(bytes)]).at(-1), `error ${String(closeCode)}`);
    });
  }

  it("next() refuses a frame by its first two bytes, where they say enough", () => {
    assert.deepEqual(read(SERVER, [hex("8105")]), ["error 1002"]);
    assert.deepEqual(read(SERVER, [hex("89fe")]), ["error 1002"]);
  });

  it("next() says what was wrong, and reads no more", () => {
    const reader = new FrameReader(SERVER);
    reader.receive(hex("8105"));
    assert.throws(() => reader.next(), "Cannot read a WebSocket frame: expected a masked one");
    assert.equal(reader.state, "spent");
    reader.receive(hex("8180 00000000"));
    assert.equal(reader.bufferedBytes, 0);
    assert.throws(() => reader.next(), "a FrameReader that threw reads no more");
  });
});

describe("FrameReader: fragments", () => {
  it("next() gives control frames that stand between fragments at once (§5.4)", () => {
    const bytes = [
      frame("text", "one ", false),
      frame("ping", "1"),
      frame("continuation", "two ", false),
      frame("ping", "2"),
      frame("pong"),
      frame("continuation", "three"),
      frame("binary", "after"),
    ];
    const expected = ["ping 1", "ping 2", "pong ", "text one two three", "binary after"];
    assert.deepEqual(read(CLIENT, bytes), expected);
    assert.deepEqual(read(CLIENT, [Buffer.concat(bytes)]), expected);
  });

  it("next() takes empty fragments for what they are", () => {
    const bytes = [
      frame("text", "", false),
      frame("continuation", "", false),
      frame("continuation", "a", false),
      frame("continuation"),
      frame("binary", "", false),
      frame("continuation"),
      frame("text"),
    ];
    assert.deepEqual(read(CLIENT, bytes), ["text a", "binary ", "text "]);
  });

  it("next() bounds the number of fragments", () => {
    const options = { ...CLIENT, maxFragments: 3 };
    const start = [frame("text", "a", false), frame("continuation", "b", false)];
    assert.deepEqual(read(options, [...start, frame("continuation", "c"), ...start]), ["text abc"]);
    assert.deepEqual(
      read(options, [...start, frame("continuation", "", false), frame("continuation", "d")]),
      ["error 1008"],
    );
  });

  it("next() reads a message of the greatest length, byte by byte, in linear time", () => {
    const text = "x".repeat(1_048_576);
    const reader = new FrameReader(CLIENT);
    const seen: unknown[] = [];
    for (const byte of frame("text", text)) {
      reader.receive(Buffer.of(byte));
      const event = reader.next();
      if (event !== undefined) seen.push(event);
    }
    assert.deepEqual(seen, [{ type: "text", data: text }]);
  });
});

describe("FrameReader: limits", () => {
  const options = { ...CLIENT, maxMessageBytes: 200 };

  it("next() takes a message of the greatest length", () => {
    const bytes = "x".repeat(200);
    assert.deepEqual(read(options, [frame("binary", bytes)]), [`binary ${bytes}`]);
    const parts = [
      frame("text", bytes.slice(0, 100), false),
      frame("continuation", "y".repeat(100)),
    ];
    assert.lengthOf(read(options, parts).join(), 205);
  });

  it("next() refuses a longer one by its head, before a byte of it has come", () => {
    assert.deepEqual(read(options, [frame("binary", "x".repeat(201)).subarray(0, 4)]), [
      "error 1009",
    ]);
    const parts = [
      frame("text", "x".repeat(200), false),
      frame("continuation", "y").subarray(0, 2),
    ];
    assert.deepEqual(read(options, parts), ["error 1009"]);
  });

  it("next() bounds each message by itself, and control frames not at all", () => {
    const bytes = [frame("text", "x".repeat(200)), frame("ping", "x".repeat(125))];
    assert.lengthOf(read(options, [...bytes, ...bytes]), 4);
  });

  it("takes 1 MiB by default", () => {
    assert.lengthOf(read(CLIENT, [frame("binary", Buffer.alloc(1_048_576))]), 1);
    assert.deepEqual(read(CLIENT, [hex("827f0000000000100001")]), ["error 1009"]);
  });

  it("refuses limits that are none, at once", () => {
    for (const limit of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 29]) {
      assert.throws(() => new FrameReader({ ...CLIENT, maxMessageBytes: limit }), RangeError);
      assert.throws(() => new FrameReader({ ...CLIENT, maxFragments: limit }), RangeError);
    }
  });
});

describe("FrameReader: text", () => {
  const texts = ["κόσμε", "\u{10ffff}", "\u{fffd}\u{fffe}", "\u{feff}a", "a\u0000b", "𝄞"];
  for (const text of texts) {
    it(`next() reads ${JSON.stringify(text)}, whole and cut within characters (§8.1)`, () => {
      const bytes = Buffer.from(text);
      const parts = [...bytes].map((byte, at) =>
        frame(at === 0 ? "text" : "continuation", Buffer.of(byte), at === bytes.length - 1),
      );
      assert.deepEqual(read(CLIENT, [frame("text", bytes)]), [`text ${text}`]);
      assert.deepEqual(read(CLIENT, parts), [`text ${text}`]);
    });
  }

  /** Where the first byte stands that makes it wrong; the length, if only its end does. */
  const wrong: readonly (readonly [string, string, number])[] = [
    ["a surrogate", "61 eda080 62", 2],
    ["beyond U+10FFFF", "cebae1bdb9cf83cebcceb5 f4908080 65", 12],
    ["an overlong /", "c0af", 0],
    ["an overlong NUL", "e08080", 1],
    ["a continuation alone", "80", 0],
    ["five bytes", "f888808080", 0],
    ["a character that is cut by another", "e6bc 61", 2],
    ["a character that is not whole", "61 e6bc", 3],
  ];
  for (const [name, bytes, at] of wrong) {
    it(`next() refuses ${name} in a text, at the byte that is wrong (§8.1)`, () => {
      assert.deepEqual(read(CLIENT, [frame("text", hex(bytes))]), ["error 1007"]);
      const reader = new FrameReader(CLIENT);
      const whole = frame("text", hex(bytes));
      const chunks = [...whole].map((byte) => Buffer.of(byte));
      const failed = chunks.findIndex((chunk) => {
        reader.receive(chunk);
        return drain(reader).length > 0;
      });
      assert.equal(failed, Math.min(2 + at, whole.length - 1));
    });
  }

  it("next() refuses a fragment of text as soon as it is wrong, not at the message's end", () => {
    assert.deepEqual(
      read(CLIENT, [frame("text", "a", false), frame("continuation", hex("ff"), false)]),
      ["error 1007"],
    );
  });

  it("next() leaves binary and compressed messages alone", () => {
    const compressed = Buffer.concat(writeFrame("text", hex("ff"), { compressed: true }));
    assert.deepEqual(read({ ...CLIENT, mayCompress: true }, [compressed]), ["compressed text ÿ"]);
    assert.deepEqual(read(CLIENT, [frame("binary", hex("ff"))]), ["binary ÿ"]);
  });
});

describe("FrameReader: close", () => {
  it("next() reads a code and a reason, and 1005 for none (§7.1.5, §7.1.6)", () => {
    assert.deepEqual(read(CLIENT, [hex("8800")]), ["close 1005 "]);
    assert.deepEqual(read(CLIENT, [hex("8802 03e8")]), ["close 1000 "]);
    assert.deepEqual(read(CLIENT, [frame("close", closePayload(4999, "κόσμε"))]), [
      "close 4999 κόσμε",
    ]);
    const longest = "r".repeat(123);
    assert.deepEqual(read(CLIENT, [frame("close", closePayload(1001, longest))]), [
      `close 1001 ${longest}`,
    ]);
  });

  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) {
    it(`next() refuses close code ${String(code)} (§7.4)`, () => {
      const bytes = frame("close", Buffer.of(code >>> 8, code & 0xff));
      assert.deepEqual(read(CLIENT, [bytes]), ["error 1002"]);
    });
  }

  it("next() gives nothing after it, and receive() keeps nothing (§5.5.1)", () => {
    const reader = new FrameReader(CLIENT);
    reader.receive(Buffer.concat([frame("close"), frame("text", "late")]));
    reader.receive(frame("text", "later"));
    assert.deepEqual(drain(reader), ["close 1005 "]);
    assert.equal(reader.state, "closed");
    reader.receive(hex("ff"));
    assert.equal(reader.bufferedBytes, 0);
    assert.isUndefined(reader.next());
  });

  it("next() drops a message that was under way", () => {
    assert.deepEqual(read(CLIENT, [frame("text", "a", false), frame("close")]), ["close 1005 "]);
  });
});

describe("FrameReader: bytes", () => {
  it("receive() keeps the order of what waits", () => {
    const reader = new FrameReader(CLIENT);
    reader.receive(Buffer.concat([frame("text", "1"), frame("text", "2")]));
    const [start, end] = cut(frame("text", "34"), [3]);
    reader.receive(start ?? Buffer.alloc(0));
    assert.deepEqual(reader.next(), { type: "text", data: "1" });
    reader.receive(end ?? Buffer.alloc(0));
    assert.equal(reader.bufferedBytes, 7);
    assert.deepEqual(drain(reader), ["text 2", "text 34"]);
    assert.equal(reader.bufferedBytes, 0);
  });

  it("next() gives a view of a chunk that holds all of a payload, with or without its head", () => {
    for (const at of [0, 2]) {
      const reader = new FrameReader(CLIENT);
      const whole = frame("binary", "abc");
      reader.receive(Buffer.from(whole.subarray(0, at)));
      assert.isUndefined(reader.next());
      // Not Buffer.from(): its bytes share their memory with everyone's.
      const chunk = Buffer.from(Uint8Array.from(whole.subarray(at)).buffer);
      reader.receive(chunk);
      const event = reader.next();
      assert.isTrue(event?.type === "binary" && event.data.buffer === chunk.buffer);
      assert.isTrue(event?.type === "binary" && event.data.equals(Buffer.from("abc")));
    }
  });

  it("next() gives a message that was cut no more room than it needs", () => {
    const reader = new FrameReader(CLIENT);
    const whole = frame("binary", Buffer.alloc(70_000));
    for (const chunk of cut(whole, [1, 5000, 30_000, 60_000])) {
      reader.receive(chunk);
      const event = reader.next();
      if (event?.type === "binary") assert.equal(event.data.buffer.byteLength, 70_000);
    }
    assert.equal(reader.bufferedBytes, 0);
  });

  it("next() reads a hundred thousand frames in one chunk", () => {
    const reader = new FrameReader(SERVER);
    const one = Buffer.concat(writeFrame("ping", "12345678", { mask: KEY }));
    reader.receive(Buffer.alloc(100_000 * one.length, one));
    const seen = drain(reader);
    assert.lengthOf(seen, 100_000);
    assert.equal(seen.at(-1), "ping 12345678");
  });
});
