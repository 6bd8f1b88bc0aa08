import { assert, describe, it } from "vitest";
import { IPv4Address, IPv6Address } from "../addresses.ts";
import { addressFromLiteral, literalFromAddress } from "./address-literal.ts";

describe("addressFromLiteral()", () => {
  it("is the address, with port, type and zone", () => {
    assert.deepEqual(addressFromLiteral("192.0.2.1"), new IPv4Address("TCP", "192.0.2.1", 0));
    const parts = { portNumber: 53, transportSemantics: "UDP" } as const;
    assert.deepEqual(
      addressFromLiteral("fe80::1%eth0", parts),
      new IPv6Address("UDP", "fe80::1", 53, 0, "eth0"),
    );
  });

  it("is undefined for names, and for what has brackets or too much", () => {
    for (const text of [
      "",
      "localhost",
      "[::1]",
      "1.2.3",
      "01.2.3.4",
      "::1%",
      "::1%a%b",
      "1.2.3.4%a",
    ]) {
      assert.isUndefined(addressFromLiteral(text), text);
    }
  });

  it("is undone by literalFromAddress()", () => {
    for (const text of ["192.0.2.1", "::1", "fe80::1%eth0", "::ffff:192.0.2.1"]) {
      const address = addressFromLiteral(text);
      assert(address !== undefined);
      assert.equal(literalFromAddress(address), text);
    }
  });
});
