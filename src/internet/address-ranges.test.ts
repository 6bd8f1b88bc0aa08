import { assert, describe, it } from "vitest";
import { AddressRanges } from "./address-ranges.ts";
import { HostnameAddress, IPv4Address, IPv6Address, NoAddress, UNIXAddress } from "./addresses.ts";

function has(entries: readonly string[], host: string): boolean {
  const Address = host.includes(":") ? IPv6Address : IPv4Address;
  return new AddressRanges(entries).has(new Address("TCP", host, 1));
}

describe("AddressRanges", () => {
  const inside: readonly [string, string][] = [
    ["192.0.2.1", "192.0.2.1"],
    ["10.0.0.0/8", "10.255.255.255"],
    ["10.1.2.3/8", "10.0.0.0"],
    ["192.0.2.64/27", "192.0.2.95"],
    ["192.0.2.1/31", "192.0.2.0"],
    ["0.0.0.0/0", "255.1.2.3"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["2001:db8::/32", "2001:db8:ffff::1"],
    ["2001:db8::/33", "2001:db8:7fff::1"],
    ["::/0", "2001:db8::1"],
    ["192.0.2.0/24", "::ffff:192.0.2.1"],
    ["::ffff:192.0.2.0/120", "192.0.2.255"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ];
  for (const [entry, host] of inside) {
    it(`${entry} has ${host}`, () => {
      assert.isTrue(has([entry], host));
      assert.isTrue(has(["203.0.113.0/24", entry, "3fff::/20"], host));
    });
  }

  const outside: readonly [string, string][] = [
    ["192.0.2.1", "192.0.2.2"],
    ["10.0.0.0/8", "11.0.0.0"],
    ["192.0.2.64/27", "192.0.2.96"],
    ["192.0.2.64/27", "192.0.2.63"],
    ["2001:db8::/33", "2001:db8:8000::1"],
    ["::/0", "192.0.2.1"],
    ["::/0", "::ffff:192.0.2.1"],
    ["::/95", "::ffff:192.0.2.1"],
    ["0.0.0.0/0", "::1"],
    ["unix:", "127.0.0.1"],
  ];
  for (const [entry, host] of outside) {
    it(`${entry} has not ${host}`, () => {
      assert.isFalse(has([entry], host));
    });
  }

  it("has UNIX sockets only by their own word, and nothing that has no address", () => {
    assert.isTrue(new AddressRanges(["unix:"]).has(new UNIXAddress("")));
    const all = new AddressRanges(["0.0.0.0/0", "::/0"]);
    for (const address of [new UNIXAddress("/run/x"), new NoAddress("a pipe")]) {
      assert.isFalse(all.has(address));
    }
    assert.isFalse(all.has(new HostnameAddress("192.0.2.1", 1)));
    assert.isFalse(all.has(new IPv4Address("TCP", "nonsense", 1)));
    assert.isFalse(new AddressRanges([]).has(new IPv4Address("TCP", "192.0.2.1", 1)));
  });

  const not = ["", "localhost", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/", "/8", "unix"];
  for (const entry of [
    ...not,
    "10.0.0.0/8/8",
    "10.0.0.0/0x8",
    "10.0.0.0/1e1",
    " 10.0.0.1",
    "10.0.0",
  ]) {
    it(`refuses ${JSON.stringify(entry)}`, () => {
      assert.throws(() => new AddressRanges(["192.0.2.1", entry]), RangeError, "Cannot read");
    });
  }
});
