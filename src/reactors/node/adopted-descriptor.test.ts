import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { connect, createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { createSocket } from "node:dgram";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, describe, it, type TestContext } from "vitest";
import { Factory } from "../../internet/factory.ts";
import { CannotListenError } from "../../internet/errors.ts";
import { Protocol } from "../../internet/protocol.ts";
import { CannotAdoptError } from "../../internet/socket-errors.ts";
import { inspectDescriptor, wrongDomain } from "./adopted-descriptor.ts";
import { IPv4Address, IPv6Address, NoAddress, UNIXAddress } from "../../internet/addresses.ts";
import { NodeReactor } from "./node-reactor.ts";

function folderFor(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sennit-adopted-"));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The descriptor of something of Node's. */
function descriptorOf(owner: object): number {
  const handle: unknown = Reflect.get(owner, "_handle");
  assert(typeof handle === "object" && handle !== null);
  const fd: unknown = Reflect.get(handle, "fd");
  assert(typeof fd === "number");
  return fd;
}

/** A server of Node's, and both ends of a connection to it. */
async function connected(
  context: TestContext,
  where: ListenOptions,
): Promise<{ readonly server: Server; readonly ours: Socket; readonly theirs: Socket }> {
  const server = createServer().listen(where);
  await once(server, "listening");
  const address = server.address();
  assert(address !== null);
  const accepted = once(server, "connection");
  const ours = connect(typeof address === "string" ? { path: address } : { port: address.port });
  const [theirs]: readonly Socket[] = await accepted;
  assert(theirs !== undefined);
  context.onTestFinished(() => {
    server.close();
    ours.destroy();
    theirs.destroy();
  });
  return { server, ours, theirs };
}

describe.runIf(process.platform === "linux")("inspectDescriptor() of UNIX sockets", () => {
  it("tells the name, and what it does", async (context) => {
    const path = join(folderFor(context), "a socket");
    const { server, ours, theirs } = await connected(context, { path });
    assert.deepEqual(inspectDescriptor(descriptorOf(server)), { name: path, state: "listening" });
    assert.deepEqual(inspectDescriptor(descriptorOf(theirs)), { name: path, state: "connected" });
    assert.deepEqual(inspectDescriptor(descriptorOf(ours)), { name: "", state: "connected" });
  });

  it("tells an abstract name", async (context) => {
    const name = `\0${join(folderFor(context), "abstract")}`.padEnd(108, "~");
    const { server } = await connected(context, { path: name });
    assert.equal(inspectDescriptor(descriptorOf(server))?.name, name);
  });
});

describe("inspectDescriptor()", () => {
  it("knows nothing more of TCP", async (context) => {
    const { server, ours } = await connected(context, { port: 0 });
    assert.isUndefined(inspectDescriptor(descriptorOf(server)));
    assert.isUndefined(inspectDescriptor(descriptorOf(ours)));
  });

  it("refuses what is no socket", (context) => {
    const file = openSync(import.meta.filename, "r");
    const folder = openSync(folderFor(context), "r");
    for (const [fd, what] of [
      [file, "a file"],
      [folder, "something else"],
    ] as const) {
      const problem = `descriptor ${String(fd)}: expected a stream socket, got ${what}`;
      assert.throws(() => inspectDescriptor(fd), CannotAdoptError, problem);
      closeSync(fd);
    }
  });

  it("refuses what is not open, with the system's word", () => {
    const fd = 1_000_000;
    try {
      inspectDescriptor(fd);
      assert.fail("expected an error");
    } catch (error) {
      assert.instanceOf(error, CannotAdoptError);
      assert.deepInclude(error, { fileDescriptor: fd, code: "ERR_CANNOT_ADOPT" });
      assert.include(String(error.cause), "EBADF");
    }
  });
});

describe("wrongDomain()", () => {
  it("is wrong where another was asked for", () => {
    const addresses = [
      new IPv4Address("TCP", "127.0.0.1", 1),
      new IPv6Address("TCP", "::1", 1),
      new UNIXAddress(""),
    ];
    const domains = ["INET", "INET6", "UNIX"] as const;
    for (const [at, address] of addresses.entries()) {
      assert.isUndefined(wrongDomain(undefined, address));
      for (const domain of domains) {
        const wrong = `expected a socket of domain ${domain}, got ${String(domains[at])}`;
        assert.equal(wrongDomain(domain, address), domain === domains[at] ? undefined : wrong);
      }
    }
    assert.isDefined(wrongDomain("INET", new NoAddress("gone")));
  });
});

describe("adopting what cannot be adopted", () => {
  function silentFactory(): Factory {
    const factory = Factory.forProtocol(Protocol);
    factory.noisy = false;
    return factory;
  }

  /** Why a port did not come about. */
  async function portRefusal(fd: number): Promise<unknown> {
    await using reactor = new NodeReactor();
    try {
      await reactor.adoptStreamPort(fd, silentFactory()).listening;
    } catch (error) {
      assert.instanceOf(error, CannotListenError);
      assert.include(error.message, `Cannot listen on descriptor ${String(fd)}: `);
      return error.cause;
    }
    return undefined;
  }

  /** Why a connection did not. */
  async function connectionRefusal(fd: number): Promise<unknown> {
    await using reactor = new NodeReactor();
    try {
      await reactor.adoptStreamConnection(fd, silentFactory());
    } catch (error) {
      return error;
    }
    return undefined;
  }

  it("fails with CannotAdoptError, and leaves a file as it was", async () => {
    const fd = openSync(import.meta.filename, "r");
    assert.instanceOf(await portRefusal(fd), CannotAdoptError);
    assert.instanceOf(await connectionRefusal(fd), CannotAdoptError);
    closeSync(fd); // Else it would throw.
  });

  it("fails for what this thread has in use, which goes on", async (context) => {
    const { server, ours, theirs } = await connected(context, { port: 0 });
    assert.instanceOf(await portRefusal(descriptorOf(server)), CannotAdoptError);
    const error = await connectionRefusal(descriptorOf(ours));
    assert.instanceOf(error, CannotAdoptError);
    assert.include(error.message, "EEXIST");
    ours.write("still here");
    const [data]: readonly unknown[] = await once(theirs, "data");
    assert.equal(String(data), "still here");
  });

  it("fails for datagram sockets", async (context) => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    context.onTestFinished(() => void socket.close());
    const fd = Object.getOwnPropertySymbols(socket)
      .map((key): unknown => Reflect.get(socket, key))
      .map((state) => handleDescriptor(state))
      .find((found) => found !== undefined);
    assert(fd !== undefined);
    assert.instanceOf(await portRefusal(fd), CannotAdoptError);
    assert.instanceOf(await connectionRefusal(fd), CannotAdoptError);
  });

  it("throws at once for what cannot be a descriptor, and for limits that are none", async () => {
    await using reactor = new NodeReactor();
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 31]) {
      assert.throws(() => reactor.adoptStreamPort(bad, silentFactory()), RangeError);
      assert.throws(() => void reactor.adoptStreamConnection(bad, silentFactory()), RangeError);
    }
    const limits = { closeTimeout: -1 };
    assert.throws(() => reactor.adoptStreamPort(3, silentFactory(), limits), RangeError);
    const adopt = (): unknown => reactor.adoptStreamConnection(3, silentFactory(), limits);
    assert.throws(adopt, RangeError);
  });
});

/** Of what a datagram socket keeps. */
function handleDescriptor(state: unknown): number | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const handle: unknown = Reflect.get(state, "handle");
  if (typeof handle !== "object" || handle === null) return undefined;
  const fd: unknown = Reflect.get(handle, "fd");
  return typeof fd === "number" ? fd : undefined;
}
