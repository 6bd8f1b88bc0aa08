/**
 * Contracts of `IConnector` and `IClientFactory`.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import {
  AlreadyConnectingError,
  ConnectionDone,
  NotConnectingError,
  UserError,
} from "../../internet/errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { portNumber } from "./network.ts";
import type { Contracts } from "./trial.ts";
import { WitnessClientFactory, WitnessFactory } from "./witness-factories.ts";

/** By name. */
export const connectorContracts: Contracts = {
  "state: connecting, connected, disconnected": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const { client, connector } = trial.dial(place);
    expectEqual(connector.state, "connecting");
    await trial.settle(() => client.made);
    expectEqual(connector.state, "connected");
    client.lose();
    await trial.settle(() => client.reason !== undefined);
    expectEqual(connector.state, "disconnected");
  },

  "the factory is asked in order, and told of the connection once": async (trial) => {
    const { client, clientFactory, connector } = await trial.pair();
    expectEqual(clientFactory.asked, ["start", "connecting", "build", "made"]);
    client.lose();
    await trial.settle(() => connector.state === "disconnected");
    expectEqual(clientFactory.asked, ["start", "connecting", "build", "made", "lost", "stop"]);
  },

  "no protocol is built and nothing is told before connectTCP() returns": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const { clientFactory, client } = trial.dial(place);
    expectEqual(clientFactory.asked, ["start", "connecting"]);
    await trial.settle(() => client.made);
  },

  "startedConnecting() comes while connecting, with the connector": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const seen: unknown[] = [];
    const { connector } = trial.dial(place, {
      factory: { connecting: (one) => seen.push(one, one.state) },
    });
    expectEqual(seen, [connector, "connecting"]);
  },

  "clientConnectionMade() comes after connectionMade(), with the connector": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const seen: unknown[] = [];
    const { client, connector } = trial.dial(place, {
      factory: { made: (one) => seen.push(one, client.made) },
    });
    await trial.settle(() => seen.length > 0);
    expectEqual(seen, [connector, true]);
  },

  "clientConnectionMade() does not come when connectionMade() threw": async (trial) => {
    const boom = new Error("boom");
    const { place } = await trial.listen(() => trial.witness());
    const { clientFactory } = trial.dial(place, {
      client: {
        made: () => {
          throw boom;
        },
      },
    });
    await trial.settle(() => clientFactory.count("stop") === 1);
    expectEqual(clientFactory.asked, ["start", "connecting", "build", "lost", "stop"]);
    trial.expectLogged(boom);
  },

  "clientConnectionLost() comes after connectionLost(), with its reason": async (trial) => {
    let told: unknown;
    const { client, clientFactory } = await trial.pair({
      factory: { lost: () => (told = client.reason) },
    });
    client.abort();
    await trial.settle(() => clientFactory.count("lost") === 1);
    assert(told !== undefined, "Expected the protocol to be told first");
    expectEqual(clientFactory.reasons[0], client.reason);
  },

  "a name is resolved": async (trial) => {
    const reactor = trial.needsTCP("names of hosts");
    const server = new WitnessFactory(() => trial.witness());
    const port = reactor.listenTCP(0, server, { interface: "127.0.0.1" });
    await trial.fired(port.listening);
    const client = trial.witness();
    const factory = new WitnessClientFactory(() => client);
    reactor.connectTCP("localhost", portNumber(port), factory);
    await trial.settle(() => client.made);
    assert(!reactor.running, "Expected it not to run");
  },

  "connect() while connecting or connected is refused": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const { client, connector } = trial.dial(place);
    expectThrown(() => connector.connect(), AlreadyConnectingError);
    await trial.settle(() => client.made);
    expectThrown(() => connector.connect(), AlreadyConnectingError);
  },

  "stopConnecting() gives up: UserError, later, and no protocol": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const { clientFactory, connector } = trial.dial(place);
    connector.stopConnecting();
    expectEqual(clientFactory.asked, ["start", "connecting"], "what was asked inside the call");
    await trial.settle(() => connector.state === "disconnected");
    await trial.passes();
    expectEqual(clientFactory.asked, ["start", "connecting", "failed", "stop"]);
    expectReason(clientFactory.reasons[0], UserError);
  },

  "stopConnecting() from inside startedConnecting() is in time": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const { clientFactory, connector } = trial.dial(place, {
      factory: { connecting: (one) => one.stopConnecting() },
    });
    await trial.settle(() => connector.state === "disconnected");
    await trial.passes();
    expectEqual(clientFactory.asked, ["start", "connecting", "failed", "stop"]);
  },

  "stopConnecting() is refused when the attempt is being given up": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const { clientFactory, connector } = trial.dial(place);
    connector.stopConnecting();
    expectThrown(() => connector.stopConnecting(), NotConnectingError);
    await trial.settle(() => connector.state === "disconnected");
    await trial.passes();
    expectEqual(clientFactory.count("failed"), 1, "failures told");
  },

  "stopConnecting() is refused when there is no attempt": async (trial) => {
    const { connector, client } = await trial.pair();
    expectThrown(() => connector.stopConnecting(), NotConnectingError);
    client.lose();
    await trial.settle(() => connector.state === "disconnected");
    expectThrown(() => connector.stopConnecting(), NotConnectingError);
  },

  "disconnect() while connecting gives up, also when asked twice": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const { clientFactory, connector } = trial.dial(place);
    connector.disconnect();
    connector.disconnect();
    await trial.settle(() => connector.state === "disconnected");
    await trial.passes();
    expectEqual(clientFactory.asked, ["start", "connecting", "failed", "stop"]);
  },

  "disconnect() while connected closes in good order": async (trial) => {
    const { client, server, connector } = await trial.pair();
    client.write("last words");
    connector.disconnect();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    expectEqual(server.text, "last words");
    connector.disconnect();
    expectEqual(connector.state, "disconnected");
  },

  "disconnect() from inside buildProtocol() closes what is built": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const client = trial.witness();
    const factory = new WitnessClientFactory(() => {
      connector.disconnect();
      return client;
    });
    const connector = trial.connect(place, factory);
    await trial.settle(() => client.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
  },

  "disconnect() from inside connectionMade() closes": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const { client, connector } = trial.dial(place, {
      client: { made: () => connector.disconnect() },
    });
    await trial.settle(() => client.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
  },
};
