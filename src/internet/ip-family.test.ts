import { isIP } from "node:net";
import * as fc from "fast-check";
import { assert, it } from "vitest";
import { ipFamily } from "./ip-family.ts";

it("ipFamily() tells the families apart", () => {
  for (const text of ["0.0.0.0", "127.0.0.1", "255.255.255.255", "1.2.3.4"]) {
    assert.equal(ipFamily(text), 4, text);
  }
  for (const text of [
    "::",
    "::1",
    "1::",
    "2001:db8::1",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::ffff:192.0.2.1",
    "1:2:3:4:5:6:192.0.2.1",
    "FE80::A%eth0",
    "fe80::1%2",
  ]) {
    assert.equal(ipFamily(text), 6, text);
  }
});

it("ipFamily() takes no names, no brackets, and nothing half right", () => {
  for (const text of [
    "",
    "localhost",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    " 1.2.3.4",
    "1.2.3.4\n",
    "0x7f.0.0.1",
    "[::1]",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::12345",
    "::g",
    "192.0.2.1::",
    "::192.0.2.1:1",
    "1:2:3:4:5:6:7:192.0.2.1",
    "fe80::1%",
    "fe80::1%a b",
    "%eth0",
  ]) {
    assert.equal(ipFamily(text), 0, JSON.stringify(text));
  }
});

it("ipFamily() agrees with the platform", () => {
  const like = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.stringMatching(/^[0-9a-g:.]*$/u),
    fc
      .array(fc.constantFrom(":", "::", "1", "ab", "1.2.3.4"), { maxLength: 12 })
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(like, (text) => ipFamily(text) === isIP(text)),
    { numRuns: 5000 },
  );
});
