import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { succeed } from "../../defer/combinators.ts";
import { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { NoAddress } from "../addresses.ts";
import type { Capability } from "../capabilities.ts";
import { CannotListenError, UnsupportedError } from "../errors.ts";
import type { IListeningPort, IProtocolFactory } from "../interfaces-factory.ts";
import { type AdoptStreamPortOptions, IReactorSocket } from "../interfaces-socket.ts";
import type { ITransport } from "../interfaces-transport.ts";
import { ListenFDs } from "../listen-fds.ts";
import { AlreadyListened, CannotAdoptError } from "../socket-errors.ts";
import { AdoptedStreamServerEndpoint } from "./adopted-server.ts";
import { EndpointDescriptionError } from "./description-error.ts";
import { serverFromString } from "./from-string.ts";

/** A port that listens when the test says so. */
class ScriptedPort implements IListeningPort {
  readonly listening = new Deferred<IListeningPort>();
  readonly connections: ReadonlySet<ITransport> = new Set();
  stopped = 0;

  getHost(): NoAddress {
    return new NoAddress("(descriptor 3)");
  }

  whenEmpty(): Deferred<void> {
    return succeed(undefined);
  }

  startListening(): void {}

  stopListening(): Deferred<void> {
    this.stopped += 1;
    return succeed(undefined);
  }
}

/** A reactor that was handed three sockets. */
class ScriptedReactor extends MemoryReactor implements IReactorSocket {
  readonly port = new ScriptedPort();
  readonly asked: unknown[] = [];
  readonly inheritedDescriptors: ListenFDs = new ListenFDs([
    { fileDescriptor: 3, name: "web" },
    { fileDescriptor: 4, name: "api" },
    { fileDescriptor: 5, name: "api" },
  ]);

  override provides<I>(what: Capability<I>): this is this & I {
    return Object.is(what, IReactorSocket) || super.provides(what);
  }

  adoptStreamPort(
    fileDescriptor: number,
    _factory: IProtocolFactory,
    options?: AdoptStreamPortOptions,
  ): IListeningPort {
    this.asked.push([fileDescriptor, options]);
    return this.port;
  }

  adoptStreamConnection(): never {
    throw new CannotAdoptError(3, "this reactor only listens");
  }
}

const factory: IProtocolFactory = {
  doStart: () => undefined,
  doStop: () => undefined,
  buildProtocol: () => undefined,
};

function outcomes(deferred: Deferred<unknown>): unknown[] {
  const seen: unknown[] = [];
  void deferred.addBoth((result) => {
    seen.push(result instanceof Failure ? result.value : result);
  });
  return seen;
}

describe("AdoptedStreamServerEndpoint", () => {
  it("listen() adopts the descriptor, with every option, and fires when it listens", () => {
    const reactor = new ScriptedReactor();
    const options = { domain: "INET", backlog: 5, maxConnections: 3 } as const;
    const seen = outcomes(new AdoptedStreamServerEndpoint(reactor, 3, options).listen(factory));
    assert.deepEqual(reactor.asked, [[3, options]]);
    assert.deepEqual(seen, []);
    reactor.port.listening.callback(reactor.port);
    assert.deepEqual(seen, [reactor.port]);
  });

  it("listen() a second time is AlreadyListened, also after a failure", () => {
    const reactor = new ScriptedReactor();
    const endpoint = new AdoptedStreamServerEndpoint(reactor, 3);
    const first = outcomes(endpoint.listen(factory));
    assert.instanceOf(outcomes(endpoint.listen(factory))[0], AlreadyListened);
    const refusal = new CannotListenError("", "descriptor 3", new Error("no"));
    reactor.port.listening.errback(refusal);
    assert.deepEqual(first, [refusal]);
    const [again] = outcomes(endpoint.listen(factory));
    assert.instanceOf(again, AlreadyListened);
    assert.equal(again.message, "Cannot listen on fd:3 a second time");
    assert.equal(again.code, "ERR_ALREADY_LISTENED");
    assert.equal(reactor.asked.length, 1);
  });

  it("a signal aborted beforehand leaves the descriptor for later", () => {
    const reactor = new ScriptedReactor();
    const endpoint = new AdoptedStreamServerEndpoint(reactor, 3);
    const signal = AbortSignal.abort("no");
    const [error] = outcomes(endpoint.listen(factory, { signal }));
    assert.instanceOf(error, CancelledError);
    assert.equal(error.cause, "no");
    assert.deepEqual(reactor.asked, []);
    const seen = outcomes(endpoint.listen(factory));
    reactor.port.listening.callback(reactor.port);
    assert.deepEqual(seen, [reactor.port]);
  });

  it("a signal that is aborted later closes the port", () => {
    const reactor = new ScriptedReactor();
    const { signal, abort } = controlled();
    const listening = new AdoptedStreamServerEndpoint(reactor, 3).listen(factory, { signal });
    const seen = outcomes(listening);
    abort();
    assert.instanceOf(seen[0], CancelledError);
    assert.equal(reactor.port.stopped, 1);
  });

  it("prints itself as the string that describes it", () => {
    const reactor = new ScriptedReactor();
    const endpoint = new AdoptedStreamServerEndpoint(reactor, 3, { domain: "UNIX" });
    assert.equal(endpoint.toString(), "fd:3:domain=UNIX");
    assert.equal(
      inspect(new AdoptedStreamServerEndpoint(reactor, 0)),
      "AdoptedStreamServerEndpoint(fd:0)",
    );
  });

  it("refuses what cannot be a descriptor", () => {
    const reactor = new ScriptedReactor();
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 31]) {
      assert.throws(() => new AdoptedStreamServerEndpoint(reactor, bad), RangeError);
    }
  });
});

function controlled(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

describe("serverFromString(fd:…) and serverFromString(systemd:…)", () => {
  const cases: readonly [string, string][] = [
    ["fd:3", "fd:3"],
    ["fd:3:INET6", "fd:3:domain=INET6"],
    ["fd:fileno=7:domain=UNIX", "fd:7:domain=UNIX"],
    ["systemd:domain=INET:index=0", "fd:3:domain=INET"],
    ["systemd:INET6:2", "fd:5:domain=INET6"],
    ["systemd:domain=UNIX:name=web", "fd:3:domain=UNIX"],
    ["systemd:index=1", "fd:4"],
  ];
  for (const [description, whole] of cases) {
    it(`reads ${description}`, () => {
      const reactor = new ScriptedReactor();
      const endpoint = serverFromString(reactor, description);
      assert.instanceOf(endpoint, AdoptedStreamServerEndpoint);
      assert.equal(endpoint.toString(), whole);
      assert.equal(serverFromString(reactor, whole).toString(), whole);
    });
  }

  const refused: readonly [string, string][] = [
    ["fd:", "fileno is missing; write fd:3[:domain]"],
    ["fd:three", "expected fileno to be a whole number"],
    ["fd:3:inet", 'expected domain to be INET, INET6, UNIX, got "inet"'],
    ["systemd:", "give index or name, one only"],
    ["systemd:index=0:name=web", "give index or name, one only"],
    ["systemd:index=x", "expected index to be a whole number"],
    ["systemd:index=3", 'there is no index 3: this process was given sockets "web", "api", "api"'],
    ["systemd:name=mail", 'there is no name "mail": this process was given sockets "web"'],
    ["systemd:name=api", 'several sockets have name "api": say which by index'],
    ["systemd:domain=VSOCK:index=0", "expected domain to be INET, INET6, UNIX"],
  ];
  for (const [description, problem] of refused) {
    it(`refuses ${description}`, () => {
      const read = (): unknown => serverFromString(new ScriptedReactor(), description);
      assert.throws(read, EndpointDescriptionError, problem);
    });
  }

  it("says why there are no sockets from systemd", () => {
    class Alone extends ScriptedReactor {
      override readonly inheritedDescriptors = new ListenFDs([]);
    }
    const read = (): unknown => serverFromString(new Alone(), "systemd:index=0");
    const problem = "given no sockets (LISTEN_PID and LISTEN_FDS say so)";
    assert.throws(read, EndpointDescriptionError, problem);
  });

  it("needs a reactor that adopts", () => {
    for (const description of ["fd:3", "systemd:index=0"]) {
      const read = (): unknown => serverFromString(new MemoryReactor(), description);
      assert.throws(read, UnsupportedError, "IReactorSocket");
    }
  });
});
