import { assert, describe, it } from "vitest";
import { ClientFactory, Factory } from "../../../internet/factory.ts";
import { Protocol } from "../../../internet/protocol.ts";
import type { SimulatedHost } from "../host.ts";
import type { Descriptor } from "../machine.ts";
import { Simulator } from "../simulator.ts";
import { SimulatedSocket } from "./socket.ts";

/** A protocol that writes down what happens to it. */
class Scribe extends Protocol {
  readonly lines: string[] = [];
  readonly bytes: Buffer[] = [];

  override dataReceived(data: Buffer): void {
    this.bytes.push(data);
  }

  override connectionLost(reason: { readonly value: Error }): void {
    this.lines.push(reason.value.message);
  }
}

/** A connection, and the world around it. */
class Line {
  readonly sim = new Simulator();
  readonly server: SimulatedHost = this.sim.addHost("server");
  readonly client: SimulatedHost = this.sim.addHost("client");
  readonly here = new Scribe();
  readonly there = new Scribe();

  constructor() {
    this.server.start((reactor) => {
      const factory = Factory.forProtocol(Protocol);
      factory.buildProtocol = () => this.there;
      reactor.listenTCP(7, factory, { backlog: 2 });
    });
    this.client.start((reactor) => {
      const factory = ClientFactory.forProtocol(Protocol);
      factory.buildProtocol = () => this.here;
      reactor.connectTCP("server", 7, factory);
    });
  }

  async sleep(seconds: number): Promise<void> {
    const { sim } = this;
    const until = sim.now + seconds;
    sim.after(seconds, { happen: () => undefined });
    await sim.work(() => sim.now >= until);
  }

  /** The server loses its power, and knows nothing of the connection when it is there again. */
  forget(): void {
    this.server.powerOff();
    this.server.start();
  }
}

describe("a stream whose sender has given up", () => {
  it("sends nothing more, whatever room there is later", async () => {
    const line = new Line();
    await line.sleep(1);
    line.there.transport.pauseProducing();
    line.here.transport.write(Buffer.alloc(40_000, 1));
    await line.sleep(1);
    const link = line.sim.network.link(line.client, line.server);
    link.sever();
    line.here.transport.write(Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251)));
    await line.sleep(1100);
    assert.match(line.here.lines.join(), /ETIMEDOUT/u);
    link.heal();
    line.there.transport.resumeProducing();
    await line.sleep(10);
    assert.equal(Buffer.concat(line.there.bytes).length, 40_000);
  });
});

describe("a reset for a connection that nobody knows", () => {
  it("comes with a later try, if the first is lost", async () => {
    const line = new Line();
    await line.sleep(1);
    line.forget();
    const back = line.sim.network.link(line.server, line.client);
    back.sever();
    line.here.transport.write("anybody?");
    await line.sleep(4);
    assert.deepEqual(line.here.lines, []);
    back.heal();
    await line.sleep(10);
    assert.match(line.here.lines.join(), /ECONNRESET/u);
  });

  it("is held with everything else", async () => {
    const line = new Line();
    await line.sleep(1);
    line.forget();
    const back = line.sim.network.link(line.server, line.client);
    back.hold();
    line.here.transport.write("anybody?");
    await line.sleep(4);
    assert.deepEqual(line.here.lines, []);
    back.release();
    await line.sleep(1);
    assert.match(line.here.lines.join(), /ECONNRESET/u);
  });
});

describe("the backlog of a port", () => {
  it("has room again when a handshake was reset", async () => {
    const line = new Line();
    const { sim, client, server } = line;
    await line.sleep(1);
    for (let count = 0; count < 3; count += 1) {
      client.reactor.connectTCP("server", 7, ClientFactory.forProtocol(Protocol));
      const isKnocking = (one: Descriptor): one is SimulatedSocket =>
        one instanceof SimulatedSocket && one.owner === undefined;
      await sim.work(() => [...server.descriptors].some(isKnocking));
      for (const one of [...server.descriptors].filter(isKnocking)) one.breakOff();
      await line.sleep(1);
    }
    const before = client.descriptors.size;
    client.reactor.connectTCP("server", 7, ClientFactory.forProtocol(Protocol));
    await line.sleep(1);
    assert.equal(client.descriptors.size, before + 1);
  });
});
