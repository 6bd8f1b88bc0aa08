/**
 * Version 2: each sentence of the spec that tells a receiver what to do, but for TLVs.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { ProxyHeaderError } from "./errors.ts";
import type { ProxyHeader, ProxyInternetRoute } from "./proxy-header.ts";
import { ProxyHeaderReader, type ProxyHeaderReceived } from "./proxy-header-reader.ts";

/** What a reader that holds at most `maxHeaderBytes` makes of `bytes`. */
function receive(bytes: Buffer | string, maxHeaderBytes = 4096): ProxyHeaderReceived | undefined {
  return new ProxyHeaderReader({ maxHeaderBytes }).receive(Buffer.from(bytes));
}

function read(bytes: Buffer | string): ProxyHeader {
  return receive(bytes)?.header ?? assert.fail("expected a whole header");
}

/** What is said of `bytes`, which are refused. */
function refusal(bytes: Buffer | string, maxHeaderBytes?: number): string {
  try {
    receive(bytes, maxHeaderBytes);
  } catch (error) {
    assert.instanceOf(error, ProxyHeaderError);
    return error.message.replace(/^Cannot read a PROXY header: /u, "");
  }
  return assert.fail("expected an error");
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/gu, ""), "hex");
}

const SIGNATURE = "0d0a 0d0a 000d 0a51 5549 540a";

/** A version 2 header whose length is right. */
function block(versionCommand: string, form: string, body: string): Buffer {
  const bytes = hex(body);
  const length = bytes.length.toString(16).padStart(4, "0");
  return Buffer.concat([hex(SIGNATURE + versionCommand + form + length), bytes]);
}

const ADDRESSES_4 = "c0000207 c6336401 dc04 01bb";

describe("version 2 (§2.2)", () => {
  it("TCP and UDP over IPv4", () => {
    const stream: ProxyInternetRoute = {
      family: "INET",
      transport: "STREAM",
      source: { host: "192.0.2.7", port: 56_324 },
      destination: { host: "198.51.100.1", port: 443 },
    };
    const tcp: ProxyHeader = { version: 2, command: "PROXY", route: stream };
    assert.deepEqual(read(block("21", "11", ADDRESSES_4)), tcp);
    const udp: ProxyHeader = { ...tcp, route: { ...stream, transport: "DGRAM" } };
    assert.deepEqual(read(block("21", "12", ADDRESSES_4)), udp);
  });

  it("TCP over IPv6", () => {
    const addresses = `20010db8${"00".repeat(11)}07 ${"00".repeat(10)}ffffc0000201 0001 ffff`;
    assert.deepEqual(read(block("21", "21", addresses)).route, {
      family: "INET6",
      transport: "STREAM",
      source: { host: "2001:db8::7", port: 1 },
      destination: { host: "::ffff:192.0.2.1", port: 65_535 },
    });
  });

  it("UNIX: paths end at their first zero, abstract names begin with one", () => {
    const full = "2f".repeat(108);
    const path = (start: string): string => start.padEnd(216, "00");
    const routeOf = (source: string, destination: string): unknown =>
      read(block("21", "31", source + destination)).route;
    const unix = { family: "UNIX", transport: "STREAM" };
    assert.deepEqual(routeOf(path(""), path("2f782e73")), {
      ...unix,
      source: "",
      destination: "/x.s",
    });
    // What a sender left behind the zero is nobody's.
    assert.deepEqual(routeOf(path("2f7800ffff"), full), {
      ...unix,
      source: "/x",
      destination: "/".repeat(108),
    });
    assert.deepEqual(routeOf(path("00610062"), path("ff")), {
      ...unix,
      source: "\0a\0b",
      destination: "�",
    });
  });

  it("LOCAL: everything but its length is skipped", () => {
    const local: ProxyHeader = { version: 2, command: "LOCAL" };
    for (const [form, body] of [
      ["00", ""],
      ["11", ADDRESSES_4],
      ["11", "00"],
      ["ff", "00ff"],
    ] as const) {
      assert.deepEqual(read(block("20", form, body)), local);
    }
  });

  it("UNSPEC: addresses are ignored, TLVs are read where there is nothing else", () => {
    const unspec: ProxyHeader = { version: 2, command: "PROXY" };
    assert.deepEqual(read(block("21", "00", "")), unspec);
    assert.deepEqual(read(block("21", "00", "020001 61")), { ...unspec, authority: "a" });
    for (const form of ["00", "01", "02", "10", "20", "30"]) {
      assert.deepEqual(read(block("21", form, "02 0002 61")), unspec, form);
    }
    assert.deepEqual(read(block("21", "10", "020001 61")), unspec);
    assert.match(refusal(block("21", "00", "030004 00000000")), /checksum does not fit/u);
  });

  const refused: readonly [string, Buffer, RegExp][] = [
    ["another signature", hex("0d0a0d0a000d0a51554954 0b"), /signature of version 2/u],
    ["version 1", block("11", "11", ADDRESSES_4), /expected version 2, got 1/u],
    ["version 3", block("31", "11", ADDRESSES_4), /expected version 2, got 3/u],
    ["an unknown command", block("22", "11", ADDRESSES_4), /expected command 0 or 1, got 2/u],
    ["an unknown family", block("21", "41", ADDRESSES_4), /family from 0 to 3, got 4/u],
    ["an unknown transport", block("21", "13", ADDRESSES_4), /transport from 0 to 2, got 3/u],
    ["short IPv4 addresses", block("21", "11", "00".repeat(11)), /expected 12 bytes/u],
    ["short IPv6 addresses", block("21", "22", "00".repeat(35)), /expected 36 bytes/u],
    ["short UNIX addresses", block("21", "32", "00".repeat(215)), /expected 216 bytes/u],
  ];
  for (const [what, one, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.match(refusal(one), message);
    });
  }

  it("knows a broken head without waiting for the rest of it", () => {
    for (const start of ["22", "2141", "2113", "2111 000b"]) {
      assert.isNotEmpty(refusal(hex(SIGNATURE + start)));
    }
  });

  it("bounds a header's length, and the bound may be moved", () => {
    const one = block("21", "11", ADDRESSES_4);
    assert.equal(refusal(one, 27), "expected at most 27 bytes, got 28");
    assert.deepEqual(receive(one, 28)?.rest, Buffer.alloc(0));
  });
});
