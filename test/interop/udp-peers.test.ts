/**
 * Datagrams with programs that others wrote on the other side: socat, and Python's Twisted; and
 * what only a real system says: that nobody listens, that a datagram is too long, that there is no
 * such interface.
 *
 * @module
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { Failure } from "sennit/defer";
import {
  CannotListenError,
  type IMulticastPort,
  type ListenUDPOptions,
  MulticastInterfaceError,
  MulticastJoinError,
} from "sennit/internet";
import { captureLogs } from "sennit/logger";
import { NodeReactor } from "sennit/reactors";
import { assert, describe, it, type TestContext } from "vitest";
import { type Running, start } from "./fixtures/lines/running.ts";
import { DatagramPeer, EchoingPeer } from "./fixtures/udp/datagram-peer.ts";
import { peer, pythonPeer } from "./peers.ts";

const socat = peer("socat", "socat");
const twisted = pythonPeer("twisted", "python3-twisted");
const TWISTED_UDP = fileURLToPath(new URL("fixtures/udp/twisted_udp.py", import.meta.url));

const GROUP = "239.255.94.20";

/** How socat and others write hosts. */
const FAMILIES = [
  { family: "IPv4", host: "127.0.0.1", socatHost: "127.0.0.1", digit: "4" },
  { family: "IPv6", host: "::1", socatHost: "[::1]", digit: "6" },
];

interface Listening {
  readonly port: IMulticastPort;
  readonly number: number;
}

/** A port of ours, until the end of the test. */
async function listen(
  context: TestContext,
  ours: DatagramPeer,
  options: ListenUDPOptions = {},
): Promise<Listening> {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  const port = reactor.listenMulticast(0, ours, { interface: "127.0.0.1", ...options });
  await port.listening;
  return { port, number: port.getHost().port };
}

/** A socket of Node itself. */
async function plainSocket(context: TestContext, host: string, number = 0): Promise<Socket> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  context.onTestFinished(() => socket[Symbol.asyncDispose]());
  socket.bind(number, host);
  await once(socket, "listening");
  return socket;
}

/** A number where nobody listens. */
async function desertedNumber(context: TestContext, host: string): Promise<number> {
  const socket = await plainSocket(context, host);
  const { port } = socket.address();
  await socket[Symbol.asyncDispose]();
  return port;
}

async function expectEvents(ours: DatagramPeer, events: readonly string[]): Promise<void> {
  for (const event of events) assert.equal(await ours.next(), event);
}

function startTwisted(context: TestContext, args: readonly string[]): Running {
  return start(context, twisted.path(context), [TWISTED_UDP, ...args]);
}

async function numberOf(running: Running): Promise<number> {
  const [, number] = /^listening (\d+)$/u.exec(await running.line()) ?? [];
  return Number(number);
}

describe.each(FAMILIES)("socat over $family", ({ host, socatHost, digit }) => {
  it("asks our server", async (context) => {
    const ours = new EchoingPeer();
    const { number } = await listen(context, ours, { interface: host });
    const address = `UDP${digit}:${socatHost}:${String(number)}`;
    const client = start(context, socat.path(context), ["-", address]);
    client.send("one\n");
    await expectEvents(ours, ["datagram one\n"]);
    assert.equal(await client.line(), "one");
    client.send("two\n");
    await expectEvents(ours, ["datagram two\n"]);
    assert.equal(await client.line(), "two");
  });

  it("answers our client", async (context) => {
    const number = await desertedNumber(context, host);
    const address = `UDP${digit}-LISTEN:${String(number)},bind=${socatHost}`;
    const server = start(context, socat.path(context), ["-d", "-d", address, "PIPE"]);
    await server.err(/listening on/u);
    const ours = new DatagramPeer();
    const { port } = await listen(context, ours, { interface: host });
    port.connect(host, number);
    port.write("there and back");
    await expectEvents(ours, ["datagram there and back"]);
    assert.equal(ours.addresses[0]?.port, number);
  });

  it("prints what we send, each datagram by itself", async (context) => {
    const number = await desertedNumber(context, host);
    const address = `UDP${digit}-RECV:${String(number)},bind=${socatHost}`;
    const server = start(context, socat.path(context), ["-u", "-d", "-d", "-d", address, "-"]);
    await server.err(/starting data transfer loop/u);
    const { port } = await listen(context, new DatagramPeer(), { interface: host });
    port.write("one\n", { host, port: number });
    port.writeSequence(["two", ", three", "\n"], { host, port: number });
    assert.equal(await server.line(), "one");
    assert.equal(await server.line(), "two, three");
  });
});

describe.each(FAMILIES)("Twisted over $family", ({ host }) => {
  it("answers our client", async (context) => {
    const server = startTwisted(context, ["echo", host]);
    const number = await numberOf(server);
    const ours = new DatagramPeer();
    const { port } = await listen(context, ours, { interface: host });
    port.write("from sennit", { host, port: number });
    await expectEvents(ours, ["datagram from sennit"]);
    assert.equal(await server.line(), "datagram from sennit");
    port.connect(host, number);
    port.write("");
    await expectEvents(ours, ["datagram "]);
  });

  it("asks our server, and hears when that is gone", async (context) => {
    const ours = new EchoingPeer();
    const { port, number } = await listen(context, ours, { interface: host });
    const client = startTwisted(context, ["ask", host, String(number)]);
    await numberOf(client);
    client.send("from Twisted\n");
    await expectEvents(ours, ["datagram from Twisted"]);
    assert.equal(await client.line(), "datagram from Twisted");
    await port.stopListening();
    await expectEvents(ours, ["stopped"]);
    client.send("anybody?\n");
    assert.equal(await client.line(), "refused");
  });
});

describe.each(FAMILIES)("the system over $family", ({ host }) => {
  it("nobody listens there: connectionRefused, until somebody does", async (context) => {
    const number = await desertedNumber(context, host);
    const ours = new DatagramPeer();
    const { port } = await listen(context, ours, { interface: host });
    port.connect(host, number);
    port.write("anybody?");
    await expectEvents(ours, ["refused"]);
    assert.equal(port.getPeer()?.port, number);
    const back = await plainSocket(context, host, number);
    const heard = once(back, "message");
    port.write("now?");
    const [data] = await heard;
    assert.equal(String(data), "now?");
  });
});

describe("groups over the loopback interface", () => {
  it("Twisted has joined one, and hears us", async (context) => {
    const member = startTwisted(context, ["group", "127.0.0.1", GROUP]);
    const number = await numberOf(member);
    const ours = new DatagramPeer();
    const { port } = await listen(context, ours, { interface: "" });
    await port.setOutgoingInterface("127.0.0.1");
    port.write("all of you", { host: GROUP, port: number });
    assert.equal(await member.line(), "datagram all of you");
    await expectEvents(ours, ["datagram all of you"]);
  });

  it("Twisted speaks to one, and we have joined it", async (context) => {
    const ours = new EchoingPeer();
    const { port, number } = await listen(context, ours, { interface: "" });
    await port.joinGroup(GROUP, { interface: "127.0.0.1" });
    const speaker = startTwisted(context, ["tell", "127.0.0.1", GROUP, String(number)]);
    await numberOf(speaker);
    speaker.send("all of you\n");
    await expectEvents(ours, ["datagram all of you"]);
    assert.equal(await speaker.line(), "datagram all of you");
  });

  it("an interface may be named as the system names it", async (context) => {
    const name = Object.entries(networkInterfaces()).find(([, addresses = []]) =>
      addresses.some(({ address }) => address === "127.0.0.1"),
    )?.[0];
    assert.isDefined(name);
    const ours = new DatagramPeer();
    const { port, number } = await listen(context, ours, { interface: "" });
    await port.joinGroup(GROUP, { interface: name });
    await port.setOutgoingInterface(name);
    port.write("through it", { host: GROUP, port: number });
    await expectEvents(ours, ["datagram through it"]);
  });

  it.for([
    ["127.0.0.1", "192.0.2.77"],
    ["127.0.0.1", "no-such-interface"],
    ["::1", "2001:db8::77"],
    ["::1", "no-such-interface"],
    ["::1", "fe80::1%no-such-zone"],
  ])("at %s, %s is no interface of this machine", async ([host = "", name = ""], context) => {
    const ours = new DatagramPeer();
    const { port } = await listen(context, ours, { interface: host });
    const group = host === "::1" ? "ff02::5e:20" : GROUP;
    const joining = await port.joinGroup(group, { interface: name }).addBoth(asValue);
    assert.instanceOf(joining, MulticastJoinError);
    assert.include(joining.message, name);
    const setting = await port.setOutgoingInterface(name).addBoth(asValue);
    assert.instanceOf(setting, MulticastInterfaceError);
    assert.equal(port.getOutgoingInterface(), "");
  });
});

describe("what the system says", () => {
  it("a broadcast reaches a port on every address", async (context) => {
    const receiver = new DatagramPeer();
    const { number } = await listen(context, receiver, { interface: "" });
    const ours = new DatagramPeer();
    const { port } = await listen(context, ours);
    port.setBroadcastAllowed(true);
    port.write("everybody!", { host: "127.255.255.255", port: number });
    await expectEvents(receiver, ["datagram everybody!"]);
    assert.equal(receiver.addresses[0]?.port, port.getHost().port);
  });

  it("a datagram too long for IPv4 fails: EMSGSIZE, counted and told once", async (context) => {
    using logs = captureLogs();
    const ours = new DatagramPeer();
    const { port, number } = await listen(context, ours, { interface: "::" });
    const four = { host: "::ffff:127.0.0.1", port: number };
    const longest6 = Buffer.alloc(65_527); // IPv4 headers leave room for 20 bytes less.
    for (let each = 0; each < 3; each += 1) port.write(longest6, four);
    port.write("and on", four);
    await expectEvents(ours, ["datagram and on"]);
    port.write("and on", four);
    await expectEvents(ours, ["datagram and on"]);
    assert.equal(port.failedDatagrams, 3);
    const [warning, ...others] = logs.flush(({ log_level }) => log_level === "warn");
    assert.isEmpty(others);
    assert.equal(Reflect.get(Object(warning?.log_failure?.value), "code"), "EMSGSIZE");
  });

  it("an address that is not this machine's cannot be bound", async (context) => {
    const reactor = new NodeReactor();
    context.onTestFinished(() => reactor[Symbol.asyncDispose]());
    const port = reactor.listenUDP(0, new DatagramPeer(), { interface: "192.0.2.77" });
    const error = await port.listening.addBoth(asValue);
    assert.instanceOf(error, CannotListenError);
    assert.equal(Reflect.get(Object(error.cause), "code"), "EADDRNOTAVAIL");
  });

  it("no route to a peer: connectionFailed, and another may be tried", async (context) => {
    // From the loopback address nothing leads out.
    const ours = new DatagramPeer();
    const { port } = await listen(context, ours);
    port.connect("192.0.2.77", 9);
    const event = await ours.next();
    assert.match(event, /^failed /u);
    assert.isUndefined(port.getPeer());
    port.connect("127.0.0.1", port.getHost().port);
    port.write("myself");
    await expectEvents(ours, ["datagram myself"]);
  });

  it("a port of both families hears IPv4, and with ipv6Only does not", async (context) => {
    const both = new DatagramPeer();
    const { number } = await listen(context, both, { interface: "::" });
    const sender = await plainSocket(context, "127.0.0.1");
    sender.send("four", number, "127.0.0.1");
    await expectEvents(both, ["datagram four"]);
    assert.equal(both.addresses[0]?.host, "::ffff:127.0.0.1");

    const only = new DatagramPeer();
    const { number: six } = await listen(context, only, { interface: "::", ipv6Only: true });
    sender.send("four", six, "127.0.0.1");
    const sender6 = await plainSocket(context, "::1");
    sender6.send("six", six, "::1");
    await expectEvents(only, ["datagram six"]);
  });
});

function asValue(result: unknown): unknown {
  return result instanceof Failure ? result.value : result;
}
