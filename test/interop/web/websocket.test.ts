/**
 * WebSockets with clients that others wrote: `ws` from npm, and a page in Chromium.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { assert, describe, it, type TestContext } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import type { Failure } from "../../../src/defer/failure.ts";
import { Factory } from "../../../src/internet/factory.ts";
import { Protocol } from "../../../src/internet/protocol.ts";
import { NodeReactor } from "../../../src/reactors/node/node-reactor.ts";
import { portNumber } from "../../../src/testing/contracts/network.ts";
import { Resource } from "../../../src/web/server/resource.ts";
import { Site } from "../../../src/web/server/site.ts";
import { overWebSocket } from "../../../src/web/websocket/over-websocket.ts";
import { WebSocketClosed } from "../../../src/web/websocket/websocket-closed.ts";
import { WebSocketProtocol } from "../../../src/web/websocket/websocket-protocol.ts";
import {
  type WebSocketOptions,
  WebSocketResource,
} from "../../../src/web/websocket/websocket-resource.ts";
import { peer } from "../peers.ts";

const MIB = 1_048_576;
const browser = peer("chromium", "chromium");

/** Sends back what comes; `close CODE REASON` closes. */
class Echo extends WebSocketProtocol {
  readonly #ended: (reason: Failure) => void;

  constructor(ended: (reason: Failure) => void) {
    super();
    this.#ended = ended;
  }

  override textMessageReceived(text: string): void {
    const [, code, reason] = /^close (\d+) (.*)$/u.exec(text) ?? [];
    if (code === undefined) this.transport.sendTextMessage(text);
    else this.transport.loseConnection(Number(code), reason);
  }

  override bytesMessageReceived(bytes: Buffer): void {
    this.transport.sendBytesMessage(bytes);
  }

  override connectionLost(reason: Failure): void {
    this.#ended(reason);
  }
}

class ByteEcho extends Protocol {
  override dataReceived(data: Buffer): void {
    this.transport.write(data);
  }
}

/** A page for scripts to run in. */
class Blank extends Resource {
  override readonly isLeaf = true;

  render_GET(): string {
    return "<!doctype html><title>WebSockets</title>";
  }
}

interface Server {
  /** Without a scheme: `127.0.0.1:8000`. */
  readonly address: string;
  /** How the connections ended, in the order in which they did. */
  readonly ends: readonly Failure[];
  /** Waits until so many have ended. */
  ended(count: number): Promise<readonly Failure[]>;
}

/** Serves until the test is over. */
async function serve(context: TestContext, options: WebSocketOptions = {}): Promise<Server> {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  const ends: Failure[] = [];
  let told = (): void => {};
  const root = new Resource();
  const build = (): Echo =>
    new Echo((reason) => {
      ends.push(reason);
      told();
    });
  root.putChild("", new Blank());
  root.putChild("echo", new WebSocketResource(build, options));
  const bytes = overWebSocket(Factory.forProtocol(ByteEcho), { as: "text" });
  root.putChild("bytes", new WebSocketResource(bytes, options));
  const site = new Site(root, { reactor });
  site.noisy = false;
  const port = reactor.listenTCP(0, site, { interface: "127.0.0.1" });
  const address = `127.0.0.1:${String(portNumber(await port.listening))}`;
  const ended = async (count: number): Promise<readonly Failure[]> => {
    while (ends.length < count) {
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    }
    return ends;
  };
  return { address, ends, ended };
}

/** A client of `ws`, and what it hears. */
class Client {
  readonly socket: WebSocket;
  readonly #heard: string[] = [];
  #waiting: ((line: string) => void) | undefined;

  constructor(context: TestContext, url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    context.onTestFinished(() => this.socket.terminate());
    this.socket.on("open", () => this.#hear("open"));
    this.socket.on("message", (data: Buffer, isBinary) => {
      const text = data.length > 100 ? `(${String(data.length)})` : data.toString();
      this.#hear(`${isBinary ? "binary" : "text"} ${text}`);
    });
    this.socket.on("pong", (data) => this.#hear(`pong ${data.toString()}`));
    this.socket.on("close", (code, reason) =>
      this.#hear(`close ${String(code)} ${reason.toString()}`.trimEnd()),
    );
    this.socket.on("error", (error) => this.#hear(`error ${error.message}`));
  }

  #hear(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#heard.push(line);
    else waiting(line);
  }

  /** The next thing that it hears. */
  next(): Promise<string> {
    const line = this.#heard.shift();
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Checks what comes next. */
  async hears(...lines: readonly string[]): Promise<void> {
    for (const line of lines) assert.equal(await this.next(), line);
  }
}

async function open(
  context: TestContext,
  server: Server,
  options: ClientOptions = {},
): Promise<Client> {
  const client = new Client(context, `ws://${server.address}/echo`, options);
  await client.hears("open");
  return client;
}

/** The close code and reason that the server's protocol was told. */
function closing(reason: Failure | undefined): string {
  const error = reason?.value;
  if (error instanceof WebSocketClosed) return `${String(error.closeCode)} ${error.reason}`.trim();
  return String(error?.name);
}

describe("WebSocketResource and ws", () => {
  it("text and bytes, in one frame and in many", async (context) => {
    const client = await open(context, await serve(context));
    const { socket } = client;
    socket.send("größer");
    socket.send(Buffer.from("bytes"));
    socket.send("in ", { fin: false });
    socket.send("three ", { fin: false });
    socket.ping("between");
    socket.send("parts");
    await client.hears("text größer", "binary bytes", "pong between", "text in three parts");
  });

  it("1 MiB comes back, 16 MiB are refused with 1009", async (context) => {
    const server = await serve(context);
    const client = await open(context, server);
    client.socket.send(Buffer.alloc(MIB, "x"));
    await client.hears(`binary (${String(MIB)})`);
    client.socket.send(Buffer.alloc(16 * MIB, "x"));
    await client.hears("close 1009");
    assert.equal(closing((await server.ended(1))[0]), "WebSocketProtocolError");
  });

  it("compression, both ways", async (context) => {
    const server = await serve(context, { deflate: true });
    const client = await open(context, server, { perMessageDeflate: { threshold: 0 } });
    assert.include(client.socket.extensions, "permessage-deflate");
    for (const text of ["short", "x".repeat(500_000)]) {
      client.socket.send(text);
      await client.hears(text.length > 100 ? `text (${String(text.length)})` : `text ${text}`);
    }
    client.socket.send("x".repeat(2 * MIB));
    await client.hears("close 1009");
  });

  it("codes and reasons, both ways", async (context) => {
    const server = await serve(context);
    const first = await open(context, server);
    first.socket.close(4001, "enough");
    await first.hears("close 4001");
    assert.equal(closing((await server.ended(1))[0]), "4001 enough");
    const second = await open(context, server);
    second.socket.send("close 4002 of this");
    await second.hears("close 4002 of this");
    assert.equal(closing((await server.ended(2))[1]), "4002 of this");
    const third = await open(context, server);
    third.socket.close();
    await third.hears("close 1005");
    assert.equal(closing((await server.ended(3))[2]), "1005");
  });

  it("a client that vanishes is ConnectionLost", async (context) => {
    const server = await serve(context);
    const client = await open(context, server);
    client.socket.terminate();
    assert.equal(closing((await server.ended(1))[0]), "ConnectionLost");
  });

  it("a client that does not listen any more is dropped", async (context) => {
    const server = await serve(context, { pingInterval: 0.2, pongTimeout: 0.2 });
    const client = await open(context, server, { autoPong: false });
    assert.equal(closing((await server.ended(1))[0]), "ConnectionTimedOut");
    await client.hears("close 1006");
  });

  it("one that answers our pings is not", async (context) => {
    const server = await serve(context, { pingInterval: 0.05, pongTimeout: 5 });
    const client = await open(context, server);
    for (let pings = 0; pings < 3; pings += 1) {
      await new Promise((resolve) => {
        client.socket.once("ping", resolve);
      });
    }
    client.socket.send("still there");
    await client.hears("text still there");
  });

  it("subprotocols and origins", async (context) => {
    const server = await serve(context, { protocols: ["chat.v2"] });
    const url = `ws://${server.address}/echo`;
    const socket = new WebSocket(url, ["chat.v3", "chat.v2"]);
    context.onTestFinished(() => socket.terminate());
    await new Promise((resolve) => {
      socket.once("open", resolve);
    });
    assert.equal(socket.protocol, "chat.v2");
    const stranger = new Client(context, url, { origin: "https://elsewhere.example" });
    await stranger.hears("error Unexpected server response: 403", "close 1006");
  });

  it("a hundred at once", async (context) => {
    const server = await serve(context);
    const all = await Promise.all(Array.from({ length: 100 }, () => open(context, server)));
    for (const [at, { socket }] of all.entries()) {
      for (let each = 0; each < 10; each += 1) socket.send(`${String(at)} ${String(each)}`);
    }
    for (const [at, client] of all.entries()) {
      for (let each = 0; each < 10; each += 1) {
        await client.hears(`text ${String(at)} ${String(each)}`);
      }
      client.socket.close(1000);
    }
    const ends = await server.ended(100);
    assert.isTrue(ends.every((reason) => closing(reason) === "1000"));
  });
});

describe("overWebSocket() and ws", () => {
  it("bytes go to and fro as text", async (context) => {
    const server = await serve(context);
    const client = new Client(context, `ws://${server.address}/bytes`);
    await client.hears("open");
    client.socket.send("hello");
    await client.hears("text hello");
    client.socket.send(Buffer.from("größer"));
    await client.hears("text größer");
    client.socket.close(1000);
    await client.hears("close 1000");
  });
});

/** Runs in a page: says three things, then goodbye. Its value is what it hears. */
function echoScript(url: string): string {
  return `new Promise((resolve) => {
    const heard = [];
    const socket = new WebSocket(${JSON.stringify(url)});
    socket.binaryType = "arraybuffer";
    const words = ["größer", "x".repeat(50000), Uint8Array.of(1, 2, 3)];
    socket.onopen = () => {
      heard.push("open " + socket.extensions.split(";")[0]);
      socket.send(words.shift());
    };
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") heard.push("bytes " + new Uint8Array(data).join());
      else heard.push(data.length > 100 ? String(data.length) : data);
      if (words.length > 0) socket.send(words.shift());
      else socket.close(4000, "ok");
    };
    socket.onclose = ({ code, reason }) => {
      heard.push((code + " " + reason).trim());
      resolve(heard);
    };
  })`;
}

describe("WebSocketResource and Chromium", () => {
  const FLAGS =
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync " +
    "--disable-background-networking --disable-component-update";

  /** A page of the server, in a browser of its own. */
  async function pageOf(context: TestContext, server: Server): Promise<Page> {
    const executablePath = browser.path(context);
    const profile = await mkdtemp(join(tmpdir(), "sennit-websocket-"));
    context.onTestFinished(() => rm(profile, { recursive: true, force: true }));
    const started = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: FLAGS.split(" "),
      headless: true,
    });
    context.onTestFinished(() => started.close());
    const page = await started.newPage();
    await page.goto(`http://${server.address}/`);
    return page;
  }

  it("a page is echoed text and bytes, compressed, and closes with its code", async (context) => {
    const server = await serve(context, { deflate: true });
    const page = await pageOf(context, server);
    const heard: unknown = await page.evaluate(echoScript(`ws://${server.address}/echo`));
    assert.deepEqual(heard, ["open permessage-deflate", "größer", "50000", "bytes 1,2,3", "4000"]);
    assert.equal(closing((await server.ended(1))[0]), "4000 ok");
  });

  it("a page of another host is refused", async (context) => {
    const server = await serve(context);
    const page = await pageOf(context, server);
    const other = server.address.replace("127.0.0.1", "localhost");
    const heard: unknown = await page.evaluate(echoScript(`ws://${other}/echo`));
    assert.deepEqual(heard, ["1006"]);
    assert.isEmpty(server.ends);
  });
});
