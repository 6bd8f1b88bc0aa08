/**
 * What ports for datagrams do where the platform misbehaves, which contracts cannot bring about:
 * what is counted, and what is logged how often.
 *
 * @module
 */
import { afterEach, assert, beforeEach, describe, it } from "vitest";
import type { Failure } from "../../defer/failure.ts";
import { ConnectedDatagramProtocol, DatagramProtocol } from "../../internet/datagram-protocol.ts";
import { NoRouteError } from "../../internet/errors.ts";
import {
  DATAGRAM_COST,
  type ListenUDPOptions,
  type UDPAddress,
} from "../../internet/interfaces-udp.ts";
import type { LogEvent } from "../../logger/event.ts";
import { captureLogs, type LogCapture } from "../../logger/capture.ts";
import { FakeDatagramTransport } from "../../testing/fake-datagram-transport.ts";
import { MemoryReactor } from "../memory/memory-reactor.ts";
import type { MemoryUDPPort } from "../memory/memory-udp.ts";

const PEER = { host: "198.51.100.1", port: 7 };
/** Seconds: an episode is over. */
const QUIET = 11;

/** A port on a platform that says no. */
class Troubled extends FakeDatagramTransport {
  cannotConnect = false;

  protected override connectTo(host: string, port: number): UDPAddress | undefined {
    if (!this.cannotConnect) return super.connectTo(host, port);
    this.reactor.later(() => this.connectFailed(new NoRouteError("no route")));
    return undefined;
  }

  refuseOne(): void {
    this.sendRefused();
  }

  failOne(): void {
    this.sendFailed(new Error("no route"));
  }

  failToReceive(): void {
    this.receiveFailed(new Error("out of memory"));
  }
}

/** What it calls itself, heard and thrown. */
class Touchy extends DatagramProtocol {
  readonly heard: string[] = [];
  refusals = 0;
  throws: unknown;

  override datagramReceived(data: Buffer): void {
    this.heard.push(data.toString());
    if (this.throws !== undefined) throw this.throws;
  }

  override connectionRefused(): void {
    this.refusals += 1;
  }
}

let logs: LogCapture;
beforeEach(() => {
  logs = captureLogs();
});
afterEach(() => {
  const unexpected = errors();
  logs[Symbol.dispose]();
  assert.isEmpty(unexpected);
});

function warnings(): number {
  return logs.flush(({ log_level }) => log_level === "warn").length;
}

function errors(): readonly LogEvent[] {
  return logs.flush(({ log_level }) => log_level === "critical" || log_level === "error");
}

/** A memory reactor, and a port of it that is bound. */
function bound(options: ListenUDPOptions = {}): [MemoryReactor, MemoryUDPPort, Touchy] {
  const reactor = new MemoryReactor();
  const protocol = new Touchy();
  reactor.listenUDP(7, protocol, { interface: "127.0.0.1", ...options });
  reactor.flush();
  const port = reactor.udpPorts[0]?.listeningPort;
  assert.isDefined(port);
  return [reactor, port, protocol];
}

const SELF = { host: "127.0.0.1", port: 7 };

describe("datagrams that wait", () => {
  const two = { maxBufferedBytes: 2 * (1 + DATAGRAM_COST) };

  it("are bounded while the platform takes none, and leave in order when it does", () => {
    const [reactor, port, protocol] = bound(two);
    port.stalled = true;
    for (const text of "abcd") port.write(text, SELF);
    reactor.flush();
    assert.deepEqual([port.bufferedBytes, port.droppedDatagrams], [two.maxBufferedBytes, 2]);
    assert.isEmpty(protocol.heard);
    port.stalled = false;
    port.write("e", SELF);
    reactor.flush();
    assert.deepEqual(protocol.heard, ["a", "b", "e"]);
    assert.deepEqual([port.bufferedBytes, port.droppedDatagrams], [0, 2]);
    assert.equal(warnings(), 1);
  });

  it("are told of once in an episode, and again in the next", () => {
    const [reactor, port] = bound(two);
    port.stalled = true;
    for (const text of "abcdef") port.write(text, SELF);
    assert.equal(warnings(), 1);
    reactor.advance(QUIET);
    port.write("g", SELF);
    port.write("h", SELF);
    assert.equal(warnings(), 1);
    assert.equal(port.droppedDatagrams, 6);
  });

  it("are dropped and counted when the port is closed", () => {
    const [reactor, port] = bound();
    port.stalled = true;
    for (const text of "abc") port.write(text, SELF);
    void port.stopListening();
    reactor.flush();
    assert.deepEqual([port.droppedDatagrams, port.failedDatagrams], [3, 0]);
    assert.equal(warnings(), 0);
  });

  it("a bound of Infinity is none", () => {
    const [, port] = bound({ maxBufferedBytes: Number.POSITIVE_INFINITY });
    port.stalled = true;
    for (let each = 0; each < 10_000; each += 1) port.write("x", SELF);
    assert.deepEqual([port.droppedDatagrams, port.bufferedBytes], [0, 10_000 * 513]);
  });
});

describe("what the platform says against datagrams", () => {
  it("is counted each time, and told once in an episode", () => {
    const transport = new Troubled(new Touchy());
    for (let each = 0; each < 3; each += 1) transport.failOne();
    assert.deepEqual([transport.failedDatagrams, warnings()], [3, 1]);
    transport.reactor.advance(QUIET);
    transport.failOne();
    assert.deepEqual([transport.failedDatagrams, warnings()], [4, 1]);
  });

  it("trouble in receiving is told once, and what comes is heard", () => {
    const protocol = new Touchy();
    const transport = new Troubled(protocol);
    for (let each = 0; each < 3; each += 1) transport.failToReceive();
    transport.deliver("still here", PEER);
    assert.deepEqual(protocol.heard, ["still here"]);
    assert.deepEqual([transport.failedDatagrams, warnings()], [0, 1]);
  });

  it("kinds of trouble have episodes of their own", () => {
    const transport = new Troubled(new Touchy(), { maxPacketSize: 1 });
    transport.failOne();
    transport.failToReceive();
    transport.deliver("too long", PEER);
    assert.equal(warnings(), 3);
    assert.deepEqual([transport.failedDatagrams, transport.oversizedDatagrams], [1, 1]);
  });

  it("a refusal told by a datagram counts it, and reaches a connected protocol only", () => {
    const protocol = new Touchy();
    const transport = new Troubled(protocol);
    transport.refuseOne();
    transport.reactor.flush();
    assert.equal(protocol.refusals, 0);
    transport.connect(PEER.host, PEER.port);
    for (const refusals of [1, 2]) {
      transport.refuseOne();
      assert.equal(protocol.refusals, refusals - 1, "from inside");
      transport.refuseOne();
      transport.reactor.flush();
      assert.equal(protocol.refusals, refusals, "once a turn");
    }
    assert.deepEqual([transport.failedDatagrams, warnings()], [5, 0]);
    transport.refuseOne();
    void transport.stopListening();
    transport.reactor.flush();
    assert.equal(protocol.refusals, 2);
  });
});

describe("exceptions in datagramReceived", () => {
  it.each([new Error("boom"), "a text", 7])("%s is logged, and the port goes on", (thrown) => {
    const protocol = new Touchy();
    const transport = new FakeDatagramTransport(protocol);
    protocol.throws = thrown;
    transport.deliver("one", PEER);
    transport.deliver("two", PEER);
    const [first, second, ...others] = errors();
    assert.isEmpty(others);
    for (const event of [first, second]) {
      assert.equal(event?.["peer"], "198.51.100.1:7");
      assert.equal(event?.["address"], "192.0.2.1:54321");
      assert.isDefined(event?.log_failure);
    }
    protocol.throws = undefined;
    transport.deliver("three", PEER);
    assert.deepEqual(protocol.heard, ["one", "two", "three"]);
  });
});

describe("a connect that fails", () => {
  /** Hears of it. */
  class Connecting extends ConnectedDatagramProtocol {
    readonly reasons: Failure[] = [];
    throws: Error | undefined;
    override connectionFailed(reason: Failure): void {
      this.reasons.push(reason);
      if (this.throws !== undefined) throw this.throws;
    }
  }

  it("is told later, and may be tried again", () => {
    const protocol = new Connecting();
    const transport = new Troubled(protocol);
    transport.cannotConnect = true;
    transport.connect(PEER.host, PEER.port);
    assert.isEmpty(protocol.reasons);
    assert.isUndefined(transport.getPeer());
    transport.reactor.flush();
    assert.equal(protocol.reasons[0]?.type, "NoRouteError");
    transport.cannotConnect = false;
    transport.connect(PEER.host, PEER.port);
    transport.write("hello");
    assert.lengthOf(transport.written, 1);
    assert.equal(warnings(), 0);
  });

  it("goes to the log where the protocol does not hear of it", () => {
    const transport = new Troubled(new Touchy());
    transport.cannotConnect = true;
    transport.connect(PEER.host, PEER.port);
    transport.reactor.flush();
    assert.equal(warnings(), 1);
  });

  it("an exception in connectionFailed is logged", () => {
    const boom = new Error("boom");
    const protocol = new Connecting();
    protocol.throws = boom;
    const transport = new Troubled(protocol);
    transport.cannotConnect = true;
    transport.connect(PEER.host, PEER.port);
    transport.reactor.flush();
    assert.deepEqual(
      errors().map((event) => event.log_failure?.value),
      [boom],
    );
  });

  it("what was written early to the peer is dropped and counted", () => {
    const protocol = new Connecting();
    const transport = new Troubled(protocol);
    void transport.stopListening();
    transport.reactor.flush();
    transport.cannotConnect = true;
    transport.startListening();
    transport.connect(PEER.host, PEER.port);
    transport.write("early");
    transport.reactor.flush();
    assert.deepEqual([transport.droppedDatagrams, transport.written.length], [1, 0]);
    assert.lengthOf(protocol.reasons, 1);
  });
});
