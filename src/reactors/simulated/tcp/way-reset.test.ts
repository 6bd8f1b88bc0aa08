/**
 * Resets that get lost: the other end is told of them in time, and of nothing else.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import type { Failure } from "../../../defer/failure.ts";
import { ConnectionDone, ConnectionLost } from "../../../internet/errors.ts";
import { ClientFactory, Factory } from "../../../internet/factory.ts";
import { Protocol } from "../../../internet/protocol.ts";
import { Simulator } from "../simulator.ts";

class Recorder extends Protocol {
  received = 0;
  reason: Failure | undefined;
  override dataReceived(data: Buffer): void {
    this.received += data.length;
  }
  override connectionLost(reason: Failure): void {
    this.reason = reason;
  }
}

/** A server that has sent more than its client, who does not read, has room for. */
async function stuffed() {
  const simulator = new Simulator();
  const [near, far] = [simulator.addHost("client"), simulator.addHost("server")];
  const [server, client] = [new Recorder(), new Recorder()];
  const there = simulator.network.link(near, far);
  const back = simulator.network.link(far, near);
  for (const link of [there, back]) link.set({ window: 1000 });
  far.reactor.listenTCP(
    7,
    Factory.building(() => server),
  );
  near.reactor.connectTCP(
    far.ipv4,
    7,
    ClientFactory.building(() => client),
  );
  const work = (seconds: number) => simulator.work(() => false, { until: simulator.now + seconds });
  await work(1);
  client.transport.pauseProducing();
  server.transport.write(Buffer.alloc(50_000));
  await work(1);
  return { server, client, there, back, work };
}

describe("Way: a reset", () => {
  it("that is lost is sent again when the peer makes room, and is no end", async () => {
    const { server, client, there, back, work } = await stuffed();
    for (const link of [there, back]) link.sever();
    server.transport.abortConnection();
    await work(1);
    for (const link of [there, back]) link.heal();
    await work(10);
    assert.isFalse(client.transport.disconnected, "nobody has told it");
    client.transport.resumeProducing();
    await work(10);
    assert.isTrue(client.reason?.is(ConnectionLost));
    assert.isFalse(client.reason?.is(ConnectionDone));
    assert.equal(client.received, 1000, "what its kernel had");
  });

  it("lets nothing be sent again that was lost before it", async () => {
    const { server, client, back, work } = await stuffed();
    back.sever();
    client.transport.resumeProducing();
    await work(0.1);
    server.transport.abortConnection();
    await work(0.1);
    back.heal();
    await work(100);
    assert.equal(client.received, 1000, "what came before the cut");
  });
});
