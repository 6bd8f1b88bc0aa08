/**
 * A peer that resets the connection, at each phase of it: that one is lost, with ConnectionLost.
 *
 * @module
 */
import { setImmediate as nextPass } from "node:timers/promises";
import { assert, describe, it, type TestContext } from "vitest";
import { Factory } from "../../src/internet/factory.ts";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { portNumber } from "../../src/testing/contracts/network.ts";
import {
  HalfCloseWitness,
  Witness,
  type WitnessHooks,
} from "../../src/testing/contracts/witness.ts";
import { type Running, start } from "./fixtures/lines/running.ts";
import { fixture } from "./fixtures/node/plain-echo.ts";
import { pythonPeer } from "./peers.ts";

/** Any Python will do; this package brings one, and the other tests want it too. */
const python = pythonPeer("socket", "python3-twisted");

/** One server, and the raw peers that connect to it. */
class Scene {
  readonly reactor = new NodeReactor();
  readonly servers: Witness[] = [];
  readonly #context: TestContext;
  readonly #build: () => Witness;
  #port = 0;

  constructor(context: TestContext, build: () => Witness) {
    this.#context = context;
    this.#build = build;
    context.onTestFinished(() => this.reactor[Symbol.asyncDispose]());
  }

  async listen(): Promise<void> {
    const factory = Factory.building(() => {
      const server = this.#build();
      this.servers.push(server);
      return server;
    });
    factory.noisy = false;
    const port = this.reactor.listenTCP(0, factory, { interface: "127.0.0.1" });
    this.#port = portNumber(await port.listening);
  }

  async connect(): Promise<{ readonly raw: Running; readonly server: Witness }> {
    const before = this.servers.length;
    const path = python.path(this.#context);
    const raw = start(this.#context, path, [fixture("raw_peer.py"), String(this.#port)]);
    assert.equal(await raw.line(), "connected");
    await until(() => this.servers.length > before);
    const server = this.servers.at(-1);
    assert(server !== undefined);
    return { raw, server };
  }
}

/** Real time, with a guard of ten seconds. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    assert.isBelow(performance.now(), deadline, `waited for ${holds.toString()}`);
    await nextPass();
  }
}

/** Have the peer do these, one after the other. */
async function does(raw: Running, ...commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    raw.send(`${command}\n`);
    assert.equal(await raw.line(), command.split(" ")[0]);
  }
}

/** A server with these hooks; the raw peer does its part; the server must hear of a reset. */
async function expectLost(
  context: TestContext,
  witness: (hooks: WitnessHooks) => Witness,
  hooks: WitnessHooks,
  part: (raw: Running, server: Witness) => Promise<void>,
): Promise<void> {
  const scene = new Scene(context, () => witness(hooks));
  await scene.listen();
  const { raw, server } = await scene.connect();
  await part(raw, server);
  await until(() => server.reason !== undefined);
  assert.equal(server.reason?.check("ERR_CONNECTION_LOST"), "ERR_CONNECTION_LOST");
  assert.deepEqual(server.violations, []);
}

const whole = (hooks: WitnessHooks): Witness => new Witness(hooks);
const halves = (hooks: WitnessHooks): Witness => new HalfCloseWitness(hooks);

/** Far more than the kernel takes. */
const MUCH = Buffer.alloc(32 << 20);

describe("a reset", () => {
  it("before anything is said", (context) =>
    expectLost(context, whole, {}, (raw) => does(raw, "reset")));

  it("right behind bytes", (context) =>
    expectLost(context, whole, {}, (raw) => does(raw, "send 100000", "reset")));

  it("behind bytes that are not read yet", (context) =>
    expectLost(context, whole, { made: (one) => one.pause() }, async (raw, server) => {
      await does(raw, "send 1000", "reset");
      server.resume();
    }));

  it("while reading is paused, seen by what we write", (context) =>
    expectLost(context, whole, { made: (one) => one.pause() }, async (raw, server) => {
      await does(raw, "reset");
      server.write("anybody?");
      server.lose();
    }));

  it("while we write", (context) =>
    expectLost(context, whole, { made: (one) => one.write(MUCH) }, (raw) =>
      does(raw, "read 65536", "reset"),
    ));

  it("while we close", (context) => {
    const made = (one: Witness): void => {
      one.write(MUCH);
      one.lose();
    };
    return expectLost(context, whole, { made }, (raw) => does(raw, "read 65536", "reset"));
  });

  it("after its own end, while we answer", (context) =>
    expectLost(context, halves, { readLost: (one) => one.write(MUCH) }, (raw) =>
      does(raw, "send 10", "end", "read 65536", "reset"),
    ));

  it("after its own end, while we flush because of it", (context) =>
    expectLost(context, whole, { made: (one) => one.write(MUCH) }, (raw) =>
      does(raw, "end", "read 65536", "reset"),
    ));

  it("after our end", (context) =>
    expectLost(context, halves, { made: (one) => one.loseWrite() }, async (raw, server) => {
      await until(() => server.calls.includes("writeConnectionLost"));
      await does(raw, "read 1", "reset");
    }));

  it("of one connection is not another's", async (context) => {
    const echo: WitnessHooks = { data: (one, data) => one.write(data) };
    const scene = new Scene(context, () => new Witness(echo));
    await scene.listen();
    const first = await scene.connect();
    const second = await scene.connect();
    assert.notEqual(first.server, second.server);
    await does(first.raw, "send 1000", "reset");
    await until(() => first.server.reason !== undefined);
    await does(second.raw, "send 5", "read 5");
    assert.equal(second.server.bytes, 5);
  });
});
