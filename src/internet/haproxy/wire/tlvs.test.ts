/**
 * TLVs, known and unknown, and the checksum.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { crc32c } from "./crc32c.ts";
import { ProxyHeaderError } from "./errors.ts";
import type { ProxyHeader } from "./proxy-header.ts";
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

describe("TLVs (§2.2)", () => {
  const withTLVs = (tlvs: string): Buffer => block("21", "11", ADDRESSES_4 + tlvs);

  it("those with a name, padding and those without", () => {
    const tlvs =
      "010002 6832  020001 61  04000100  050001 ff  300001 6e  e00002 0102  04 0000 e00000";
    const { alpn, authority, uniqueID, networkNamespace, tlvs: others } = read(withTLVs(tlvs));
    assert.equal(alpn?.toString(), "h2");
    assert.equal(authority, "a");
    assert.deepEqual(uniqueID, Buffer.from([255]));
    assert.equal(networkNamespace, "n");
    assert.deepEqual(others, [
      { type: 0xe0, value: Buffer.from([1, 2]) },
      { type: 0xe0, value: Buffer.alloc(0) },
    ]);
  });

  it("SSL, with TLVs of its own", () => {
    const inner = "210007 544c5376312e33 220002 c3a9 230001 43 240001 53 250001 4b 260001 58";
    const tlv = `20 ${(5 + hex(inner).length).toString(16).padStart(4, "0")} 03 00000012 ${inner}`;
    assert.deepEqual(read(withTLVs(tlv)).ssl, {
      secure: true,
      certificateOnConnection: true,
      certificateInSession: false,
      verify: 18,
      version: "TLSv1.3",
      commonName: "é",
      cipher: "C",
      signatureAlgorithm: "S",
      keyAlgorithm: "K",
      tlvs: [{ type: 0x26, value: Buffer.from("X") }],
    });
    assert.deepEqual(read(withTLVs("20 0005 04 00000000")).ssl, {
      secure: false,
      certificateOnConnection: false,
      certificateInSession: true,
      verify: 0,
    });
  });

  it("text is taken to the letter", () => {
    assert.equal(read(withTLVs("020004 efbbbf61")).authority, "\u{FEFF}a");
    assert.equal(read(withTLVs("020000")).authority, "");
  });

  it("its values are copies: nobody holds the chunk, or sees it change", () => {
    const chunk = withTLVs("050001 07 e00001 07");
    const header = new ProxyHeaderReader().receive(chunk)?.header;
    chunk.fill(0);
    assert.deepEqual(header?.uniqueID, Buffer.from([7]));
    assert.deepEqual(header?.tlvs?.[0]?.value, Buffer.from([7]));
  });

  it("a checksum is verified (§2.2.3)", () => {
    const one = withTLVs("030004 00000000 020001 61");
    const at = one.length - 8;
    one.writeUInt32BE(crc32c(one, at), at);
    assert.deepInclude(read(one), { checksum: true, authority: "a" });
    // Each bit counts: those of the head, too, that would still make a header.
    for (let index = 16; index < one.length; index += 1) {
      const broken = Buffer.from(one);
      broken.writeUInt8(broken.readUInt8(index) ^ 1, index);
      // Its type or length changed, it is no checksum any more.
      if (index < at - 3 || index >= at) assert.throws(() => read(broken), ProxyHeaderError);
    }
  });

  const refused: readonly [string, string, RegExp][] = [
    ["a head that is cut", "0100", /ends inside its head/u],
    ["a value that is cut", "010002 61", /TLV 0x01 of 2 bytes ends too late/u],
    ["a checksum of 3 bytes", "030003 000000", /checksum of 4 bytes, got 3/u],
    ["a wrong checksum", "030004 00000000", /checksum does not fit/u],
    ["two checksums", "030004 00000000 030004 00000000", /TLV 0x03 is there twice/u],
    ["two names", "020001 61 020001 62", /TLV 0x02 is there twice/u],
    ["a name that is no UTF-8", "020001 ff", /expected UTF-8 in TLV 0x02/u],
    ["an id of 129 bytes", `050081 ${"00".repeat(129)}`, /at most 128 bytes of id, got 129/u],
    ["a namespace that is no ASCII", "300001 0a", /printable ASCII in TLV 0x30, got "\\n"/u],
    ["a short SSL", "200004 00000000", /at least 5 bytes about TLS, got 4/u],
    ["a cut TLV in SSL", "200007 0000000000 2100", /ends inside its head/u],
    ["a long TLV in SSL", "200009 0000000000 210002 61", /TLV 0x21 of 2 bytes ends too late/u],
    ["two versions in SSL", "20000b 0000000000 210000 210000", /TLV 0x21 is there twice/u],
    ["a version that is no ASCII", "200009 0000000000 210001 ff", /printable ASCII in TLV 0x21/u],
    ["a subject that is no UTF-8", "200009 0000000000 220001 ff", /expected UTF-8 in TLV 0x22/u],
  ];
  for (const [what, tlvs, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.match(refusal(withTLVs(tlvs)), message);
    });
  }
});

it("crc32c() gives the values of RFC 3720 §B.4", () => {
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a_91_36_aa);
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62_a8_ab_43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at)), 0x46_dd_79_4e);
  assert.equal(crc32c(Buffer.from("123456789")), 0xe3_06_92_83);
  assert.equal(crc32c(Buffer.from("12345678"), 2), crc32c(Buffer.from("12\0\0\0\x0078")));
});
