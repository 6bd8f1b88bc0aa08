import { assert, describe, it } from "vitest";
import { DatagramWorld, type Station } from "../../../../test/fixtures/simulated-datagrams.ts";
import type { SimulatedHost } from "../host.ts";
import type { Link, LinkOptions } from "../link.ts";

const PORT = 4000;
const ETHERNET = 1500;
const HEADERS = 28;

interface Pair {
  readonly world: DatagramWorld;
  readonly near: SimulatedHost;
  readonly far: SimulatedHost;
  readonly sender: Station;
  readonly receiver: Station;
  readonly there: Link;
  readonly back: Link;
}

async function pair(links: LinkOptions = {}, seed = 1): Promise<Pair> {
  const world = new DatagramWorld({ seed });
  world.sim.network.default(links);
  const [near, far] = [world.host("near"), world.host("far")];
  const [sender, receiver] = [await world.station(near), await world.station(far, PORT)];
  const there = world.sim.network.link(near, far);
  return { world, near, far, sender, receiver, there, back: world.sim.network.link(far, near) };
}

function say({ sender, far }: Pair, ...texts: readonly string[]): void {
  for (const text of texts) sender.port.write(text, { host: far.ipv4, port: PORT });
}

function numbers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => String(number));
}

describe("a datagram between hosts", () => {
  it("arrives after the latency, with the address of its sender", async () => {
    const two = await pair({ latency: 0.25 });
    const begun = two.world.sim.now;
    say(two, "hello");
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, ["hello"]);
    assert.closeTo((two.receiver.ear.times[0] ?? 0) - begun, 0.25, 1e-6);
    const { port } = two.sender.port.getHost();
    assert.deepEqual(two.receiver.ear.from, [`${two.near.ipv4}:${String(port)}`]);
    assert.deepEqual([...two.receiver.ear.hosts], ["far"]);
    assert.equal(two.world.traced("datagram sent"), 1);
    assert.equal(two.world.traced("datagram received"), 1);
  });

  it("goes where it is sent, whoever was written to before", async () => {
    const two = await pair();
    const other = two.world.host("other");
    const { ear } = await two.world.station(other, PORT);
    for (const { ipv4: host } of [two.far, other, two.far]) {
      two.sender.port.write(host, { host, port: PORT });
    }
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, [two.far.ipv4, two.far.ipv4]);
    assert.deepEqual(ear.texts, [other.ipv4]);
  });

  it("takes the time of its bytes where the bandwidth is bound", async () => {
    const two = await pair({ latency: 0, bandwidth: 1000 });
    const begun = two.world.sim.now;
    say(two, "x".repeat(972), "x".repeat(972));
    await two.world.pass(5);
    const times = two.receiver.ear.times.map((time) => Math.round(time - begun));
    assert.deepEqual(times, [1, 2]);
  });

  it("is lost where too much waits for the line", async () => {
    const two = await pair({ bandwidth: 10_000 });
    const [count, size] = [100, 8000];
    for (let each = 0; each < count; each += 1) say(two, "x".repeat(size));
    await two.world.pass(100);
    const { length } = two.receiver.ear.texts;
    assert.equal(length, Math.ceil(262_144 / (size + HEADERS)));
    assert.equal(two.world.traced("datagram lost"), count - length);
  });

  it("keeps the order, whatever the latency of each", async () => {
    const two = await pair({ latency: [0.001, 0.5] });
    const texts = numbers(50);
    say(two, ...texts);
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, texts);
  });

  it("keeps the order where ties are shuffled", async () => {
    const two = await pair();
    two.world.sim.network.shuffled = true;
    const texts = numbers(50);
    say(two, ...texts);
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, texts);
  });
});

describe("what goes wrong by chance", () => {
  it("loses some", async () => {
    const two = await pair({ loss: 0.3 });
    say(two, ...numbers(1000));
    await two.world.pass();
    const { length } = two.receiver.ear.texts;
    assert.isTrue(length > 600 && length < 800, `${String(length)} came`);
    assert.equal(two.world.traced("datagram lost"), 1000 - length);
  });

  it("datagramLoss stands for loss, where it is set", async () => {
    const two = await pair({ loss: 1, datagramLoss: 0 });
    say(two, "hello");
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, ["hello"]);
  });

  it("brings some twice, each with bytes of its own", async () => {
    const two = await pair({ duplication: 1 });
    say(two, "again");
    await two.world.pass();
    const [first, second] = two.receiver.ear.datagrams;
    first?.fill(0);
    assert.equal(second?.toString(), "again");
    assert.equal(two.receiver.ear.datagrams.length, 2);
  });

  it("has some overtaken, and loses none", async () => {
    const two = await pair({ reordering: 0.2 });
    const texts = numbers(100);
    for (const text of texts) {
      say(two, text);
      await two.world.pass(0.001);
    }
    await two.world.pass();
    const heard = two.receiver.ear.texts;
    assert.notDeepEqual(heard, texts);
    assert.sameMembers(heard, [...texts]);
  });

  it("changes one bit, and not in what the sender has", async () => {
    const two = await pair({ corruption: 1 });
    const sent = Buffer.alloc(100);
    two.sender.port.write(sent, { host: two.far.ipv4, port: PORT });
    await two.world.pass();
    const [data] = two.receiver.ear.datagrams;
    const changed = [...(data ?? [])].filter((byte) => byte !== 0);
    assert.equal(changed.length, 1);
    assert.equal(Math.log2(changed[0] ?? 0) % 1, 0);
    assert.isTrue(sent.every((byte) => byte === 0));
  });

  it("happens the same way for the same seed, and another way for another", async () => {
    const rough = { loss: 0.2, duplication: 0.2, reordering: 0.2, latency: [0.001, 0.1] } as const;
    const hashOf = async (seed: number): Promise<string> => {
      const two = await pair(rough, seed);
      say(two, ...numbers(100));
      await two.world.pass();
      return two.world.sim.trace.hash;
    };
    assert.equal(await hashOf(7), await hashOf(7));
    assert.notEqual(await hashOf(7), await hashOf(8));
  });

  it("does not happen where every choice is benign", async () => {
    const world = new DatagramWorld({ plan: new Map() });
    world.sim.network.default({ loss: 0.9, duplication: 0.9, reordering: 0.9, corruption: 0.9 });
    const [near, far] = [world.host("near"), world.host("far")];
    const [sender, { ear }] = [await world.station(near), await world.station(far, PORT)];
    const texts = numbers(20);
    for (const text of texts) sender.port.write(text, { host: far.ipv4, port: PORT });
    await world.pass();
    assert.deepEqual(ear.texts, texts);
  });
});

describe("what never gets through", () => {
  it("a datagram of the mtu arrives, one byte more does not", async () => {
    const two = await pair({ mtu: ETHERNET });
    say(two, "x".repeat(ETHERNET - HEADERS), "y".repeat(ETHERNET - HEADERS + 1));
    await two.world.pass();
    assert.deepEqual(
      two.receiver.ear.texts.map((text) => text[0]),
      ["x"],
    );
    assert.equal(two.sender.port.failedDatagrams, 0);
  });

  it("what is under way when the link is cut is lost, in that direction only", async () => {
    const two = await pair({ latency: 0.1 });
    say(two, "lost");
    await two.world.pass(0.05);
    two.there.sever();
    const { port } = two.sender.port.getHost();
    two.receiver.port.write("back", { host: two.near.ipv4, port });
    await two.world.pass(0.5);
    two.there.heal();
    say(two, "after");
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, ["after"]);
    assert.deepEqual(two.sender.ear.texts, ["back"]);
  });

  it("what is held arrives when it is released, in order", async () => {
    const two = await pair();
    two.there.hold();
    say(two, "one", "two", "three");
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, []);
    two.there.release();
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, ["one", "two", "three"]);
  });

  it("the TTL is how many routers it may pass, and one more", async () => {
    const two = await pair({ hops: 3 });
    for (const hops of [3, 4]) {
      two.sender.port.setUnicastTTL(hops);
      say(two, `TTL ${String(hops)}`);
    }
    await two.world.pass();
    assert.deepEqual(two.receiver.ear.texts, ["TTL 4"]);
  });

  it("an address that nobody has is silence", async () => {
    const two = await pair();
    two.sender.port.connect("192.0.2.1", PORT);
    two.sender.port.write("anybody?");
    await two.world.pass(10);
    assert.deepEqual([two.sender.ear.refusals, two.sender.port.failedDatagrams], [0, 0]);
    assert.equal(two.world.traced("datagram lost"), 1);
  });
});

describe("nobody listens there", () => {
  const NOWHERE = 4999;

  function ask({ sender }: Pair): void {
    sender.port.write("anybody?");
  }

  async function connected(links: LinkOptions = {}): Promise<Pair> {
    const two = await pair(links);
    two.sender.port.connect(two.far.ipv4, NOWHERE);
    return two;
  }

  it("connectionRefused comes after the way there and back, for each", async () => {
    const two = await connected({ latency: 0.1 });
    for (let each = 1; each <= 2; each += 1) {
      const begun = two.world.sim.now;
      ask(two);
      await two.world.pass();
      assert.closeTo((two.sender.ear.times.at(-1) ?? 0) - begun, 0.2, 1e-6);
      assert.equal(two.sender.ear.refusals, each);
    }
    assert.deepEqual([...two.sender.ear.hosts], ["near"]);
  });

  it("a port that is not connected hears nothing of it", async () => {
    const two = await pair();
    two.sender.port.write("anybody?", { host: two.far.ipv4, port: NOWHERE });
    await two.world.pass();
    two.sender.port.connect(two.far.ipv4, NOWHERE);
    await two.world.pass();
    assert.equal(two.sender.ear.refusals, 0);
  });

  it("a port that has begun anew hears nothing of what it sent before", async () => {
    const two = await connected({ latency: 0.1 });
    const { port } = two.sender;
    ask(two);
    void port.stopListening();
    await two.world.pass(0.01);
    port.startListening();
    await two.world.pass(0.01);
    port.connect(two.far.ipv4, NOWHERE);
    await two.world.pass();
    assert.equal(two.sender.ear.refusals, 0);
  });

  it("without power there is silence", async () => {
    const two = await connected();
    two.far.powerOff();
    ask(two);
    await two.world.pass(100);
    assert.equal(two.sender.ear.refusals, 0);
  });

  it("the news is lost where the way back is cut, and late where it is held", async () => {
    const two = await connected();
    two.back.sever();
    ask(two);
    await two.world.pass();
    two.back.heal();
    two.back.hold();
    ask(two);
    await two.world.pass();
    assert.equal(two.sender.ear.refusals, 0);
    two.back.release();
    await two.world.pass();
    assert.equal(two.sender.ear.refusals, 1);
  });

  it("while the program stands still it waits, and takes the place of a write", async () => {
    const two = await connected({ latency: 0.1 });
    const { reactor } = two.near;
    reactor.callLater(0.05, () => two.near.stall(1));
    reactor.callLater(0.06, () => ask(two)); // Before the news is read.
    ask(two);
    await two.world.pass(0.5);
    assert.equal(two.sender.ear.refusals, 0);
    await two.world.pass(2);
    assert.deepEqual([two.sender.ear.refusals, two.sender.port.failedDatagrams], [1, 1]);
  });

  it("a program that has been killed refuses as well, and is reached when it runs", async () => {
    const two = await pair();
    two.sender.port.connect(two.far.ipv4, PORT);
    two.far.kill();
    ask(two);
    await two.world.pass();
    assert.equal(two.sender.ear.refusals, 1);
    two.far.start();
    const again = await two.world.station(two.far, PORT);
    ask(two);
    await two.world.pass();
    assert.deepEqual(again.ear.texts, ["anybody?"]);
    assert.deepEqual(two.receiver.ear.texts, []);
  });
});
