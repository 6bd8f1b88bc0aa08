import { isIPv4, isIPv6 } from "node:net";
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatIPv4, formatIPv6, mappedIPv4, parseIPv4, parseIPv6 } from "./ip-address.ts";

function hex(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString("hex");
}

/** Text that is nearly an address, and sometimes is one. */
function nearly(...pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 17 }).map((parts) => parts.join(""));
}

describe("parseIPv4()", () => {
  it("reads dotted quads", () => {
    assert.equal(hex(parseIPv4("192.0.2.1")), "c0000201");
    assert.equal(hex(parseIPv4("255.255.255.255")), "ffffffff");
    assert.equal(hex(parseIPv4("0.0.0.0")), "00000000");
  });

  it("refuses everything else", () => {
    const not = [
      "",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "1.2.3.04",
      "1..2.3",
      " 1.2.3.4",
    ];
    for (const text of [
      ...not,
      "1.2.3.4 ",
      "1.2.3.-4",
      "0x1.2.3.4",
      "1.2.3.1e1",
      "１.2.3.4",
      "::1",
    ]) {
      assert.isUndefined(parseIPv4(text), JSON.stringify(text));
    }
  });

  it("takes what Node takes", () => {
    fc.assert(
      fc.property(nearly(".", ".", "0", "1", "25", "255", "256", "a", " "), (text) => {
        assert.equal(parseIPv4(text) !== undefined, isIPv4(text));
      }),
    );
  });
});

describe("parseIPv6()", () => {
  const cases: readonly [string, string][] = [
    ["::", "00000000000000000000000000000000"],
    ["::1", "00000000000000000000000000000001"],
    ["2001:db8::1", "20010db8000000000000000000000001"],
    ["2001:0DB8:0:0:0:0:0:1", "20010db8000000000000000000000001"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["::2:3:4:5:6:7:8", "00000002000300040005000600070008"],
    ["::ffff:192.0.2.1", "00000000000000000000ffffc0000201"],
    ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
    ["1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"],
  ];
  for (const [text, bytes] of cases) {
    it(`reads ${text}`, () => {
      assert.equal(hex(parseIPv6(text)), bytes);
    });
  }

  it("refuses everything else", () => {
    const not = [
      "",
      ":",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4::5:6:7:8",
    ];
    const more = [
      "::g",
      "::12345",
      "::1%eth0",
      "1.2.3.4",
      "::1.2.3",
      "::1.2.3.4:5",
      ":1:2:3:4:5:6:7",
    ];
    for (const text of [...not, ...more, "1:2:3:4:5:6:7:1.2.3.4", "[::1]", "::1 ", "1.2.3.4::"]) {
      assert.isUndefined(parseIPv6(text), JSON.stringify(text));
    }
  });

  it("takes what Node takes", () => {
    const text = nearly(
      ":",
      ":",
      "::",
      "0",
      "1",
      "db8",
      "ffff",
      "12345",
      ":1",
      "1.2.3.4",
      "g",
      ".",
    );
    fc.assert(
      fc.property(text, (one) => {
        assert.equal(parseIPv6(one) !== undefined, isIPv6(one));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("formatIPv6()", () => {
  const cases: readonly [string, string][] = [
    ["0:0:0:0:0:0:0:0", "::"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["::ffff:c000:201", "::ffff:192.0.2.1"],
    ["::fffe:c000:201", "::fffe:c000:201"],
  ];
  for (const [text, formatted] of cases) {
    it(`writes ${text} as ${formatted} (RFC 5952 §4)`, () => {
      assert.equal(formatIPv6(parseIPv6(text) ?? Buffer.alloc(0)), formatted);
    });
  }

  it("is read back as the same bytes", () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xff_ff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Buffer.alloc(16);
        for (const [at, one] of groups.entries()) bytes.writeUInt16BE(one, 2 * at);
        assert.equal(hex(parseIPv6(formatIPv6(bytes))), hex(bytes));
      }),
    );
  });
});

it("formatIPv4() is read back as the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
      assert.equal(hex(parseIPv4(formatIPv4(bytes))), Buffer.from(bytes).toString("hex"));
    }),
  );
});

it("mappedIPv4() finds the IPv4 address inside", () => {
  const inside = (text: string): string | undefined => {
    const bytes = parseIPv6(text) ?? parseIPv4(text);
    return hex(bytes && mappedIPv4(bytes));
  };
  assert.equal(inside("::ffff:192.0.2.1"), "c0000201");
  for (const text of ["::192.0.2.1", "1::ffff:192.0.2.1", "::", "192.0.2.1"]) {
    assert.isUndefined(inside(text), text);
  }
});
