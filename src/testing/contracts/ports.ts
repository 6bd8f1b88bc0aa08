/**
 * Contracts of `IListeningPort`.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { CancelledError } from "../../defer/errors.ts";
import { Failure } from "../../defer/failure.ts";
import {
  AlreadyListeningError,
  CannotListenError,
  ConnectionRefusedError,
} from "../../internet/errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import type { Contracts } from "./trial.ts";
import { WitnessFactory } from "./witness-factories.ts";

/** By name. */
export const portContracts: Contracts = {
  "listening fires with the port, and getHost() has its number": async (trial) => {
    const port = trial.listenNow(new WitnessFactory(() => trial.witness()));
    expectEqual(await trial.fired(port.listening), port);
    expectEqual(await trial.fired(port.listening), port, "what a late asker gets");
    const place = trial.network.placeOf(port);
    assert(place !== 0 && place !== "", "Expected a number");
  },

  "each who asks for listening has a Deferred of one's own": async (trial) => {
    const port = trial.listenNow(new WitnessFactory(() => trial.witness()));
    const changed = port.listening.addCallback(() => "something else");
    const other = port.listening;
    expectEqual(await trial.fired(changed), "something else");
    expectEqual(await trial.fired(other), port);
  },

  "two ports have two numbers": async (trial) => {
    const first = await trial.listen(() => trial.witness());
    const second = await trial.listen(() => trial.witness());
    assert(first.place !== second.place, "Expected two numbers");
  },

  "a port that is taken fails with CannotListenError, and stops its factory": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const factory = new WitnessFactory(() => trial.witness());
    const port = trial.listenNow(factory, {}, place);
    for (const one of [port.listening, port.listening]) {
      const error = expectReason(await trial.outcome(one), CannotListenError);
      expectEqual(error.port, place);
      if (typeof place === "number") expectEqual(error.interface, trial.host);
      assert(error.cause instanceof Error, "Expected a cause");
      assert(error.message.includes(String(place)), "Expected the number in the message");
    }
    expectEqual(factory.asked, ["start", "stop"]);
  },

  "a port that could not be bound may try again": async (trial) => {
    const taken = await trial.listen(() => trial.witness());
    const server = trial.witness();
    const port = trial.listenNow(new WitnessFactory(() => server), {}, taken.place);
    await trial.outcome(port.listening);
    await trial.fired(taken.port.stopListening());
    port.startListening();
    await trial.fired(port.listening);
    trial.dial(taken.place);
    await trial.settle(() => server.made);
  },

  "a late asker hears of the failure too": async (trial) => {
    const { place } = await trial.listen(() => trial.witness());
    const port = trial.listenNow(new WitnessFactory(() => trial.witness()), {}, place);
    await trial.outcome(port.listening);
    expectReason(await trial.outcome(port.listening), CannotListenError);
  },

  "port numbers that there are not are refused": (trial) => {
    const reactor = trial.needsTCP("TCP port numbers");
    const factory = new WitnessFactory(() => trial.witness());
    for (const number of [-1, 65_536, 1.5, Number.NaN]) {
      expectThrown(() => reactor.listenTCP(number, factory), RangeError);
    }
    expectEqual(factory.asked, []);
  },

  "startListening() while listening is refused": async (trial) => {
    const port = trial.listenNow(new WitnessFactory(() => trial.witness()));
    expectThrown(() => port.startListening(), AlreadyListeningError);
    await trial.fired(port.listening);
    expectThrown(() => port.startListening(), AlreadyListeningError);
  },

  "after stopListening() nobody gets in": async (trial) => {
    const { port, place, factory } = await trial.listen(() => trial.witness());
    await trial.fired(port.stopListening());
    const { connector, clientFactory } = trial.dial(place, { connect: { timeout: 0.2 } });
    await trial.settle(() => connector.state === "disconnected");
    expectEqual(clientFactory.count("failed"), 1, "failures");
    expectEqual(factory.asked, ["start", "stop"]);
  },

  "a connection to a closed port is refused": async (trial) => {
    const place = await trial.refusingPort();
    const { connector, clientFactory } = trial.dial(place);
    await trial.settle(() => connector.state === "disconnected");
    const error = expectReason(clientFactory.reasons[0], ConnectionRefusedError);
    assert(error.destination?.equals(connector.getDestination()) === true, "Expected where to");
  },

  "connections live on after stopListening()": async (trial) => {
    const { server, client, port } = await trial.pair({
      server: { data: (one, data) => one.write(data) },
    });
    await trial.fired(port.stopListening());
    client.write("still there?");
    await trial.settle(() => client.text === "still there?");
    expectEqual(port.connections.has(server.transport), true, "in the port's books");
  },

  "stopListening() twice fires twice; once more later, at once": async (trial) => {
    const { port } = await trial.listen(() => trial.witness());
    const both = [port.stopListening(), port.stopListening()];
    for (const one of both) await trial.fired(one);
    expectEqual(port.stopListening().called, true, "fired at once");
  },

  "stopListening() while binding: closed, and listening fails": async (trial) => {
    const factory = new WitnessFactory(() => trial.witness());
    const port = trial.listenNow(factory);
    const { listening } = port;
    void port.stopListening();
    expectReason(await trial.outcome(listening), CancelledError);
    await trial.fired(port.stopListening());
    expectEqual(factory.asked, ["start", "stop"]);
  },

  "stopListening() while binding a port that is taken is no failure of the process": async (
    trial,
  ) => {
    const { place } = await trial.listen(() => trial.witness());
    const port = trial.listenNow(new WitnessFactory(() => trial.witness()), {}, place);
    await trial.fired(port.stopListening());
  },

  "startListening() again: it accepts again": async (trial) => {
    const server = trial.witness();
    const { port, factory } = await trial.listen(() => server);
    await trial.fired(port.stopListening());
    port.startListening();
    await trial.fired(port.listening);
    trial.dial(trial.network.placeOf(port));
    await trial.settle(() => server.made);
    expectEqual(factory.asked, ["start", "stop", "start", "build"]);
  },

  "stopListening() fires in each life of a port": async (trial) => {
    const { port, factory } = await trial.listen(() => trial.witness());
    for (let life = 0; life < 3; life += 1) {
      await trial.fired(port.stopListening());
      port.startListening();
      await trial.fired(port.listening);
      const again = port.stopListening();
      expectEqual(again.called, false, "fired before it is closed");
      await trial.fired(again);
      port.startListening();
      await trial.fired(port.listening);
    }
    expectEqual(factory.asked.length, 13, "starts and stops");
  },

  "startListening() from inside stopFactory() listens again": async (trial) => {
    const server = trial.witness();
    const { port, factory } = await trial.listen(() => server);
    let again: unknown;
    factory.stopFactory = () => {
      factory.stopFactory = () => undefined;
      port.startListening();
      void port.listening.addBoth((result) => {
        again = result;
      });
    };
    await trial.fired(port.stopListening());
    await trial.settle(() => again !== undefined);
    expectEqual(again instanceof Failure, false, "whether listening failed");
    trial.dial(trial.network.placeOf(port));
    await trial.settle(() => server.made);
  },

  "stopListening() from inside buildProtocol() and connectionMade()": async (trial) => {
    const built = trial.witness({ made: () => void port.stopListening() });
    const { port, place } = await trial.listen(() => {
      void port.stopListening();
      return built;
    });
    const { client } = trial.dial(place);
    await trial.settle(() => built.made);
    client.write("in");
    await trial.settle(() => built.text === "in");
  },
};
