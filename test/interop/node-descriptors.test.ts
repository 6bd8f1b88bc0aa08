/**
 * The Node reactor when descriptors run out, in processes that have few, or are told so.
 *
 * @module
 */
import { createServer, type Socket } from "node:net";
import { assert, describe, it, type TestContext } from "vitest";
import { start } from "./fixtures/lines/running.ts";
import {
  ask,
  type Asked,
  askUntilServed,
  connectAndAsk,
  fixture,
  startServer,
} from "./fixtures/node/plain-echo.ts";
import { peer } from "./peers.ts";

const prlimit = peer("prlimit", "util-linux");
const strace = peer("strace", "strace");
const WARNINGS = /^warn: .*descriptors run out/gmu;

/** What makes a fixture give up all but 64 of its descriptors. */
function few(context: TestContext): Record<string, string> {
  return { SENNIT_NOFILE: "64", SENNIT_PRLIMIT: prlimit.path(context) };
}

/** An echo server that may have 64 descriptors. */
function serverWithFew(context: TestContext): ReturnType<typeof startServer> {
  return startServer(context, process.execPath, [fixture("echo-server.mjs")], few(context));
}

/** A port of this process that accepts whoever comes. */
async function acceptor(context: TestContext): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}).resume());
  });
  context.onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen({ host: "127.0.0.1", port: 0, backlog: 511 }, resolve);
  });
  const address = server.address();
  assert(address !== null && typeof address === "object");
  return address.port;
}

describe("accepting with 64 descriptors", () => {
  it("of 200 connections some are served, the others closed, with one warning", async (context) => {
    const { server, port } = await serverWithFew(context);
    const all = Array.from({ length: 200 }, () => connectAndAsk(context, port));
    const asked = await Promise.all(all);
    const served = asked.filter((one) => one.answer === "ping\n");
    assert.equal(asked.filter((one) => one.answer === "closed").length, 200 - served.length);
    assert.isAtLeast(served.length, 16);
    assert.isBelow(served.length, 64);
    assert.equal(server.stderr.match(WARNINGS)?.length, 1, server.stderr);
    // What is kept in reserve is there for files.
    const [first, ...others] = served;
    assert(first !== undefined);
    assert.equal(await ask(first.socket, "read a file\n"), "read true\n");

    for (const one of others) one.socket.destroy();
    await askUntilServed(context, port);
    assert.equal(await ask(first.socket, "still there?\n"), "still there?\n");
    assert.equal(server.stderr.trim().split("\n").length, 1, server.stderr);
    server.signal("SIGTERM");
    assert.deepEqual(await server.exit(), { code: 0, signal: null });
  });

  it("connections that come and go at the limit are one warning together", async (context) => {
    const { server, port } = await serverWithFew(context);
    const open: Asked[] = [];
    for (let turn = 0; turn < 150; turn += 1) {
      const asked = await connectAndAsk(context, port);
      if (asked.answer !== "closed") open.push(asked);
      // Now and then one goes: the next one is served, and those after it are not.
      if (turn % 10 === 9) open.shift()?.socket.destroy();
    }
    assert.equal(server.stderr.match(WARNINGS)?.length, 1, server.stderr);
    for (const one of open) one.socket.destroy();
    await askUntilServed(context, port);
  });
});

describe("connecting with 64 descriptors", () => {
  for (const host of ["127.0.0.1", "localhost"]) {
    it(`200 attempts at ${host}: typed errors, and room again afterwards`, async (context) => {
      const port = await acceptor(context);
      const args = [fixture("connect-many.mjs"), String(port), "200", host];
      const client = start(context, process.execPath, args, {
        env: { ...process.env, ...few(context) },
      });
      const counts: Record<string, number> = JSON.parse(await client.line());
      const { connected = 0, ...failures } = counts;
      assert.isAtLeast(connected, 16);
      const codes = Object.keys(failures);
      assert.isNotEmpty(codes);
      assert.includeMembers(["ERR_CONNECT_RESOURCES", "ERR_CONNECT_DNS_LOOKUP"], codes);
      if (host === "127.0.0.1") assert.deepEqual(codes, ["ERR_CONNECT_RESOURCES"]);
      assert.equal(await client.line(), "and again");
      assert.deepEqual(await client.exit(), { code: 0, signal: null });
      assert.equal(client.stderr, "");
    });
  }
});

describe("accept4 that fails now and then", () => {
  for (const error of ["EMFILE", "ENFILE", "ECONNABORTED", "ENOBUFS", "EPERM"]) {
    it(`${error}: nothing crashes, and who comes next is served`, async (context) => {
      // Up to the thirtieth call: libuv makes three for each connection that it must close, so that
      // a failure of every third one for ever would meet every connection for ever.
      const injection = `inject=accept4:error=${error}:when=2..30+3`;
      const trace = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=accept4", "-e", injection];
      const args = [...trace, process.execPath, fixture("echo-server.mjs")];
      const { server, port } = await startServer(context, strace.path(context), args);
      for (let served = 0; served < 10; served += 1) {
        await askUntilServed(context, port, server);
      }
      // One line for the episode, not one for each failure.
      assert.isAtMost(server.stderr.match(/^(?:error|warn): /gmu)?.length ?? 0, 1, server.stderr);
      assert.notMatch(server.stderr, /critical/u);
    });
  }
});
