import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import type { Deferred } from "../../defer/deferred.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import { type IAddress, IPv4Address } from "../addresses.ts";
import {
  AlreadyListeningError,
  ConnectingCancelledError,
  ConnectionLost,
  ConnectionRefusedError,
  NoProtocol,
  NotConnectingError,
  UserError,
} from "../errors.ts";
import type {
  IClientFactory,
  IConnector,
  IListeningPort,
  IProtocolFactory,
} from "../interfaces-factory.ts";
import type { ConnectTCPOptions, IReactorTCP } from "../interfaces-reactor.ts";
import {
  type IProtocol,
  providesHalfClose,
  providesLoggingContext,
} from "../interfaces-transport.ts";
import { Protocol } from "../protocol.ts";
import { TCP4ClientEndpoint, TCP6ClientEndpoint } from "./tcp-client.ts";

const PEER = new IPv4Address("TCP", "192.0.2.1", 80);
/** Takes everything and does nothing: all that these tests need of a transport. */
const TRANSPORT = new Protocol().transport;

/** Does what a reactor's connector does, when the test says so, and keeps a diary. */
class ScriptedConnector implements IConnector {
  state: IConnector["state"] = "connecting";
  readonly diary: string[] = [];
  readonly factory: IClientFactory;

  constructor(factory: IClientFactory) {
    this.factory = factory;
    factory.doStart();
    factory.startedConnecting(this);
  }

  connect(): void {}

  stopConnecting(): void {
    if (this.state !== "connecting") throw new NotConnectingError("Cannot stop: not connecting");
    this.diary.push("stopConnecting");
    this.fails(new UserError("Cannot connect: stopped"));
  }

  disconnect(): void {
    this.diary.push("disconnect");
  }

  getDestination(): IAddress {
    return PEER;
  }

  /** No connection came about. */
  fails(error: Error): void {
    this.state = "disconnected";
    this.factory.clientConnectionFailed(this, new Failure(error));
    this.factory.doStop();
  }

  /** The connection is there. @returns What the transport was given. */
  builds(): IProtocol | undefined {
    this.state = "connected";
    return this.factory.buildProtocol(PEER);
  }

  /** The same, then `makeConnection`. */
  succeeds(): IProtocol | undefined {
    const protocol = this.builds();
    try {
      protocol?.makeConnection(TRANSPORT);
    } catch (error) {
      this.loses(Failure.of(error).value);
      return protocol;
    }
    if (protocol !== undefined) this.factory.clientConnectionMade(this);
    return protocol;
  }

  /** The connection has ended. */
  loses(error: Error): void {
    this.state = "disconnected";
    this.factory.clientConnectionLost(this, new Failure(error));
    this.factory.doStop();
  }
}

/** Keeps what it is asked for. */
class ScriptedReactor implements IReactorTCP {
  readonly asked: [string, number, ConnectTCPOptions | undefined][] = [];
  readonly connectors: ScriptedConnector[] = [];
  refusal: Error | undefined;
  /** What happens before connectTCP returns. */
  atOnce: (connector: ScriptedConnector) => void = () => undefined;

  listenTCP(): IListeningPort {
    throw new AlreadyListeningError("Cannot listen: this reactor only connects");
  }

  connectTCP(
    host: string,
    port: number,
    factory: IClientFactory,
    options?: ConnectTCPOptions,
  ): IConnector {
    if (this.refusal !== undefined) throw this.refusal;
    this.asked.push([host, port, options]);
    const connector = new ScriptedConnector(factory);
    this.connectors.push(connector);
    this.atOnce(connector);
    return connector;
  }
}

/** Counts its uses, and builds as told. */
class ScriptedFactory<P extends IProtocol> implements IProtocolFactory<P> {
  readonly diary: string[] = [];
  readonly #build: () => P | undefined;

  constructor(build: () => P | undefined) {
    this.#build = build;
  }

  doStart(): void {
    this.diary.push("doStart");
  }

  doStop(): void {
    this.diary.push("doStop");
  }

  buildProtocol(address: IAddress): P | undefined {
    this.diary.push(`buildProtocol ${address.toString()}`);
    return this.#build();
  }
}

/** Notes that it was connected. */
class Noting extends Protocol {
  readonly diary: string[] = [];

  override connectionMade(): void {
    this.diary.push("connectionMade");
  }
}

/** Everything that comes out of a Deferred. */
function outcomes(deferred: Deferred<unknown>): unknown[] {
  const seen: unknown[] = [];
  void deferred.addBoth((result) => {
    seen.push(result instanceof Failure ? result.value : result);
  });
  return seen;
}

interface Scene<P extends IProtocol> {
  readonly factory: ScriptedFactory<P>;
  readonly connecting: Deferred<P>;
  readonly seen: unknown[];
  readonly connector: ScriptedConnector;
}

/** An attempt that has just begun. */
function begun<P extends IProtocol>(
  build: () => P | undefined,
  options: { readonly signal?: AbortSignal } = {},
): Scene<P> {
  const reactor = new ScriptedReactor();
  const factory = new ScriptedFactory(build);
  const connecting = new TCP4ClientEndpoint(reactor, "example.com", 80).connect(factory, options);
  const [connector] = reactor.connectors;
  if (connector === undefined) throw new TypeError("expected a call of connectTCP");
  return { factory, connecting, seen: outcomes(connecting), connector };
}

describe("TCP4ClientEndpoint connect()", () => {
  it("asks the reactor, with every option", () => {
    const reactor = new ScriptedReactor();
    const factory = new ScriptedFactory(() => undefined);
    const options = {
      timeout: 5,
      bindAddress: "127.0.0.1",
      maxBufferedBytes: 10,
      family: 4,
    } as const;
    void new TCP4ClientEndpoint(reactor, "example.com", 80).connect(factory);
    void new TCP4ClientEndpoint(reactor, "192.0.2.1", 81, options).connect(factory);
    assert.deepEqual(reactor.asked, [
      ["example.com", 80, { timeout: 30, family: 4 }],
      ["192.0.2.1", 81, options],
    ]);
  });

  it("fires with the protocol when connectionMade has run", () => {
    const protocol = new Noting();
    const { seen, connector } = begun(() => protocol);
    const built = connector.builds();
    built?.makeConnection(TRANSPORT);
    assert.deepEqual([seen, protocol.diary], [[], ["connectionMade"]]);
    connector.factory.clientConnectionMade(connector);
    assert.deepEqual(seen, [protocol]);
    assert.deepEqual(protocol.diary, ["connectionMade"]);
    assert.strictEqual(protocol.transport, TRANSPORT);
  });

  it("fires after connectionMade, in the same turn", () => {
    const protocol = new Noting();
    const { connecting, connector } = begun(() => protocol);
    void connecting.addCallback(() => protocol.diary.push("fired"));
    connector.succeeds();
    protocol.diary.push("makeConnection returned");
    assert.deepEqual(protocol.diary, ["connectionMade", "fired", "makeConnection returned"]);
  });

  it("gives the transport the user's own protocol, with no trace on it", () => {
    const protocol = new Noting();
    const { connector } = begun(() => protocol);
    const before = Reflect.ownKeys(protocol);
    assert.strictEqual(connector.succeeds(), protocol);
    assert.deepEqual(Reflect.ownKeys(protocol), before);
    assert.isFalse(providesHalfClose(protocol));
  });

  it("serves a factory that gives one protocol to two attempts", () => {
    const protocol = new Noting();
    const first = begun(() => protocol);
    const second = begun(() => protocol);
    first.connector.succeeds();
    second.connector.succeeds();
    assert.deepEqual([first.seen, second.seen], [[protocol], [protocol]]);
  });

  it("fires once, whatever comes later", () => {
    const { factory, seen, connector } = begun(() => new Noting());
    connector.succeeds();
    connector.loses(new ConnectionLost());
    assert.lengthOf(seen, 1);
    assert.deepEqual(factory.diary, ["doStart", "buildProtocol 192.0.2.1:80", "doStop"]);
  });

  it("fails when the connection fails", () => {
    const { factory, seen, connector } = begun(() => new Noting());
    const refused = new ConnectionRefusedError("Cannot connect: refused", PEER);
    connector.fails(refused);
    assert.deepEqual(seen, [refused]);
    assert.deepEqual(factory.diary, ["doStart", "doStop"]);
  });

  it("fails with NoProtocol when the factory makes none", () => {
    const { seen, connector } = begun(() => undefined);
    assert.isUndefined(connector.succeeds());
    connector.loses(new ConnectionLost());
    assert.lengthOf(seen, 1);
    assert.instanceOf(seen[0], NoProtocol);
    assert.propertyVal(seen[0], "destination", PEER);
  });

  it("fails with what buildProtocol throws, and refuses the connection", () => {
    const error = new RangeError("no more protocols");
    const { seen, connector } = begun((): Protocol => {
      throw error;
    });
    assert.isUndefined(connector.succeeds());
    assert.deepEqual(seen, [error]);
  });

  it("fails with what connectionMade throws", () => {
    const error = new RangeError("not today");
    class Refusing extends Protocol {
      override connectionMade(): void {
        throw error;
      }
    }
    const { seen, connector } = begun(() => new Refusing());
    connector.succeeds();
    assert.deepEqual(seen, [error]);
  });

  it("fails when the connection is lost before it was made", () => {
    const { seen, connector } = begun(() => new Noting());
    const built = connector.builds();
    const lost = new ConnectionLost();
    connector.loses(lost);
    built?.makeConnection(TRANSPORT);
    assert.deepEqual(seen, [lost]);
  });

  it("fails with what connectTCP throws", () => {
    const reactor = new ScriptedReactor();
    reactor.refusal = new RangeError("no such port");
    const factory = new ScriptedFactory(() => undefined);
    const seen = outcomes(new TCP4ClientEndpoint(reactor, "a", 1).connect(factory));
    assert.deepEqual(seen, [reactor.refusal]);
  });

  it("fires at once when the reactor connects before connectTCP returns", () => {
    const reactor = new ScriptedReactor();
    reactor.atOnce = (connector) => connector.succeeds();
    const protocol = new Noting();
    const { signal } = new AbortController();
    const endpoint = new TCP4ClientEndpoint(reactor, "a", 1);
    const seen = outcomes(endpoint.connect(new ScriptedFactory(() => protocol), { signal }));
    assert.deepEqual(seen, [protocol]);
  });

  it("does not hide what connectTCP throws after it has connected", () => {
    const reactor = new ScriptedReactor();
    reactor.atOnce = (connector) => {
      connector.succeeds();
      throw new RangeError("a reactor gone wrong");
    };
    const endpoint = new TCP4ClientEndpoint(reactor, "a", 1);
    const factory = new ScriptedFactory(() => new Noting());
    assert.throws(() => void endpoint.connect(factory), RangeError, "a reactor gone wrong");
  });

  it("names the user's factory in logs, if that names itself", () => {
    class Named extends ScriptedFactory<Protocol> {
      logPrefix(): string {
        return "Named";
      }
    }
    const reactor = new ScriptedReactor();
    const endpoint = new TCP4ClientEndpoint(reactor, "a", 1);
    void endpoint.connect(new Named(() => undefined));
    void endpoint.connect(new ScriptedFactory(() => undefined));
    const names = reactor.connectors.map(({ factory }) =>
      providesLoggingContext(factory) ? factory.logPrefix() : undefined,
    );
    assert.deepEqual(names, ["Named", undefined]);
  });
});

describe("TCP4ClientEndpoint cancelled", () => {
  it("gives up the attempt; no protocol is ever built (trace 33)", () => {
    const { factory, connecting, seen, connector } = begun(() => new Noting());
    connecting.cancel();
    assert.deepEqual(connector.diary, ["stopConnecting"]);
    assert.lengthOf(seen, 1);
    assert.instanceOf(seen[0], ConnectingCancelledError);
    assert.notInstanceOf(seen[0], CancelledError);
    assert.propertyVal(seen[0], "destination", PEER);
    assert.isUndefined(connector.builds());
    assert.deepEqual(factory.diary, ["doStart", "doStop"]);
  });

  it("does nothing once it has fired", () => {
    const { connecting, seen, connector } = begun(() => new Noting());
    connector.succeeds();
    connecting.cancel();
    assert.isEmpty(connector.diary);
    assert.lengthOf(seen, 1);
  });

  it("inside buildProtocol refuses the connection", () => {
    const controller = new AbortController();
    const protocol = new Noting();
    const { seen, connector } = begun(
      () => {
        controller.abort();
        return protocol;
      },
      { signal: controller.signal },
    );
    assert.isUndefined(connector.succeeds());
    assert.instanceOf(seen[0], ConnectingCancelledError);
    assert.deepEqual([connector.diary, protocol.diary], [["disconnect"], []]);
  });

  it("inside connectionMade loses the connection", () => {
    const controller = new AbortController();
    class Leaving extends Protocol {
      override connectionMade(): void {
        controller.abort();
      }
    }
    const { seen, connector } = begun(() => new Leaving(), { signal: controller.signal });
    connector.succeeds();
    assert.lengthOf(seen, 1);
    assert.instanceOf(seen[0], ConnectingCancelledError);
    assert.deepEqual(connector.diary, ["disconnect"]);
  });

  it("by a signal says why", () => {
    const controller = new AbortController();
    const { seen, connector } = begun(() => new Noting(), { signal: controller.signal });
    const why = new Error("shutting down");
    controller.abort(why);
    assert.deepEqual(connector.diary, ["stopConnecting"]);
    assert.instanceOf(seen[0], ConnectingCancelledError);
    assert.propertyVal(seen[0], "cause", why);
  });

  it("by a signal before connectTCP returns gives up the attempt", () => {
    const controller = new AbortController();
    const reactor = new ScriptedReactor();
    reactor.atOnce = () => controller.abort();
    const { signal } = controller;
    const endpoint = new TCP4ClientEndpoint(reactor, "a", 1);
    const seen = outcomes(endpoint.connect(new ScriptedFactory(() => new Noting()), { signal }));
    assert.instanceOf(seen[0], ConnectingCancelledError);
    assert.deepEqual(reactor.connectors[0]?.diary, ["stopConnecting"]);
  });

  it("by a signal beforehand starts nothing", () => {
    const reactor = new ScriptedReactor();
    const factory = new ScriptedFactory(() => undefined);
    const signal = AbortSignal.abort();
    const endpoint = new TCP4ClientEndpoint(reactor, "example.com", 80);
    const seen = outcomes(endpoint.connect(factory, { signal }));
    assert.instanceOf(seen[0], ConnectingCancelledError);
    assert.deepEqual([reactor.asked, factory.diary], [[], []]);
  });
});

describe("client endpoints", () => {
  it("refuse what is no port", () => {
    for (const port of [-1, 65_536, 1.5, Number.NaN]) {
      assert.throws(() => new TCP4ClientEndpoint(new ScriptedReactor(), "a", port), RangeError);
      assert.throws(() => new TCP6ClientEndpoint(new ScriptedReactor(), "::1", port), RangeError);
    }
  });

  it("TCP6ClientEndpoint asks for IPv6 addresses only", () => {
    const reactor = new ScriptedReactor();
    const factory = new ScriptedFactory(() => undefined);
    void new TCP6ClientEndpoint(reactor, "fe80::1%eth0", 80).connect(factory);
    assert.deepEqual(reactor.asked, [["fe80::1%eth0", 80, { timeout: 30, family: 6 }]]);
  });

  it("print themselves as their descriptions", () => {
    const reactor = new ScriptedReactor();
    const plain = new TCP4ClientEndpoint(reactor, "example.com", 80);
    assert.equal(String(plain), "tcp:example.com:80");
    assert.equal(inspect(plain), "TCP4ClientEndpoint(tcp:example.com:80)");
    const bound = new TCP6ClientEndpoint(reactor, "2001:db8::1", 25, {
      timeout: 0.5,
      bindAddress: { host: "::1", port: 1025 },
    });
    assert.equal(String(bound), String.raw`tcp6:2001\:db8\:\:1:25:timeout=0.5:bindAddress=\:\:1`);
  });
});
