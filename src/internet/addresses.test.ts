import { assert, it } from "vitest";
import {
  HostnameAddress,
  type IAddress,
  IPv4Address,
  IPv6Address,
  NoAddress,
  UNIXAddress,
} from "./addresses.ts";

/** Pairwise different; each made anew, so that no two are the same object. */
function makeAll(): readonly IAddress[] {
  return [
    new IPv4Address("TCP", "192.0.2.1", 25),
    new IPv4Address("UDP", "192.0.2.1", 25),
    new IPv4Address("TCP", "192.0.2.2", 25),
    new IPv4Address("TCP", "192.0.2.1", 26),
    new IPv6Address("TCP", "2001:db8::1", 25),
    new IPv6Address("UDP", "2001:db8::1", 25),
    new IPv6Address("TCP", "2001:db8::2", 25),
    new IPv6Address("TCP", "2001:db8::1", 26),
    new IPv6Address("TCP", "2001:db8::1", 25, 7),
    new IPv6Address("TCP", "2001:db8::1", 25, 0, "eth0"),
    new IPv6Address("TCP", "192.0.2.1", 25),
    new UNIXAddress("/run/x.sock"),
    new UNIXAddress("/run/y.sock"),
    new UNIXAddress(""),
    new HostnameAddress("192.0.2.1", 25),
    new HostnameAddress("example.com", 25),
    new HostnameAddress("example.com", 26),
    new NoAddress("a pipe"),
    new NoAddress("/run/x.sock"),
  ];
}

it("equals() holds for the same kind and parts, and for nothing else", () => {
  const [left, right] = [makeAll(), makeAll()];
  for (const [at, one] of left.entries()) {
    for (const [other, two] of right.entries()) {
      assert.equal(one.equals(two), at === other, `${one.toString()} and ${two.toString()}`);
    }
  }
});

it("equals() sees flow and scope of IPv6 addresses that were left out as 0 and empty", () => {
  const short = new IPv6Address("TCP", "::1", 25);
  assert.isTrue(short.equals(new IPv6Address("TCP", "::1", 25, 0, "")));
});

it("toString() gives what a log or an endpoint wants", () => {
  const texts: readonly (readonly [IAddress, string])[] = [
    [new IPv4Address("TCP", "192.0.2.1", 25), "192.0.2.1:25"],
    [new IPv6Address("TCP", "2001:db8::1", 25), "[2001:db8::1]:25"],
    [new IPv6Address("UDP", "fe80::1", 25, 0, "eth0"), "[fe80::1%eth0]:25"],
    [new UNIXAddress("/run/x.sock"), "/run/x.sock"],
    [new UNIXAddress(""), "(unnamed UNIX socket)"],
    [new HostnameAddress("example.com", 25), "example.com:25"],
    [new NoAddress("a pipe"), "a pipe"],
  ];
  for (const [address, text] of texts) assert.equal(address.toString(), text);
});

it("`kind` tells the kinds apart without a class", () => {
  const kinds = new Set(makeAll().map((address) => address.kind));
  assert.deepEqual([...kinds].toSorted(), ["IPv4", "IPv6", "UNIX", "hostname", "none"]);
});
