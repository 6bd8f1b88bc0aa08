/**
 * Contracts between reactors and factories: when they start and stop, and what they may refuse.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { Protocol } from "../../internet/protocol.ts";
import { Factory } from "../../internet/factory.ts";
import { NoProtocol } from "../../internet/errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import type { Contracts } from "./trial.ts";
import { WitnessClientFactory, WitnessFactory } from "./witness-factories.ts";

/** By name. */
export const factoryContracts: Contracts = {
  "a factory of several ports starts once and stops once": async (trial) => {
    const factory = new WitnessFactory(() => trial.witness());
    const ports = [1, 2, 3].map(() => trial.listenNow(factory));
    for (const port of ports) await trial.fired(port.listening);
    expectEqual(factory.asked, ["start"], "what it was asked when all listen");
    for (const port of ports) {
      expectEqual(factory.asked, ["start"], "what it was asked before the last has stopped");
      await trial.fired(port.stopListening());
    }
    expectEqual(factory.asked, ["start", "stop"]);
  },

  "a factory that has stopped starts again": async (trial) => {
    const factory = new WitnessFactory(() => trial.witness());
    for (let life = 0; life < 2; life += 1) {
      const port = trial.listenNow(factory);
      await trial.fired(port.listening);
      await trial.fired(port.stopListening());
    }
    expectEqual(factory.asked, ["start", "stop", "start", "stop"]);
  },

  "a client factory of several connectors starts once and stops once": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const clients = [trial.witness(), trial.witness()];
    let next = 0;
    const factory = new WitnessClientFactory(() => {
      next += 1;
      return clients[next - 1];
    });
    const connectors = clients.map(() => trial.connect(place, factory));
    await trial.settle(() => clients.every((one) => one.made));
    for (const connector of connectors) {
      expectEqual(factory.count("stop"), 0, "stops before the last is over");
      connector.disconnect();
      await trial.settle(() => connector.state === "disconnected");
    }
    await trial.settle(() => factory.count("stop") > 0);
    expectEqual([factory.count("start"), factory.count("stop")], [1, 1]);
  },

  "buildProtocol() is given the address that the transport has as its peer": async (trial) => {
    const { server, client, serverFactory, clientFactory } = await trial.pair();
    const [theirs] = serverFactory.addresses;
    const [ours] = clientFactory.addresses;
    assert(theirs?.equals(server.transport.getPeer()) === true, "Expected the client's address");
    assert(ours?.equals(client.transport.getPeer()) === true, "Expected the server's address");
  },

  "each end's host is the other's peer": async (trial) => {
    const { server, client, port } = await trial.pair();
    const [here, there] = [server.transport, client.transport];
    assert(here.getHost().equals(there.getPeer()), "Expected the server's host to be the peer");
    assert(there.getHost().equals(here.getPeer()), "Expected the client's host to be the peer");
    assert(here.getHost().equals(port.getHost()), "Expected the port's address");
  },

  "Factory.forProtocol() gives the protocol its factory": async (trial) => {
    const built: Protocol[] = [];
    class Built extends Protocol {
      override connectionMade(): void {
        built.push(this);
      }
    }
    const factory = Factory.forProtocol(Built);
    factory.noisy = false;
    const { place } = await trial.listen((address) => factory.buildProtocol(address));
    trial.dial(place);
    await trial.settle(() => built.length === 1);
    expectEqual(built[0]?.factory, factory);
  },

  "a server's buildProtocol() that returns nothing closes that connection only": async (trial) => {
    const good = trial.witness();
    let asked = 0;
    const { place, port } = await trial.listen(() => {
      asked += 1;
      return asked === 1 ? undefined : good;
    });
    const refused = trial.dial(place);
    await trial.settle(() => refused.client.reason !== undefined);
    trial.dial(place);
    await trial.settle(() => good.made);
    expectEqual(port.connections.size, 1, "connections");
  },

  "a server's buildProtocol() that throws closes that connection only": async (trial) => {
    const boom = new Error("boom");
    const good = trial.witness();
    let asked = 0;
    const { place } = await trial.listen(() => {
      asked += 1;
      if (asked === 1) throw boom;
      return good;
    });
    const refused = trial.dial(place);
    await trial.settle(() => refused.client.reason !== undefined);
    trial.expectLogged(boom);
    trial.dial(place);
    await trial.settle(() => good.made);
  },

  "a client's buildProtocol() that returns nothing closes the connection": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const factory = new WitnessClientFactory(() => undefined);
    const connector = trial.connect(place, factory);
    await trial.settle(() => factory.count("stop") === 1);
    expectEqual(factory.asked, ["start", "connecting", "build", "lost", "stop"]);
    expectReason(factory.reasons[0], NoProtocol);
    expectEqual(connector.state, "disconnected");
  },

  "a client's buildProtocol() that throws closes the connection, with the error": async (trial) => {
    const boom = new TypeError("boom");
    const { place } = await trial.listen(() => trial.witness());
    const factory = new WitnessClientFactory(() => {
      throw boom;
    });
    trial.connect(place, factory);
    await trial.settle(() => factory.count("stop") === 1);
    expectEqual(factory.asked, ["start", "connecting", "build", "lost", "stop"]);
    expectEqual(factory.reasons[0]?.value, boom);
    trial.expectLogged(boom);
  },

  "a server's factory that cannot start refuses listenTCP, and no more": async (trial) => {
    const boom = new Error("no file");
    const factory = new WitnessFactory(() => trial.witness());
    factory.startFactory = () => {
      throw boom;
    };
    expectEqual(
      expectThrown(() => trial.listenNow(factory), Error),
      boom,
    );
    factory.startFactory = () => undefined;
    const server = trial.witness();
    const { place } = await trial.listen(() => server);
    trial.dial(place);
    await trial.settle(() => server.made);
    await trial.fired(trial.listenNow(factory).listening);
  },

  "a client's factory that cannot start refuses connectTCP, and no more": async (trial) => {
    const boom = new Error("no file");
    const { place } = await trial.listen(() => trial.witness());
    const factory = new WitnessClientFactory(() => trial.witness());
    factory.startFactory = () => {
      throw boom;
    };
    expectEqual(
      expectThrown(() => trial.connect(place, factory), Error),
      boom,
    );
    await trial.passes();
    expectEqual(factory.asked, [], "what it was asked");
  },

  "a factory that cannot stop is logged, and the port is closed": async (trial) => {
    const boom = new Error("boom");
    const { port, factory } = await trial.listen(() => trial.witness());
    factory.stopFactory = () => {
      throw boom;
    };
    await trial.fired(port.stopListening());
    trial.expectLogged(boom);
    port.startListening();
    await trial.fired(port.listening);
    assert(trial.network.placeOf(port) !== 0, "Expected it to listen again");
    factory.stopFactory = () => undefined;
  },
};
