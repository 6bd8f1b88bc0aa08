import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { formatIPv6 } from "../../core/ip-address.ts";
import { type ForwardedElement, formatForwarded, parseForwarded } from "./forwarded.ts";

describe("parseForwarded()", () => {
  it("reads the examples of RFC 7239 §4", () => {
    const cases: readonly (readonly [string, readonly ForwardedElement[]])[] = [
      ['for="_gazonk"', [{ for: { name: "_gazonk" } }]],
      ['For="[2001:db8:cafe::17]:4711"', [{ for: { name: "2001:db8:cafe::17", port: 4711 } }]],
      [
        "for=192.0.2.60;proto=http;by=203.0.113.43",
        [{ for: { name: "192.0.2.60" }, proto: "http", by: { name: "203.0.113.43" } }],
      ],
      [
        "for=192.0.2.43, for=198.51.100.17",
        [{ for: { name: "192.0.2.43" } }, { for: { name: "198.51.100.17" } }],
      ],
      [
        'for=_hidden, for=_SEVKISEK;by="192.0.2.1:80"',
        [
          { for: { name: "_hidden" } },
          { for: { name: "_SEVKISEK" }, by: { name: "192.0.2.1", port: 80 } },
        ],
      ],
    ];
    for (const [value, elements] of cases) assert.deepEqual(parseForwarded(value), elements);
  });

  it("reads made-up ports, unknown parties, hosts and schemes (RFC 7239 §5, §6)", () => {
    const value = 'for="Unknown:_p.1-";host="example.com:8080";proto=HTTPS , host="[::1]:80"';
    assert.deepEqual(parseForwarded(value), [
      { for: { name: "unknown", port: "_p.1-" }, host: "example.com:8080", proto: "https" },
      { host: "[::1]:80" },
    ]);
  });

  it("writes addresses in one way, so that they can be compared", () => {
    assert.deepEqual(parseForwarded('for="[2001:DB8:0:0::0:1]"'), [
      { for: { name: "2001:db8::1" } },
    ]);
  });

  it("reads over whitespace, empty elements and other parameters", () => {
    assert.deepEqual(parseForwarded(", for=192.0.2.1 ; secret=x ;; proto=http ,,"), [
      { for: { name: "192.0.2.1" }, proto: "http" },
    ]);
    assert.deepEqual(parseForwarded(";"), [{}]);
  });

  it("believes nothing when any part is wrong", () => {
    const nodes = [
      "1.2.3",
      "256.0.0.1",
      "010.0.0.1",
      "example.com",
      "_",
      "[::1",
      "::1",
      "[1.2.3.4]",
    ];
    const ports = [
      "1.2.3.4:",
      "1.2.3.4:x",
      "1.2.3.4:65536",
      "1.2.3.4:123456",
      "1.2.3.4:_",
      "[::1]x",
    ];
    for (const node of [...nodes, ...ports, "", " ", "[fe80::1%eth0]", "1.2.3.4:80:80"]) {
      assert.isUndefined(parseForwarded(`for="${node}", for=192.0.2.1`), node);
      assert.isUndefined(parseForwarded(`by="${node}"`), node);
    }
    for (const host of [
      "",
      "a b",
      "a/b",
      "user@a",
      "a:b",
      'a\\"b',
      "a:80:80",
      "[::1",
      "<a>",
      "é",
    ]) {
      assert.isUndefined(parseForwarded(`host="${host}"`), host);
    }
    for (const proto of ["", "1http", "ht tp", "http:", "https,", "javascript:alert"]) {
      assert.isUndefined(parseForwarded(`proto="${proto}"`), proto);
    }
    const wrong = [
      "",
      ",",
      "for",
      "for=",
      "for =_a",
      "for=[::1]",
      "for=_a;for=_b",
      "for=_a _b",
      '"',
    ];
    for (const value of [...wrong, '", for=_a', "for=_a;FOR=_a", "x=1;x=2"]) {
      assert.isUndefined(parseForwarded(value), value);
    }
  });
});

describe("formatForwarded()", () => {
  it("quotes what must be (RFC 7239 §6)", () => {
    const elements: readonly ForwardedElement[] = [
      { for: { name: "2001:db8::17" }, proto: "https" },
      { for: { name: "192.0.2.1", port: 80 }, by: { name: "_edge" }, host: "a.example:1" },
      { for: { name: "192.0.2.1" }, host: "a.example" },
    ];
    assert.equal(
      formatForwarded(elements),
      'for="[2001:db8::17]";proto=https, for="192.0.2.1:80";by=_edge;host="a.example:1", ' +
        "for=192.0.2.1;host=a.example",
    );
  });

  it("refuses what parseForwarded() would not read", () => {
    const wrong: readonly ForwardedElement[] = [
      {},
      { for: { name: "" } },
      { for: { name: "example.com" } },
      { for: { name: '_a", for=1.2.3.4' } },
      { for: { name: "192.0.2.1:80" } },
      { by: { name: "192.0.2.1", port: 65_536 } },
      { by: { name: "192.0.2.1", port: -1 } },
      { by: { name: "192.0.2.1", port: 1.5 } },
      { by: { name: "192.0.2.1", port: "80x" } },
      { host: "" },
      { host: "a\r\nb" },
      { host: "\u212a" },
      { proto: "" },
      { proto: "\u212a" },
      { proto: "http, for=_a" },
    ];
    for (const element of wrong) {
      assert.throws(() => formatForwarded([element]), TypeError, "Cannot write Forwarded");
    }
  });

  it("writes what parseForwarded() reads", () => {
    const madeUp = fc
      .string({ unit: fc.constantFrom(..."aZ09._-".split("")), minLength: 1 })
      .map((text) => `_${text}`);
    const name = fc.oneof(
      fc.ipV4(),
      fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatIPv6),
      fc.constant("unknown"),
      madeUp,
    );
    const port = fc.oneof(fc.nat(65_535), madeUp);
    const node = fc.record({ name, port }, { requiredKeys: ["name"] });
    const element = fc
      .record(
        {
          for: node,
          by: node,
          host: fc.constantFrom("a.example", "a.example:80", "[::1]:8080"),
          proto: fc.constantFrom("http", "https", "x-a+b.c"),
        },
        { requiredKeys: [] },
      )
      .filter((element) => Object.keys(element).length > 0);
    fc.assert(
      fc.property(fc.array(element, { minLength: 1 }), (elements) => {
        assert.deepEqual(parseForwarded(formatForwarded(elements)), elements);
      }),
    );
  });
});
