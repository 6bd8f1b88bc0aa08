/**
 * Writing past a socket's stream: what the kernel does not take goes by the stream, and nothing is
 * lost, said twice, or out of order.
 *
 * @module
 */
import { once } from "node:events";
import { type AddressInfo, createServer, Socket } from "node:net";
import { assert, describe, it, onTestFinished } from "vitest";
import type { ConduitOwner } from "../base/conduit.ts";
import { NodeReactor } from "./node-reactor.ts";
import { SocketConduit } from "./socket-conduit.ts";
import { handleOf, writeNow } from "./write-now.ts";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

async function connected(): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  assert(typeof address === "object" && address !== null);
  const accepted = once(server, "connection");
  const near = new Socket().connect(address.port, "127.0.0.1");
  await once(near, "connect");
  const [far]: unknown[] = await accepted;
  assert(far instanceof Socket);
  onTestFinished(() => {
    for (const one of [near, far]) one.on("error", () => {}).destroy();
    server.close();
  });
  return { near, far };
}

/** More than kernels hold. */
const MANY = 32 * 1024 * 1024;

function fill(socket: Socket): number {
  const handle = handleOf(socket);
  assert(handle !== undefined);
  const bytes = Buffer.alloc(MANY);
  let taken = 0;
  for (let now = 1; now > 0; taken += now) now = writeNow(handle, bytes);
  return taken;
}

describe("writeNow", () => {
  it("gives how much was taken, and 0 when there is no room", async () => {
    const { near, far } = await connected();
    const taken = fill(near);
    assert.isAbove(taken, 0);
    near.end();
    let came = 0;
    for await (const data of far) if (data instanceof Buffer) came += data.length;
    assert.equal(came, taken);
  });

  it("gives 0 where the socket is closed, and where there is no descriptor", async () => {
    const { near } = await connected();
    const handle = handleOf(near);
    assert(handle !== undefined);
    near.destroy();
    assert.isUndefined(handleOf(near));
    for (const one of [handle, {}, { fd: -1 }, { fd: 2 ** 30 }]) {
      assert.equal(writeNow(one, Buffer.from("some")), 0);
    }
  });
});

describe("SocketConduit", () => {
  /** Tells of the ends of sending, and of the connection. */
  function owner(told: { sent: () => void; failed?: (error: Error) => void }): ConduitOwner {
    return {
      bytesReceived: () => {},
      endReceived: () => {},
      connectionFailed: (error) => told.failed?.(error),
      bytesSent: told.sent,
      handshakeDone: () => {},
    };
  }

  it("sends by the kernel and by the stream, whole and in order", async () => {
    const { near, far } = await connected();
    await using reactor = new NodeReactor();
    const conduit = new SocketConduit(reactor, { socket: near, inlet: undefined });
    conduit.owner = owner({ sent: () => {} });
    const chunks = [10, 3_000_000, MANY, 7, 65_536, 5].map((size, at) =>
      Buffer.alloc(size, at + 1),
    );
    const taken = chunks.map((chunk) => conduit.send([chunk]));
    assert.includeMembers(taken, [true, false]);
    near.end();
    const came: Buffer[] = [];
    for await (const data of far) if (data instanceof Buffer) came.push(data);
    assert.isTrue(Buffer.concat(came).equals(Buffer.concat(chunks)));
  });

  it("sends by the stream what comes behind bytes that wait there", async () => {
    const { near, far } = await connected();
    await using reactor = new NodeReactor();
    const conduit = new SocketConduit(reactor, { socket: near, inlet: undefined });
    conduit.owner = owner({ sent: () => {} });
    near.cork();
    near.write("first ");
    assert.isFalse(conduit.send([Buffer.from("second")]));
    near.uncork();
    near.end();
    let came = "";
    for await (const data of far) came += String(data);
    assert.equal(came, "first second");
  });

  it("tells that a connection was reset, though only a write has found out", async () => {
    const { near, far } = await connected();
    await using reactor = new NodeReactor();
    const conduit = new SocketConduit(reactor, { socket: near, inlet: undefined });
    const gone = new Promise<Error>((resolve) => {
      conduit.owner = owner({ sent: () => {}, failed: resolve });
    });
    const closed = once(far, "close");
    far.resetAndDestroy();
    await closed;
    conduit.send([Buffer.from("some")]);
    assert.match((await gone).message, /EPIPE|ECONNRESET/u);
    assert.isTrue(near.destroyed);
  });
});
