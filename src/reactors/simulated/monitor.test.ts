/**
 * The rules of the monitor, each broken once, and what may be done without breaking one.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { Failure } from "../../defer/failure.ts";
import { NoAddress } from "../../internet/addresses.ts";
import { ConnectionDone } from "../../internet/errors.ts";
import { ClientFactory, Factory } from "../../internet/factory.ts";
import { Protocol } from "../../internet/protocol.ts";
import type { Conduit, ConduitOwner } from "../base/conduit.ts";
import { MonitorError, type MonitorOptions } from "./monitor.ts";
import { Simulator } from "./simulator.ts";
import { connectSockets } from "./tcp/socket.ts";
import { SimulatedTransport } from "./tcp/transport.ts";

/** Let it work until nothing happens, or 10 seconds. @returns What the monitor says. */
async function verdict(simulator: Simulator): Promise<MonitorError | undefined> {
  try {
    await simulator.work(() => false, { until: simulator.now + 10 });
    return undefined;
  } catch (error) {
    if (error instanceof MonitorError) return error;
    throw error;
  }
}

function rule(error: MonitorError | undefined): string {
  return error === undefined ? "" : `${error.rule}: ${error.message}`;
}

/** Two hosts, and a connection between two protocols. */
function connect(server: Protocol, client: Protocol, monitor: MonitorOptions | false = {}) {
  const simulator = new Simulator({ monitor, kept: true });
  const [near, far] = [simulator.addHost("client"), simulator.addHost("server")];
  far.reactor.listenTCP(
    7,
    Factory.building(() => server),
  );
  near.reactor.connectTCP(
    far.ipv4,
    7,
    ClientFactory.building(() => client),
  );
  return simulator;
}

/** Tells its owner whatever the test wants. */
class FakeConduit implements Conduit {
  owner: ConduitOwner | undefined;
  send(): boolean {
    return true;
  }
  startReading(): void {}
  stopReading(): void {}
  shutdown(): void {}
  close(): void {}
  reset(): void {}
  drop(): void {}
}

function fakeTransport() {
  const simulator = new Simulator();
  const { reactor } = simulator.addHost("host");
  const conduit = new FakeConduit();
  const address = new NoAddress("nowhere");
  const parts = { reactor, conduit, peer: address, host: address, limits: {} };
  return { simulator, conduit, transport: new SimulatedTransport(parts, 5) };
}

describe("Monitor: order", () => {
  it("bytes before connectionMade", async () => {
    const { simulator, conduit } = fakeTransport();
    conduit.owner?.bytesReceived(Buffer.from("x"));
    const error = await verdict(simulator);
    assert.equal(
      rule(error),
      "order: (no protocol), on host, connection 5: dataReceived came before connectionMade",
    );
    assert.deepEqual([error?.host, error?.connection], ["host", 5]);
  });

  it("connectionMade twice", async () => {
    const { simulator, transport } = fakeTransport();
    transport.begin(new Protocol());
    transport.begin(new Protocol());
    assert.match(rule(await verdict(simulator)), /order: .*connectionMade came twice/u);
  });

  it("bytes after connectionLost", async () => {
    const { simulator, conduit, transport } = fakeTransport();
    transport.begin(new Protocol());
    conduit.owner?.connectionFailed(new Error("gone"));
    assert.equal(await verdict(simulator), undefined);
    conduit.owner?.bytesReceived(Buffer.from("x"));
    assert.match(rule(await verdict(simulator)), /order: .*after connectionLost/u);
  });

  it("connectionLost never", async () => {
    const { simulator, conduit, transport } = fakeTransport();
    const { reactor } = simulator.hosts[0] ?? assert.fail();
    transport.begin(new Protocol());
    const soon = reactor.soon.bind(reactor);
    reactor.soon = () => {
      reactor.soon = soon; // What would tell the protocol is forgotten.
    };
    conduit.owner?.connectionFailed(new Error("gone"));
    assert.include(rule(await verdict(simulator)), "connectionLost has not come");
  });

  it("connectionLost twice, without a reason, or without a connection", async () => {
    const reason = new Failure(new ConnectionDone());
    const ends: readonly (readonly [unknown[], string])[] = [
      [[reason, reason], "connectionLost came twice"],
      [[undefined], "connectionLost came with no reason"],
    ];
    for (const [reasons, complaint] of ends) {
      const { simulator, transport } = fakeTransport();
      transport.begin(new Protocol());
      for (const one of reasons) transport.lost(one);
      assert.include(rule(await verdict(simulator)), complaint);
    }
    const { simulator, transport } = fakeTransport();
    transport.lost(reason);
    assert.include(rule(await verdict(simulator)), "connectionLost came without a connection");
  });
});

describe("Monitor: bytes", () => {
  it("what a way delivers and was not given", async () => {
    const simulator = new Simulator();
    const [near, far] = [simulator.addHost("client"), simulator.addHost("server")];
    const { there } = connectSockets(near.reactor, far.reactor);
    there.write(Buffer.from("given"));
    there.read(Buffer.from("giv"));
    assert.equal(await verdict(simulator), undefined);
    there.read(Buffer.from("up"));
    const text = "on server, connection 1: what was read is not what was written, after 3 bytes";
    assert.equal(rule(await verdict(simulator)), `bytes: ${text}`);
  });
});

describe("Monitor: re-entrance", () => {
  it("bytes from inside dataReceived", async () => {
    const { simulator, conduit, transport } = fakeTransport();
    class Greedy extends Protocol {
      override dataReceived(data: Buffer): void {
        if (data.length > 1) conduit.owner?.bytesReceived(data.subarray(1));
      }
    }
    transport.begin(new Greedy());
    conduit.owner?.bytesReceived(Buffer.from("a"));
    assert.equal(await verdict(simulator), undefined);
    conduit.owner?.bytesReceived(Buffer.from("ab"));
    assert.equal(
      rule(await verdict(simulator)),
      "re-entrance: Greedy, on host, connection 5: dataReceived came from inside dataReceived",
    );
  });

  it("bytes from inside resumeProducing", async () => {
    const { simulator, conduit, transport } = fakeTransport();
    transport.begin(new Protocol());
    transport.pauseProducing();
    conduit.startReading = () => conduit.owner?.bytesReceived(Buffer.from("x"));
    transport.resumeProducing();
    assert.match(rule(await verdict(simulator)), /re-entrance: .*from inside resumeProducing/u);
  });
});

/** Writes a megabyte in steps, whatever its transport asks for. */
class Deaf extends Protocol {
  readonly #isProducer: boolean;

  constructor(isProducer: boolean) {
    super();
    this.#isProducer = isProducer;
  }

  override connectionMade(): void {
    const producer = { pauseProducing() {}, resumeProducing() {}, stopProducing() {} };
    if (this.#isProducer) this.transport.registerProducer(producer, true);
    for (let at = 0; at < 20; at += 1) this.transport.write(Buffer.alloc(100_000));
  }
}

describe("Monitor: backpressure", () => {
  it("a push producer that goes on", async () => {
    const error = await verdict(connect(new Deaf(true), new Protocol()));
    assert.match(rule(error), /^backpressure: Deaf, on server, connection 1: \d+ bytes were/u);
    assert.equal(error?.protocol, "Deaf");
  });

  it("what comes after a pause that is over does not count, nor what has no producer", async () => {
    assert.equal(await verdict(connect(new Deaf(false), new Protocol())), undefined);
    const options = { bytesWhilePaused: 2_000_000 };
    assert.equal(await verdict(connect(new Deaf(true), new Protocol(), options)), undefined);
  });
});

describe("Monitor: livelock", () => {
  it("events, and hardly any time", async () => {
    const simulator = new Simulator({ passTime: 1e-7, monitor: { eventsPerSecond: 10_000 } });
    const { reactor } = simulator.addHost("spinner");
    const again = (): void => void reactor.callLater(0, again);
    again();
    const text = rule(await verdict(simulator));
    assert.match(text, /^livelock: on spinner: 10000 events within 0\.001000 seconds/u);
  });

  it("as many events in more time are none", async () => {
    const simulator = new Simulator({ passTime: 0.001, monitor: { eventsPerSecond: 1001 } });
    const { reactor } = simulator.addHost("worker");
    const again = (): void => void reactor.callLater(0, again);
    again();
    assert.equal(await verdict(simulator), undefined);
  });

  it("an event without an end", async () => {
    const simulator = new Simulator();
    const { reactor } = simulator.addHost("spinner");
    const again = (): void => reactor.soon(again);
    reactor.callLater(1, again);
    assert.match(rule(await verdict(simulator)), /^livelock: on spinner: one event led to/u);
  });
});

describe("Monitor: storm", () => {
  it("a client that connects again at once", async () => {
    const simulator = new Simulator({ monitor: { attemptsPerSecond: 100 } });
    const [near, far] = [simulator.addHost("client"), simulator.addHost("server")];
    class Eager extends ClientFactory {
      override clientConnectionFailed(connector: { connect(): void }): void {
        connector.connect();
      }
    }
    near.reactor.connectTCP(far.ipv4, 7, new Eager());
    assert.match(rule(await verdict(simulator)), /^storm: on client: 101 attempts to connect/u);
  });
});

describe("Monitor", () => {
  it("counts what is written after the end, and lets it be", async () => {
    const server = new Protocol();
    const simulator = connect(server, new Protocol());
    assert.equal(await verdict(simulator), undefined);
    server.transport.abortConnection();
    assert.equal(await verdict(simulator), undefined);
    server.transport.write("late");
    server.transport.writeSequence(["too", "late"]);
    assert.equal(simulator.monitor?.writesAfterLoss, 3);
    assert.equal(await verdict(simulator), undefined);
  });

  it("writes into the trace, with the connection", async () => {
    const simulator = connect(new Deaf(true), new Protocol());
    await verdict(simulator);
    const event = simulator.trace.events.find(({ kind }) => kind === "violated");
    assert.deepEqual([event?.host, event?.connection], ["server", 1]);
    assert.match(event?.text ?? "", /^backpressure: /u);
  });

  it("can be switched off", async () => {
    const simulator = connect(new Deaf(true), new Protocol(), false);
    assert.equal(simulator.monitor, undefined);
    assert.equal(await verdict(simulator), undefined);
  });

  it("is not in the hash", async () => {
    const [on, off] = [
      connect(new Deaf(false), new Protocol()),
      connect(new Deaf(false), new Protocol(), false),
    ];
    await verdict(on);
    await verdict(off);
    assert.equal(on.trace.hash, off.trace.hash);
  });
});
