/**
 * What can be said in each version, and how.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { encodeProxyHeader } from "./encode-proxy-header.ts";
import type { ProxyHeader, ProxyInternetRoute } from "./proxy-header.ts";

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

describe("encodeProxyHeader()", () => {
  const route: ProxyInternetRoute = {
    family: "INET",
    transport: "STREAM",
    source: { host: "192.0.2.7", port: 56_324 },
    destination: { host: "198.51.100.1", port: 443 },
  };
  const one: ProxyHeader = { version: 2, command: "PROXY", route };

  it("writes the bytes of the spec", () => {
    const line = encodeProxyHeader({ ...one, version: 1 }).toString();
    assert.equal(line, "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n");
    assert.deepEqual(encodeProxyHeader(one), block("21", "11", ADDRESSES_4));
    assert.deepEqual(encodeProxyHeader({ version: 2, command: "LOCAL" }), block("20", "00", ""));
  });

  it("writes addresses in one spelling", () => {
    const end = { host: "2001:DB8:0::1", port: 1 };
    const six: ProxyHeader = {
      version: 1,
      command: "PROXY",
      route: { ...route, family: "INET6", source: end, destination: end },
    };
    assert.equal(encodeProxyHeader(six).toString(), "PROXY TCP6 2001:db8::1 2001:db8::1 1 1\r\n");
  });

  const tooLong = Buffer.alloc(65_536);
  const refused: readonly [string, ProxyHeader, RegExp][] = [
    ["LOCAL in version 1", { version: 1, command: "LOCAL" }, /no LOCAL/u],
    ["UDP in version 1", { ...one, version: 1, route: { ...route, transport: "DGRAM" } }, /TCP/u],
    ["TLVs in version 1", { ...one, version: 1, authority: "a" }, /nothing else/u],
    ["a checksum in version 1", { ...one, version: 1, checksum: true }, /nothing else/u],
    ["a route in LOCAL", { ...one, command: "LOCAL" }, /nothing but that/u],
    ["TLVs in LOCAL", { version: 2, command: "LOCAL", authority: "a" }, /nothing but that/u],
    ["another family", { ...one, route: { ...route, family: "INET6" } }, /address of INET6/u],
    ["a name", { ...one, route: { ...route, source: { host: "a", port: 1 } } }, /got "a"/u],
    ["port 65536", { ...one, route: { ...route, source: { host: "::", port: 65_536 } } }, /INET/u],
    ["port -1", { ...one, route: { ...route, source: { host: "1.1.1.1", port: -1 } } }, /got -1/u],
    ["129 bytes of id", { ...one, uniqueID: Buffer.alloc(129) }, /at most 128/u],
    ["control characters", { ...one, networkNamespace: "\n" }, /printable ASCII/u],
    ["a long TLV", { ...one, alpn: tooLong }, /too long/u],
    ["many bytes", { ...one, alpn: tooLong.subarray(1) }, /65550 bytes behind its head/u],
    ["a named type", { ...one, tlvs: [{ type: 1, value: tooLong }] }, /a field of its own/u],
    ["type 256", { ...one, tlvs: [{ type: 256, value: Buffer.alloc(0) }] }, /0 to 255, got 256/u],
  ];
  for (const [what, header, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => encodeProxyHeader(header), RangeError, message);
    });
  }

  it("refuses paths that would not be read back", () => {
    for (const source of ["a\0b", "a\0", "\0", "\0a\0", "é".repeat(55)]) {
      const unix = {
        family: "UNIX" as const,
        transport: "STREAM" as const,
        source,
        destination: "",
      };
      assert.throws(() => encodeProxyHeader({ ...one, route: unix }), RangeError);
    }
  });
});
