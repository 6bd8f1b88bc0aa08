/**
 * Messages over a WebSocket: what arrives, what is refused, what is compressed. Its pace, deadlines
 * and ends have tests of their own beside this one.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { assert, it } from "vitest";
import { describeOnAll as describe } from "../../../test/fixtures/networks.ts";
import {
  Diary,
  Echo,
  frame,
  goodbye,
  type Scene,
  socket,
  type SocketOptions,
} from "../../../test/fixtures/web/websocket-scene.ts";
import { WebSocketProtocolError } from "./wire/errors.ts";

const DEFLATE = { "sec-websocket-extensions": "permessage-deflate; client_max_window_bits" };
const JSON_TEXT = JSON.stringify(Array.from({ length: 200 }, (_, at) => ({ at, name: "sennit" })));

/** 2 KiB that cannot be made smaller. */
const NOISE = Buffer.concat(
  Array.from({ length: 64 }, (_, at) => createHash("sha256").update(String(at)).digest()),
);

/** A client's compressed message. */
function deflated(payload: Uint8Array | string, type: "text" | "binary" = "text"): Buffer {
  const bytes = deflateRawSync(payload, { finishFlush: 2 });
  return frame(type, bytes.subarray(0, -4), { compressed: true });
}

/** What becomes of frames that a server echoes. */
function echoed(sent: Uint8Array, options: SocketOptions = {}): Scene {
  const scene = socket({ diary: new Echo(), ...options });
  scene.send(sent);
  return scene;
}

/** The connection ended for what was sent: how the peer was told, and our protocol. */
function assertRefused(
  { heard, diary }: Scene,
  code: number,
  before: readonly string[] = [],
): void {
  assert.deepEqual(heard(), [...before, `close ${String(code)}`, "closed"]);
  assert.equal(diary.pages.at(-1), "lost WebSocketProtocolError");
  const error = diary.reason?.value;
  assert(error instanceof WebSocketProtocolError);
  assert.equal(error.closeCode, code);
}

describe("WebSocketConnection: messages", () => {
  it("text and bytes arrive as what they are, empty ones too", () => {
    const { diary, heard } = echoed(
      Buffer.concat([
        frame("text", "größer ✓ 🧵"),
        frame("binary", Uint8Array.of(0, 255)),
        frame("text"),
        frame("binary"),
      ]),
    );
    assert.deepEqual(diary.pages, ["made", "text größer ✓ 🧵", "bytes \0ÿ", "text ", "bytes "]);
    assert.deepEqual(heard(), ["text größer ✓ 🧵", "binary \0ÿ", "text ", "binary", "open"]);
  });

  it("fragments are one message, with pings between them answered at once", () => {
    const pieces = [
      frame("text", Buffer.from("grö").subarray(0, 3), { fin: false }),
      frame("ping", "1"),
      frame("continuation", Buffer.from("grö").subarray(3), { fin: false }),
      frame("ping", "2"),
      frame("continuation", "ßer"),
    ];
    for (const chunkBytes of [1, 2, 7, 1000]) {
      const { diary, heard } = echoed(Buffer.concat(pieces), { chunkBytes });
      assert.deepEqual(diary.pages, ["made", "text größer"]);
      assert.deepEqual(heard(), ["pong 1", "pong 2", "text größer", "open"]);
    }
    const { heard, send } = echoed(Buffer.concat(pieces.slice(0, 2)));
    assert.deepEqual(heard(), ["pong 1", "open"], "before the message is whole");
    send(Buffer.concat(pieces.slice(2)));
  });

  it("big ones arrive, at each length of a frame's head", () => {
    for (const length of [125, 126, 65_535, 65_536, 1_048_576]) {
      const { diary, heard } = echoed(frame("binary", Buffer.alloc(length, "x")));
      assert.deepEqual(diary.pages, ["made", `bytes (${String(length)})`]);
      assert.deepEqual(heard(), [`binary (${String(length)})`, "open"]);
    }
  });

  it("several in one chunk come one by one, in order, and what is sent stays in order", () => {
    const all = Array.from({ length: 500 }, (_, at) => `n${String(at)}`);
    const { diary, heard } = echoed(Buffer.concat(all.map((one) => frame("text", one))));
    const expected = all.map((one) => `text ${one}`);
    assert.deepEqual(diary.pages, ["made", ...expected]);
    assert.deepEqual(heard(), [...expected, "open"]);
  });

  it("bytes are the receiver's: they do not change when more comes", () => {
    const kept: Buffer[] = [];
    class Keeper extends Diary {
      override bytesMessageReceived(bytes: Buffer): void {
        kept.push(bytes);
      }
    }
    const { send } = echoed(frame("binary", "one"), { diary: new Keeper() });
    send(Buffer.concat([frame("binary", "two"), frame("binary", "three")]));
    assert.deepEqual(kept.map(String), ["one", "two", "three"]);
  });

  it("ping() asks, pongReceived() has the answer; a pong unasked for does no harm", () => {
    const { diary, heard, send } = socket();
    diary.transport.ping("are you there?");
    diary.transport.ping();
    send(frame("pong", "are you there?"));
    send(frame("pong"));
    assert.deepEqual(diary.pages, ["made", "pong are you there?", "pong "]);
    assert.deepEqual(heard(), ["ping are you there?", "ping", "open"]);
    assert.throws(() => diary.transport.ping("x".repeat(126)), RangeError);
  });

  it("a protocol that does not want pongs gets none", () => {
    const seen: string[] = [];
    const build = () => ({
      makeConnection: () => seen.push("made"),
      textMessageReceived: (text: string) => seen.push(text),
      bytesMessageReceived: () => seen.push("bytes"),
      connectionLost: () => seen.push("lost"),
    });
    const { send } = socket({ build });
    send(Buffer.concat([frame("pong", "x"), frame("text", "y"), goodbye(1000)]));
    assert.deepEqual(seen, ["made", "y", "lost"]);
  });

  it("addresses are those of the connection, after the end too", () => {
    const { diary, send, client } = socket();
    const peer = client.transport.getHost().toString();
    assert.equal(diary.transport.getPeer().toString(), peer);
    send(goodbye(1000));
    assert.equal(diary.transport.getPeer().toString(), peer);
    assert.equal(diary.transport.getHost().toString(), client.transport.getPeer().toString());
  });
});

describe("WebSocketConnection: limits", () => {
  it("a message longer than maxMessageBytes closes with 1009, by its head alone", () => {
    const whole = frame("text", "x".repeat(1001));
    for (const sent of [whole, whole.subarray(0, 8)]) {
      assertRefused(echoed(sent, { maxMessageBytes: 1000 }), 1009);
    }
    const { heard } = echoed(frame("text", "x".repeat(1000)), { maxMessageBytes: 1000 });
    assert.deepEqual(heard(), ["text (1000)", "open"]);
  });

  it("so does one that is too long in all its fragments", () => {
    const part = { fin: false };
    const sent = [frame("text", "x".repeat(600), part), frame("continuation", "x".repeat(401))];
    assertRefused(echoed(Buffer.concat(sent), { maxMessageBytes: 1000 }), 1009);
  });

  it("the default is 1 MiB", () => {
    assertRefused(echoed(frame("binary", Buffer.alloc(1_048_577)).subarray(0, 20)), 1009);
  });

  it("more than maxFragments closes with 1008", () => {
    const part = frame("continuation", "", { fin: false });
    const sent = [frame("text", "", { fin: false }), part, part, part];
    assertRefused(echoed(Buffer.concat(sent), { maxFragments: 3 }), 1008);
    assert.deepEqual(echoed(Buffer.concat(sent), { maxFragments: 4 }).heard(), ["open"]);
  });

  it("text that is no UTF-8 closes with 1007, at its first wrong byte", () => {
    assertRefused(echoed(frame("text", Uint8Array.of(0xc3, 0x28))), 1007);
    const endless = frame("text", Buffer.from("4142ff434445464748", "hex"), { fin: false });
    assertRefused(echoed(endless.subarray(0, 9)), 1007);
  });

  it("what is no frame closes with 1002, after what came before it", () => {
    const wrong: readonly [string, string][] = [
      ["a reserved bit", "c180"],
      ["a reserved opcode", "8380"],
      ["a continuation of nothing", "808000000000"],
      ["a ping in fragments", "0980"],
      ["a long ping", "89fe"],
      ["no mask", "8100"],
      ["a length longer than it need be", "81fe007d00000000"],
      ["a close frame of one byte", "88810000000000"],
      ["a close code that is none", "88820000000003ed"],
    ];
    for (const [what, bytes] of wrong) {
      const sent = Buffer.concat([frame("text", "hello"), Buffer.from(bytes, "hex")]);
      const scene = echoed(sent);
      assert.include(scene.diary.reason?.value.message ?? "", "Cannot read a WebSocket", what);
      assertRefused(scene, 1002, ["text hello"]);
    }
  });

  it("nothing that comes behind what was refused is looked at", () => {
    const { diary } = echoed(Buffer.concat([Buffer.from("8100", "hex"), frame("text", "late")]));
    assert.deepEqual(diary.pages, ["made", "lost WebSocketProtocolError"]);
  });
});

describe("WebSocketConnection: compression (RFC 7692)", () => {
  it("is agreed on where both want it, and goes both ways", () => {
    const scene = echoed(deflated(JSON_TEXT), { deflate: true, fields: DEFLATE });
    assert.include(
      scene.head(),
      "Sec-WebSocket-Extensions: permessage-deflate; " +
        "server_no_context_takeover; client_no_context_takeover\r\n",
    );
    assert.deepEqual(scene.diary.pages, ["made", `text (${String(JSON_TEXT.length)})`]);
    assert.deepEqual(scene.heard(), [`deflated text (${String(JSON_TEXT.length)})`, "open"]);
    assert.isBelow(scene.client.received.length, JSON_TEXT.length / 2);
  });

  it("is not where one side does not, and then RSV1 is an error", () => {
    for (const options of [{ deflate: true }, { fields: DEFLATE }, {}]) {
      const scene = echoed(deflated(JSON_TEXT), options);
      assert.notInclude(scene.head(), "permessage-deflate");
      assertRefused(scene, 1002);
    }
  });

  it("leaves short messages, those that would not shrink, and control frames alone", () => {
    const { heard } = echoed(
      Buffer.concat([
        frame("text", "short"),
        frame("binary", NOISE),
        frame("ping", "p"),
        deflated("short"),
      ]),
      { deflate: true, fields: DEFLATE },
    );
    assert.deepEqual(heard(), ["text short", "binary (2048)", "pong p", "text short", "open"]);
  });

  it("a bomb closes with 1009, and nothing is delivered", () => {
    const bomb = deflated(Buffer.alloc(50_000_000), "binary");
    assert.isBelow(bomb.length, 100_000);
    assertRefused(echoed(bomb, { deflate: true, fields: DEFLATE }), 1009);
  });

  it("a message of maxMessageBytes inflates, one byte more does not", () => {
    const options = { deflate: true, fields: DEFLATE, maxMessageBytes: 10_000 };
    const { diary } = echoed(deflated("x".repeat(10_000)), options);
    assert.deepEqual(diary.pages, ["made", "text (10000)"]);
    assertRefused(echoed(deflated("x".repeat(10_001)), options), 1009);
  });

  it("what cannot be inflated, or is no UTF-8, closes with 1007", () => {
    const options = { deflate: true, fields: DEFLATE };
    assertRefused(echoed(frame("text", "\xff\xff\xff", { compressed: true }), options), 1007);
    assertRefused(echoed(deflated(Uint8Array.of(0xc3, 0x28)), options), 1007);
  });

  it("comes in fragments, and byte by byte", () => {
    const whole = deflateRawSync(JSON_TEXT, { finishFlush: 2 }).subarray(0, -4);
    const sent = [
      frame("text", whole.subarray(0, 50), { compressed: true, fin: false }),
      frame("ping", "between"),
      frame("continuation", whole.subarray(50)),
    ];
    for (const chunkBytes of [1, 1000]) {
      const scene = echoed(Buffer.concat(sent), { deflate: true, fields: DEFLATE, chunkBytes });
      assert.deepEqual(scene.diary.pages, ["made", `text (${String(JSON_TEXT.length)})`]);
    }
  });
});
