/**
 * Contracts of what goes wrong in a protocol or producer: it is logged once, and costs one
 * connection.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionDone } from "../../internet/errors.ts";
import { expectEqual } from "./expect.ts";
import { Source } from "./sources.ts";
import type { Contracts, Trial } from "./trial.ts";
import type { Witness, WitnessHooks } from "./witness.ts";

/**
 * The first connection's server does what `first` says, at which something throws; the second one,
 * and those that come after, must not notice.
 */
async function costsOne(
  trial: Trial,
  first: Witness,
  provoke: (client: Witness) => void,
): Promise<void> {
  const echoes = (): Witness => trial.witness({ data: (one, data) => one.write(data) });
  const bystander = echoes();
  const servers = [bystander, first];
  const { place } = await trial.listen(() => servers.shift() ?? echoes());
  const watching = trial.dial(place).client;
  await trial.settle(() => watching.made && bystander.made);
  const { client, connector } = trial.dial(place);
  // A server that resets at once may end the attempt before it is a connection.
  const isOver = (): boolean => connector.state === "disconnected";
  await trial.settle(() => first.made && (client.made || isOver()));
  if (client.made) provoke(client);
  await trial.settle(() => isOver() && first.reason !== undefined);
  const late = trial.dial(place).client;
  await trial.settle(() => late.made);
  for (const one of [watching, late]) one.write("fine");
  await trial.settle(() => watching.text === "fine" && late.text === "fine");
}

/** A hook that throws. */
function throwing(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** The hook throws, once provoked: logged once, and the connection's reason. */
async function hookCostsOne(
  trial: Trial,
  hooks: (throws: () => never) => WitnessHooks,
  provoke: (client: Witness) => void,
): Promise<void> {
  const boom = new RangeError("boom");
  const first = trial.halfCloseWitness(hooks(throwing(boom)));
  await costsOne(trial, first, provoke);
  expectEqual(first.reason?.value, boom, "the reason");
  trial.expectLogged(boom);
}

const nothing = (): void => {};

/** By name. */
export const failureContracts: Contracts = {
  "connectionMade() throws": (trial) =>
    hookCostsOne(trial, (throws) => ({ made: throws }), nothing),

  "dataReceived() throws": (trial) =>
    hookCostsOne(
      trial,
      (throws) => ({ data: throws }),
      (client) => client.write("x"),
    ),

  "readConnectionLost() throws": (trial) =>
    hookCostsOne(
      trial,
      (throws) => ({ readLost: throws }),
      (client) => client.loseWrite(),
    ),

  "writeConnectionLost() throws": (trial) =>
    hookCostsOne(
      trial,
      (throws) => ({ writeLost: throws, data: (one) => one.loseWrite() }),
      (client) => client.write("x"),
    ),

  "connectionLost() throws: logged, and the books are right": async (trial) => {
    const boom = new Error("boom");
    const { client, server, port } = await trial.pair({ server: { lost: throwing(boom) } });
    client.lose();
    await trial.fired(port.whenEmpty());
    expectEqual(server.reason?.check(ConnectionDone), ConnectionDone);
    trial.expectLogged(boom);
    expectEqual(port.connections.size, 0, "connections");
  },

  "a client's connectionLost() throws: its factory is told all the same": async (trial) => {
    const boom = new Error("boom");
    const { client, clientFactory } = await trial.pair({ client: { lost: throwing(boom) } });
    client.lose();
    await trial.settle(() => clientFactory.count("stop") === 1);
    expectEqual(clientFactory.count("lost"), 1);
    trial.expectLogged(boom);
  },

  "makeConnection() throws before there is a protocol to speak of": async (trial) => {
    const boom = new Error("boom");
    const server = trial.witness();
    server.makeConnection = throwing(boom);
    const { place } = await trial.listen(() => server);
    const { connector } = trial.dial(place);
    await trial.settle(() => server.reason !== undefined && connector.state === "disconnected");
    trial.expectLogged(boom);
    server.violations.length = 0; // connectionLost came without connectionMade: it is not to blame.
  },

  "what is thrown need not be an Error": async (trial) => {
    const { client, server } = await trial.pair({
      server: {
        data: () => {
          // oxlint-disable-next-line typescript/only-throw-error -- that is the point.
          throw "a string";
        },
      },
    });
    client.write("x");
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    assert(server.reason?.value instanceof Error, "Expected an Error as the reason");
    expectEqual(trial.loggedErrors().length, 1, "errors logged");
  },

  "logPrefix() throws as well: still one connection": async (trial) => {
    const boom = new Error("boom");
    const first = trial.witness({ data: throwing(boom) });
    first.logPrefix = throwing(new Error("no prefix"));
    await costsOne(trial, first, (client) => client.write("x"));
    expectEqual(first.reason?.value, boom, "the reason");
    trial.expectLogged(boom);
  },

  "the log names the connection": async (trial) => {
    const { client, server } = await trial.pair({ server: { data: throwing(new Error("boom")) } });
    server.logPrefix = () => "townhall";
    client.write("x");
    await trial.settle(() => server.reason !== undefined);
    const [event] = trial.loggedErrors();
    const prefix = String(event?.["prefix"]);
    assert(prefix.includes("townhall"), `Expected the protocol's prefix in ${prefix}`);
    assert(
      prefix.includes(server.transport.getPeer().toString()),
      `Expected the peer in ${prefix}`,
    );
  },

  "a producer's pauseProducing() throws": async (trial) => {
    const boom = new Error("boom");
    const first = trial.witness({
      data: (one) => {
        one.transport.registerProducer(new Source({ pause: throwing(boom) }), true);
        one.write(Buffer.alloc(100_000));
      },
    });
    await costsOne(trial, first, (client) => client.write("x"));
    expectEqual(first.reason?.value, boom, "the reason");
    trial.expectLogged(boom);
  },

  "a producer's resumeProducing() throws": async (trial) => {
    const boom = new Error("boom");
    const first = trial.witness({
      data: (one) => {
        one.transport.registerProducer(new Source({ resume: throwing(boom) }), true);
        one.write(Buffer.alloc(100_000));
      },
    });
    await costsOne(trial, first, (client) => client.write("x"));
    expectEqual(first.reason?.value, boom, "the reason");
    trial.expectLogged(boom);
  },

  "a producer's stopProducing() throws: logged, and connectionLost() still comes": async (
    trial,
  ) => {
    const boom = new Error("boom");
    const first = trial.witness({
      made: (one) => one.transport.registerProducer(new Source({ stop: throwing(boom) }), true),
    });
    await costsOne(trial, first, (client) => client.lose());
    expectEqual(first.reason?.check(ConnectionDone), ConnectionDone, "the reason");
    trial.expectLogged(boom);
  },

  "a pull producer's first resumeProducing() throws, from inside dataReceived()": async (trial) => {
    const boom = new Error("boom");
    const first = trial.witness({
      data: (one) => {
        one.transport.registerProducer(new Source({ resume: throwing(boom) }), false);
      },
    });
    await costsOne(trial, first, (client) => client.write("x"));
    expectEqual(first.reason?.value, boom, "the reason");
    trial.expectLogged(boom);
  },

  "what waits for drained() throws: the connection lives": async (trial) => {
    const boom = new Error("boom");
    const { client, server } = await trial.pair();
    client.write("first ");
    const after = client.transport.drained().addCallback(throwing(boom));
    void after.addErrback(nothing);
    await trial.settle(() => server.text === "first ");
    client.write("second");
    await trial.settle(() => server.text === "first second");
  },

  "a protocol that throws is dropped, and what it wrote with it": async (trial) => {
    const boom = new Error("boom");
    const { client, server } = await trial.pair({
      server: {
        data: (one) => {
          one.write("half an answer");
          throw boom;
        },
      },
    });
    client.write("x");
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectEqual(client.text, "");
    expectEqual(server.transport.droppedBytes, 14, "bytes dropped");
    trial.expectLogged(boom);
  },
};
