/**
 * LineReceiver over real sockets, as server and as client, with programs that others wrote: nc,
 * socat, telnet, and Python's Twisted on the other side.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { clientFromString, Factory, IPv4Address, TCP4ClientEndpoint } from "sennit/internet";
import { NodeReactor } from "sennit/reactors";
import { assert, describe, it, type TestContext } from "vitest";
import { EchoPeer, HalfClosingLinePeer, LinePeer } from "./fixtures/lines/line-peer.ts";
import { type Running, start } from "./fixtures/lines/running.ts";
import { peer, pythonPeer } from "./peers.ts";

const nc = peer("nc", "netcat-openbsd");
const socat = peer("socat", "socat");
const telnet = peer("telnet", "telnet");
const twisted = pythonPeer("twisted", "python3-twisted");

const LINE_CLIENT = fileURLToPath(new URL("fixtures/lines/line_client.py", import.meta.url));
const LINE_SERVER = fileURLToPath(new URL("fixtures/lines/line_server.py", import.meta.url));

/** Every byte that can stand in a line which ends in CR LF. */
const BINARY = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1");
const BINARY_LINES: readonly string[] = [
  "",
  BINARY.replace("\r", "").replace("\n", ""),
  "\r",
  "\n",
  "\n\r",
  "x".repeat(16_384),
];

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}

function reactorFor(context: TestContext): NodeReactor {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  return reactor;
}

/** An echo server of ours, and the first connection to it. */
async function echoServer(context: TestContext): Promise<{ port: string; first: EchoPeer }> {
  const first = new EchoPeer();
  const factory = Factory.building(() => first);
  const options = { interface: "127.0.0.1" };
  const port = await reactorFor(context).listenTCP(0, factory, options).listening;
  const host = port.getHost();
  assert.instanceOf(host, IPv4Address);
  return { port: String(host.port), first };
}

/** Twisted's echo server, and the number of its port. */
async function twistedServer(context: TestContext): Promise<{ server: Running; port: number }> {
  const server = start(context, twisted.path(context), [LINE_SERVER]);
  const [, port = ""] = await server.out(/^port (\d+)$/mu);
  await server.line();
  return { server, port: Number(port) };
}

async function expectEvents(ours: LinePeer, events: readonly string[]): Promise<void> {
  for (const event of events) assert.equal(await ours.next(), event);
}

async function expectLines(theirs: Running, lines: readonly string[]): Promise<void> {
  for (const line of lines) assert.equal(await theirs.line(), line);
}

describe("our LineReceiver as a server", () => {
  it("exchanges lines of any bytes with Twisted's LineReceiver", async (context) => {
    const python = twisted.path(context);
    const { port, first } = await echoServer(context);
    const client = start(context, python, [LINE_CLIENT, port]);
    await expectLines(client, ["made", `line ${hex("hello")}`]);
    await expectEvents(first, ["made"]);
    for (const line of BINARY_LINES) {
      client.send(`send ${hex(line)}\n`);
      await expectEvents(first, [`line ${line}`]);
      await expectLines(client, [`line ${hex(line)}`]);
    }
    client.send("close\n");
    await expectEvents(first, ["lost ConnectionDone"]);
    await expectLines(client, ["lost ConnectionDone"]);
  });

  it("exchanges a thousand lines with Twisted's, in order", async (context) => {
    const python = twisted.path(context);
    const { port } = await echoServer(context);
    const client = start(context, python, [LINE_CLIENT, port]);
    const lines = Array.from({ length: 1000 }, (_, number) => hex(`line number ${String(number)}`));
    await client.line();
    client.send(lines.map((line) => `send ${line}\n`).join(""));
    await expectLines(client, [`line ${hex("hello")}`, ...lines.map((line) => `line ${line}`)]);
  });

  it("answers a Twisted client that has half-closed, then closes", async (context) => {
    const python = twisted.path(context);
    const { port, first } = await echoServer(context);
    const client = start(context, python, [LINE_CLIENT, port]);
    await expectLines(client, ["made", `line ${hex("hello")}`]);
    client.send(`send ${hex("one")}\nsend ${hex("two")}\nhalf\n`);
    await expectEvents(first, ["made", "line one", "line two", "lost ConnectionDone"]);
    await client.out(/^lost ConnectionDone$/mu);
    const lines = client.stdout.split("\n").filter((line) => line.startsWith("line"));
    assert.deepEqual(lines.slice(1), [`line ${hex("one")}`, `line ${hex("two")}`]);
  });

  it("answers nc that has half-closed, then closes", async (context) => {
    const command = nc.path(context);
    const { port, first } = await echoServer(context);
    const client = start(context, command, ["-C", "-N", "127.0.0.1", port]);
    client.send("one\ntwo\n");
    client.end();
    assert.deepEqual(await client.exit(), { code: 0, signal: null });
    assert.equal(client.stdout, "hello\r\none\r\ntwo\r\n");
    await expectEvents(first, ["made", "line one", "line two", "lost ConnectionDone"]);
  });

  it("exchanges lines of any bytes with socat", async (context) => {
    const command = socat.path(context);
    const { port, first } = await echoServer(context);
    const args = ["-t", "10", "-", `TCP:127.0.0.1:${port}`];
    const client = start(context, command, args, { encoding: "latin1" });
    const sent = BINARY_LINES.map((line) => `${line}\r\n`).join("");
    client.send(Buffer.from(sent, "latin1"));
    await expectEvents(first, ["made", ...BINARY_LINES.map((line) => `line ${line}`)]);
    client.end();
    assert.deepEqual(await client.exit(), { code: 0, signal: null });
    assert.equal(client.stdout, `hello\r\n${sent}`);
  });

  it("talks with telnet until it closes", async (context) => {
    const command = telnet.path(context);
    const { port, first } = await echoServer(context);
    const client = start(context, command, ["127.0.0.1", port]);
    await client.out(/^hello$/mu);
    client.send("one\n");
    await client.out(/^one$/mu);
    client.send("bye\n");
    await client.err(/closed by foreign host/u);
    await client.exit();
    await expectEvents(first, ["made", "line one", "line bye", "lost ConnectionDone"]);
  });
});

describe("our LineReceiver as a client", () => {
  it("exchanges lines of any bytes with Twisted's server, by an endpoint", async (context) => {
    const { server, port } = await twistedServer(context);
    const endpoint = new TCP4ClientEndpoint(reactorFor(context), "127.0.0.1", port);
    const ours = await endpoint.connect(Factory.forProtocol(LinePeer));
    await expectEvents(ours, ["made", "line hello"]);
    await expectLines(server, ["made"]);
    for (const line of BINARY_LINES) {
      ours.sendLine(Buffer.from(line, "latin1"));
      await expectLines(server, [`line ${hex(line)}`]);
      await expectEvents(ours, [`line ${line}`]);
    }
    ours.sendLine("bye");
    await expectEvents(ours, ["line bye", "lost ConnectionDone"]);
    await expectLines(server, [`line ${hex("bye")}`, "lost ConnectionDone"]);
  });

  it("hears Twisted's last words after half a close, by clientFromString", async (context) => {
    const { server, port } = await twistedServer(context);
    const endpoint = clientFromString(reactorFor(context), `tcp:127.0.0.1:${String(port)}`);
    const ours = await endpoint.connect(Factory.forProtocol(HalfClosingLinePeer));
    await expectEvents(ours, ["made", "line hello"]);
    ours.sendLine("one");
    ours.sendLine("two");
    ours.transport.loseWriteConnection();
    await expectEvents(ours, ["write-lost", "line one", "line two", "line count 2", "read-lost"]);
    await expectEvents(ours, ["lost ConnectionDone"]);
    await expectLines(server, ["made", `line ${hex("one")}`, `line ${hex("two")}`, "read-lost"]);
    await expectLines(server, ["lost ConnectionDone"]);
  });

  it("loses the connection when it wants to, and Twisted's server agrees", async (context) => {
    const { server, port } = await twistedServer(context);
    const endpoint = clientFromString(reactorFor(context), `tcp:127.0.0.1:${String(port)}`);
    const ours = await endpoint.connect(Factory.forProtocol(LinePeer));
    await expectEvents(ours, ["made", "line hello"]);
    ours.sendLine("one");
    ours.transport.loseConnection();
    await expectEvents(ours, ["lost ConnectionDone"]);
    await expectLines(server, ["made", `line ${hex("one")}`, "read-lost", "lost ConnectionDone"]);
  });

  it("hears its own lines back from socat", async (context) => {
    const command = socat.path(context);
    const server = start(context, command, ["-d", "-d", "TCP-LISTEN:0,bind=127.0.0.1", "PIPE"]);
    const [, port = ""] = await server.err(/listening on \S+ 127\.0\.0\.1:(\d+)/u);
    const endpoint = clientFromString(reactorFor(context), `tcp:127.0.0.1:${port}`);
    const ours = await endpoint.connect(Factory.forProtocol(HalfClosingLinePeer));
    const lines = Array.from({ length: 100 }, (_, number) => `line ${String(number)}`);
    for (const line of lines) ours.sendLine(line);
    await expectEvents(ours, ["made", ...lines.map((line) => `line ${line}`)]);
    ours.transport.loseWriteConnection();
    await expectEvents(ours, ["write-lost", "read-lost", "lost ConnectionDone"]);
  });
});
