/**
 * Version 1: each sentence of the spec that tells a receiver what to do.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
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

describe("version 1 (§2.1)", () => {
  const route = (protocol: string, addresses: string): unknown => {
    const one = read(`PROXY ${protocol} ${addresses}\r\n`);
    assert.equal(one.version, 1);
    assert.equal(one.command, "PROXY");
    return one.route;
  };
  it("TCP4", () => {
    assert.deepEqual(route("TCP4", "192.168.0.1 192.168.0.11 56324 443"), {
      family: "INET",
      transport: "STREAM",
      source: { host: "192.168.0.1", port: 56_324 },
      destination: { host: "192.168.0.11", port: 443 },
    });
  });

  it("TCP6, however it is spelt", () => {
    assert.deepEqual(route("TCP6", "2001:DB8:0:0:0:0:0:7 ::ffff:192.0.2.1 0 65535"), {
      family: "INET6",
      transport: "STREAM",
      source: { host: "2001:db8::7", port: 0 },
      destination: { host: "::ffff:192.0.2.1", port: 65_535 },
    });
  });

  it("UNKNOWN, and whatever follows it", () => {
    const worst = `PROXY UNKNOWN ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535\r\n`;
    assert.lengthOf(worst, 107);
    for (const line of ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN \0\xff GET\r\n", worst]) {
      assert.deepEqual(read(Buffer.from(line, "latin1")), { version: 1, command: "PROXY" });
    }
  });

  const refused: readonly [string, RegExp][] = [
    ["GET / HTTP/1.1\r\n", /got "G"$/u],
    ["PROXI TCP4 1.2.3.4 1.2.3.4 1 2\r\n", /got "PROXI"$/u],
    ["PROXY\tTCP4 1.2.3.4 1.2.3.4 1 2\r\n", /got "PROXY\\t"$/u],
    ["proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", /got "p"$/u],
    ["PROXY\r\n", /got "PROXY\\r"$/u],
    ["PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n", /expected TCP4, TCP6 or UNKNOWN, got ""/u],
    ["PROXY \r\n", /expected TCP4, TCP6 or UNKNOWN, got ""/u],
    ["PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", /got "UDP4"/u],
    ["PROXY UNKNOWNX\r\n", /got "UNKNOWNX"/u],
    ["PROXY TCP4\r\n", /expected two addresses and two ports/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", /expected two addresses and two ports/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", /expected two addresses and two ports/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", /expected two addresses and two ports/u],
    ["PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n", /expected two addresses and two ports/u],
    ["PROXY TCP4 ::1 ::1 1 2\r\n", /expected an IPv4 address, got "::1"/u],
    ["PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n", /expected an IPv4 address, got "01.2.3.4"/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.256 1 2\r\n", /expected an IPv4 address/u],
    ["PROXY TCP6 1.2.3.4 ::1 1 2\r\n", /expected an IPv6 address, got "1.2.3.4"/u],
    ["PROXY TCP6 ::1 ::1%lo 1 2\r\n", /expected an IPv6 address/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", /expected a port from 0 to 65535, got "01"/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", /expected a port from 0 to 65535/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", /expected a port from 0 to 65535/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n", /expected a port from 0 to 65535, got ""/u],
    // "The receiver must not tolerate a single CR or LF."
    ["PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", /got LF$/u],
    ["PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r ", /got CR$/u],
    ["PROXY UNKNOWN \r\r\n", /got CR$/u],
    [`PROXY UNKNOWN ${"x".repeat(92)}\r\n`, /at most 107 bytes/u],
  ];
  for (const [line, message] of refused) {
    it(`refuses ${JSON.stringify(line)}`, () => {
      assert.match(refusal(line), message);
    });
  }
});
