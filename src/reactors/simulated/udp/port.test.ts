import { assert, describe, it } from "vitest";
import { DatagramWorld, type Station } from "../../../../test/fixtures/simulated-datagrams.ts";
import { DATAGRAM_COST } from "../../../internet/interfaces-udp.ts";
import type { SimulatedHost } from "../host.ts";

const PORT = 5353;
const GROUP = "239.255.94.1";
const GROUP6 = "ff05::5e:1";
const ALL: { readonly interface: string } = { interface: "::" };

/** Three hosts, each with a port; the first one sends. */
async function three(
  group?: string,
  options = {},
): Promise<{
  readonly world: DatagramWorld;
  readonly hosts: readonly [SimulatedHost, SimulatedHost, SimulatedHost];
  readonly stations: readonly [Station, Station, Station];
}> {
  const world = new DatagramWorld();
  const hosts = [world.host("one"), world.host("two"), world.host("three")] as const;
  const stations = [
    await world.station(hosts[0], PORT, options),
    await world.station(hosts[1], PORT, options),
    await world.station(hosts[2], PORT, options),
  ] as const;
  if (group !== undefined) for (const { port } of stations) await port.joinGroup(group);
  return { world, hosts, stations };
}

function heard(stations: readonly Station[]): readonly (readonly string[])[] {
  return stations.map(({ ear }) => ear.texts);
}

describe("groups between hosts", () => {
  it("who has joined hears it, the sender as well; who has left does not", async () => {
    const { world, stations } = await three(GROUP);
    const [{ port }, , last] = stations;
    port.write("all", { host: GROUP, port: PORT });
    await world.pass();
    await last.port.leaveGroup(GROUP);
    port.write("but one", { host: GROUP, port: PORT });
    await world.pass();
    assert.deepEqual(heard(stations), [["all", "but one"], ["all", "but one"], ["all"]]);
  });

  it("the receivers see the sender's own address", async () => {
    const { world, hosts, stations } = await three(GROUP);
    stations[0].port.write("hello", { host: GROUP, port: PORT });
    await world.pass();
    const address = `${hosts[0].ipv4}:${String(PORT)}`;
    assert.deepEqual(
      stations.map(({ ear }) => ear.from),
      [[address], [address], [address]],
    );
  });

  it("IPv6, however the group is written", async () => {
    const { world, hosts, stations } = await three("ff05:0::5E:1", ALL);
    stations[0].port.write("hello", { host: GROUP6, port: PORT });
    await world.pass();
    assert.deepEqual(heard(stations), [["hello"], ["hello"], ["hello"]]);
    assert.deepEqual(stations[1].ear.from, [`[${hosts[0].ipv6}]:${String(PORT)}`]);
  });

  it("TTL 0 stays on the host; without loopback mode it goes to the others alone", async () => {
    const { world, stations } = await three(GROUP);
    const [{ port }] = stations;
    port.setTTL(0);
    port.write("home", { host: GROUP, port: PORT });
    port.setTTL(1);
    port.setLoopbackMode(false);
    port.write("away", { host: GROUP, port: PORT });
    await world.pass();
    assert.deepEqual(heard(stations), [["home"], ["away"], ["away"]]);
  });

  it("routers pass what has a TTL above their number, and nothing of the link's own", async () => {
    const { world, hosts, stations } = await three(GROUP);
    world.sim.network.link(hosts[0], hosts[2]).set({ hops: 2 });
    for (const { port } of stations) await port.joinGroup("224.0.0.251");
    const [{ port }] = stations;
    for (const hops of [1, 3]) {
      port.setTTL(hops);
      port.write(String(hops), { host: GROUP, port: PORT });
      port.write("link", { host: "224.0.0.251", port: PORT });
    }
    await world.pass();
    assert.deepEqual(heard(stations.slice(1)), [["1", "link", "3", "link"], ["3"]]);
  });

  it("what is sent through lo is heard on lo", async () => {
    const { world, hosts, stations } = await three(GROUP);
    const [{ port }] = stations;
    const local = await world.station(hosts[0], PORT + 1);
    await local.port.joinGroup(GROUP, { interface: "lo" });
    await port.setOutgoingInterface("127.0.0.1");
    port.setLoopbackMode(false); // What goes through lo is heard all the same.
    for (const number of [PORT, PORT + 1]) port.write("here", { host: GROUP, port: number });
    await world.pass();
    // The first one has joined on the other interface; but its host hears the group on lo, and it
    // is on every address (IP_MULTICAST_ALL).
    assert.deepEqual(heard([...stations, local]), [["here"], [], [], ["here"]]);
    assert.deepEqual(local.ear.from, [`127.0.0.1:${String(PORT)}`]);
  });

  it("a port on every address hears what others on its host have joined", async () => {
    const { world, hosts, stations } = await three();
    const member = await world.station(hosts[1]);
    await member.port.joinGroup(GROUP);
    stations[0].port.write("hello", { host: GROUP, port: PORT });
    await world.pass();
    assert.deepEqual(heard(stations), [[], ["hello"], []]);
  });

  it("a source that was named is heard alone, on the interface that was meant", async () => {
    const { world, hosts, stations } = await three();
    const [one, two, last] = stations;
    await two.port.joinGroup(GROUP, { source: hosts[2].ipv4 });
    const local = await world.station(hosts[1], PORT + 1);
    for (const name of ["lo", "eth0"]) await local.port.joinGroup(GROUP, { interface: name });
    for (const { port } of [one, last]) {
      port.write(String(port.getHost()), { host: GROUP, port: PORT });
    }
    await two.port.setOutgoingInterface("lo");
    two.port.write("home", { host: GROUP, port: PORT });
    await world.pass();
    assert.deepEqual(two.ear.from, [
      `127.0.0.1:${String(PORT)}`,
      `${hosts[2].ipv4}:${String(PORT)}`,
    ]);
  });

  it("a port on one address hears no group; one on the group's address nothing else", async () => {
    const { world, hosts, stations } = await three(GROUP);
    const [{ port }] = stations;
    void stations[1].port.stopListening();
    await world.pass();
    const exact = await world.station(hosts[1], PORT, { interface: hosts[1].ipv4 });
    const bound = await world.station(hosts[1], PORT, { interface: GROUP });
    await exact.port.joinGroup(GROUP);
    await bound.port.joinGroup(GROUP);
    port.write("all", { host: GROUP, port: PORT });
    port.write("you", { host: hosts[1].ipv4, port: PORT });
    await world.pass();
    assert.deepEqual(heard([exact, bound]), [["you"], ["all"]]);
  });

  it("a host that is cut off hears nothing, and others do", async () => {
    const { world, hosts, stations } = await three(GROUP);
    world.sim.network.link(hosts[0], hosts[1]).sever();
    stations[0].port.write("hello", { host: GROUP, port: PORT });
    await world.pass();
    assert.deepEqual(heard(stations), [["hello"], [], ["hello"]]);
  });

  it("killed or without power it hears no more, and is in the group no more", async () => {
    const { world, hosts, stations } = await three(GROUP);
    hosts[1].kill();
    hosts[2].powerOff();
    stations[0].port.write("hello", { host: GROUP, port: PORT });
    await world.pass();
    for (const host of hosts.slice(1)) host.start();
    const again = [await world.station(hosts[1], PORT), await world.station(hosts[2], PORT)];
    stations[0].port.write("back?", { host: GROUP, port: PORT });
    await world.pass();
    assert.deepEqual(heard([...stations, ...again]), [["hello", "back?"], [], [], [], []]);
  });

  it("an interface that there is not is refused", async () => {
    const { stations } = await three();
    for (const name of ["eth1", "192.0.2.1"]) {
      const why = await stations[0].port
        .joinGroup(GROUP, { interface: name })
        .addErrback(({ value }) => value);
      assert.include(String(why), `no interface "${name}"`);
    }
  });
});

describe("broadcasting", () => {
  it("comes to every host, the sender's as well, if it is allowed", async () => {
    const { world, stations } = await three();
    const [{ port }] = stations;
    port.write("psst", { host: "<broadcast>", port: PORT });
    port.setBroadcastAllowed(true);
    for (const host of ["<broadcast>", "10.255.255.255"]) port.write(host, { host, port: PORT });
    await world.pass();
    port.write("home", { host: "127.255.255.255", port: PORT });
    await world.pass();
    const both = ["<broadcast>", "10.255.255.255"];
    assert.deepEqual(heard(stations), [[...both, "home"], both, both]);
    assert.equal(port.failedDatagrams, 1);
  });

  it("passes no router, and is not heard by a port on one address", async () => {
    const { world, hosts, stations } = await three();
    const [{ port }] = stations;
    port.setBroadcastAllowed(true);
    world.sim.network.link(hosts[0], hosts[2]).set({ hops: 1 });
    const exact = await world.station(hosts[1], PORT + 1, { interface: hosts[1].ipv4 });
    for (const number of [PORT, PORT + 1]) port.write("all", { host: "<broadcast>", port: number });
    await world.pass();
    assert.deepEqual(heard([...stations, exact]), [["all"], ["all"], [], []]);
  });
});

describe("who gets a datagram to one host", () => {
  it("the most particular port; of those that share one, the one bound last", async () => {
    const world = new DatagramWorld();
    const [near, far] = [world.host("near"), world.host("far")];
    const sender = await world.station(near);
    const shared = { listenMultiple: true };
    const say = async (text: string): Promise<void> => {
      sender.port.write(text, { host: far.ipv4, port: PORT });
      await world.pass();
    };
    const first = await world.station(far, PORT, shared);
    const second = await world.station(far, PORT, shared);
    await say("last");
    const exact = await world.station(far, PORT, { ...shared, interface: far.ipv4 });
    const later = await world.station(far, PORT, shared);
    await say("exact");
    first.port.connect(near.ipv4, sender.port.getHost().port);
    await say("peer");
    assert.deepEqual(heard([first, second, exact, later]), [["peer"], ["last"], ["exact"], []]);
  });

  it('"::" hears IPv4 as well, and can answer; with ipv6Only it does not', async () => {
    const world = new DatagramWorld();
    const [near, far] = [world.host("near"), world.host("far")];
    const sender = await world.station(near, PORT);
    const both = await world.station(far, PORT, ALL);
    const only = await world.station(far, PORT + 1, { ...ALL, ipv6Only: true });
    for (const port of [PORT, PORT + 1]) sender.port.write("4", { host: far.ipv4, port });
    await world.pass();
    const from = `::ffff:${near.ipv4}`;
    assert.deepEqual(both.ear.from, [`[${from}]:${String(PORT)}`]);
    assert.deepEqual(only.ear.texts, []);
    for (const { port } of [both, only]) port.write("back", { host: from, port: PORT });
    await world.pass();
    assert.deepEqual(sender.ear.from, [`${far.ipv4}:${String(PORT)}`]);
    assert.equal(only.port.failedDatagrams, 1);
  });

  it("a port on loopback hears its host alone, and sends nowhere else", async () => {
    const world = new DatagramWorld();
    const [near, far] = [world.host("near"), world.host("far")];
    const local = await world.station(near, PORT, { interface: "127.0.0.1" });
    const other = await world.station(far, PORT);
    const neighbour = await world.station(near);
    local.port.write("out", { host: far.ipv4, port: PORT });
    other.port.write("in", { host: near.ipv4, port: PORT });
    neighbour.port.write("hello", { host: "127.0.0.1", port: PORT });
    neighbour.port.write("and nowhere", { host: "0.0.0.0", port: PORT });
    local.port.write("welcome", { host: near.ipv4, port: neighbour.port.getHost().port });
    await world.pass();
    assert.deepEqual(heard([local, other, neighbour]), [["hello", "and nowhere"], [], ["welcome"]]);
    assert.equal(local.port.failedDatagrams, 1);
  });
});

describe("the receive buffer", () => {
  const SIZE = 488;
  const COST = SIZE + DATAGRAM_COST;

  it("a program that stands still loses what it does not hold", async () => {
    const world = new DatagramWorld();
    const [near, far] = [world.host("near"), world.host("far")];
    const sender = await world.station(near);
    const { ear } = await world.station(far, PORT, { receiveBufferBytes: 10 * COST });
    // As Linux: what comes is taken on while the limit is not passed.
    const expected = Array.from({ length: 11 }, (_, number) => String(100 + number));
    for (const time of [1, 2]) {
      far.stall(5);
      for (let number = 100; number < 200; number += 1) {
        sender.port.write(String(number).padEnd(SIZE), { host: far.ipv4, port: PORT });
      }
      await world.pass();
      assert.deepEqual(ear.texts, []);
      await world.pass(10);
      assert.deepEqual(
        ear.texts.splice(0).map((text) => text.trim()),
        expected,
      );
      assert.equal(world.traced("datagram lost"), time * 89);
    }
    sender.port.write("fresh", { host: far.ipv4, port: PORT });
    await world.pass();
    assert.equal(ear.texts.at(-1), "fresh");
  });

  it("what waits is gone when the port is stopped, also for its next life", async () => {
    const world = new DatagramWorld();
    const [near, far] = [world.host("near"), world.host("far")];
    const sender = await world.station(near);
    const { ear, port } = await world.station(far, PORT);
    ear.whenHeard = () => {
      void port.stopListening().addCallback(() => port.startListening());
    };
    far.stall(5);
    for (const text of ["one", "two"]) sender.port.write(text, { host: far.ipv4, port: PORT });
    await world.pass(10);
    assert.deepEqual(ear.texts, ["one"]);
    assert.isTrue(port.listening.called);
  });

  it("what waits is gone when the program is killed", async () => {
    const world = new DatagramWorld();
    const [near, far] = [world.host("near"), world.host("far")];
    const [sender, { ear }] = [await world.station(near), await world.station(far, PORT)];
    far.stall(5);
    sender.port.write("late", { host: far.ipv4, port: PORT });
    await world.pass();
    far.kill();
    far.start();
    const again = await world.station(far, PORT);
    await world.pass(10);
    assert.deepEqual([ear.texts, again.ear.texts], [[], []]);
  });

  it("what was sent before the sender lost its power still arrives", async () => {
    const world = new DatagramWorld();
    const [near, far] = [world.host("near"), world.host("far")];
    const [sender, { ear }] = [await world.station(near), await world.station(far, PORT)];
    sender.port.write("last words", { host: far.ipv4, port: PORT });
    near.powerOff();
    await world.pass();
    assert.deepEqual(ear.texts, ["last words"]);
  });
});

describe("a program that has ended in this very event", () => {
  it("sends no more", async () => {
    for (const end of ["kill", "powerOff"] as const) {
      const { world, hosts, stations } = await three();
      stations[0].port.write("before", { host: hosts[1].ipv4, port: PORT });
      hosts[0][end]();
      stations[0].port.write("after", { host: hosts[1].ipv4, port: PORT });
      await world.pass();
      assert.deepEqual(stations[1].ear.texts, ["before"]);
    }
  });
});
