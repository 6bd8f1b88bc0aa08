import { inspect } from "node:util";
import { assert, describe, it } from "vitest";
import type { Failure } from "../../defer/failure.ts";
import { captureLogs } from "../../logger/capture.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { StreamServerEndpointService } from "../../service/stream-server-endpoint-service.ts";
import { successResultOf } from "../../testing/results.ts";
import { StringTransport } from "../../testing/string-transport.ts";
import { type IAddress, IPv4Address, IPv6Address, UNIXAddress } from "../addresses.ts";
import { TCP4ServerEndpoint } from "../endpoints/tcp-server.ts";
import { ConnectionTimedOut } from "../errors.ts";
import { ClientFactory, Factory } from "../factory.ts";
import type { TLSSession } from "../interfaces-tls.ts";
import { providesDrain, providesTCP } from "../interfaces-transport.ts";
import { Protocol } from "../protocol.ts";
import { UntrustedProxyError } from "./errors.ts";
import type { HAProxyRefusal } from "./haproxy-protocol.ts";
import { HAProxyServerEndpoint } from "./haproxy-server-endpoint.ts";
import { type HAProxyOptions, HAProxyWrappingFactory } from "./haproxy-wrapping-factory.ts";
import { providesProxyHeader } from "./proxied-transport.ts";
import { encodeProxyHeader } from "./wire/encode-proxy-header.ts";
import { ProxyHeaderError } from "./wire/errors.ts";
import type { ProxyHeader, ProxyRoute } from "./wire/proxy-header.ts";

const LINE = "PROXY TCP4 192.0.2.7 203.0.113.1 56324 443\r\n";
const CLIENT = new IPv4Address("TCP", "192.0.2.7", 56_324);
const PLACE = new IPv4Address("TCP", "203.0.113.1", 443);

/** Writes down what it is told. */
class Diary extends Protocol {
  readonly pages: string[] = [];

  override connectionMade(): void {
    this.pages.push(`made ${this.transport.getPeer().toString()}`);
  }

  override dataReceived(data: Buffer): void {
    this.pages.push(data.toString());
  }

  override connectionLost(reason: Failure): void {
    this.pages.push(`lost ${reason.type}`);
  }
}

/** A connection to a factory of diaries, and what was said to whom. */
class Setting {
  readonly transport: StringTransport;
  readonly diaries: Diary[] = [];
  readonly built: IAddress[] = [];
  readonly refused: [HAProxyRefusal, IAddress][] = [];
  readonly factory: HAProxyWrappingFactory;

  constructor(options: HAProxyOptions = {}, transport = new StringTransport()) {
    this.transport = transport;
    const diaries = Factory.building((address) => {
      this.built.push(address);
      const diary = new Diary();
      this.diaries.push(diary);
      return diary;
    });
    const refused = (reason: HAProxyRefusal, peer: IAddress): void => {
      this.refused.push([reason, peer]);
    };
    this.factory = new HAProxyWrappingFactory(transport.reactor, diaries, { refused, ...options });
    const protocol = this.factory.buildProtocol(transport.getPeer());
    if (protocol !== undefined) transport.connect(protocol);
  }

  get diary(): Diary {
    return this.diaries[0] ?? assert.fail("no protocol was built");
  }

  /** Why it was refused; nothing else was told, and nobody got a protocol. */
  get refusal(): HAProxyRefusal {
    assert.lengthOf(this.refused, 1);
    assert.isEmpty(this.built);
    const [reason, peer] = this.refused[0] ?? assert.fail();
    assert.strictEqual(peer, this.transport.getPeer());
    return reason;
  }
}

function ends(transport: Protocol["transport"]): string[] {
  return [transport.getPeer().toString(), transport.getHost().toString()];
}

describe("HAProxyWrappingFactory", () => {
  it("asks for a protocol when the header is whole, with the client's address", () => {
    const setting = new Setting();
    for (const byte of LINE.slice(0, -1)) setting.transport.deliver(byte);
    assert.isEmpty(setting.built);
    setting.transport.deliver("\n");
    assert.isTrue(setting.built[0]?.equals(CLIENT));
    assert.deepEqual(setting.diary.pages, ["made 192.0.2.7:56324"]);
    setting.transport.deliver("GET");
    setting.transport.deliverEnd();
    assert.deepEqual(setting.diary.pages.slice(1), ["GET", "lost ConnectionDone"]);
    assert.lengthOf(setting.built, 1);
    assert.isEmpty(setting.refused);
  });

  it("hands on what came in the same piece as the header", () => {
    const setting = new Setting();
    setting.transport.deliver(`${LINE}GET / HTTP/1.1\r\n`);
    assert.deepEqual(setting.diary.pages, ["made 192.0.2.7:56324", "GET / HTTP/1.1\r\n"]);
  });

  it("the transport tells the header's addresses, and all the rest of the header", () => {
    const setting = new Setting();
    const header: ProxyHeader = {
      version: 2,
      command: "PROXY",
      route: {
        family: "INET6",
        transport: "STREAM",
        source: { host: "2001:db8::7", port: 1 },
        destination: { host: "2001:db8::1", port: 2 },
      },
      authority: "app.example",
      checksum: true,
    };
    setting.transport.deliver(encodeProxyHeader(header));
    const { transport } = setting.diary;
    assert.isTrue(transport.getPeer().equals(new IPv6Address("TCP", "2001:db8::7", 1)));
    assert.isTrue(transport.getHost().equals(new IPv6Address("TCP", "2001:db8::1", 2)));
    assert(providesProxyHeader(transport));
    assert.deepEqual(transport.proxyHeader, header);
    assert.isTrue(providesTCP(transport));
    assert.strictEqual(transport.protocol, setting.diary);
    assert.isFalse(providesProxyHeader(setting.transport));
    assert.isFalse(providesProxyHeader(undefined));
    assert.equal(inspect(transport), "ProxiedTransport([2001:db8::7]:1, over 198.51.100.1:12345)");
  });

  it("knows UDP and UNIX, and the socket's own addresses where the header has none", () => {
    const route: ProxyRoute = {
      family: "INET",
      transport: "DGRAM",
      source: { host: "192.0.2.7", port: 1 },
      destination: { host: "192.0.2.8", port: 2 },
    };
    const unix: ProxyRoute = { family: "UNIX", transport: "STREAM", source: "", destination: "/x" };
    const own = ["198.51.100.1:12345", "192.0.2.1:54321"];
    const cases: readonly [ProxyHeader, string[]][] = [
      [{ version: 2, command: "PROXY", route }, ["192.0.2.7:1", "192.0.2.8:2"]],
      [{ version: 2, command: "PROXY", route: unix }, [new UNIXAddress("").toString(), "/x"]],
      [{ version: 2, command: "PROXY" }, own],
      [{ version: 2, command: "LOCAL" }, own],
      [{ version: 1, command: "PROXY" }, own],
    ];
    for (const [header, expected] of cases) {
      const setting = new Setting();
      setting.transport.deliver(encodeProxyHeader(header));
      assert.deepEqual(ends(setting.diary.transport), expected);
      assert.equal(String(setting.built[0]), expected[0]);
    }
  });

  it("names the connection in logs by its protocol and its client", () => {
    const setting = new Setting();
    assert.equal(setting.factory.buildProtocol(CLIENT)?.logPrefix(), "(no PROXY header)");
    setting.transport.deliver(LINE);
    setting.diary.dataReceived = () => {
      throw new Error("no voice");
    };
    using logs = captureLogs();
    setting.transport.deliver("x");
    const prefix = "Diary (PROXY 192.0.2.7:56324),198.51.100.1:12345";
    assert.deepEqual(
      logs.events.map((event) => event["prefix"]),
      [prefix],
    );
    assert.equal(setting.factory.logPrefix(), "Factory (PROXY)");
  });

  it("starts and stops the factory that it wraps", () => {
    const inner = new Factory<Diary>();
    inner.noisy = false;
    const factory = new HAProxyWrappingFactory(new MemoryReactor(), inner);
    factory.doStart();
    assert.equal(inner.numPorts, 1);
    factory.doStop();
    assert.equal(inner.numPorts, 0);
    assert.strictEqual(factory.wrappedFactory, inner);
    assert.equal(factory.logPrefix(), "Factory (PROXY)");
  });

  it("closes a connection for which there is no protocol", () => {
    const transport = new StringTransport();
    const none = Factory.building(() => undefined);
    const protocol = new HAProxyWrappingFactory(transport.reactor, none).buildProtocol(CLIENT);
    assert.isDefined(protocol);
    transport.connect(protocol);
    transport.deliver(`${LINE}x`);
    assert.equal(transport.end, "closed");
    assert.isEmpty(transport.reactor.getDelayedCalls());
  });

  it("logs what buildProtocol throws, and closes that connection", () => {
    const transport = new StringTransport();
    const broken = Factory.building(() => {
      throw new Error("no protocols today");
    });
    const protocol = new HAProxyWrappingFactory(transport.reactor, broken).buildProtocol(CLIENT);
    assert.isDefined(protocol);
    transport.connect(protocol);
    using logs = captureLogs();
    transport.deliver(LINE);
    const [event] = logs.events;
    assert.equal(event?.log_failure?.value.message, "no protocols today");
    assert.equal(event?.["peer"], "192.0.2.7:56324");
    assert.equal(transport.end, "closed");
  });

  it("refuses options that make no sense", () => {
    const options: readonly HAProxyOptions[] = [
      { headerTimeout: 0 },
      { headerTimeout: -1 },
      { headerTimeout: Number.NaN },
      { maxHeaderBytes: 15 },
      { trusted: [] },
      { trusted: ["localhost"] },
    ];
    const reactor = new MemoryReactor();
    const factory = Factory.forProtocol(Diary);
    const place = new TCP4ServerEndpoint(reactor, 80);
    for (const one of options) {
      assert.throws(() => new HAProxyWrappingFactory(reactor, factory, one), RangeError);
      assert.throws(() => new HAProxyServerEndpoint(reactor, place, one), RangeError);
    }
  });
});

describe("HAProxyWrappingFactory: hostile and dead peers", () => {
  it("garbage is aborted at its first wrong byte", () => {
    for (const garbage of ["GET / HTTP/1.1\r\n", "PROXX", "\r\n\r\nQ", `${LINE.slice(0, -1)}x`]) {
      const setting = new Setting();
      setting.transport.deliver(garbage);
      assert.instanceOf(setting.refusal, ProxyHeaderError);
      assert.equal(setting.transport.end, "aborted");
      assert.isEmpty(setting.transport.reactor.getDelayedCalls());
    }
  });

  it("a header beyond the limit is aborted before it is there", () => {
    const setting = new Setting({ maxHeaderBytes: 100 });
    const header: ProxyHeader = { version: 2, command: "PROXY", alpn: Buffer.alloc(100) };
    setting.transport.deliver(encodeProxyHeader(header).subarray(0, 16));
    assert.include(setting.refusal.message, "expected at most 100 bytes, got 119");
  });

  it("silence ends at the deadline, one byte at a time does too", () => {
    const silent = new Setting();
    silent.transport.reactor.advance(9.9);
    assert.equal(silent.transport.end, "open");
    silent.transport.reactor.advance(0.1);
    const reason = silent.refusal;
    assert.instanceOf(reason, ConnectionTimedOut);
    assert.deepEqual([reason.phase, reason.seconds], ["proxy header", 10]);
    assert.equal(silent.transport.end, "aborted");

    const slow = new Setting({ headerTimeout: 3 });
    for (const byte of LINE.slice(0, 6)) {
      slow.transport.deliver(byte);
      slow.transport.reactor.advance(0.5);
    }
    assert.instanceOf(slow.refusal, ConnectionTimedOut);
  });

  it("after the header there is no deadline, and none if none is wanted", () => {
    const quick = new Setting();
    quick.transport.deliver(LINE);
    assert.isEmpty(quick.transport.reactor.getDelayedCalls());
    const patient = new Setting({ headerTimeout: Number.POSITIVE_INFINITY });
    assert.isEmpty(patient.transport.reactor.getDelayedCalls());
    patient.transport.deliver(LINE);
    assert.lengthOf(patient.built, 1);
  });

  it("over TLS the deadline begins when the handshake, which has its own, is done", () => {
    class SecureTransport extends StringTransport {
      readonly secure = true;
      tlsSession: TLSSession | undefined;
      startTLS(): void {}
      getPeerCertificate(): void {}
    }
    const setting = new Setting({ headerTimeout: 3 }, new SecureTransport());
    setting.transport.reactor.advance(100);
    assert.equal(setting.transport.end, "open");
    setting.transport.handshakeDone();
    setting.transport.reactor.advance(3);
    assert.instanceOf(setting.refusal, ConnectionTimedOut);
  });

  it("who goes away inside a header is told of, who never began is not", () => {
    const cut = new Setting();
    cut.transport.deliver("PROXY TCP4");
    cut.transport.deliverEnd();
    assert.include(cut.refusal.message, "the connection ended after 10 bytes");
    const look = new Setting();
    look.transport.deliverEnd();
    assert.isEmpty(look.refused);
    assert.equal(look.transport.end, "closed");
    for (const { transport } of [cut, look]) assert.isEmpty(transport.reactor.getDelayedCalls());
  });

  it("a reset, or our own end, is nobody's broken header", () => {
    const reset = new Setting();
    reset.transport.deliver("PROXY");
    reset.transport.deliverReset();
    const drained = new Setting();
    drained.transport.deliver("PROXY");
    const { protocol } = drained.transport;
    assert(providesDrain(protocol));
    protocol.drain();
    assert.equal(drained.transport.end, "closed");
    for (const { refused, transport } of [reset, drained]) {
      assert.isEmpty(refused);
      assert.isEmpty(transport.reactor.getDelayedCalls());
    }
  });

  it("only those who are trusted are read", () => {
    const trusted = new Setting({ trusted: ["198.51.100.0/24"] });
    trusted.transport.deliver(LINE);
    assert.lengthOf(trusted.built, 1);
    const other = new Setting({ trusted: ["198.51.101.0/24", "::/0", "unix:"] });
    assert.isUndefined(other.transport.protocol);
    const reason = other.refusal;
    assert.instanceOf(reason, UntrustedProxyError);
    assert.equal(reason.code, "ERR_UNTRUSTED_PROXY");
    assert.strictEqual(reason.peer, other.transport.getPeer());
  });

  it("warns once in ten seconds, if nobody else is told", () => {
    const reactor = new MemoryReactor();
    const factory = new HAProxyWrappingFactory(reactor, Factory.forProtocol(Diary));
    using logs = captureLogs();
    for (const wait of [0, 5, 4.9, 0.1, 1]) {
      reactor.advance(wait);
      const transport = new StringTransport({ reactor });
      const protocol = factory.buildProtocol(transport.getPeer());
      assert.isDefined(protocol);
      transport.connect(protocol);
      transport.deliver("GET");
    }
    const levels = logs.events.map((event) => event.log_level);
    assert.deepEqual(levels, ["warn", "debug", "debug", "warn", "debug"]);
    assert.equal(logs.events[0]?.["peer"], "198.51.100.1:12345");
    assert.include(String(logs.events[0]?.["reason"]), "Cannot read a PROXY header");
  });

  it("logs what its listener throws", () => {
    const setting = new Setting({
      refused: () => {
        throw new Error("do not tell me");
      },
    });
    using logs = captureLogs();
    setting.transport.deliver("GET");
    assert.equal(setting.transport.end, "aborted");
    assert.equal(logs.events[0]?.log_failure?.value.message, "do not tell me");
  });
});

describe("HAProxyServerEndpoint", () => {
  class Goodbye extends Diary {
    drain(): void {
      this.transport.write("bye");
      this.transport.loseConnection();
    }
  }

  it("listens where the inner endpoint does, and prints itself as its description", () => {
    const reactor = new MemoryReactor();
    const place = new TCP4ServerEndpoint(reactor, 8080, { interface: "::1" });
    const trusted = new Set(["10.0.0.0/8", "::1"]).values(); // Can be read only once.
    const endpoint = new HAProxyServerEndpoint(reactor, place, { trusted, headerTimeout: 5 });
    assert.equal(
      String(endpoint),
      String.raw`haproxy:tcp:8080:interface=\:\:1:trusted=10.0.0.0/8,\:\:1:headerTimeout=5`,
    );
    assert.equal(String(new HAProxyServerEndpoint(reactor, place)), `haproxy:${String(place)}`);
    for (const _ of [1, 2]) void endpoint.listen(Factory.forProtocol(Diary));
    const [first, second] = reactor.tcpServers;
    assert.instanceOf(first?.factory, HAProxyWrappingFactory);
    assert.instanceOf(second?.factory, HAProxyWrappingFactory);
  });

  it("its connections drain, and those without a header are closed", () => {
    const reactor = new MemoryReactor();
    const endpoint = new HAProxyServerEndpoint(reactor, new TCP4ServerEndpoint(reactor, 80));
    const goodbyes = Factory.forProtocol(Goodbye);
    goodbyes.noisy = false;
    const service = new StreamServerEndpointService(endpoint, goodbyes, { clock: reactor });
    void service.startService();
    reactor.flush();
    const clients = [new Diary(), new Diary()];
    for (const [at, client] of clients.entries()) {
      client.connectionMade = () => client.transport.write(at === 0 ? LINE : LINE.slice(0, 9));
      const factory = ClientFactory.building(() => client);
      factory.noisy = false;
      reactor.connectTCP("127.0.0.1", 80, factory);
    }
    reactor.flush();
    const connections = [...(service.port?.connections ?? [])];
    const peers = connections.map((one) => one.getPeer().toString());
    assert.deepEqual(peers, ["192.0.2.7:56324", clients[1]?.transport.getHost().toString()]);
    const stopped = service.stopService();
    reactor.flush();
    successResultOf(stopped);
    assert.deepEqual(
      clients.map(({ pages }) => pages),
      [["bye", "lost ConnectionDone"], ["lost ConnectionDone"]],
    );
    assert.isEmpty(reactor.getDelayedCalls());
  });

  it("tells the place that the client connected to", () => {
    const setting = new Setting();
    setting.transport.deliver(LINE);
    assert.isTrue(setting.diary.transport.getHost().equals(PLACE));
  });
});
