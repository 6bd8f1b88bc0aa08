/**
 * The cases of the Autobahn test suite for servers that echo, by their numbers: what a client
 * sends, and what it has to hear. Sections 1 to 7; of section 9, which is about speed, smaller
 * sizes.
 *
 * @module
 */
import type { FrameType } from "../../src/web/websocket/wire/opcodes.ts";
import { frame, goodbye } from "../fixtures/web/websocket-scene.ts";

/** What is sent, piece by piece, and what is heard of it, with how it ends. */
interface AutobahnCase {
  readonly sent: readonly Uint8Array[];
  readonly heard: readonly string[];
  /** The server hears pieces of so many bytes. Default: each piece of `sent` whole. */
  readonly chunkBytes?: number;
}

type Cases = Record<string, AutobahnCase>;

const OPEN = "open";
const FAILED = ["close 1002", "closed"];
const NO_UTF8 = ["close 1007", "closed"];

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** Long texts are heard as their length. */
function shown(payload: Uint8Array | string): string {
  const text = typeof payload === "string" ? payload : Buffer.from(payload).toString("latin1");
  return text.length > 100 ? `(${String(text.length)})` : text;
}

/** A frame with reserved bits, or an opcode that is reserved; masked with zeros. */
function odd(first: number, payload = ""): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Uint8Array.of(first, 0x80 | bytes.length, 0, 0, 0, 0), bytes]);
}

/** A payload in frames of these sizes; the last has the rest. */
function fragments(type: FrameType, payload: Uint8Array | string, size: number): Buffer[] {
  const bytes = Buffer.from(payload);
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, at) =>
    frame(at === 0 ? type : "continuation", bytes.subarray(at * size, (at + 1) * size), {
      fin: at === count - 1,
    }),
  );
}

/** The same pieces at once, frame by frame, byte by byte. */
function threeWays(
  numbers: readonly string[],
  sent: readonly Uint8Array[],
  heard: readonly string[],
): Cases {
  const ways: readonly AutobahnCase[] = [
    { sent: [Buffer.concat(sent)], heard },
    { sent, heard },
    { sent, heard, chunkBytes: 1 },
  ];
  return Object.fromEntries(ways.map((way, at) => [numbers[at] ?? "", way]));
}

function lengths(): Cases {
  const cases: Cases = {};
  const sizes = [0, 125, 126, 127, 128, 65_535, 65_536, 65_536];
  for (const [section, type, byte] of [
    ["1.1", "text", "*"],
    ["1.2", "binary", "\u00fe"],
  ] as const) {
    for (const [at, size] of sizes.entries()) {
      const payload = Buffer.alloc(size, byte, "latin1");
      const heard = [`${type} ${shown(payload)}`.trimEnd(), OPEN];
      if (type === "text" && size === 0) heard[0] = "text ";
      const chop = at === sizes.length - 1 ? { chunkBytes: 997 } : {};
      cases[`${section}.${String(at + 1)}`] = { sent: [frame(type, payload)], heard, ...chop };
    }
  }
  return cases;
}

function pings(): Cases {
  const binary = hex("00fffefdfcfb00ff");
  const long = Buffer.alloc(125, 0xfe);
  const ten = Array.from({ length: 10 }, (_, at) => `payload-${String(at)}`);
  const tenPings = ten.map((one) => frame("ping", one));
  const tenPongs = [...ten.map((one) => `pong ${one}`), OPEN];
  return {
    "2.1": { sent: [frame("ping")], heard: ["pong", OPEN] },
    "2.2": { sent: [frame("ping", "Hello, world!")], heard: ["pong Hello, world!", OPEN] },
    "2.3": { sent: [frame("ping", binary)], heard: [`pong ${shown(binary)}`, OPEN] },
    "2.4": { sent: [frame("ping", long)], heard: ["pong (125)", OPEN] },
    "2.5": { sent: [hex("89fe007e00000000"), Buffer.alloc(126, 0xfe)], heard: FAILED },
    "2.6": { sent: [frame("ping", long)], heard: ["pong (125)", OPEN], chunkBytes: 1 },
    "2.7": { sent: [frame("pong")], heard: [OPEN] },
    "2.8": { sent: [frame("pong", "unsolicited pong payload")], heard: [OPEN] },
    "2.9": {
      sent: [frame("pong", "unsolicited pong payload"), frame("ping", "ping payload")],
      heard: ["pong ping payload", OPEN],
    },
    "2.10": { sent: [Buffer.concat(tenPings)], heard: tenPongs },
    "2.11": { sent: tenPings, heard: tenPongs, chunkBytes: 1 },
  };
}

/** Reserved bits and opcodes: alone, and between a good message and a ping. */
function reserved(): Cases {
  const hello = frame("text", "Hello, world!");
  const ping = frame("ping");
  const failed = ["text Hello, world!", ...FAILED];
  const cases: Cases = {
    "3.1": { sent: [odd(0x91, "Hello, world!")], heard: FAILED },
    "3.2": { sent: [Buffer.concat([hello, odd(0xa1, "x"), ping])], heard: failed },
    "3.3": { sent: [hello, odd(0xb1, "x"), ping], heard: failed },
    "3.4": { sent: [hello, odd(0xc1, "x"), ping], heard: failed, chunkBytes: 1 },
    "3.5": { sent: [odd(0xd2, "\0\u00ff")], heard: FAILED },
    "3.6": { sent: [odd(0xe9, "ping")], heard: FAILED },
    "3.7": { sent: [odd(0xf8, "\u0003\u00e8")], heard: FAILED },
  };
  for (const [section, first] of [
    ["4.1", 3],
    ["4.2", 11],
  ] as const) {
    cases[`${section}.1`] = { sent: [odd(0x80 | first)], heard: FAILED };
    cases[`${section}.2`] = { sent: [odd(0x80 | (first + 1), "payload")], heard: FAILED };
    cases[`${section}.3`] = { sent: [hello, odd(0x80 | (first + 2)), ping], heard: failed };
    cases[`${section}.4`] = { sent: [hello, odd(0x80 | (first + 3), "x"), ping], heard: failed };
    const last = [hello, odd(0x80 | (first + 4), "x"), ping];
    cases[`${section}.5`] = { sent: last, heard: failed, chunkBytes: 1 };
  }
  return cases;
}

function fragmentation(): Cases {
  const part = { fin: false };
  const text = frame("text", "fragment1", part);
  const end = frame("continuation", "fragment2");
  const ping = frame("ping", "ping payload");
  const whole = "text fragment1fragment2";
  const lone = frame("continuation", "non-continuation payload");
  const open = frame("continuation", "non-continuation payload", part);
  const hello = frame("text", "Hello, world!");
  const again = [text, end];
  const five = [1, 2, 3, 4, 5].map((at) =>
    frame(at === 1 ? "text" : "continuation", `fragment${String(at)}`, { fin: at === 5 }),
  );
  const [one, two, ...rest] = five;
  const all = [one, two, frame("ping", "pongme 1!"), ...rest, frame("ping", "pongme 2!")].filter(
    (piece) => piece !== undefined,
  );
  const fiveHeard = [
    "pong pongme 1!",
    "text fragment1fragment2fragment3fragment4fragment5",
    "pong pongme 2!",
    OPEN,
  ];
  return {
    "5.1": { sent: [odd(0x09, "fragment1"), odd(0x80, "fragment2")], heard: FAILED },
    "5.2": { sent: [odd(0x0a, "fragment1"), odd(0x80, "fragment2")], heard: FAILED },
    ...threeWays(["5.3", "5.4", "5.5"], [text, end], [whole, OPEN]),
    ...threeWays(["5.6", "5.7", "5.8"], [text, ping, end], ["pong ping payload", whole, OPEN]),
    ...threeWays(["5.9", "5.10", "5.11"], [lone, hello], FAILED),
    ...threeWays(["5.12", "5.13", "5.14"], [open, hello], FAILED),
    "5.15": { sent: [text, end, open, hello], heard: [whole, ...FAILED] },
    "5.16": { sent: [open, ...again, open, ...again], heard: FAILED },
    "5.17": { sent: [lone, ...again, lone, ...again], heard: FAILED },
    "5.18": { sent: [text, frame("text", "fragment2")], heard: FAILED },
    "5.19": { sent: [Buffer.concat(all)], heard: fiveHeard },
    "5.20": { sent: all, heard: fiveHeard },
  };
}

const GREEK = "ce ba e1 bd b9 cf 83 ce bc ce b5";
const HELLO = "Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!!";

/** Text as it is cut, and where it is wrong. */
function utf8(): Cases {
  const broken = hex(`${GREEK} f4 90 80 80 65 64 69 74 65 64`);
  const surrogate = hex(`${GREEK} ed a0 80 65 64 69 74 65 64`);
  const part = { fin: false };
  const head = frame("text", broken).subarray(0, 6);
  return {
    "6.1.1": { sent: [frame("text")], heard: ["text ", OPEN] },
    "6.1.2": {
      sent: [frame("text", "", part), frame("continuation", "", part), frame("continuation")],
      heard: ["text ", OPEN],
    },
    "6.1.3": {
      sent: [
        frame("text", "", part),
        frame("continuation", "middle frame payload", part),
        frame("continuation"),
      ],
      heard: ["text middle frame payload", OPEN],
    },
    "6.2.1": { sent: [frame("text", HELLO)], heard: [`text ${HELLO}`, OPEN] },
    "6.2.2": { sent: fragments("text", HELLO, 12), heard: [`text ${HELLO}`, OPEN] },
    "6.2.3": { sent: fragments("text", HELLO, 1), heard: [`text ${HELLO}`, OPEN] },
    "6.2.4": {
      sent: fragments("text", hex(GREEK), 1),
      heard: [`text ${hex(GREEK).toString()}`, OPEN],
    },
    "6.3.1": { sent: [frame("text", surrogate)], heard: NO_UTF8 },
    "6.3.2": { sent: fragments("text", surrogate, 1), heard: NO_UTF8 },
    // It has to fail before the message is whole: nothing more is sent.
    "6.4.1": { sent: fragments("text", broken, 15).slice(0, -1), heard: NO_UTF8 },
    "6.4.2": { sent: fragments("text", broken, 13).slice(0, -1), heard: NO_UTF8 },
    "6.4.3": { sent: [head, masked(broken).subarray(0, 15)], heard: NO_UTF8 },
    "6.4.4": { sent: [head, masked(broken).subarray(0, 13)], heard: NO_UTF8, chunkBytes: 1 },
  };
}

/** What stands behind the head of its frame. */
function masked(payload: Uint8Array): Buffer {
  return frame("text", payload).subarray(6);
}

/** Bytes that are UTF-8, by the first number of their section. */
const VALID: Readonly<Record<string, readonly string[]>> = {
  "6.5": [GREEK],
  "6.7": ["00", "c2 80", "e0 a0 80", "f0 90 80 80"],
  "6.9": ["7f", "df bf", "ef bf bf", "f4 8f bf bf"],
  "6.11": ["ed 9f bf", "ee 80 80", "ef bf bd", "f4 8f bf bf"],
  "6.22": nonCharacters(),
  "6.23": ["ef bf b9", "ef bf ba", "ef bf bb", "ef bf bc", "ef bf bd", "ef bf be", "ef bf bf"],
};

/** The last two of each plane. */
function nonCharacters(): string[] {
  return Array.from({ length: 17 }, (_, plane) => plane * 0x1_0000).flatMap((base) =>
    [0xfffe, 0xffff].map((last) => Buffer.from(String.fromCodePoint(base + last)).toString("hex")),
  );
}

/** Bytes that are not: five and six bytes, cut, lonely, too long for what they say, surrogates. */
const INVALID: Readonly<Record<string, readonly string[]>> = {
  "6.8": ["f8 88 80 80 80", "fc 84 80 80 80 80"],
  "6.10": ["f7 bf bf bf", "fb bf bf bf bf", "fd bf bf bf bf bf"],
  "6.12": [1, 2, 3, 4, 5, 6, 7, 64].map((count) => "80bf".repeat(32).slice(0, 2 * count)),
  "6.13": [lonely(0xc0, 32), lonely(0xe0, 16), lonely(0xf0, 8), lonely(0xf8, 4), lonely(0xfc, 2)],
  "6.14": ["c0", "e0 80", "f0 80 80", "f8 80 80 80", "fc 80 80 80 80"].concat([
    "df",
    "ef bf",
    "f7 bf bf",
    "fb bf bf bf",
    "fd bf bf bf bf",
  ]),
  "6.15": ["c0 e0 80 f0 80 80 f8 80 80 80 fc 80 80 80 80 df ef bf f7 bf bf fb bf bf bf"],
  "6.16": ["fe", "ff", "fe fe ff ff"],
  "6.17": ["c0 af", "e0 80 af", "f0 80 80 af", "f8 80 80 80 af", "fc 80 80 80 80 af"],
  "6.18": ["c1 bf", "e0 9f bf", "f0 8f bf bf", "f8 87 bf bf bf", "fc 83 bf bf bf bf"],
  "6.19": ["c0 80", "e0 80 80", "f0 80 80 80", "f8 80 80 80 80", "fc 80 80 80 80 80"],
  "6.20": ["a0 80", "ad bf", "ae 80", "af bf", "b0 80", "be 80", "bf bf"].map((one) => `ed ${one}`),
  "6.21": ["a0 80", "ad bf", "ae 80", "af bf"].flatMap((one) =>
    ["b0 80", "bf bf"].map((other) => `ed ${one} ed ${other}`),
  ),
};

function lonely(first: number, count: number): string {
  return Array.from({ length: count }, (_, at) => `${(first + at).toString(16)}20`).join("");
}

/** A text that ends after each of its bytes. */
function prefixes(): Cases {
  const bytes = hex(GREEK);
  const ends = new Set([2, 5, 7, 9, 11]);
  const cases: Cases = {};
  for (let length = 1; length <= bytes.length; length += 1) {
    const prefix = bytes.subarray(0, length);
    const heard = ends.has(length) ? [`text ${prefix.toString()}`, OPEN] : NO_UTF8;
    cases[`6.6.${String(length)}`] = { sent: [frame("text", prefix)], heard };
  }
  return cases;
}

function utf8Tables(): Cases {
  const beyond = { sent: [frame("text", hex("f4 90 80 80"))], heard: NO_UTF8 };
  const cases: Cases = { ...prefixes(), "6.11.5": beyond };
  for (const [section, all] of Object.entries(VALID)) {
    for (const [at, bytes] of all.entries()) {
      const text = hex(bytes).toString();
      const sent = [frame("text", text)];
      cases[`${section}.${String(at + 1)}`] = { sent, heard: [`text ${text}`, OPEN] };
    }
  }
  for (const [section, all] of Object.entries(INVALID)) {
    for (const [at, bytes] of all.entries()) {
      const sent = [frame("text", hex(bytes))];
      cases[`${section}.${String(at + 1)}`] = { sent, heard: NO_UTF8 };
    }
  }
  return cases;
}

function closing(): Cases {
  const hello = frame("text", "Hello World!");
  const bye = goodbye(1000);
  const gone = ["close 1000", "closed"];
  const long = "x".repeat(123);
  const half = frame("text", "fragment1", { fin: false });
  const cases: Cases = {
    "7.1.1": { sent: [hello, bye], heard: ["text Hello World!", ...gone] },
    "7.1.2": { sent: [bye, bye], heard: gone },
    "7.1.3": { sent: [bye, frame("ping")], heard: gone },
    "7.1.4": { sent: [bye, hello], heard: gone },
    "7.1.5": { sent: [half, bye, frame("continuation", "fragment2")], heard: gone },
    "7.1.6": {
      sent: [frame("text", "x".repeat(262_144)), hello, bye, frame("ping")],
      heard: ["text (262144)", "text Hello World!", ...gone],
    },
    "7.3.1": { sent: [frame("close")], heard: ["close 1005", "closed"] },
    "7.3.2": { sent: [frame("close", "x")], heard: FAILED },
    "7.3.3": { sent: [bye], heard: gone },
    "7.3.4": { sent: [goodbye(1000, "Hello World!")], heard: gone },
    "7.3.5": { sent: [goodbye(1000, long)], heard: gone },
    "7.3.6": { sent: [hex("88fe007e0000000003e8"), Buffer.from(`${long}x`)], heard: FAILED },
    "7.5.1": {
      sent: [frame("close", Buffer.concat([hex("03e8"), hex(`${GREEK} ed a0 80`)]))],
      heard: NO_UTF8,
    },
  };
  const good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
  for (const [at, code] of good.entries()) {
    const heard = [`close ${String(code)}`, "closed"];
    cases[`7.7.${String(at + 1)}`] = { sent: [goodbye(code)], heard };
  }
  const bad = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
  for (const [at, code] of bad.entries()) {
    cases[`7.9.${String(at + 1)}`] = { sent: [goodbye(code)], heard: FAILED };
  }
  cases["7.13.1"] = { sent: [goodbye(5000)], heard: FAILED };
  cases["7.13.2"] = { sent: [goodbye(65_535)], heard: FAILED };
  return cases;
}

/** A sixteenth of Autobahn's sizes. */
function large(): Cases {
  const cases: Cases = {};
  const kinds = [
    ["text", "*", ["9.1", "9.3", "9.5", "9.7"]],
    ["binary", "\u00fe", ["9.2", "9.4", "9.6", "9.8"]],
  ] as const;
  for (const [type, byte, [whole, inFrames, chopped, many]] of kinds) {
    for (const [at, size] of [4, 16, 64, 256, 512, 1024].entries()) {
      const payload = Buffer.alloc(size * 1024, byte, "latin1");
      const heard = [`${type} ${shown(payload)}`, OPEN];
      cases[`${whole}.${String(at + 1)}`] = { sent: [frame(type, payload)], heard };
    }
    const payload = Buffer.alloc(262_144, byte, "latin1");
    const heard = [`${type} ${shown(payload)}`, OPEN];
    for (let at = 0; at < 9; at += 1) {
      const sent = [Buffer.concat(fragments(type, payload, 64 * 4 ** at))];
      cases[`${inFrames}.${String(at + 1)}`] = { sent, heard };
    }
    for (let at = 0; at < 6; at += 1) {
      const sent = [frame(type, payload)];
      cases[`${chopped}.${String(at + 1)}`] = { sent, heard, chunkBytes: 64 * 2 ** at };
    }
    for (const [at, size] of [0, 16, 64, 256, 1024, 4096].entries()) {
      const small = Buffer.alloc(size, byte, "latin1");
      const said = type === "binary" ? `binary ${shown(small)}`.trimEnd() : `text ${shown(small)}`;
      const count = { length: 64 };
      const sent = Array.from(count, () => frame(type, small));
      const back = Array.from(count, () => said);
      cases[`${many}.${String(at + 1)}`] = { sent, heard: [...back, OPEN] };
    }
  }
  return cases;
}

/** All of them. */
export const AUTOBAHN_CASES: Readonly<Cases> = {
  ...lengths(),
  ...pings(),
  ...reserved(),
  ...fragmentation(),
  ...utf8(),
  ...utf8Tables(),
  ...closing(),
  ...large(),
};
