/** @module */
import { assert, describe, it } from "vitest";
import { type RecordKeys, RecordReader, RecordType, RecordWriter, WireVersion } from "./records.ts";
import { Violation } from "./violation.ts";

const { applicationData, alert, changeCipherSpec, handshake } = RecordType;
const MODERN: RecordKeys = { version: WireVersion.TLS1_3, client: 7, server: 9 };
const OLD: RecordKeys = { ...MODERN, version: WireVersion.TLS1_2 };

/** A writer and a reader of what it writes, that have agreed on TLS. */
function agreed(keys: RecordKeys, others: RecordKeys = keys): [RecordWriter, RecordReader] {
  const [writer, reader] = [new RecordWriter("client"), new RecordReader("client")];
  writer.version = WireVersion.TLS1_2;
  reader.version = WireVersion.TLS1_2;
  writer.protect(keys);
  reader.protect(others);
  return [writer, reader];
}

/** All records, as type and text. */
function read(reader: RecordReader, pieces: readonly Buffer[]): string[] {
  const seen: string[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let one = reader.next(); one !== undefined; one = reader.next()) {
      seen.push(`${String(one.type)} ${one.data.toString()}`);
    }
  }
  return seen;
}

function violation(f: () => unknown): Violation {
  try {
    f();
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
  throw new Error("Expected a violation");
}

describe("RecordWriter.seal()", () => {
  it("makes records of the sizes of real ones, RFC 8446 §5.2 and RFC 5288 §3", () => {
    const plain = new RecordWriter("client");
    assert.equal(plain.seal(handshake, Buffer.alloc(10)).length, 5 + 10);
    assert.equal(agreed(MODERN)[0].seal(applicationData, Buffer.alloc(10)).length, 5 + 10 + 17);
    assert.equal(agreed(OLD)[0].seal(applicationData, Buffer.alloc(10)).length, 5 + 10 + 24);
  });

  it("cuts at 16 KiB, §5.1", () => {
    const [writer, reader] = agreed(MODERN);
    const sealed = writer.seal(applicationData, Buffer.alloc(40_000, "x"));
    assert.equal(sealed.length, 40_000 + 3 * 22);
    assert.equal(sealed.readUInt16BE(3), 16_384 + 17);
    const seen = read(reader, [sealed]).map((one) => one.length - 3);
    assert.deepEqual(seen, [16_384, 16_384, 7232]);
  });

  it("leaves what is inside readable, for traces", () => {
    const sealed = agreed(MODERN)[0].seal(applicationData, Buffer.from("GET /secret"));
    assert.include(sealed.toString("latin1"), "GET /secret");
  });
});

describe("RecordReader.next()", () => {
  for (const keys of [MODERN, OLD]) {
    it(`reads the same, however it is cut: version ${keys.version.toString(16)}`, () => {
      const [writer] = agreed(keys);
      const bytes = Buffer.concat([
        writer.seal(handshake, Buffer.from("one")),
        writer.seal(applicationData, Buffer.alloc(0)),
        writer.seal(applicationData, Buffer.from("two and more")),
      ]);
      const whole = read(agreed(keys)[1], [bytes]);
      assert.deepEqual(whole, ["22 one", "23 ", "23 two and more"]);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
        assert.deepEqual(read(agreed(keys)[1], pieces), whole);
      }
      const bytewise = [...bytes].map((byte) => Buffer.of(byte));
      assert.deepEqual(read(agreed(keys)[1], bytewise), whole);
    });

    it(`refuses each change of a byte: version ${keys.version.toString(16)}`, () => {
      const bytes = agreed(keys)[0].seal(applicationData, Buffer.from("private"));
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        let seen: string[] = [];
        try {
          seen = read(agreed(keys)[1], [changed]);
        } catch (error) {
          assert.instanceOf(error, Violation);
        }
        assert.deepEqual(seen, [], `byte ${String(at)}`);
      }
    });
  }

  it("refuses records of another connection, of the other end, and those that came before", () => {
    const [writer, reader] = agreed(MODERN);
    const bytes = writer.seal(applicationData, Buffer.from("once"));
    for (const keys of [
      { ...MODERN, client: 8 },
      { ...MODERN, server: 8 },
    ]) {
      const { code, alert: told } = violation(() => read(agreed(MODERN, keys)[1], [bytes]));
      assert.equal(code, "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC");
      assert.equal(told, 20);
    }
    const mirrored = new RecordReader("server");
    mirrored.protect(MODERN);
    violation(() => read(mirrored, [bytes]));
    assert.deepEqual(read(reader, [bytes]), ["23 once"]);
    violation(() => read(reader, [bytes]));
  });

  it("says what it is that is no TLS, and does not wait for more", () => {
    for (const [text, code] of [
      ["GET /", "ERR_SSL_HTTP_REQUEST"],
      ["CONNECT x", "ERR_SSL_HTTPS_PROXY_REQUEST"],
      ["EHLO me", "ERR_SSL_WRONG_VERSION_NUMBER"],
    ] as const) {
      const found = violation(() => read(new RecordReader("client"), [Buffer.from(text)]));
      assert.deepEqual([found.code, found.alert], [code, undefined]);
    }
    const long = Buffer.from([22, 3, 1, 0xff, 0xff]);
    const found = violation(() => read(new RecordReader("client"), [long]));
    assert.deepEqual([found.code, found.alert], ["ERR_SSL_PACKET_LENGTH_TOO_LONG", 22]);
  });

  it("takes alerts in clear of a client only, and only before anything else, §5", () => {
    const plain = Buffer.from([alert, 3, 3, 0, 2, 2, 40]);
    const spec = Buffer.from([changeCipherSpec, 3, 3, 0, 1, 1]);
    const [writer, reader] = agreed(MODERN);
    assert.equal(read(reader, [spec, plain]).length, 2);
    read(reader, [writer.seal(applicationData, Buffer.from("x"))]);
    for (const late of [spec, plain]) {
      const again = agreed(MODERN)[1];
      read(again, [agreed(MODERN)[0].seal(applicationData, Buffer.from("x"))]);
      assert.equal(violation(() => read(again, [late])).code, "ERR_SSL_BAD_RECORD_TYPE");
    }
    const fromServer = new RecordReader("server");
    fromServer.protect(MODERN);
    assert.equal(violation(() => read(fromServer, [plain])).code, "ERR_SSL_BAD_RECORD_TYPE");
  });
});
