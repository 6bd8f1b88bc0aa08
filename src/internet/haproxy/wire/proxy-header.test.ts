/**
 * What a wire machine owes: any cut, there and back, nothing but the error, a bound.
 *
 * @module
 */
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { RemoteProtocolError } from "../../../core/errors.ts";
import { formatIPv4, formatIPv6 } from "../../../core/ip-address.ts";
import { encodeProxyHeader } from "./encode-proxy-header.ts";
import { ProxyHeaderError } from "./errors.ts";
import type { ProxyHeader, ProxyInternetRoute, ProxySSL } from "./proxy-header.ts";
import { ProxyHeaderReader } from "./proxy-header-reader.ts";

/** What comes of `chunks`: a header and all that followed it, an error's message, or nothing. */
function outcome(
  chunks: readonly Buffer[],
  maxHeaderBytes = 4096,
): { header: ProxyHeader; rest: string } | { error: string } | undefined {
  const reader = new ProxyHeaderReader({ maxHeaderBytes });
  try {
    for (const [at, chunk] of chunks.entries()) {
      const received = reader.receive(chunk);
      assert.isAtMost(reader.bufferedBytes, Math.max(107, maxHeaderBytes));
      if (received !== undefined) {
        const rest = Buffer.concat([received.rest, ...chunks.slice(at + 1)]);
        return { header: received.header, rest: rest.toString("latin1") };
      }
    }
  } catch (error) {
    // Anything else is a bug of ours, and fails the test.
    if (!(error instanceof ProxyHeaderError)) throw error;
    return { error: error.message };
  }
  return undefined;
}

/** `bytes`, cut behind each index of `cuts` that lies inside. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const inside = cuts.filter((at) => at < bytes.length).sort((a, b) => a - b);
  const borders = [0, ...inside, bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

// -- What there can be

const port = fc.integer({ min: 0, max: 65_535 });
function ends(
  host: fc.Arbitrary<string>,
  family: "INET" | "INET6",
): fc.Arbitrary<ProxyInternetRoute> {
  const end = fc.record({ host, port });
  const transport = fc.constantFrom("STREAM" as const, "DGRAM" as const);
  return fc.record({ family: fc.constant(family), transport, source: end, destination: end });
}
const host4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(formatIPv4);
const host6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), {
    minLength: 16,
    maxLength: 16,
  })
  .map((bytes) => formatIPv6(Uint8Array.from(bytes)));
const internet = fc.oneof(ends(host4, "INET"), ends(host6, "INET6"));
const path = fc
  .tuple(
    fc.constantFrom("", "\0"),
    fc.string({ maxLength: 80, unit: fc.constantFrom("/", "a", "é") }),
  )
  .filter(([start, rest]) => start === "" || rest !== "")
  .map((parts) => parts.join(""));
const unix = fc.record({
  family: fc.constant("UNIX" as const),
  transport: fc.constantFrom("STREAM" as const, "DGRAM" as const),
  source: path,
  destination: path,
});
const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
const ascii = fc.string({ unit: fc.constantFrom("A", "z", " ", "~", "-", "0") });
const utf8 = fc.string({ unit: "grapheme-composite" });
/** Types without a name, as a header and as its TLS part. */
const others = (
  ...types: readonly number[]
): fc.Arbitrary<readonly { type: number; value: Buffer }[]> =>
  fc.array(fc.record({ type: fc.constantFrom(...types), value: bytes }), {
    minLength: 1,
    maxLength: 3,
  });
const ssl: fc.Arbitrary<ProxySSL> = fc.record(
  {
    secure: fc.boolean(),
    certificateOnConnection: fc.boolean(),
    certificateInSession: fc.boolean(),
    verify: fc.nat(),
    version: ascii,
    commonName: utf8,
    cipher: ascii,
    signatureAlgorithm: ascii,
    keyAlgorithm: ascii,
    tlvs: others(0x01, 0x20, 0x26, 0xff),
  },
  {
    requiredKeys: ["secure", "certificateOnConnection", "certificateInSession", "verify"],
  },
);
const version1: fc.Arbitrary<ProxyHeader> = fc.record(
  {
    version: fc.constant(1 as const),
    command: fc.constant("PROXY" as const),
    route: internet.map((route) => ({ ...route, transport: "STREAM" as const })),
  },
  { requiredKeys: ["version", "command"] },
);
const version2: fc.Arbitrary<ProxyHeader> = fc.record(
  {
    version: fc.constant(2 as const),
    command: fc.constant("PROXY" as const),
    route: fc.oneof(internet, unix),
    alpn: bytes,
    authority: utf8,
    uniqueID: bytes,
    ssl,
    networkNamespace: ascii,
    checksum: fc.constant(true),
    tlvs: others(0x00, 0x06, 0x31, 0xe0, 0xff),
  },
  { requiredKeys: ["version", "command"] },
);
const local: fc.Arbitrary<ProxyHeader> = fc.constant({ version: 2, command: "LOCAL" });
const header = fc.oneof(version1, version2, local);
/** Something like a header: right, or with some bytes changed, or short. */
const nearly = fc
  .tuple(header, fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 3 }), fc.nat(400))
  .map(([one, changes, length]) => {
    const all = encodeProxyHeader(one);
    for (const [at, value] of changes) if (at < all.length) all[at] = value;
    return all.subarray(0, length);
  });
const garbage = fc.oneof(
  nearly,
  fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
  fc
    .array(fc.constantFrom("PROXY ", "TCP4", "TCP6", "UNKNOWN", " ", "1.2.3.4", "::", "80", "\r\n"))
    .map((parts) => Buffer.from(parts.join(""))),
);
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 40 });

describe("ProxyHeaderReader: what a wire machine owes", () => {
  it("gives the same for any cut of the bytes", () => {
    fc.assert(
      fc.property(
        garbage,
        fc.string(),
        cuts,
        fc.integer({ min: 16, max: 300 }),
        (one, tail, at, max) => {
          const all = Buffer.concat([one, Buffer.from(tail)]);
          const whole = outcome([all], max);
          assert.deepEqual(outcome(cut(all, at), max), whole);
          assert.deepEqual(outcome(cut(all, [...all.keys()].slice(1)), max), whole);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("reads what was encoded, and hands on what followed", () => {
    fc.assert(
      fc.property(header, fc.string({ unit: "binary-ascii" }), (one, tail) => {
        const all = Buffer.concat([encodeProxyHeader(one), Buffer.from(tail)]);
        assert.deepEqual(outcome([all]), { header: one, rest: tail });
      }),
      { numRuns: 1000 },
    );
  });

  it("makes a header or the error of any bytes, and nothing else", () => {
    fc.assert(
      fc.property(garbage, (one) => {
        outcome([one]);
      }),
      { numRuns: 5000 },
    );
  });

  it("holds no more than the bound, however much comes", () => {
    const one: ProxyHeader = { version: 2, command: "PROXY", alpn: Buffer.alloc(4000) };
    const flood = Buffer.concat([encodeProxyHeader(one), Buffer.alloc(100_000)]);
    const expected = { header: one, rest: "\0".repeat(100_000) };
    assert.deepEqual(outcome(cut(flood, [1, 2, 50, 500, 1000])), expected);
    // Without an end, or with one that is too far away: an error, as early as it can be known.
    assert.isUndefined(outcome([Buffer.from(`PROXY ${"x".repeat(100)}`)]));
    assert.isDefined(outcome([Buffer.from(`PROXY ${"x".repeat(101)}`)]));
    assert.isUndefined(outcome([flood.subarray(0, 15)], 100));
    assert.isDefined(outcome([flood.subarray(0, 16)], 100));
  });

  it("is spent after a header, an error or the end", () => {
    const spend: readonly ((reader: ProxyHeaderReader) => void)[] = [
      (reader) => assert.isDefined(reader.receive(Buffer.from("PROXY UNKNOWN\r\n"))),
      (reader) => assert.throws(() => reader.receive(Buffer.from("GET")), ProxyHeaderError),
      (reader) => reader.receiveEnd(),
    ];
    for (const one of spend) {
      const reader = new ProxyHeaderReader();
      one(reader);
      assert.throws(() => reader.receive(Buffer.from("PROXY")), "make another one");
      assert.equal(reader.bufferedBytes, 0);
      reader.receiveEnd(); // Nothing is missing.
    }
  });

  it("receiveEnd() tells of a header that is not whole", () => {
    const reader = new ProxyHeaderReader();
    reader.receive(Buffer.from("PRO"));
    reader.receive(Buffer.from("XY"));
    assert.equal(reader.bufferedBytes, 5);
    assert.throws(
      () => reader.receiveEnd(),
      ProxyHeaderError,
      "the connection ended after 5 bytes",
    );
  });

  it("refuses bounds that there cannot be", () => {
    for (const maxHeaderBytes of [15, 65_552, 100.5, Number.NaN]) {
      assert.throws(() => new ProxyHeaderReader({ maxHeaderBytes }), RangeError);
    }
    const one: ProxyHeader = { version: 2, command: "PROXY", alpn: Buffer.alloc(65_532) };
    assert.deepEqual(outcome([encodeProxyHeader(one)], 65_551), { header: one, rest: "" });
  });

  it("names its error", () => {
    const error = new ProxyHeaderError("expected this");
    assert.isTrue(error instanceof RemoteProtocolError);
    assert.equal(error.code, "ERR_PROXY_HEADER");
    assert.equal(error.message, "Cannot read a PROXY header: expected this");
  });
});
