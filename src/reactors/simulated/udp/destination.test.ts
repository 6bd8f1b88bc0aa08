import { assert, describe, it } from "vitest";
import { Simulator } from "../simulator.ts";
import {
  canonical,
  castOf,
  interfaceOf,
  mapped,
  staysOnHost,
  staysOnLink,
  unmapped,
  zoneOf,
} from "./destination.ts";

describe("castOf", () => {
  it("tells hosts, groups and broadcast addresses (RFC 1112 §4, RFC 4291 §2.7, RFC 919 §7)", () => {
    for (const host of ["10.0.0.1", "223.255.255.255", "240.0.0.1", "fd00::1", "::ffff:1.2.3.4"]) {
      assert.equal(castOf(host), "one", host);
    }
    for (const host of ["224.0.0.1", "239.255.255.255", "ff02::1", "FF0E::1"]) {
      assert.equal(castOf(host), "group", host);
    }
    for (const host of ["255.255.255.255", "10.255.255.255", "127.255.255.255"]) {
      assert.equal(castOf(host), "all", host);
    }
  });
});

describe("canonical", () => {
  it("writes an IPv6 address one way, without its zone (RFC 5952 §4)", () => {
    for (const host of ["fd00::1", "FD00:0:0::1", "fd00::1%eth0"]) {
      assert.equal(canonical(host), "fd00::1");
    }
    assert.equal(canonical("::FFFF:10.0.0.1"), "::ffff:10.0.0.1");
    assert.equal(canonical("10.0.0.1"), "10.0.0.1");
  });

  it("zoneOf has the zone", () => {
    assert.deepEqual(["ff02::1%lo", "ff02::1"].map(zoneOf), ["lo", ""]);
  });
});

describe("unmapped", () => {
  it("finds the IPv4 address in one that stands for it (RFC 4291 §2.5.5.2)", () => {
    assert.equal(unmapped(mapped("10.0.0.1")), "10.0.0.1");
    assert.equal(unmapped("::ffff:1"), "::ffff:1");
  });
});

describe("interfaceOf", () => {
  it("knows names, zones and addresses; the default is where the others are", () => {
    const machine = new Simulator().addHost("host");
    for (const text of ["", "eth0", "::%eth0", machine.ipv4, machine.ipv6]) {
      assert.equal(interfaceOf(machine, text), "eth0", text);
    }
    for (const text of ["lo", "::%lo", "127.0.0.1", "::1"]) {
      assert.equal(interfaceOf(machine, text), "lo", text);
    }
    for (const text of ["eth1", "192.0.2.1", "nonsense"]) {
      assert.throws(() => interfaceOf(machine, text), text);
    }
  });
});

describe("scopes", () => {
  it("staysOnLink: link-local groups and broadcasts (RFC 5771 §4, RFC 4291 §2.7)", () => {
    assert.isTrue(staysOnLink("224.0.0.251", "group"));
    assert.isTrue(staysOnLink("ff02::fb", "group"));
    assert.isTrue(staysOnLink("255.255.255.255", "all"));
    assert.isFalse(staysOnLink("239.1.2.3", "group"));
    assert.isFalse(staysOnLink("10.0.0.1", "one"));
  });

  it("staysOnHost: groups of the interface (RFC 4291 §2.7)", () => {
    assert.isTrue(staysOnHost("ff01::1"));
    assert.isFalse(staysOnHost("ff02::1"));
  });
});
