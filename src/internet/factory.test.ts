import { assert, describe, expectTypeOf, it } from "vitest";
import type { Failure } from "../defer/failure.ts";
import { captureLogs } from "../logger/capture.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { IPv4Address } from "./addresses.ts";
import { ClientFactory, Factory, ServerFactory } from "./factory.ts";
import type { IConnector } from "./interfaces-factory.ts";
import { Protocol } from "./protocol.ts";

const somewhere = new IPv4Address("TCP", "192.0.2.1", 25);

class Greeter extends Protocol {
  readonly greeting = "hello";
}

/** Counts its starts and stops. */
class Counting extends Factory<Greeter> {
  override protocol = Greeter;
  override noisy = false;
  readonly log: string[] = [];
  override startFactory(): void {
    this.log.push("start");
  }
  override stopFactory(): void {
    this.log.push("stop");
  }
}

class Watching extends ClientFactory<Greeter> {
  override protocol = Greeter;
  override noisy = false;
  readonly log: string[] = [];
  retries = 0;
  override startFactory(): void {
    this.log.push("start");
  }
  override stopFactory(): void {
    this.log.push("stop");
  }
  override startedConnecting(): void {
    this.log.push("connecting");
  }
  override clientConnectionMade(): void {
    this.log.push("made");
  }
  override clientConnectionFailed(connector: IConnector, reason: Failure): void {
    this.log.push(`failed ${reason.type}`);
    if (this.retries === 0) return;
    this.retries -= 1;
    connector.connect();
  }
  override clientConnectionLost(_connector: IConnector, reason: Failure): void {
    this.log.push(`lost ${reason.type}`);
  }
}

describe("buildProtocol()", () => {
  it("makes one of the class for each connection, which knows its factory", () => {
    const factory = Factory.forProtocol(Greeter);
    expectTypeOf(factory).toEqualTypeOf<Factory<Greeter>>();
    const [first, second] = [factory.buildProtocol(somewhere), factory.buildProtocol(somewhere)];
    expectTypeOf(first).toEqualTypeOf<Greeter | undefined>();
    assert.instanceOf(first, Greeter);
    assert.notEqual(first, second);
    assert.equal(first.factory, factory);
  });

  it("without a class says what to do", () => {
    class Nameless extends Factory {}
    assert.throws(
      () => new Nameless().buildProtocol(somewhere),
      TypeError,
      "Cannot build a protocol: Nameless has no protocol class; set it, or override buildProtocol",
    );
  });

  it("of Factory.building() is the function, with the address", () => {
    const seen: unknown[] = [];
    const factory = Factory.building((address) => {
      seen.push(address);
      return new Greeter();
    });
    expectTypeOf(factory).toEqualTypeOf<Factory<Greeter>>();
    assert.instanceOf(factory.buildProtocol(somewhere), Greeter);
    assert.deepEqual(seen, [somewhere]);
    assert.isUndefined(Factory.building(() => undefined).buildProtocol(somewhere));
  });

  it("of ClientFactory comes from forProtocol() and building() as well", () => {
    const client = ClientFactory.forProtocol(Greeter);
    expectTypeOf(client).toEqualTypeOf<ClientFactory<Greeter>>();
    assert.instanceOf(client, ClientFactory);
    assert.instanceOf(client.buildProtocol(somewhere), Greeter);
    const building = ClientFactory.building(() => new Greeter());
    assert.instanceOf(building, ClientFactory);
    assert.instanceOf(building.buildProtocol(somewhere), Greeter);
  });
});

describe("doStart() and doStop()", () => {
  it("start with the first user, stop with the last, each once", () => {
    const factory = new Counting();
    factory.doStart();
    factory.doStart();
    assert.equal(factory.numPorts, 2);
    factory.doStop();
    assert.deepEqual(factory.log, ["start"]);
    factory.doStop();
    assert.deepEqual(factory.log, ["start", "stop"]);
    assert.equal(factory.numPorts, 0);
  });

  it("start again after a stop", () => {
    const factory = new Counting();
    for (let n = 0; n < 2; n += 1) {
      factory.doStart();
      factory.doStop();
    }
    assert.deepEqual(factory.log, ["start", "stop", "start", "stop"]);
  });

  it("a stop too many is nothing", () => {
    const factory = new Counting();
    factory.doStop();
    factory.doStart();
    factory.doStop();
    factory.doStop();
    assert.deepEqual(factory.log, ["start", "stop"]);
    assert.equal(factory.numPorts, 0);
  });

  it("are logged unless told otherwise, with the factory's and the protocol's name", () => {
    using logs = captureLogs();
    const factory = Factory.forProtocol(Greeter);
    factory.doStart();
    factory.doStart();
    factory.doStop();
    factory.doStop();
    assert.deepEqual(
      logs.flush().map((event) => [event.log_level, event.log_format, event["factory"]]),
      [
        ["info", "Starting factory {factory}", "Factory(Greeter)"],
        ["info", "Stopping factory {factory}", "Factory(Greeter)"],
      ],
    );
    factory.noisy = false;
    factory.doStart();
    factory.doStop();
    assert.deepEqual(logs.events, []);
  });
});

describe("in a reactor", () => {
  it("is started once for two ports, and stopped when the second one is closed", () => {
    const reactor = new MemoryReactor();
    const factory = new Counting();
    const ports = [1, 2].map((port) => reactor.listenTCP(port, factory));
    reactor.flush();
    assert.deepEqual([factory.log, factory.numPorts], [["start"], 2]);
    void ports[0]?.stopListening();
    reactor.flush();
    assert.deepEqual(factory.log, ["start"]);
    void ports[1]?.stopListening();
    reactor.flush();
    assert.deepEqual(factory.log, ["start", "stop"]);
  });

  it("is not stopped between the attempts of a client that tries again", () => {
    const reactor = new MemoryReactor();
    const factory = new Watching();
    factory.retries = 2;
    reactor.connectTCP("192.0.2.1", 25, factory);
    for (let n = 0; n < 3; n += 1) {
      reactor.flush();
      reactor.tcpClients[0]?.connector.fail();
    }
    const failed = "failed ConnectionRefusedError";
    assert.deepEqual(factory.log, [
      "start",
      "connecting",
      failed,
      "connecting",
      failed,
      "connecting",
      failed,
      "stop",
    ]);
  });

  it("hears of a client's connection: connecting, made, lost", () => {
    const reactor = new MemoryReactor();
    reactor.listenTCP(25, new Counting());
    const factory = new Watching();
    const connector = reactor.connectTCP("127.0.0.1", 25, factory);
    reactor.flush();
    assert.deepEqual(factory.log, ["start", "connecting", "made"]);
    connector.disconnect();
    reactor.flush();
    assert.deepEqual(factory.log.slice(3), ["lost ConnectionDone", "stop"]);
  });

  it("shared by a port and a client is one factory with two users", () => {
    const reactor = new MemoryReactor();
    const factory = new Watching();
    const port = reactor.listenTCP(25, factory);
    const connector = reactor.connectTCP("127.0.0.1", 25, factory);
    reactor.flush();
    assert.equal(factory.numPorts, 2);
    connector.disconnect();
    void port.stopListening();
    reactor.flush();
    assert.equal(factory.log.filter((entry) => entry === "start").length, 1);
    assert.equal(factory.log.filter((entry) => entry === "stop").length, 1);
    assert.equal(factory.numPorts, 0);
  });
});

it("logPrefix() names the factory, and its protocol when there is one", () => {
  assert.equal(new Counting().logPrefix(), "Counting(Greeter)");
  assert.equal(new ServerFactory().logPrefix(), "ServerFactory");
});
