import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { StringTransport } from "../../testing/string-transport.ts";
import type { Capability } from "../capabilities.ts";
import { IPv4Address, IPv6Address } from "../addresses.ts";
import { UnsupportedError } from "../errors.ts";
import { Factory } from "../factory.ts";
import { HAProxyServerEndpoint } from "../haproxy/haproxy-server-endpoint.ts";
import { HAProxyWrappingFactory } from "../haproxy/haproxy-wrapping-factory.ts";
import { IReactorTime } from "../interfaces-reactor.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import { serverFromString } from "./from-string.ts";
import type { IStreamServerEndpointStringParser } from "./interfaces-string-parser.ts";
import { endpointParsers } from "./registry.ts";

/** Makes endpoints that only tell what they were made of. */
const asked: IStreamServerEndpointStringParser = {
  prefix: "asked",
  usage: "asked:anything",
  parseStreamServer: (_reactor, positional, keywords) => ({
    listen: () => assert.fail("nobody listens here"),
    toString: () => JSON.stringify([positional, Object.fromEntries(keywords)]),
  }),
};
const parsers = endpointParsers({ server: [asked] });

function read(description: string): string {
  const endpoint = serverFromString(new MemoryReactor(), description, { parsers });
  assert.instanceOf(endpoint, HAProxyServerEndpoint);
  return endpoint.toString();
}

describe("haproxy:<inner>", () => {
  it("listens where the inner description says, with a factory that reads headers", () => {
    const reactor = new MemoryReactor();
    const endpoint = serverFromString(reactor, "haproxy:tcp:8080:interface=127.0.0.1");
    void endpoint.listen(Factory.building(() => undefined));
    const [server] = reactor.tcpServers;
    assert.equal(server?.port, 8080);
    assert.equal(server?.options.interface, "127.0.0.1");
    assert.instanceOf(server?.factory, HAProxyWrappingFactory);
  });

  const cases: readonly [string, string][] = [
    ["haproxy:tcp:8080", "haproxy:tcp:8080"],
    ["haproxy:tcp:port=8080:interface=127.0.0.1", "haproxy:tcp:8080:interface=127.0.0.1"],
    [String.raw`haproxy:tcp6:80:\:\:1`, String.raw`haproxy:tcp6:80:interface=\:\:1`],
    ["haproxy:asked", "haproxy:[[],{}]"],
    ["haproxy:asked:a:b=c:", 'haproxy:[["a",""],{"b":"c"}]'],
    [
      String.raw`haproxy:asked:a\:b\\\=c:d\:\==e\:=\\`,
      String.raw`haproxy:[["a:b\\=c"],{"d:=":"e:=\\"}]`,
    ],
    ["haproxy:haproxy:tcp:80", "haproxy:haproxy:tcp:80"],
    ["haproxy:tcp:80:trusted=127.0.0.1", "haproxy:tcp:80:trusted=127.0.0.1"],
    ["haproxy:headerTimeout=0.5:tcp:80", "haproxy:tcp:80:headerTimeout=0.5"],
    [
      String.raw`haproxy:tcp:80:trusted=10.0.0.0/8,\:\:1,unix\::headerTimeout=3`,
      String.raw`haproxy:tcp:80:trusted=10.0.0.0/8,\:\:1,unix\::headerTimeout=3`,
    ],
  ];
  for (const [description, endpoint] of cases) {
    it(`reads ${description}`, () => {
      assert.equal(read(description), endpoint);
    });
  }

  it("any fields arrive whole", () => {
    const unit = fc.constantFrom("\\", ":", "=", "a", ",", "é");
    const text = fc.string({ minLength: 1, unit });
    fc.assert(
      fc.property(fc.array(text), fc.dictionary(text, text), (positional, keywords) => {
        const escape = (one: string): string => one.replaceAll(/[\\:=]/gu, "\\$&");
        const pairs = Object.entries(keywords).map((pair) => pair.map(escape).join("="));
        const description = ["haproxy", "asked", ...positional.map(escape), ...pairs].join(":");
        const expected = JSON.stringify([positional, { ...keywords }]);
        assert.equal(read(description), `haproxy:${expected}`);
      }),
    );
  });

  it("the options arrive", () => {
    const reactor = new MemoryReactor();
    const description = String.raw`haproxy:tcp:80:trusted=10.0.0.0/8,\:\:1:headerTimeout=3`;
    void serverFromString(reactor, description).listen(Factory.building(() => undefined));
    const factory = reactor.tcpServers[0]?.factory;
    assert.isUndefined(factory?.buildProtocol(new IPv4Address("TCP", "11.0.0.1", 1)));
    const transport = new StringTransport({ reactor, peer: new IPv6Address("TCP", "::1", 1) });
    const protocol = factory?.buildProtocol(transport.getPeer());
    assert.isDefined(protocol);
    transport.connect(protocol);
    reactor.advance(2.9);
    assert.equal(transport.end, "open");
    reactor.advance(0.1);
    assert.equal(transport.end, "aborted");
  });

  const tail =
    "; write haproxy:inner description[:trusted=address,range,...][:headerTimeout=seconds], " +
    "and a colon inside a value as \\:";
  const refused: readonly [string, string][] = [
    ["haproxy", `Cannot read haproxy server endpoint: the inner description is missing${tail}`],
    ["haproxy:port=80", "the inner description is missing"],
    ["haproxy:", 'unknown prefix "", known are'],
    ["haproxy:8080", 'did you mean "tcp:8080"?'],
    ["haproxy:tcp", "Cannot read tcp server endpoint: port is missing"],
    ["haproxy:tcp:80:timeout=3", 'Cannot read tcp server endpoint: unknown keyword "timeout"'],
    // Empty fields are left out elsewhere; a variable that is not set must not trust everybody.
    ["haproxy:tcp:80:trusted=", `trusted is empty${tail}`],
    ["haproxy:tcp:80:trusted=,", 'Cannot read "": expected an IP address, a range'],
    ["haproxy:tcp:80:trusted=localhost", 'Cannot read "localhost": expected an IP address'],
    ["haproxy:tcp:80:headerTimeout=0", "Cannot set headerTimeout to 0"],
    ["haproxy:tcp:80:headerTimeout=soon", "expected headerTimeout to be a number of seconds"],
    ["haproxy:tcp:80:trusted=10.0.0.1:trusted=10.0.0.2", '"trusted" is given twice'],
  ];
  for (const [description, message] of refused) {
    it(`refuses ${description}`, () => {
      const parse = (): unknown => serverFromString(new MemoryReactor(), description);
      assert.throws(parse, EndpointDescriptionError, message);
    });
  }

  it("needs a reactor with time", () => {
    class Timeless extends MemoryReactor {
      override provides<I>(what: Capability<I>): this is this & I {
        return what.label !== IReactorTime.label && super.provides(what);
      }
    }
    assert.throws(
      () => serverFromString(new Timeless(), "haproxy:tcp:80"),
      UnsupportedError,
      "Timeless does not provide IReactorTime",
    );
  });
});
