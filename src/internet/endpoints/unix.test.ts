import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import type { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import type { Capability } from "../capabilities.ts";
import {
  CannotListenError,
  ConnectingCancelledError,
  ConnectionRefusedError,
  UnsupportedError,
} from "../errors.ts";
import { Factory } from "../factory.ts";
import { IReactorUNIX } from "../interfaces-unix.ts";
import { Protocol } from "../protocol.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import { clientFromString, serverFromString } from "./from-string.ts";
import { UNIXClientEndpoint } from "./unix-client.ts";
import { UNIXServerEndpoint } from "./unix-server.ts";

const PATH = "/run/app.sock";

function quiet(): Factory {
  const factory = Factory.forProtocol(Protocol);
  factory.noisy = false;
  return factory;
}

/** Everything that comes out of a Deferred. */
function outcomes(deferred: Deferred<unknown>): unknown[] {
  const seen: unknown[] = [];
  void deferred.addBoth((result) => {
    seen.push(result instanceof Failure ? result.value : result);
  });
  return seen;
}

class WithoutUNIX extends MemoryReactor {
  override provides<I>(what: Capability<I>): this is this & I {
    return !Object.is(what, IReactorUNIX) && super.provides(what);
  }
}

describe("UNIXServerEndpoint", () => {
  it("listen() asks the reactor, with every option, and fires when it is bound", () => {
    const reactor = new MemoryReactor();
    const factory = quiet();
    const options = { mode: 0o600, backlog: 5, wantPID: true, maxConnections: 3 };
    const seen = outcomes(new UNIXServerEndpoint(reactor, PATH, options).listen(factory));
    assert.deepEqual(seen, []);
    reactor.flush();
    const [server] = reactor.unixServers;
    assert.deepInclude(server, { address: PATH, factory, options });
    assert.deepEqual(seen, [server?.listeningPort]);
  });

  it("has Twisted's defaults", () => {
    const reactor = new MemoryReactor();
    void new UNIXServerEndpoint(reactor, PATH).listen(quiet());
    const defaults = { backlog: 50, mode: 0o666, wantPID: false };
    assert.deepEqual(reactor.unixServers[0]?.options, defaults);
    reactor.flush();
  });

  it("listen() fails when the path is taken", () => {
    const reactor = new MemoryReactor();
    const endpoint = new UNIXServerEndpoint(reactor, PATH);
    void endpoint.listen(quiet());
    const seen = outcomes(endpoint.listen(quiet()));
    reactor.flush();
    assert.instanceOf(seen[0], CannotListenError);
  });

  it("a signal that is aborted closes the port, or begins nothing", () => {
    const reactor = new MemoryReactor();
    const endpoint = new UNIXServerEndpoint(reactor, PATH);
    const controller = new AbortController();
    const seen = outcomes(endpoint.listen(quiet(), { signal: controller.signal }));
    controller.abort("enough");
    reactor.flush();
    const [error] = seen;
    assert.instanceOf(error, CancelledError);
    assert.equal(error.cause, "enough");
    assert.equal(reactor.network.bound.size, 0);
    const late = outcomes(endpoint.listen(quiet(), { signal: controller.signal }));
    assert.instanceOf(late[0], CancelledError);
    assert.equal(reactor.unixServers.length, 1);
  });

  it("prints itself as the string that describes it", () => {
    const reactor = new MemoryReactor();
    const options = { wantPID: true, mode: 0o60, backlog: 5 };
    const endpoint = new UNIXServerEndpoint(reactor, "/run/a:b", options);
    assert.equal(endpoint.toString(), String.raw`unix:/run/a\:b:mode=60:backlog=5`);
    const bare = new UNIXServerEndpoint(reactor, PATH);
    assert.equal(inspect(bare), `UNIXServerEndpoint(unix:${PATH}:lockfile=0)`);
    assert.equal(new UNIXServerEndpoint(reactor, "\0app").toString(), "unix:\0app");
  });

  it("refuses names and modes that are none", () => {
    const reactor = new MemoryReactor();
    assert.throws(() => new UNIXServerEndpoint(reactor, ""), RangeError);
    assert.throws(() => new UNIXServerEndpoint(reactor, PATH, { mode: -1 }), RangeError);
  });
});

describe("UNIXClientEndpoint", () => {
  it("connect() fires with the protocol, connected", () => {
    const reactor = new MemoryReactor();
    reactor.listenUNIX(PATH, quiet());
    const options = { timeout: 5, checkPID: true };
    const seen = outcomes(new UNIXClientEndpoint(reactor, PATH, options).connect(quiet()));
    reactor.flush();
    const [protocol] = seen;
    assert.instanceOf(protocol, Protocol);
    assert.equal(String(protocol.transport.getPeer()), PATH);
    assert.deepEqual(reactor.unixClients[0]?.options, options);
  });

  it("has Twisted's defaults", () => {
    const reactor = new MemoryReactor();
    outcomes(new UNIXClientEndpoint(reactor, PATH).connect(quiet()));
    assert.deepEqual(reactor.unixClients[0]?.options, { timeout: 30, checkPID: false });
  });

  it("connect() fails with the error of the attempt", () => {
    const reactor = new MemoryReactor();
    const seen = outcomes(new UNIXClientEndpoint(reactor, PATH).connect(quiet()));
    reactor.unixClients[0]?.connector.fail();
    assert.instanceOf(seen[0], ConnectionRefusedError);
    assert.include(seen[0].message, PATH);
  });

  it("a signal that is aborted gives up, or begins nothing", () => {
    const reactor = new MemoryReactor();
    const endpoint = new UNIXClientEndpoint(reactor, PATH);
    const controller = new AbortController();
    const seen = outcomes(endpoint.connect(quiet(), { signal: controller.signal }));
    controller.abort();
    assert.instanceOf(seen[0], ConnectingCancelledError);
    assert.equal(String(seen[0].destination), PATH);
    reactor.flush();
    assert.equal(reactor.unixClients[0]?.connector.state, "disconnected");
    const late = outcomes(endpoint.connect(quiet(), { signal: controller.signal }));
    assert.instanceOf(late[0], ConnectingCancelledError);
    assert.equal(reactor.unixClients.length, 1);
  });

  it("prints itself as the string that describes it", () => {
    const reactor = new MemoryReactor();
    const endpoint = new UNIXClientEndpoint(reactor, PATH, { timeout: 5, checkPID: true });
    assert.equal(endpoint.toString(), `unix:${PATH}:lockfile=1:timeout=5`);
    const bare = new UNIXClientEndpoint(reactor, PATH);
    assert.equal(inspect(bare), `UNIXClientEndpoint(unix:${PATH})`);
    assert.throws(() => new UNIXClientEndpoint(reactor, "a\0b"), RangeError);
  });
});

/** What a description asks of a reactor. */
function listenOptions(description: string): unknown {
  const reactor = new MemoryReactor();
  void serverFromString(reactor, description).listen(quiet());
  reactor.flush();
  const [{ address, options } = {}] = reactor.unixServers;
  return [address, options];
}

function connectOptions(description: string): unknown {
  const reactor = new MemoryReactor();
  outcomes(clientFromString(reactor, description).connect(quiet()));
  const [{ address, options } = {}] = reactor.unixClients;
  return [address, options];
}

describe("serverFromString(unix:…)", () => {
  const defaults = { backlog: 50, mode: 0o666, wantPID: true };
  const cases: readonly [string, string, object][] = [
    ["unix:/run/app.sock", PATH, defaults],
    ["unix:address=/run/app.sock", PATH, defaults],
    ["unix:/run/app.sock:mode=660", PATH, { ...defaults, mode: 0o660 }],
    ["unix:/run/app.sock:0600:5:0", PATH, { backlog: 5, mode: 0o600, wantPID: false }],
    ["unix:/run/app.sock:lockfile=0", PATH, { ...defaults, wantPID: false }],
    ["unix:/run/app.sock:lockfile=1", PATH, defaults],
    [String.raw`unix:a\:b`, "a:b", defaults],
    ["unix:\0app", "\0app", { ...defaults, wantPID: false }],
  ];
  for (const [description, address, options] of cases) {
    it(`reads ${JSON.stringify(description)}`, () => {
      assert.deepEqual(listenOptions(description), [address, options]);
      const endpoint = serverFromString(new MemoryReactor(), description);
      assert.deepEqual(listenOptions(endpoint.toString()), [address, options]);
    });
  }

  const refused: readonly [string, string][] = [
    ["unix:", "address is missing; write unix:address[:mode][:backlog][:lockfile=0]"],
    ["unix:a:mode=888", 'expected mode to be three octal digits, got "888"'],
    ["unix:a:mode=1777", "expected mode to be three octal digits"],
    ["unix:a:mode=-1", "expected mode to be three octal digits"],
    ["unix:a:lockfile=yes", "expected lockfile to be a whole number from 0 to 1"],
    ["unix:a:lockfile=2", "expected lockfile to be a whole number from 0 to 1"],
    ["unix:a:backlog=-1", "expected backlog to be a whole number"],
    ["unix:a:wantPID=1", 'unknown keyword "wantPID"'],
    ["unix:a\0b", "expected address to be without a NUL"],
  ];
  for (const [description, problem] of refused) {
    it(`refuses ${JSON.stringify(description)}`, () => {
      const read = (): unknown => serverFromString(new MemoryReactor(), description);
      assert.throws(read, EndpointDescriptionError, problem);
    });
  }

  it("needs a reactor with UNIX sockets", () => {
    const read = (): unknown => serverFromString(new WithoutUNIX(), "unix:a");
    assert.throws(read, UnsupportedError, "IReactorUNIX");
  });
});

describe("clientFromString(unix:…)", () => {
  const defaults = { timeout: 30, checkPID: false };
  const cases: readonly [string, object][] = [
    ["unix:/run/app.sock", defaults],
    ["unix:path=/run/app.sock", defaults],
    ["unix:path=/run/app.sock:lockfile=1:timeout=9", { timeout: 9, checkPID: true }],
    ["unix:/run/app.sock:0:0.5", { timeout: 0.5, checkPID: false }],
  ];
  for (const [description, options] of cases) {
    it(`reads ${description}`, () => {
      assert.deepEqual(connectOptions(description), [PATH, options]);
      const endpoint = clientFromString(new MemoryReactor(), description);
      assert.deepEqual(connectOptions(endpoint.toString()), [PATH, options]);
    });
  }

  const refused: readonly [string, string][] = [
    ["unix:", "path is missing; write unix:path[:lockfile=1][:timeout]"],
    ["unix:a:timeout=soon", "expected timeout to be a number of seconds"],
    ["unix:a:checkPID=1", 'unknown keyword "checkPID"'],
    ["unix:a\0b", "expected path to be without a NUL"],
  ];
  for (const [description, problem] of refused) {
    it(`refuses ${JSON.stringify(description)}`, () => {
      const read = (): unknown => clientFromString(new MemoryReactor(), description);
      assert.throws(read, EndpointDescriptionError, problem);
    });
  }

  it("needs a reactor with UNIX sockets", () => {
    const read = (): unknown => clientFromString(new WithoutUNIX(), "unix:a");
    assert.throws(read, UnsupportedError, "IReactorUNIX");
  });
});
