/** @module */
import { assert, describe, it } from "vitest";
import {
  type ClientHello,
  decodeClientHello,
  decodeServerHello,
  encodeCertificate,
  encodeClientHello,
  encodeMessage,
  encodeServerHello,
  type Message,
  MessageReader,
  MessageType,
  type ServerHello,
} from "./messages.ts";
import { WireVersion } from "./records.ts";
import { Violation } from "./violation.ts";

const CLIENT: ClientHello = {
  number: 41,
  oldest: WireVersion.TLS1_2,
  newest: WireVersion.TLS1_3,
  suites: [0x1302, 0xc02b],
  serverName: "localhost",
  protocols: [],
  takesTickets: true,
  ticket: undefined,
};
const SERVER: ServerHello = {
  number: 42,
  version: WireVersion.TLS1_2,
  suite: 0xc02b,
  resumed: true,
  ticketFollows: false,
  protocol: "h2",
};

describe("encodeClientHello()", () => {
  it("is read as it was", () => {
    const full = { ...CLIENT, protocols: ["h2", "http/1.1"], ticket: 0 };
    for (const hello of [CLIENT, full]) {
      assert.deepEqual(decodeClientHello(encodeClientHello(hello)), hello);
    }
  });

  it("has the size of OpenSSL's", () => {
    assert.equal(encodeClientHello(CLIENT).length, 354);
    assert.equal(encodeClientHello({ ...CLIENT, protocols: ["h2"] }).length, 367);
    const resuming = encodeClientHello({ ...CLIENT, ticket: 1 });
    assert.equal(resuming.length, 354 + 303);
  });

  it("is refused where it is cut, or counts more than it has", () => {
    const bytes = encodeClientHello(CLIENT);
    for (let length = 0; length < 30; length += 1) {
      assert.throws(() => decodeClientHello(bytes.subarray(0, length)), Violation);
    }
    assert.throws(() => decodeClientHello(Buffer.alloc(400, 0xff)), Violation);
  });
});

describe("encodeServerHello()", () => {
  it("is read as it was", () => {
    assert.deepEqual(decodeServerHello(encodeServerHello(SERVER)), SERVER);
  });
});

describe("encodeCertificate()", () => {
  it("has a size that goes by the number of certificates alone", () => {
    assert.equal(encodeCertificate(1, 2).length, encodeCertificate(1_000_000, 2).length);
    assert.isBelow(encodeCertificate(undefined, 0).length, 20);
  });
});

describe("MessageReader.next()", () => {
  const bytes = Buffer.concat([
    encodeMessage(MessageType.finished, Buffer.from("abc")),
    encodeMessage(MessageType.serverHelloDone, Buffer.alloc(0)),
  ]);

  function read(pieces: readonly Buffer[]): Message[] {
    const reader = new MessageReader();
    const seen: Message[] = [];
    for (const piece of pieces) {
      reader.push(piece);
      for (let one = reader.next(); one !== undefined; one = reader.next()) seen.push(one);
    }
    return seen;
  }

  it("reads the same, however it is cut", () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const seen = read([bytes.subarray(0, cut), bytes.subarray(cut)]);
      assert.deepEqual(
        seen.map(({ type, body }) => [type, body.toString()]),
        [
          [20, "abc"],
          [14, ""],
        ],
      );
    }
  });

  it("does not wait for a message that is too large", () => {
    assert.throws(() => read([Buffer.from([1, 0xff, 0, 0])]), Violation, "excessive message size");
  });
});
