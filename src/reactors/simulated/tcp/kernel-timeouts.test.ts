/**
 * How long kernels wait: for the end of a connection, for a handshake, before they send again.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { ClientFactory, Factory } from "../../../internet/factory.ts";
import { Protocol } from "../../../internet/protocol.ts";
import type { SimulatedHost } from "../host.ts";
import { Simulator } from "../simulator.ts";
import { SimulatedSocket } from "./socket.ts";

/** Does not close when its peer has. */
class Patient extends Protocol {
  readonly heard: number[] = [];
  readonly #simulator: Simulator;

  constructor(simulator: Simulator) {
    super();
    this.#simulator = simulator;
  }

  override dataReceived(): void {
    this.heard.push(this.#simulator.now);
  }

  readConnectionLost(): void {}

  writeConnectionLost(): void {}
}

/** Two hosts, and a server that is slow to close. */
class Pair {
  readonly simulator = new Simulator({ kept: true });
  readonly client: SimulatedHost = this.simulator.addHost("client");
  readonly server: SimulatedHost = this.simulator.addHost("server");
  readonly there = this.simulator.network.link(this.client, this.server);
  readonly back = this.simulator.network.link(this.server, this.client);
  readonly patient = new Patient(this.simulator);
  /** When each attempt ended, and how. */
  readonly attempts: string[] = [];

  constructor() {
    const factory = Factory.building(() => this.patient);
    this.server.reactor.listenTCP(7, factory, { backlog: 1 });
  }

  work(seconds: number): Promise<unknown> {
    const until = this.simulator.now + seconds;
    return this.simulator.work(() => false, { until });
  }

  connect(from: SimulatedHost = this.client): Protocol {
    const protocol = new Protocol();
    const factory = ClientFactory.building(() => protocol);
    const note = (how: string): void => {
      this.attempts.push(`${how} at ${this.simulator.now.toFixed(3)}`);
    };
    protocol.connectionMade = () => note("connected");
    factory.clientConnectionFailed = (_, { value }) => {
      const { cause } = value;
      note(cause instanceof Error && "code" in cause ? String(cause.code) : value.name);
    };
    from.reactor.connectTCP(this.server.ipv4, 7, factory, { timeout: 1000 });
    return protocol;
  }
}

describe("a socket that its program has closed", () => {
  it("hears one who still sends to his end, for 30 seconds at most", async () => {
    const pair = new Pair();
    const here = pair.connect();
    await pair.work(0.5);
    here.transport.loseConnection();
    for (let second = 0; second < 29; second += 1) {
      await pair.work(1);
      assert.equal(pair.client.descriptors.size, 1, `after ${String(second + 1)} s`);
      pair.patient.transport.write("still here");
    }
    assert.isFalse(pair.patient.transport.disconnected);
    await pair.work(2);
    assert.equal(pair.client.descriptors.size, 0);
    pair.patient.transport.write("still here");
    await pair.work(1);
    assert.isTrue(pair.patient.transport.disconnected, "reset");
  });

  it("is forgotten when the peer has no power", async () => {
    const pair = new Pair();
    const here = pair.connect();
    await pair.work(1);
    pair.server.powerOff();
    here.transport.loseConnection();
    await pair.work(1);
    assert.equal(pair.client.descriptors.size, 1, "it waits for the peer's end");
    await pair.work(2);
    assert.equal(pair.client.descriptors.size, 0);
    await pair.work(1000);
    const last = pair.simulator.trace.events.findLast(({ kind }) => kind === "retransmitted");
    assert.approximately(last?.at ?? 0, 80, 30, "nor is its FIN sent for ever");
  });

  it("is forgotten when the peer never closes", async () => {
    const pair = new Pair();
    const here = pair.connect();
    await pair.work(1);
    here.transport.loseConnection();
    await pair.work(3);
    assert.equal(pair.client.descriptors.size, 0);
    assert.isTrue(pair.patient.transport.connected);
  });

  it("still sends what was written", async () => {
    const pair = new Pair();
    const here = pair.connect();
    await pair.work(1);
    pair.there.sever();
    here.transport.write("will");
    here.transport.loseConnection();
    await pair.work(10);
    assert.deepEqual(pair.patient.heard, []);
    pair.there.heal();
    await pair.work(30);
    assert.equal(pair.patient.heard.length, 1);
  });

  it("sends nothing without power", async () => {
    const pair = new Pair();
    const here = pair.connect();
    await pair.work(1);
    pair.there.sever();
    here.transport.write("will");
    here.transport.loseConnection();
    await pair.work(10);
    pair.client.powerOff();
    pair.there.heal();
    await pair.work(1000);
    assert.deepEqual(pair.patient.heard, []);
  });
});

describe("a handshake that is never completed", () => {
  it("leaves its place in the backlog after a minute", async () => {
    const pair = new Pair();
    const { simulator, client, server } = pair;
    const other = simulator.addHost("other");
    pair.connect();
    const isKnocking = (): boolean =>
      [...server.descriptors].some((one) => one instanceof SimulatedSocket);
    await simulator.work(isKnocking);
    pair.there.sever();
    client.powerOff();
    await pair.work(1);
    pair.connect(other);
    await pair.work(50);
    assert.deepEqual(pair.attempts, ["connected at 0.001"], "there is no room");
    await pair.work(20);
    assert.deepEqual(pair.attempts.slice(1), ["connected at 64.002"]);
  });
});

describe("the time until the next try", () => {
  it("runs since the last SYN left (RFC 6298 §5.1)", async () => {
    const pair = new Pair();
    for (const link of [pair.there, pair.back]) link.set({ latency: 0.4 });
    pair.there.sever();
    pair.connect();
    await pair.work(0.5);
    pair.there.heal();
    await pair.work(5);
    assert.deepEqual(pair.attempts, ["connected at 1.800"]);
  });

  it("ends after six more SYNs", async () => {
    const pair = new Pair();
    pair.server.powerOff();
    pair.connect();
    await pair.work(500);
    assert.deepEqual(pair.attempts, ["ETIMEDOUT at 127.000"]);
  });

  it("runs since the last segment left, and the next one takes its time", async () => {
    const pair = new Pair();
    const here = pair.connect();
    await pair.work(1);
    pair.there.sever();
    here.transport.write("again");
    await pair.work(0.0001);
    pair.there.set({ latency: 3 });
    await pair.work(0.1);
    pair.there.heal();
    await pair.work(1);
    assert.deepEqual(pair.patient.heard, []);
    await pair.work(5);
    const [at = 0] = pair.patient.heard;
    assert.approximately(at, 4.2, 1e-6);
  });
});
