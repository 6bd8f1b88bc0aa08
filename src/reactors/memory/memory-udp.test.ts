/**
 * Datagrams in memory, lost, delayed and doubled; and who gets them where several could.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { DatagramProtocol } from "../../internet/datagram-protocol.ts";
import type { ListenUDPOptions, UDPAddress } from "../../internet/interfaces-udp.ts";
import { MemoryReactor } from "./memory-reactor.ts";
import type { MemoryUDPPort } from "./memory-udp.ts";

const HOST = "127.0.0.1";

/** Writes down what it hears. */
class Ear extends DatagramProtocol {
  readonly texts: string[] = [];
  readonly addresses: UDPAddress[] = [];
  refusals = 0;

  override datagramReceived(data: Buffer, address: UDPAddress): void {
    this.texts.push(data.toString());
    this.addresses.push(address);
  }

  override connectionRefused(): void {
    this.refusals += 1;
  }
}

interface Station {
  readonly ear: Ear;
  readonly port: MemoryUDPPort;
  readonly address: { readonly host: string; readonly port: number };
}

function station(reactor: MemoryReactor, number = 0, options: ListenUDPOptions = {}): Station {
  const ear = new Ear();
  reactor.listenUDP(number, ear, { interface: HOST, ...options });
  reactor.flush();
  const port = reactor.udpPorts.at(-1)?.listeningPort;
  assert.isDefined(port);
  return { ear, port, address: { host: HOST, port: port.getHost().port } };
}

describe("carry", () => {
  it("loses, doubles and delays datagrams", () => {
    const reactor = new MemoryReactor();
    const [sender, receiver] = [station(reactor), station(reactor)];
    const carried: string[] = [];
    reactor.datagrams.carry = ({ data }, arrive) => {
      const text = data.toString();
      carried.push(text);
      if (text === "lost") return;
      if (text === "late") reactor.callLater(5, arrive);
      else arrive();
      if (text === "twice") arrive();
    };
    for (const text of ["late", "lost", "twice", "once"]) sender.port.write(text, receiver.address);
    reactor.flush();
    assert.deepEqual(carried, ["late", "lost", "twice", "once"]);
    assert.deepEqual(receiver.ear.texts, ["twice", "twice", "once"]);
    reactor.advance(5);
    assert.deepEqual(receiver.ear.texts, ["twice", "twice", "once", "late"]);
  });

  it("knows where from and where to", () => {
    const reactor = new MemoryReactor();
    const sender = station(reactor, 0, { interface: "" });
    const seen: string[] = [];
    reactor.datagrams.carry = ({ source, destination }) => {
      seen.push(`${source.toString()} > ${destination.toString()}`);
    };
    sender.port.write("x", { host: "192.0.2.1", port: 9 });
    assert.deepEqual(seen, ["127.0.0.1:49152 > 192.0.2.1:9"]);
  });

  it("a datagram that arrives after its receiver has closed is nobody's", () => {
    const reactor = new MemoryReactor();
    const [sender, receiver] = [station(reactor), station(reactor)];
    reactor.datagrams.carry = (_datagram, arrive) => {
      reactor.callLater(1, arrive);
    };
    sender.port.connect(HOST, receiver.address.port);
    sender.port.write("late");
    void receiver.port.stopListening();
    reactor.advance(1);
    reactor.flush();
    assert.deepEqual([receiver.ear.texts, sender.ear.refusals], [[], 1]);
  });
});

describe("who gets a datagram", () => {
  const shared = { listenMultiple: true };

  it("the port that is connected to its sender, before one that is not", () => {
    const reactor = new MemoryReactor();
    const sender = station(reactor);
    const connected = station(reactor, 7, shared);
    const open = station(reactor, 7, shared);
    connected.port.connect(HOST, sender.address.port);
    sender.port.write("hello", connected.address);
    reactor.flush();
    assert.deepEqual([connected.ear.texts, open.ear.texts], [["hello"], []]);
  });

  it("the port at that address, before one at every address", () => {
    const reactor = new MemoryReactor();
    const sender = station(reactor);
    const particular = station(reactor, 7, shared);
    const everywhere = station(reactor, 7, { ...shared, interface: "" });
    for (const host of [HOST, "192.0.2.1"]) sender.port.write(host, { host, port: 7 });
    reactor.flush();
    assert.deepEqual([particular.ear.texts, everywhere.ear.texts], [[HOST], ["192.0.2.1"]]);
  });

  it("of several alike the one bound last, and not all of them", () => {
    const reactor = new MemoryReactor();
    const sender = station(reactor);
    const [first, last] = [station(reactor, 7, shared), station(reactor, 7, shared)];
    sender.port.write("hello", last.address);
    reactor.flush();
    assert.deepEqual([first.ear.texts, last.ear.texts], [[], ["hello"]]);
  });

  it("nobody of the other family", () => {
    const reactor = new MemoryReactor();
    const sender = station(reactor);
    const six = station(reactor, 7, { interface: "::" });
    sender.port.write("hello", { host: HOST, port: 7 });
    reactor.flush();
    assert.isEmpty(six.ear.texts);
    const sender6 = station(reactor, 0, { interface: "::1" });
    sender6.port.write("hello", { host: "::1", port: 7 });
    reactor.flush();
    assert.deepEqual(six.ear.texts, ["hello"]);
  });

  it("a broadcast: every port on every address, each with bytes of its own", () => {
    const reactor = new MemoryReactor();
    const sender = station(reactor);
    sender.port.setBroadcastAllowed(true);
    const all = { ...shared, interface: "" };
    const [first, second] = [station(reactor, 7, all), station(reactor, 7, all)];
    sender.port.write("all", { host: "<broadcast>", port: 7 });
    reactor.flush();
    assert.deepEqual([first.ear.texts, second.ear.texts], [["all"], ["all"]]);
  });
});

describe("port numbers", () => {
  it("are given out from 49152 on, without those that are taken", () => {
    const reactor = new MemoryReactor();
    station(reactor, 49_153);
    const given = [station(reactor), station(reactor), station(reactor)];
    assert.deepEqual(
      given.map(({ address }) => address.port),
      [49_152, 49_154, 49_155],
    );
  });

  it("begin again after 65535", () => {
    const reactor = new MemoryReactor();
    const first = station(reactor);
    void first.port.stopListening();
    reactor.flush();
    let last = 0;
    for (let each = 49_153; each <= 65_536; each += 1) {
      const { port, address } = station(reactor);
      last = address.port;
      void port.stopListening();
      reactor.flush();
      reactor.udpPorts.length = 0;
    }
    assert.equal(last, 49_152);
  });
});
