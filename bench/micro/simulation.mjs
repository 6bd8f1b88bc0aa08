/**
 * What a simulation costs: events a second, seeds a minute, memory.
 *
 *     node bench/micro/simulation.mjs echo|harsh|timers|many|many-plain|seeds|seeds-watched [N]
 *
 * - `echo`: ten clients on one host talk to a server on another, with async functions.
 * - `harsh`: the same over a network that delays, cuts, joins and loses.
 * - `timers`: a thousand loops of `await sleep`.
 * - `many`: 1,000 hosts with 10,000 connections between them.
 * - `many-plain`: the same without async functions: what is left is the simulation's own. With so
 *   many, each promise that is waited for is several more objects that are not in the cache.
 * - `seeds`: small scenarios (an echo over a harsh network, about 50 events), one after the other.
 *   As in a worker of `sennit sim run`, whose parent watches over it.
 * - `seeds-watched`: the same as in a test: each of them would be interrupted after a minute.
 *
 * Everything else that is on by default is on: the monitors, virtual globals, the hash. They are
 * of CPU time, the second half of the run alone: the first warms up.
 *
 * @module
 */
import assert from "node:assert/strict";
import { load } from "../lib/sennit.mjs";

const [kind = "echo", amount = "2000000"] = process.argv.slice(2);
const { ClientFactory, Factory, Protocol } = await load("sennit/internet");
const { simulate } = await load("sennit/testing/simulation");

const HARSH = { latency: [0.0005, 0.02], segmentation: 0.3, coalescing: 0.1, loss: 0.02 };

class Echo extends Protocol {
  dataReceived(data) {
    this.transport.write(data);
  }
}

/** Talks with an async function. */
class Talker extends Protocol {
  #heard = () => {};

  connectionMade() {
    void this.#talk();
  }

  async #talk() {
    for (;;) {
      this.transport.write("hello");
      await new Promise((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  dataReceived() {
    this.#heard();
  }
}

/** Talks without one. */
class PlainTalker extends Protocol {
  connectionMade() {
    this.transport.write("hello");
  }

  dataReceived() {
    this.transport.write("hello");
  }
}

function listen(reactor) {
  reactor.listenTCP(7, Factory.forProtocol(Echo));
}

function dial(reactor, address, protocol = Talker) {
  reactor.connectTCP(address, 7, ClientFactory.forProtocol(protocol));
}

const SCENARIOS = {
  echo: (sim) => talk(sim),
  harsh: (sim) => {
    sim.net.default(HARSH);
    return talk(sim);
  },
  timers: (sim) => sleepers(sim),
  many: (sim) => crowd(sim, Talker),
  "many-plain": (sim) => crowd(sim, PlainTalker),
};

async function talk(sim) {
  const server = sim.host("server", listen);
  sim.host("client", (reactor) => {
    for (let count = 0; count < 10; count += 1) dial(reactor, server.ipv4);
  });
  await measured(sim);
}

async function sleepers(sim) {
  const { reactor } = sim.host("one");
  const sleep = () =>
    new Promise((resolve) => {
      reactor.callLater(0.001 + reactor.random(), resolve);
    });
  const loop = async () => {
    for (;;) await sleep();
  };
  for (let count = 0; count < 1000; count += 1) void loop();
  await measured(sim);
}

async function crowd(sim, protocol) {
  sim.net.default({ latency: [0.0005, 0.02] });
  const hosts = sim.hosts(1000, "host", listen);
  await sim.sleep(0.001);
  for (const [index, { reactor }] of hosts.entries()) {
    for (let count = 1; count <= 10; count += 1) {
      dial(reactor, hosts[(index + 7 * count) % hosts.length].ipv4, protocol);
    }
  }
  await measured(sim);
}

let result;

/** Let half of the events go by, then measure the other half. */
async function measured(sim) {
  const { simulator } = sim;
  const half = Number(amount) / 2;
  while (simulator.happened < half) await sim.sleep(0.1);
  const before = process.cpuUsage();
  const begun = simulator.happened;
  while (simulator.happened < begun + half) await sim.sleep(0.1);
  const { user, system } = process.cpuUsage(before);
  const events = simulator.happened - begun;
  result = {
    millionEventsPerSecond: events / (user + system),
    residentMB: process.memoryUsage.rss() / 1e6,
    connections: simulator.hosts.reduce((sum, host) => sum + host.descriptors.size, 0),
  };
}

async function small(sim) {
  sim.net.default(HARSH);
  const server = sim.host("server", listen);
  let heard = 0;
  class Client extends Protocol {
    connectionMade() {
      this.transport.write("hello world");
    }

    dataReceived(data) {
      heard += data.length;
      if (heard < 110) this.transport.write(data);
      else this.transport.loseConnection();
    }
  }
  sim.host("client", (reactor) => {
    reactor.connectTCP(server.ipv4, 7, ClientFactory.forProtocol(Client));
  });
  await sim.eventually("all was heard", () => heard >= 110);
}

async function seeds(count, patience) {
  let events = 0;
  let before = process.cpuUsage();
  for (let seed = 0; seed < count; seed += 1) {
    if (seed === count / 2) {
      before = process.cpuUsage();
      events = 0;
    }
    const run = await simulate(small, { seed, patience });
    assert.ok(run.ok);
    events += run.events;
  }
  const { user, system } = process.cpuUsage(before);
  const microseconds = (user + system) / (count / 2);
  result = {
    seedsPerMinute: 60e6 / microseconds,
    microsecondsPerSeed: microseconds,
    eventsPerSeed: events / (count / 2),
  };
}

if (kind === "seeds") await seeds(Number(amount), Number.POSITIVE_INFINITY);
else if (kind === "seeds-watched") await seeds(Number(amount), 60);
else {
  const run = await simulate(SCENARIOS[kind], { time: 1e9, events: 1e12 });
  assert.equal(run.failure, undefined);
}
console.log(JSON.stringify({ kind, node: process.version, ...result }));
process.exit(0);
