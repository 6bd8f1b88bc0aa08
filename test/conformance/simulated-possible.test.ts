/**
 * What real networks and machines do to a program, the simulated ones can do as well: among some
 * seeds each of these outcomes is found, and no other.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import type { Failure } from "../../src/defer/failure.ts";
import { ClientFactory, Factory } from "../../src/internet/factory.ts";
import type { ConnectTCPOptions } from "../../src/internet/interfaces-reactor.ts";
import type { SimulatedHost } from "../../src/reactors/simulated/host.ts";
import type { LinkOptions } from "../../src/reactors/simulated/link.ts";
import { Simulator } from "../../src/reactors/simulated/simulator.ts";
import { HalfCloseWitness, Witness } from "../../src/testing/contracts/witness.ts";

const PORT = 7;
/** How many worlds are tried. */
const SEEDS = 40;

/** A world with two hosts. */
class Stage {
  readonly simulator: Simulator;
  readonly near: SimulatedHost;
  readonly far: SimulatedHost;

  constructor(seed: number, options: LinkOptions) {
    this.simulator = new Simulator({ seed });
    this.simulator.network.default(options);
    this.simulator.network.shuffled = true;
    this.near = this.simulator.addHost("near");
    this.far = this.simulator.addHost("far");
  }

  get now(): number {
    return this.simulator.now;
  }

  /** Let it work up to that time. */
  async until(time: number): Promise<void> {
    await this.simulator.work(() => false, { until: time });
  }

  /** A program does something at that time. */
  at(time: number, host: SimulatedHost, f: () => void): void {
    host.reactor.callLater(time - this.now, f);
  }

  /** Nothing gets from one host to the other any more. */
  sever(from: SimulatedHost, to: SimulatedHost): void {
    this.simulator.network.link(from, to).sever();
  }

  /** The far host listens. */
  listen(build: () => Witness, backlog = 50): void {
    this.far.reactor.listenTCP(PORT, Factory.building(build), { backlog });
  }

  /** The near host connects. @returns Where to find out, and when, why it could not. */
  dial(client: Witness, options: ConnectTCPOptions = {}): Attempt {
    const attempt: Attempt = { reason: undefined, at: 0 };
    const factory = ClientFactory.building(() => client);
    factory.clientConnectionFailed = (_connector, reason) => {
      attempt.reason = reason;
      attempt.at = this.now;
    };
    this.near.reactor.connectTCP(this.far.ipv4, PORT, factory, options);
    return attempt;
  }

  /** The near end and the far end of a connection. */
  async pair(
    client: Witness = new Witness(),
    server: Witness = new Witness(),
  ): Promise<readonly [Witness, Witness]> {
    this.listen(() => server);
    this.dial(client);
    await this.simulator.work(() => client.made && server.made);
    return [client, server];
  }
}

interface Attempt {
  reason: Failure | undefined;
  at: number;
}

/** What comes of the same scene in many worlds. */
async function outcomes(
  options: LinkOptions,
  scene: (stage: Stage) => Promise<string>,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed += 1) found.add(await scene(new Stage(seed, options)));
  return [...found].toSorted();
}

function why(reason: Failure | undefined): string {
  return reason === undefined ? "no end" : reason.value.constructor.name;
}

function told(witness: Witness): string {
  return `${String(witness.bytes)} bytes, ${why(witness.reason)}`;
}

const CALM: LinkOptions = {};
const JITTER: LinkOptions = { latency: [0.0005, 0.01] };
const LOSSY: LinkOptions = { loss: 0.3 };

describe("bytes", () => {
  it("one write is read whole or in pieces", async () => {
    const found = await outcomes({ segmentation: 0.5 }, async (stage) => {
      const [client, server] = await stage.pair();
      stage.at(1, stage.near, () => client.write("hello"));
      await stage.until(2);
      assert.equal(server.text, "hello");
      return server.pieces.length === 1 ? "whole" : "in pieces";
    });
    assert.deepEqual(found, ["in pieces", "whole"]);
  });

  it("two writes are read together or apart", async () => {
    const found = await outcomes({ ...JITTER, coalescing: 0.5 }, async (stage) => {
      const [client, server] = await stage.pair();
      stage.at(1, stage.near, () => client.write("one"));
      stage.at(1.001, stage.near, () => client.write("two"));
      await stage.until(2);
      return server.pieces.join("|");
    });
    assert.deepEqual(found, ["onetwo", "one|two"]);
  });

  it("what is lost comes late", async () => {
    const found = await outcomes(LOSSY, async (stage) => {
      let arrived = 0;
      const note = (): void => {
        arrived = stage.now;
      };
      const [client] = await stage.pair(new Witness(), new Witness({ data: note }));
      const sent = stage.now;
      stage.at(sent, stage.near, () => client.write("hello"));
      await stage.until(sent + 100);
      return arrived - sent < 0.2 ? "at once" : "late";
    });
    assert.deepEqual(found, ["at once", "late"]);
  });

  it("what is sent later on another connection may come first", async () => {
    const found = await outcomes(JITTER, async (stage) => {
      const order: string[] = [];
      stage.listen(() => new Witness({ data: (_one, data) => order.push(data.toString()) }));
      const clients = [new Witness(), new Witness()];
      for (const client of clients) stage.dial(client);
      await stage.until(1);
      stage.at(1, stage.near, () => clients[0]?.write("a"));
      stage.at(1.001, stage.near, () => clients[1]?.write("b"));
      await stage.until(2);
      return order.join("");
    });
    assert.deepEqual(found, ["ab", "ba"]);
  });

  it("an answer comes just before a deadline or just after it", async () => {
    const found = await outcomes(JITTER, async (stage) => {
      const order: string[] = [];
      const [client] = await stage.pair(
        new Witness({ data: () => order.push("answer") }),
        new Witness({ data: (one, data) => one.write(data) }),
      );
      stage.at(1, stage.near, () => client.write("question"));
      stage.at(1.01, stage.near, () => order.push("deadline"));
      await stage.until(2);
      return order.join(", ");
    });
    assert.deepEqual(found, ["answer, deadline", "deadline, answer"]);
  });

  it("a reader that stands still makes the writer wait, for hours", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client, server] = await stage.pair(
        new Witness(),
        new Witness({ made: (one) => one.pause() }),
      );
      stage.at(1, stage.near, () => client.write(Buffer.alloc(1_000_000)));
      await stage.until(7200);
      const held = client.transport.bufferedBytes > 0;
      stage.at(7200, stage.far, () => server.resume());
      await stage.until(7201);
      const left = String(client.transport.bufferedBytes);
      return `${String(held)}, then ${left} left; ${told(server)}`;
    });
    assert.deepEqual(found, ["true, then 0 left; 1000000 bytes, no end"]);
  });
});

describe("ends", () => {
  it("the end comes with the last bytes or after them", async () => {
    const found = await outcomes(JITTER, async (stage) => {
      const times: number[] = [];
      const note = (): void => void times.push(stage.now);
      const [, server] = await stage.pair(new Witness({ data: note, lost: note }));
      stage.at(1, stage.far, () => {
        server.write("bye");
        server.lose();
      });
      await stage.until(2);
      return times[0] === times[1] ? "with" : "after";
    });
    assert.deepEqual(found, ["after", "with"]);
  });

  it("a reset destroys what was not read", async () => {
    const found = await outcomes({ ...JITTER, coalescing: 0.5 }, async (stage) => {
      const [client, server] = await stage.pair();
      stage.at(1, stage.far, () => server.write("late"));
      stage.at(1.001, stage.far, () => server.abort());
      await stage.until(2);
      return told(client);
    });
    assert.deepEqual(found, ["0 bytes, ConnectionLost", "4 bytes, ConnectionLost"]);
  });

  it("a reset is noticed at once, or when what came before it has been read", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client, server] = await stage.pair();
      stage.at(1, stage.near, () => client.pause());
      stage.at(2, stage.far, () => server.write("late"));
      stage.at(3, stage.far, () => server.abort());
      await stage.until(4);
      const before = told(client);
      stage.at(4, stage.near, () => client.resume());
      await stage.until(5);
      return `${before}, then ${told(client)}`;
    });
    assert.deepEqual(found, [
      "0 bytes, ConnectionLost, then 0 bytes, ConnectionLost",
      "0 bytes, no end, then 4 bytes, ConnectionLost",
    ]);
  });

  it("a reset that was not noticed is when one writes", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client, server] = await stage.pair();
      stage.at(1, stage.near, () => client.pause());
      stage.at(2, stage.far, () => server.abort());
      stage.at(3, stage.near, () => {
        client.write("last words");
        client.lose();
      });
      await stage.until(5);
      return why(client.reason);
    });
    assert.deepEqual(found, ["ConnectionLost"]);
  });

  it("a reset is lost, and nobody sends it again", async () => {
    const found = await outcomes(LOSSY, async (stage) => {
      const [client, server] = await stage.pair();
      const begun = stage.now;
      stage.at(begun, stage.far, () => server.abort());
      await stage.until(begun + 3600);
      return why(client.reason);
    });
    assert.deepEqual(found, ["ConnectionLost", "no end"]);
  });

  it("data for one who has closed: swallowed at first, then answered with a reset", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client, server] = await stage.pair(new HalfCloseWitness());
      stage.at(1, stage.far, () => server.lose());
      stage.at(2, stage.near, () => client.write("nobody reads it"));
      await stage.until(4);
      const before = why(client.reason);
      stage.at(5, stage.near, () => client.write("nobody is there"));
      await stage.until(6);
      return `${before}, then ${why(client.reason)}`;
    });
    assert.deepEqual(found, ["no end, then ConnectionLost"]);
  });

  it("what crosses with the peer's close is lost without a word, or dropped", async () => {
    const found = await outcomes(JITTER, async (stage) => {
      const [client, server] = await stage.pair();
      stage.at(1, stage.near, () => client.lose());
      stage.at(1.005, stage.far, () => server.write("late"));
      await stage.until(60);
      const how = server.transport.droppedBytes === 4 ? "dropped" : "lost";
      return `${how}: ${told(client)}; ${told(server)}`;
    });
    assert.deepEqual(found, [
      "dropped: 0 bytes, ConnectionDone; 0 bytes, ConnectionDone",
      "lost: 0 bytes, ConnectionDone; 0 bytes, ConnectionDone",
    ]);
  });

  it("both close at once", async () => {
    const found = await outcomes(JITTER, async (stage) => {
      const [client, server] = await stage.pair();
      stage.at(1, stage.near, () => client.lose());
      stage.at(1, stage.far, () => server.lose());
      await stage.until(60);
      return `${why(client.reason)}, ${why(server.reason)}`;
    });
    assert.deepEqual(found, ["ConnectionDone, ConnectionDone"]);
  });

  it("a program that is killed: an end, or a reset if it has not read everything", async () => {
    const found = await outcomes(JITTER, async (stage) => {
      const [client] = await stage.pair();
      stage.at(1, stage.near, () => client.write("?"));
      stage.simulator.at(1.003, { happen: () => stage.far.stall(1) });
      stage.simulator.at(1.5, { happen: () => stage.far.kill() });
      await stage.until(60);
      return why(client.reason);
    });
    assert.deepEqual(found, ["ConnectionDone", "ConnectionLost"]);
  });

  it("a program that is killed while it sends: a part, and an end", async () => {
    const found = await outcomes({ bandwidth: 1_000_000 }, async (stage) => {
      const [client, server] = await stage.pair();
      stage.at(1, stage.near, () => client.write(Buffer.alloc(1_000_000)));
      stage.simulator.at(1.5, { happen: () => stage.near.kill() });
      await stage.until(60);
      const { bytes } = server;
      return `${bytes > 0 && bytes < 1_000_000 ? "a part" : "?"}, ${why(server.reason)}`;
    });
    assert.deepEqual(found, ["a part, ConnectionDone"]);
  });
});

describe("connecting", () => {
  it("nobody listens", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const attempt = stage.dial(new Witness());
      await stage.until(60);
      return `${why(attempt.reason)} within ${String(Math.ceil(attempt.at))} s`;
    });
    assert.deepEqual(found, ["ConnectionRefusedError within 1 s"]);
  });

  it("nobody answers, until the attempt's own deadline or the system's", async () => {
    const found = await outcomes(CALM, async (stage) => {
      stage.sever(stage.near, stage.far);
      const attempts = [5, 1000].map((timeout) => stage.dial(new Witness(), { timeout }));
      await stage.until(1000);
      return attempts.map(({ reason, at }) => `${why(reason)}, ${at.toFixed(0)} s`).join("; ");
    });
    assert.deepEqual(found, ["TimeoutError, 5 s; TCPTimedOutError, 127 s"]);
  });

  it("the first packet is lost, and sent again after a second", async () => {
    const found = await outcomes(LOSSY, async (stage) => {
      await stage.pair();
      return stage.now < 1 ? "at once" : "later";
    });
    assert.deepEqual(found, ["at once", "later"]);
  });

  it("who began first may be accepted second", async () => {
    const found = await outcomes(JITTER, async (stage) => {
      const servers: Witness[] = [];
      stage.listen(() => {
        const server = new Witness();
        servers.push(server);
        return server;
      });
      for (const name of ["a", "b"]) {
        stage.dial(new Witness({ made: (client) => client.write(name) }));
      }
      await stage.until(2);
      return servers.map((server) => server.text).join("");
    });
    assert.deepEqual(found, ["ab", "ba"]);
  });

  it("a queue that is full makes others wait, and try again", async () => {
    const found = await outcomes(CALM, async (stage) => {
      stage.listen(() => new Witness(), 1);
      await stage.until(1);
      stage.far.stall(10);
      const clients = [new Witness(), new Witness(), new Witness()];
      for (const [at, client] of clients.entries()) {
        stage.at(2 + at, stage.near, () => stage.dial(client, { timeout: 100 }));
      }
      const made = (): string => String(clients.filter((client) => client.made).length);
      await stage.until(5);
      const before = made();
      await stage.until(100);
      return `${before}, then ${made()}`;
    });
    assert.deepEqual(found, ["1, then 3"]);
  });

  it("connected here, and never accepted there", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client, server] = [new Witness(), new Witness()];
      stage.listen(() => server);
      await stage.until(1);
      stage.far.stall(10);
      stage.dial(client);
      stage.simulator.at(2, { happen: () => stage.far.kill() });
      await stage.until(60);
      return `${client.life.join(", ")}: ${why(client.reason)}; ${String(server.made)}`;
    });
    assert.deepEqual(found, ["connectionMade, connectionLost: ConnectionLost; false"]);
  });

  it("accepted when its peer is gone already", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client, server] = [new Witness(), new Witness()];
      stage.listen(() => server);
      await stage.until(1);
      stage.far.stall(10);
      stage.dial(client);
      stage.at(2, stage.near, () => client.abort());
      await stage.until(60);
      return `${server.life.join(", ")}: ${why(server.reason)}`;
    });
    assert.deepEqual(found, ["connectionMade, connectionLost: ConnectionLost"]);
  });
});

describe("hosts", () => {
  it("a peer without power says nothing: who writes finds out in 15 minutes", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client] = await stage.pair();
      stage.simulator.at(1, { happen: () => stage.far.powerOff() });
      await stage.until(7200);
      const before = why(client.reason);
      stage.at(7200, stage.near, () => client.write("?"));
      await stage.until(7800);
      const meanwhile = why(client.reason);
      await stage.until(9000);
      return [before, meanwhile, why(client.reason)].join(", ");
    });
    assert.deepEqual(found, ["no end, no end, ConnectionLost"]);
  });

  it("a peer that has been restarted answers with a reset", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client] = await stage.pair();
      stage.simulator.at(1, { happen: () => stage.far.powerOff() });
      stage.simulator.at(30, { happen: () => stage.far.start(() => undefined) });
      await stage.until(60);
      const before = why(client.reason);
      stage.at(60, stage.near, () => client.write("?"));
      await stage.until(61);
      return `${before}, then ${why(client.reason)}`;
    });
    assert.deepEqual(found, ["no end, then ConnectionLost"]);
  });

  it("one direction is cut: what is asked arrives, and is not answered", async () => {
    const found = await outcomes(CALM, async (stage) => {
      const [client, server] = await stage.pair(
        new Witness(),
        new Witness({ data: (one, data) => one.write(data) }),
      );
      stage.sever(stage.far, stage.near);
      stage.at(1, stage.near, () => client.write("question"));
      await stage.until(60);
      const before = `${server.text}, ${client.text}, ${why(client.reason)}`;
      await stage.until(3600);
      return `${before}, then ${why(client.reason)}`;
    });
    assert.deepEqual(found, ["question, , no end, then ConnectionLost"]);
  });

  it("a program that stands still: its calls come late, what came meanwhile at once", async () => {
    const found = await outcomes(JITTER, async (stage) => {
      const seen: string[] = [];
      const note = (what: string): void => void seen.push(`${what} ${stage.now.toFixed(1)}`);
      const [, server] = await stage.pair(
        new Witness({ data: (_client, data) => note(data.toString()) }),
      );
      stage.simulator.at(1, { happen: () => stage.near.stall(2) });
      stage.at(1.2, stage.near, () => note("call"));
      for (const [at, text] of ["a", "b", "c"].entries()) {
        stage.at(1.1 + at / 2, stage.far, () => server.write(text));
      }
      await stage.until(60);
      return seen.join("; ");
    });
    assert.deepEqual(found, ["abc 3.0; call 3.0", "call 3.0; abc 3.0"]);
  });
});
