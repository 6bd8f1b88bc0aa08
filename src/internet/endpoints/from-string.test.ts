import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { Deferred } from "../../defer/deferred.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import type { Capability } from "../capabilities.ts";
import { UnsupportedError } from "../errors.ts";
import type { IConnector, IListeningPort, IProtocolFactory } from "../interfaces-factory.ts";
import {
  type ConnectTCPOptions,
  type IReactorCore,
  IReactorTCP,
  type ITrigger,
  type ListenTCPOptions,
} from "../interfaces-reactor.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import { clientFromString, serverFromString } from "./from-string.ts";
import type {
  IStreamClientEndpointStringParser,
  IStreamServerEndpointStringParser,
} from "./interfaces-string-parser.ts";
import { HostnameEndpoint } from "./hostname-endpoint.ts";
import { builtinEndpointParsers, endpointParsers } from "./registry.ts";
import { quoteStringArgument } from "./string-description.ts";
import { TCP4ClientEndpoint, TCP6ClientEndpoint } from "./tcp-client.ts";
import { TCP4ServerEndpoint, TCP6ServerEndpoint } from "./tcp-server.ts";

const TRIGGER: ITrigger = { phase: "before", event: "startup" };

/** A reactor that can do nothing. */
class BareReactor implements IReactorCore {
  readonly running = false;
  run(): Deferred<void> {
    return new Deferred();
  }
  stop(): void {}
  crash(): void {}
  callWhenRunning(): void {}
  addSystemEventTrigger(): ITrigger {
    return TRIGGER;
  }
  removeSystemEventTrigger(): void {}
  fireSystemEvent(): Deferred<void> {
    return new Deferred();
  }
  provides<I>(_what: Capability<I>): this is this & I {
    return false;
  }
}

/** One that keeps what it is asked to listen on and connect to, then refuses. */
class AskedReactor extends BareReactor implements IReactorTCP {
  readonly asked: unknown[] = [];

  override provides<I>(what: Capability<I>): this is this & I {
    return what.label === IReactorTCP.label;
  }

  listenTCP(port: number, _factory: IProtocolFactory, options?: ListenTCPOptions): IListeningPort {
    this.asked.push([port, options]);
    throw new TypeError("only asking");
  }

  connectTCP(
    host: string,
    port: number,
    _factory: IProtocolFactory,
    options?: ConnectTCPOptions,
  ): IConnector {
    this.asked.push([host, port, options]);
    throw new TypeError("only asking");
  }
}

const factory: IProtocolFactory = {
  doStart: () => undefined,
  doStop: () => undefined,
  buildProtocol: () => undefined,
};

/** What listening on `description` asks of the reactor. */
function listenCall(description: string): unknown {
  const reactor = new AskedReactor();
  void serverFromString(reactor, description)
    .listen(factory)
    .addErrback(() => undefined);
  return reactor.asked[0];
}

/** What connecting to `description` asks of the reactor. */
function connectCall(description: string): unknown {
  const reactor = new AskedReactor();
  void clientFromString(reactor, description)
    .connect(factory)
    .addErrback(() => undefined);
  return reactor.asked[0];
}

function refusal(
  read: (reactor: AskedReactor, description: string) => unknown,
  text: string,
): string {
  try {
    read(new AskedReactor(), text);
  } catch (error) {
    assert.instanceOf(error, EndpointDescriptionError);
    assert.instanceOf(error, TypeError);
    assert.propertyVal(error, "code", "ERR_ENDPOINT_DESCRIPTION");
    assert.propertyVal(error, "name", "EndpointDescriptionError");
    return error instanceof Error ? error.message : "";
  }
  return assert.fail(`${text} was accepted`);
}

describe("serverFromString()", () => {
  const KNOWN = [...builtinEndpointParsers.server.keys()].join(", ");
  const any = { backlog: 50, interface: "" };
  const cases: readonly [string, unknown][] = [
    ["tcp:8080", [8080, any]],
    ["tcp:0", [0, any]],
    ["tcp:port=65535", [65_535, any]],
    ["tcp:8080:interface=127.0.0.1", [8080, { ...any, interface: "127.0.0.1" }]],
    ["tcp:8080:127.0.0.1:10", [8080, { interface: "127.0.0.1", backlog: 10 }]],
    ["tcp:8080::10", [8080, { ...any, backlog: 10 }]],
    ["tcp:8080:interface=:backlog=", [8080, any]],
    ["tcp:backlog=7:8080", [8080, { ...any, backlog: 7 }]],
    [String.raw`tcp:8000:interface=\:\:1`, [8000, { ...any, interface: "::1" }]],
    ["tcp6:8000", [8000, { ...any, interface: "::" }]],
    [String.raw`tcp6:8000:\:\:1`, [8000, { ...any, interface: "::1" }]],
  ];
  for (const [description, call] of cases) {
    it(`reads ${description}`, () => {
      assert.deepEqual(listenCall(description), call);
    });
  }

  it("makes endpoints of the prefix's class", () => {
    const reactor = new AskedReactor();
    assert.instanceOf(serverFromString(reactor, "tcp:80"), TCP4ServerEndpoint);
    assert.instanceOf(serverFromString(reactor, "tcp6:80"), TCP6ServerEndpoint);
  });

  const tail = "write tcp:port[:interface][:backlog], and a colon inside a value as \\:";
  const refused: readonly [string, string][] = [
    [
      "8080",
      'Cannot read endpoint description "8080": unknown prefix "8080", ' +
        `known are ${KNOWN}; did you mean "tcp:8080"?`,
    ],
    [
      "8080:interface=::1",
      'Cannot read endpoint description "8080:interface=::1": unknown prefix "8080", ' +
        `known are ${KNOWN}; did you mean "tcp:8080:interface=::1"?`,
    ],
    [
      "tpc:80",
      `Cannot read endpoint description "tpc:80": unknown prefix "tpc", known are ${KNOWN}`,
    ],
    ["", `Cannot read endpoint description "": unknown prefix "", known are ${KNOWN}`],
    [
      "port=80",
      `Cannot read endpoint description "port=80": unknown prefix "", known are ${KNOWN}`,
    ],
    [
      "tcp:80:reuse=1",
      'Cannot read tcp server endpoint: unknown keyword "reuse"; ' +
        `known are port, interface, backlog; ${tail}`,
    ],
    ["tcp", `Cannot read tcp server endpoint: port is missing; ${tail}`],
    ["tcp:", `Cannot read tcp server endpoint: port is missing; ${tail}`],
    ["tcp:1:2:3:4", `Cannot read tcp server endpoint: argument "4" is one too many; ${tail}`],
    [
      "tcp:80:port=80",
      `Cannot read tcp server endpoint: port is given twice, by place and by name; ${tail}`,
    ],
    // The colons of an address, not escaped: where the advice about colons is for.
    [
      "tcp:80:interface=::1",
      `Cannot read tcp server endpoint: interface is given twice, by place and by name; ${tail}`,
    ],
    [
      "tcp:http",
      "Cannot read tcp server endpoint: expected port to be a whole number from 0 to 65535, " +
        `got "http"; ${tail}`,
    ],
  ];
  for (const [description, message] of refused) {
    it(`refuses ${JSON.stringify(description)}`, () => {
      assert.equal(refusal(serverFromString, description), message);
    });
  }

  it("refuses numbers that are none", () => {
    for (const port of ["65536", "-1", "1.5", "0x50", "1e3", " 80", "８０", "9".repeat(400)]) {
      assert.include(refusal(serverFromString, `tcp:${port}`), "from 0 to 65535");
      assert.include(refusal(serverFromString, `tcp:80:backlog=${port}x`), "expected backlog");
    }
  });

  it("refuses a reactor without TCP", () => {
    assert.throws(
      () => serverFromString(new BareReactor(), "tcp:80"),
      UnsupportedError,
      "BareReactor",
    );
  });
});

describe("clientFromString()", () => {
  const cases: readonly [string, unknown][] = [
    ["tcp:example.com:80", ["example.com", 80, { timeout: 30, family: 4 }]],
    ["tcp:host=example.com:port=80", ["example.com", 80, { timeout: 30, family: 4 }]],
    [
      "tcp:example.com:80:timeout=5:bindAddress=127.0.0.1",
      ["example.com", 80, { timeout: 5, bindAddress: "127.0.0.1", family: 4 }],
    ],
    ["tcp:example.com:80:0.5", ["example.com", 80, { timeout: 0.5, family: 4 }]],
    [
      "tcp:example.com:80::127.0.0.1",
      ["example.com", 80, { timeout: 30, bindAddress: "127.0.0.1", family: 4 }],
    ],
    [String.raw`tcp6:\:\:1:80`, ["::1", 80, { timeout: 30, family: 6 }]],
  ];
  for (const [description, call] of cases) {
    it(`reads ${description}`, () => {
      assert.deepEqual(connectCall(description), call);
    });
  }

  it("makes endpoints of the prefix's class", () => {
    const reactor = new AskedReactor();
    assert.instanceOf(clientFromString(reactor, "tcp:a:80"), TCP4ClientEndpoint);
    assert.instanceOf(clientFromString(reactor, String.raw`tcp6:\:\:1:80`), TCP6ClientEndpoint);
  });

  const refused: readonly [string, string][] = [
    ["db:5432", '; did you mean "host:db:5432"?'],
    ["example.com", 'unknown prefix "example.com"'],
    ["example.com:http", 'unknown prefix "example.com"'],
    ["example.com:70000", "expected port to be a whole number from 0 to 65535"],
    ["example.com:80:sometime", "expected timeout to be a number of seconds"],
    ["[::1]", 'unknown prefix "["'],
    ["[::1]:http", 'unknown prefix "["'],
    ["[]:80", 'unknown prefix "[]"'],
    ["host:example.com", "port is missing; write host:host:port[:timeout]"],
    ["host::80", "host is missing"],
    ["host:a:80:family=6", "known are host, port, timeout, bindAddress, attemptDelay"],
    ["tcp:example.com", "port is missing"],
    ["tcp::80", "host is missing"],
    ["tcp:a:80:timeout=soon", 'expected timeout to be a number of seconds, got "soon"'],
    ["tcp:a:80:timeout=-1", 'expected timeout to be a number of seconds, got "-1"'],
    ["tcp:a:80:interface=b", "known are host, port, timeout, bindAddress"],
  ];
  for (const [description, part] of refused) {
    it(`refuses ${description}`, () => {
      assert.include(refusal(clientFromString, description), part);
    });
  }

  it("guesses a missing prefix only from what looks like a host and a port", () => {
    assert.notInclude(refusal(clientFromString, "unics:/run/x.sock"), "did you mean");
  });
});

describe("clientFromString() of a host and a port", () => {
  const cases: readonly [string, string][] = [
    ["example.com:80", "host:example.com:80"],
    ["localhost:80", "host:localhost:80"],
    ["192.0.2.1:80", "host:192.0.2.1:80"],
    ["bücher.example:80", "host:bücher.example:80"],
    ["[::1]:80", String.raw`host:\:\:1:80`],
    ["[fe80::1%eth0]:80:timeout=5", String.raw`host:fe80\:\:1%eth0:80:timeout=5`],
    ["example.com:80:timeout=5", "host:example.com:80:timeout=5"],
    [
      "example.com:80:5:192.0.2.9:0.3",
      "host:example.com:80:timeout=5:bindAddress=192.0.2.9:attemptDelay=0.3",
    ],
    ["host:db:5432", "host:db:5432"],
    ["host:host=db:port=5432:attemptDelay=1", "host:db:5432:attemptDelay=1"],
    ["host:tcp:80", "host:tcp:80"],
    ["host:example.com:80:timeout=30:attemptDelay=0.25", "host:example.com:80"],
  ];
  for (const [description, whole] of cases) {
    it(`reads ${description}`, () => {
      const endpoint = clientFromString(new MemoryReactor(), description);
      assert.instanceOf(endpoint, HostnameEndpoint);
      assert.equal(endpoint.toString(), whole);
      assert.equal(clientFromString(new MemoryReactor(), whole).toString(), whole);
    });
  }

  it("refuses options out of their range", () => {
    const read = (): unknown => clientFromString(new MemoryReactor(), "host:a:80:5::0");
    assert.throws(
      read,
      EndpointDescriptionError,
      "Cannot read host client endpoint: expected attemptDelay to be at least 0.01, got 0; write",
    );
  });

  it("needs a reactor with TCP, time and names", () => {
    for (const reactor of [new BareReactor(), new AskedReactor()]) {
      assert.throws(() => clientFromString(reactor, "example.com:80"), UnsupportedError);
    }
  });

  it("yields to a prefix of that name, and needs its own in the table", () => {
    const client: IStreamClientEndpointStringParser = {
      prefix: "onion.example",
      usage: "onion.example:port",
      parseStreamClient: (reactor, [port = ""]) => clientFromString(reactor, `tcp:proxy:${port}`),
    };
    const reactor = new MemoryReactor();
    const parsers = endpointParsers({ client: [client] });
    const goal = clientFromString(reactor, "onion.example:80", { parsers });
    assert.equal(goal.toString(), "tcp:proxy:80");
    const few = endpointParsers({ client: [client] }, { server: new Map(), client: new Map() });
    const read = (): unknown => clientFromString(reactor, "example.com:80", { parsers: few });
    assert.throws(read, 'unknown prefix "example.com", known are onion.example');
  });
});

describe("endpoints and their strings", () => {
  it("a server endpoint is read back from its own string", () => {
    const text = fc.string();
    fc.assert(
      fc.property(fc.nat(65_535), text, fc.nat(), (port, networkInterface, backlog) => {
        const reactor = new AskedReactor();
        for (const Endpoint of [TCP4ServerEndpoint, TCP6ServerEndpoint]) {
          const made = new Endpoint(reactor, port, { interface: networkInterface, backlog });
          const read = serverFromString(reactor, made.toString());
          assert.equal(read.toString(), made.toString());
          assert.strictEqual(read.constructor, made.constructor);
        }
      }),
    );
  });

  it("any text, escaped, arrives whole", () => {
    const unit = fc.constantFrom("\\", ":", "=", "a", "\0", "é", "\u{1F9F6}", "\ud83e");
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit }), (host) => {
        const description = `tcp:${quoteStringArgument(host)}:80`;
        assert.deepEqual(connectCall(description), [host, 80, { timeout: 30, family: 4 }]);
      }),
    );
  });

  it("any text makes an endpoint or an EndpointDescriptionError", () => {
    const piece = fc.constantFrom("tcp", "tcp6", ":", "=", "\\", "80", "port", "host", "a", "");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        for (const read of [serverFromString, clientFromString]) {
          try {
            read(new MemoryReactor(), pieces.join(""));
          } catch (error) {
            assert.instanceOf(error, EndpointDescriptionError);
          }
        }
      }),
    );
  });
});

describe("endpointParsers()", () => {
  const server: IStreamServerEndpointStringParser = {
    prefix: "local",
    usage: "local:port",
    parseStreamServer: (reactor, [port = ""]) => serverFromString(reactor, `tcp:${port}:127.0.0.1`),
  };
  const client: IStreamClientEndpointStringParser = {
    prefix: "tcp",
    usage: "tcp:anything",
    parseStreamClient: (reactor) => clientFromString(reactor, "tcp:proxy.example:3128"),
  };

  it("adds prefixes, and replaces those that are known", () => {
    const parsers = endpointParsers({ server: [server], client: [client] });
    const reactor = new AskedReactor();
    const place = serverFromString(reactor, "local:80", { parsers });
    assert.equal(place.toString(), "tcp:80:interface=127.0.0.1");
    const goal = clientFromString(reactor, "tcp:example.com:80", { parsers });
    assert.instanceOf(goal, TCP4ClientEndpoint);
    assert.equal(goal.toString(), "tcp:proxy.example:3128");
    const builtin = [...builtinEndpointParsers.server.keys()];
    assert.includeMembers(builtin, ["tcp", "tcp6", "haproxy"]);
    assert.deepEqual([...parsers.server.keys()], [...builtin, "local"]);
  });

  it("leaves the base as it was, and says what is known", () => {
    endpointParsers({ server: [server] });
    assert.isFalse(builtinEndpointParsers.server.has("local"));
    const parsers = endpointParsers({ server: [server] }, { server: new Map(), client: new Map() });
    const read = (reactor: IReactorCore): unknown => serverFromString(reactor, "80", { parsers });
    const message = 'Cannot read endpoint description "80": unknown prefix "80", known are local';
    assert.equal(refusal(read, "80"), message);
  });
});
