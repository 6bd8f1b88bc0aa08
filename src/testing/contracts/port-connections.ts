/**
 * Contracts of a port and its connections: how many, which, and how many at most.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { expectEqual, expectThrown } from "./expect.ts";
import type { Contracts, Trial } from "./trial.ts";
import type { Witness } from "./witness.ts";
import { WitnessFactory } from "./witness-factories.ts";

/** A witness that sends back what it gets. */
function echo(trial: Trial): Witness {
  return trial.witness({ data: (witness, data) => witness.write(data) });
}

/** Room for all that come at once: what the system does not keep for us waits a second. */
const ROOMY = { backlog: 200 };

/** By name. */
export const portConnectionContracts: Contracts = {
  "many connections at once are all accepted": async (trial) => {
    const servers: Witness[] = [];
    const { place, port } = await trial.listen(() => {
      const server = echo(trial);
      servers.push(server);
      return server;
    }, ROOMY);
    const clients = Array.from({ length: 100 }, (_, at) => {
      return trial.dial(place, { client: { made: (one) => one.write(String(at)) } }).client;
    });
    await trial.settle(() => clients.every((one, at) => one.bytes >= String(at).length));
    expectEqual(
      clients.map((one) => one.text),
      clients.map((_, at) => String(at)),
    );
    expectEqual(port.connections.size, 100, "connections");
  },

  "connections has those that were accepted and have not ended": async (trial) => {
    const servers: Witness[] = [];
    const { port, place } = await trial.listen(() => {
      const server = trial.witness();
      servers.push(server);
      return server;
    });
    const clients = [trial.dial(place).client, trial.dial(place).client];
    await trial.settle(() => servers.length === 2);
    expectEqual(
      servers.map((one) => port.connections.has(one.transport)),
      [true, true],
    );
    await trial.settle(() => clients.every((one) => one.made));
    servers[0]?.lose();
    await trial.settle(() => servers[0]?.reason !== undefined);
    expectEqual(
      servers.map((one) => port.connections.has(one.transport)),
      [false, true],
    );
  },

  "whenEmpty() fires at once when there is none, else when the last has ended": async (trial) => {
    const servers = [trial.witness(), trial.witness()];
    const waiting = [...servers];
    const { port, place } = await trial.listen(() => waiting.shift());
    const clients = servers.map(() => trial.dial(place).client);
    await trial.settle(() => [...servers, ...clients].every((one) => one.made));
    const empty = [port.whenEmpty(), port.whenEmpty()];
    clients[0]?.lose();
    await trial.settle(() => servers.some((one) => one.reason !== undefined));
    await trial.passes(3);
    expectEqual(
      empty.map((one) => one.called),
      [false, false],
    );
    clients[1]?.lose();
    for (const one of empty) await trial.fired(one);
    const told = servers.every((one) => one.reason !== undefined);
    assert(told, "Expected the protocols to have been told before");
    expectEqual(port.whenEmpty().called, true, "fired at once");
  },

  "one more than maxConnections is closed at once, with one warning a time": async (trial) => {
    const servers: Witness[] = [];
    const build = (): Witness => {
      const server = trial.witness();
      servers.push(server);
      return server;
    };
    const { place, port } = await trial.listen(build, { maxConnections: 2 });
    const first = [trial.dial(place).client, trial.dial(place).client];
    await trial.settle(() => first.every((one) => one.made) && servers.length === 2);
    const more = [1, 2, 3].map(() => trial.dial(place).client);
    await trial.settle(() => more.every((one) => one.reason !== undefined));
    expectEqual([servers.length, port.connections.size], [2, 2]);
    expectEqual(trial.loggedWarnings().length, 1, "warnings");
    first[0]?.lose();
    await trial.settle(() => port.connections.size === 1);
    const late = trial.dial(place).client;
    await trial.settle(() => servers.length === 3 && late.made);
  },

  "a port that stays full warns once, also while connections come and go": async (trial) => {
    const { place, port } = await trial.listen(() => trial.witness(), { maxConnections: 1 });
    for (let turn = 0; turn < 5; turn += 1) {
      const first = trial.dial(place).client;
      await trial.settle(() => first.made && port.connections.size === 1);
      const second = trial.dial(place).client;
      await trial.settle(() => second.reason !== undefined);
      first.lose();
      await trial.settle(() => port.connections.size === 0);
    }
    expectEqual(trial.loggedWarnings().length, 1, "warnings");
  },

  "limits that are none are refused": (trial) => {
    const factory = new WitnessFactory(() => trial.witness());
    for (const bad of [-1, Number.NaN]) {
      expectThrown(() => trial.listenNow(factory, { maxConnections: bad }), RangeError);
      expectThrown(() => trial.listenNow(factory, { closeTimeout: bad }), RangeError);
      expectThrown(() => trial.listenNow(factory, { maxBufferedBytes: bad }), RangeError);
    }
    expectEqual(factory.asked, []);
  },
};
