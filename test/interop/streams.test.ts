/**
 * Streams and connections over real sockets, with Node's own tools and those of the web.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { PassThrough, Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextPass, setTimeout as delay } from "node:timers/promises";
import { createGunzip, createGzip } from "node:zlib";
import { assert, describe, it, type TestContext } from "vitest";
import { IPv4Address } from "../../src/internet/addresses.ts";
import { TCP4ClientEndpoint } from "../../src/internet/endpoints/tcp-client.ts";
import { TCP4ServerEndpoint } from "../../src/internet/endpoints/tcp-server.ts";
import { ConnectionDone, ConnectionLost } from "../../src/internet/errors.ts";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { connect } from "../../src/streams/connect.ts";
import { type ConnectionListener, listen } from "../../src/streams/listen.ts";
import type { StreamConnection } from "../../src/streams/stream-connection.ts";
import { HalfCloseWitness, Witness } from "../../src/testing/contracts/witness.ts";
import { startServer } from "./fixtures/node/plain-echo.ts";

const MIB = 1 << 20;
const GIGABYTE = new URL("fixtures/streams/one-gigabyte.mjs", import.meta.url).pathname;

/** Real time, with a guard of ten seconds. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    assert.isBelow(performance.now(), deadline, `waited for ${holds.toString()}`);
    await nextPass();
  }
}

class Town {
  readonly reactor = new NodeReactor();
  readonly server: ConnectionListener;
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
    const options = { interface: "127.0.0.1", backlog: 1000 };
    this.server = listen(new TCP4ServerEndpoint(this.reactor, 0, options));
    context.onTestFinished(() => this.reactor[Symbol.asyncDispose]());
  }

  async port(): Promise<number> {
    const address = (await this.server.listening).getHost();
    assert(address instanceof IPv4Address);
    return address.port;
  }

  /** Both ends of a connection. */
  async pair(): Promise<readonly [StreamConnection, StreamConnection]> {
    const endpoint = new TCP4ClientEndpoint(this.reactor, "127.0.0.1", await this.port());
    const [client, step] = await Promise.all([connect(endpoint), this.server.next()]);
    assert(step.value !== undefined);
    return [client, step.value];
  }

  /** A client that knows nothing of us, and our end. */
  async plain(): Promise<readonly [Socket, StreamConnection]> {
    const socket = createConnection({ port: await this.port(), host: "127.0.0.1" });
    socket.on("error", () => {}); // "close" comes as well.
    this.#context.onTestFinished(() => {
      socket.destroy();
    });
    const step = await this.server.next();
    assert(step.value !== undefined);
    return [socket, step.value];
  }
}

/** Bytes that say where they belong, in pieces of all sizes. */
function* pieces(bytes: number): Generator<Buffer> {
  let size = 1;
  for (let at = 0; at < bytes; at += size) {
    size = Math.min(((size * 7) % 100_003) + 1, bytes - at);
    yield Buffer.from(Array.from({ length: size }, (_, one) => (at + one) % 251));
  }
}

async function digest(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

describe("a connection as a Duplex", () => {
  it("pipeline() from Readable.from(), compressed, gives the same bytes", async (context) => {
    const [client, server] = await new Town(context).pair();
    const source = Readable.from(pieces(8 * MIB), { objectMode: false });
    const sent = pipeline(source, createGzip({ level: 1 }), client.duplex);
    const received = digest(server.duplex.pipe(createGunzip()));
    await sent;
    assert.equal(await received, await digest(pieces(8 * MIB)));
    await server.close();
    await client.close();
  });

  it("pipeline(duplex, transform, duplex) answers to the last byte", async (context) => {
    const [socket, { duplex }] = await new Town(context).plain();
    const upper = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        done(null, chunk.toString("latin1").toUpperCase());
      },
      flush(done) {
        done(null, "THE END");
      },
    });
    const answering = pipeline(duplex, upper, duplex);
    socket.end("shout ".repeat(100_000));
    let heard = "";
    socket.setEncoding("latin1").on("data", (text: string) => (heard += text));
    await once(socket, "close");
    await answering;
    assert.equal(heard, `${"SHOUT ".repeat(100_000)}THE END`);
  });

  it("a peer that resets in the middle fails the pipeline, and nothing else", async (context) => {
    const town = new Town(context);
    const [socket, { duplex }] = await town.plain();
    const sink = new PassThrough().resume();
    const piping = pipeline(duplex, sink).then(
      () => undefined,
      (error: unknown) => error,
    );
    socket.write("some");
    await once(sink, "data");
    socket.resetAndDestroy();
    assert.instanceOf(await piping, ConnectionLost);
    assert.isTrue(sink.destroyed);
    await town.pair();
  });

  it("destroy() is a reset for the peer", async (context) => {
    const [socket, { duplex }] = await new Town(context).plain();
    const failed = once(socket, "error");
    duplex.destroy();
    const [error]: unknown[] = await failed;
    assert.equal(error instanceof Error && Reflect.get(error, "code"), "ECONNRESET");
  });
});

describe("a connection as streams of the web", () => {
  it("pipeThrough() and pipeTo() give the same bytes", async (context) => {
    const [client, server] = await new Town(context).pair();
    const echo = server.readable.pipeThrough(new TransformStream()).pipeTo(server.writable);
    const sent = ReadableStream.from(pieces(8 * MIB)).pipeTo(client.writable);
    const received = digest(client.readable);
    await Promise.all([echo, sent]);
    assert.equal(await received, await digest(pieces(8 * MIB)));
  });

  it("an AbortSignal of pipeTo() aborts the connection", async (context) => {
    const [socket, server] = await new Town(context).plain();
    const control = new AbortController();
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.alloc(65_536)),
    });
    const piping = endless.pipeTo(server.writable, { signal: control.signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const closed = new Promise((resolve) => {
      socket.once("close", resolve);
    });
    await once(socket, "data");
    control.abort(new Error("enough"));
    assert.equal(await piping, control.signal.reason);
    await closed;
    assert.isTrue(server.transport.disconnected);
  });
});

describe("for await", () => {
  it("serves 200 connections, each at its own pace", async (context) => {
    const town = new Town(context);
    const port = await town.port();
    const served = (async () => {
      const all: Promise<void>[] = [];
      for await (const connection of town.server) {
        all.push(
          (async () => {
            for await (const chunk of connection) await connection.write(chunk);
            await connection.close();
          })(),
        );
        if (all.length === 200) break;
      }
      await Promise.all(all);
    })();
    const clients = Array.from({ length: 200 }, async (_, at) => {
      const socket = createConnection({ port, host: "127.0.0.1" });
      socket.end(Buffer.alloc(10_000, `${String(at)} `));
      return digest(socket);
    });
    const expected = Array.from({ length: 200 }, (_, at) =>
      digest([Buffer.alloc(10_000, `${String(at)} `)]),
    );
    assert.deepEqual(await Promise.all(clients), await Promise.all(expected));
    await served;
  });
});

describe("connectStream()", () => {
  it("on a child's input and output: last words and its end", async (context) => {
    const { reactor } = new Town(context);
    const child = spawn("sh", ["-c", "cat; echo last words"], { stdio: "pipe" });
    const witness = new HalfCloseWitness();
    reactor.connectStream({ readable: child.stdout, writable: child.stdin }, witness);
    witness.write(Buffer.alloc(4 * MIB, "through a child "));
    witness.loseWrite();
    await until(() => witness.reason !== undefined);
    assert.instanceOf(witness.reason?.value, ConnectionDone);
    assert.equal(witness.bytes, 4 * MIB + "last words\n".length);
    assert.isTrue(witness.text.endsWith("last words\n"));
  });

  it("on a socket of node:net: an abort is a reset for the peer", async (context) => {
    const { reactor } = new Town(context);
    const server = createServer().listen(0, "127.0.0.1");
    context.onTestFinished(() => {
      server.close();
    });
    await once(server, "listening");
    const address = server.address();
    assert(address !== null && typeof address === "object");
    const accepted = once(server, "connection");
    const socket = createConnection({ port: address.port, host: "127.0.0.1" });
    const [far]: unknown[] = await accepted;
    assert(far instanceof Readable);
    const witness = new Witness();
    reactor.connectStream(socket, witness);
    const failed = once(far, "error");
    far.resume();
    witness.abort();
    const [error]: unknown[] = await failed;
    assert.equal(error instanceof Error && Reflect.get(error, "code"), "ECONNRESET");
  });

  it("on a socket of node:net: a reset behind unread bytes is no end", async (context) => {
    const town = new Town(context);
    const [socket, server] = await town.plain();
    const witness = new Witness({ made: (one) => one.pause() });
    town.reactor.connectStream(socket, witness);
    await server.write("cut off");
    server.abort();
    await until(() => server.transport.disconnected);
    witness.resume();
    await until(() => witness.reason !== undefined);
    assert.instanceOf(witness.reason?.value, ConnectionLost);
  });

  it("back and forth: a transport as a Duplex as a transport", async (context) => {
    const town = new Town(context);
    const [client, server] = await town.pair();
    const witness = new HalfCloseWitness({
      data: (one, data) => one.write(data),
      readLost: (one) => one.transport.loseWriteConnection(),
    });
    town.reactor.connectStream(server.duplex, witness);
    const received = digest(client);
    for (const piece of pieces(8 * MIB)) await client.write(piece);
    await client.end();
    assert.equal(await received, await digest(pieces(8 * MIB)));
    await until(() => witness.reason !== undefined);
    assert.instanceOf(witness.reason?.value, ConnectionDone);
  });
});

describe("1 GiB to a reader that does not read for a while", () => {
  for (const way of ["duplex", "writable", "write", "a stream"]) {
    it(`${way}: all arrives, and memory stays bounded`, async (context) => {
      const { server, port } = await startServer(context, process.execPath, [GIGABYTE, way]);
      const socket = createConnection({ host: "127.0.0.1", port });
      context.onTestFinished(() => {
        socket.destroy();
      });
      socket.pause();
      await server.out(/^held up$/mu);
      let bytes = 0;
      socket.on("data", (data: Buffer) => {
        bytes += data.length;
      });
      socket.resume();
      await once(socket, "end");
      socket.end();
      assert.equal(bytes, 2 ** 30);
      const [, grown] = await server.out(/^grown by (\d+)$/mu);
      assert.isBelow(Number(grown), 64 * MIB);
    });
  }
});

describe("1 GiB from a writer to one who never reads", () => {
  for (const way of ["deaf port", "deaf duplex", "deaf readable", "deaf loop"]) {
    it(`${way}: memory stays bounded, and the writer waits`, async (context) => {
      const { server, port } = await startServer(context, process.execPath, [GIGABYTE, way]);
      const socket = createConnection({ host: "127.0.0.1", port });
      context.onTestFinished(() => {
        socket.destroy();
      });
      const chunk = Buffer.alloc(MIB, "drop ");
      let isHeldUp = false;
      let sent = 0;
      while (!isHeldUp && sent < 2 ** 30) {
        sent += chunk.length;
        if (socket.write(chunk)) continue;
        isHeldUp = !(await Promise.race([
          once(socket, "drain").then(() => true),
          delay(500).then(() => false),
        ]));
      }
      assert.isTrue(isHeldUp, `${String(sent)} bytes were taken`);
      assert.isBelow(sent, 64 * MIB);
      server.send("how much?\n");
      const [, grown] = await server.out(/^grown by (\d+)$/mu);
      assert.isBelow(Number(grown), 64 * MIB);
    });
  }
});
