/**
 * Endpoints, factories and whole reactors whose connections are recorded.
 *
 * @module
 */
import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import { clientFromString, serverFromString } from "../internet/endpoints/from-string.ts";
import { connectProtocol } from "../internet/endpoints/connect-protocol.ts";
import { ClientFactory, Factory } from "../internet/factory.ts";
import { HAProxyWrappingFactory } from "../internet/haproxy/haproxy-wrapping-factory.ts";
import { providesProxyHeader } from "../internet/haproxy/proxied-transport.ts";
import type { IConnector } from "../internet/interfaces-factory.ts";
import { providesLoggingContext } from "../internet/interfaces-transport.ts";
import { Protocol } from "../internet/protocol.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { successResultOf } from "../testing/results.ts";
import { MemoryRecordings } from "./memory-recordings.ts";
import { recordEndpoint } from "./record-endpoint.ts";
import { recordClientFactory, recordFactory } from "./record-factory.ts";
import { recordReactor } from "./record-reactor.ts";
import { Recorder } from "./recorder.ts";
import { bytesOf } from "./wire/recorded-event.ts";

class Echo extends Protocol {
  override dataReceived(data: Buffer): void {
    this.transport.write(data);
  }
}

class Hello extends Protocol {
  override connectionMade(): void {
    this.transport.write("hello");
  }
}

function scene() {
  const reactor = new MemoryReactor();
  const store = new MemoryRecordings();
  return { reactor, store, recorder: new Recorder({ reactor, store }) };
}

/** `client tcp:…: out hello`, for each recording. */
function summaries(store: MemoryRecordings): readonly string[] {
  return store.recordings.map((recording) => {
    const { role, place } = recording.header;
    const [sent, received] = [bytesOf(recording, "out"), bytesOf(recording, "in")];
    return `${role} ${place}: in ${received.toString()}, out ${sent.toString()}`;
  });
}

describe("recordEndpoint()", () => {
  it("records a server's connections", () => {
    const { reactor, store, recorder } = scene();
    const endpoint = recordEndpoint(serverFromString(reactor, "tcp:7"), recorder);
    assert.equal(inspect(endpoint), "recorded(tcp:7)");
    const listening = endpoint.listen(Factory.forProtocol(Echo));
    reactor.flush();
    const port = successResultOf(listening);
    reactor.connectTCP("127.0.0.1", 7, ClientFactory.forProtocol(Hello));
    reactor.flush();
    assert.deepEqual(summaries(store), ["server tcp:7: in hello, out hello"]);
    assert.lengthOf([...port.connections], 1);
  });

  it("records a client's connection, and gives it its own protocol", () => {
    const { reactor, store, recorder } = scene();
    reactor.listenTCP(7, Factory.forProtocol(Echo));
    const endpoint = recordEndpoint(clientFromString(reactor, "tcp:127.0.0.1:7"), recorder);
    assert.equal(inspect(endpoint), "recorded(tcp:127.0.0.1:7)");
    const hello = new Hello();
    const connected = connectProtocol(endpoint, hello);
    reactor.flush();
    assert.strictEqual(successResultOf(connected), hello);
    assert.deepEqual(summaries(store), ["client tcp:127.0.0.1:7: in hello, out hello"]);
  });
});

describe("recordFactory()", () => {
  it("starts, stops and names itself as the factory does; refuses what it refuses", () => {
    const { recorder } = scene();
    const factory = Factory.building(() => undefined);
    const recorded = recordFactory(factory, recorder);
    recorded.doStart();
    assert.equal(factory.numPorts, 1);
    recorded.doStop();
    assert.equal(factory.numPorts, 0);
    assert(providesLoggingContext(recorded));
    assert.equal(recorded.logPrefix(), factory.logPrefix());
  });

  it("behind a PROXY header, the protocol still sees it", () => {
    const { reactor, store, recorder } = scene();
    let inner: Protocol | undefined;
    const factory = Factory.building(() => {
      inner = new Echo();
      return inner;
    });
    reactor.listenTCP(7, new HAProxyWrappingFactory(reactor, recordFactory(factory, recorder)));
    const hello = new Hello();
    hello.connectionMade = () => {
      hello.transport.write("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\nhello");
    };
    reactor.connectTCP(
      "127.0.0.1",
      7,
      ClientFactory.building(() => hello),
    );
    reactor.flush();
    assert.isTrue(providesProxyHeader(inner?.transport));
    assert.equal(store.recordings[0]?.header.peer, "IPv4 192.0.2.7:56324");
    assert.deepEqual(summaries(store), ["server : in hello, out hello"]);
  });
});

describe("recordClientFactory()", () => {
  it("tells the factory of its attempts", () => {
    const { reactor, recorder } = scene();
    const told: string[] = [];
    class Telling extends ClientFactory {
      override startedConnecting(connector: IConnector): void {
        told.push(`started ${connector.state}`);
      }
      override clientConnectionMade(): void {
        told.push("made");
      }
      override clientConnectionFailed(): void {
        told.push("failed");
      }
      override clientConnectionLost(): void {
        told.push("lost");
      }
    }
    const factory = recordClientFactory(Telling.forProtocol(Protocol), recorder);
    const port = reactor.listenTCP(7, Factory.forProtocol(Protocol));
    const connector = reactor.connectTCP("127.0.0.1", 7, factory);
    reactor.flush();
    connector.disconnect();
    reactor.flush();
    void port.stopListening();
    reactor.flush();
    connector.connect();
    reactor.flush();
    reactor.tcpClients[0]?.connector.fail();
    reactor.flush();
    assert.deepEqual(told, ["started connecting", "made", "lost", "started connecting", "failed"]);
  });
});

describe("recordReactor()", () => {
  it("records both sides of what the reactor connects, until it is ended", () => {
    const { reactor, store, recorder } = scene();
    const end = recordReactor(reactor, recorder);
    reactor.listenTCP(7, Factory.forProtocol(Echo), { interface: "127.0.0.1" });
    reactor.connectTCP("127.0.0.1", 7, ClientFactory.forProtocol(Hello));
    reactor.listenUNIX("/run/echo.sock", Factory.forProtocol(Echo));
    reactor.connectUNIX("/run/echo.sock", ClientFactory.forProtocol(Hello));
    reactor.flush();
    assert.deepEqual(summaries(store).toSorted(), [
      "client tcp:127.0.0.1:7: in hello, out hello",
      "client unix:/run/echo.sock: in hello, out hello",
      "server tcp:7: in hello, out hello",
      "server unix:/run/echo.sock: in hello, out hello",
    ]);
    end();
    reactor.connectUNIX("/run/echo.sock", ClientFactory.forProtocol(Hello));
    reactor.flush();
    assert.lengthOf(store.texts, 5, "the port goes on as it was begun, the client is not recorded");
    assert.isFalse(Object.hasOwn(reactor, "listenTCP"));
    assert.isFalse(Object.hasOwn(reactor, "connectProcess"));
  });

  it("ends from the inside out when there are two", () => {
    const { reactor, store, recorder } = scene();
    const outer = scene();
    const end = recordReactor(reactor, recorder);
    const endOuter = recordReactor(reactor, outer.recorder);
    endOuter();
    reactor.listenTCP(7, Factory.forProtocol(Echo));
    reactor.connectTCP("127.0.0.1", 7, ClientFactory.forProtocol(Hello));
    reactor.flush();
    assert.deepEqual([store.texts.length, outer.store.texts.length], [2, 0]);
    end();
    assert.isFalse(Object.hasOwn(reactor, "listenTCP"));
  });

  it("records endpoints from strings", () => {
    const { reactor, store, recorder } = scene();
    recordReactor(reactor, recorder);
    void serverFromString(reactor, "tcp:7").listen(Factory.forProtocol(Echo));
    void connectProtocol(clientFromString(reactor, "localhost:7"), new Hello());
    void connectProtocol(clientFromString(reactor, "tcp:localhost:7"), new Hello());
    reactor.advance(1);
    assert.deepEqual(
      summaries(store)
        .map((text) => text.slice(0, 10))
        .toSorted(),
      ["client tcp", "client tcp", "server tcp", "server tcp"],
    );
  });
});
