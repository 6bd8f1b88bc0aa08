/**
 * Sockets that others have opened, in processes of their own: a connection that systemd accepted, a
 * pair of sockets from socat. And the mode of a socket file under a umask that allows more.
 *
 * @module
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { assert, describe, it, type TestContext } from "vitest";
import { type Running, start } from "./fixtures/lines/running.ts";
import { closedPort } from "./fixtures/lines/socket-peer.ts";
import { fixture, folderFor } from "./fixtures/unix/places.ts";
import { peer } from "./peers.ts";

const socat = peer("socat", "socat");
const activate = peer("systemd-socket-activate", "systemd");

async function expectLines(theirs: Running, lines: readonly (string | RegExp)[]): Promise<void> {
  for (const line of lines) {
    if (typeof line === "string") assert.equal(await theirs.line(), line);
    else assert.match(await theirs.line(), line);
  }
}

/** A program that is started for each connection, which it gets as descriptor 3. */
async function accepting(
  context: TestContext,
  place: string,
  name: string,
  ...args: readonly string[]
): Promise<Running> {
  const command = ["-a", "-l", place, process.execPath, fixture(name), ...args];
  const running = start(context, activate.path(context), command);
  await running.err(/Listening on/u);
  return running;
}

/** A connection, which ends with the test. */
async function dial(
  context: TestContext,
  where: { path: string } | { port: number },
): Promise<Socket> {
  const socket = "path" in where ? connect(where) : connect({ ...where, host: "127.0.0.1" });
  context.onTestFinished(() => void socket.destroy());
  socket.on("error", () => {}); // A program that ends may reset it: what the test awaits tells.
  await once(socket, "connect");
  return socket.setEncoding("utf8");
}

async function received(socket: Socket): Promise<string> {
  const [text]: readonly unknown[] = await once(socket, "data");
  return String(text);
}

describe.concurrent("adoptStreamConnection()", () => {
  it("goes on with a connection of TCP that systemd accepted", async (context) => {
    const port = await closedPort();
    const place = `127.0.0.1:${String(port)}`;
    const running = await accepting(context, place, "adopt-connection.mjs", "INET");
    const socket = await dial(context, { port });
    const here = `127.0.0.1:${String(socket.localPort)}`;
    assert.equal(await received(socket), "adopted\n");
    await expectLines(running, ["asked", "start", `build ${here}`, `made ${place} ${here}`]);
    socket.write("hello");
    assert.equal(await received(socket), "hello");
    socket.end();
    await once(socket, "close");
    await expectLines(running, ["lost ConnectionDone", "stop"]);
  });

  it("goes on with a UNIX connection, and finds the server's name", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const running = await accepting(context, path, "adopt-connection.mjs", "UNIX");
    const socket = await dial(context, { path });
    const nobody = "(unnamed UNIX socket)";
    assert.equal(await received(socket), "adopted\n");
    await expectLines(running, ["asked", "start", `build ${nobody}`, `made ${path} ${nobody}`]);
    socket.end();
    await expectLines(running, ["lost ConnectionDone", "stop"]);
  });

  it("loses nothing of what came before", async (context) => {
    const path = join(folderFor(context), "a.sock");
    await accepting(context, path, "adopt-connection.mjs");
    const socket = connect({ path });
    context.onTestFinished(() => void socket.destroy());
    socket.setEncoding("utf8").end("early bird");
    let all = "";
    for await (const text of socket) all += String(text);
    assert.equal(all, "adopted\nearly bird");
  });

  it("goes on with one of a pair of sockets", async (context) => {
    const command = socat.path(context);
    const shell = `${process.execPath} ${fixture("adopt-connection.mjs")} UNIX`;
    const child = `EXEC:${shell},fdin=3,fdout=3`;
    const running = start(context, command, ["-t9", "-", child]);
    running.send("to the pair\n");
    running.end();
    await running.out(/^adopted$/mu);
    await running.out(/^to the pair$/mu);
  });

  it("refuses a socket of another domain, and closes it", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const running = await accepting(context, path, "adopt-connection.mjs", "INET6");
    const socket = await dial(context, { path });
    socket.resume();
    await once(socket, "end");
    const problem = "Cannot adopt descriptor 3: expected a socket of domain INET6, got UNIX";
    await expectLines(running, ["asked", `ERR_CANNOT_ADOPT: ${problem}`, /^3 was /u]);
  });

  it("refuses a socket that listens", async (context) => {
    const port = await closedPort();
    const path = join(folderFor(context), "a.sock");
    for (const place of [`127.0.0.1:${String(port)}`, path]) {
      const shell = [process.execPath, fixture("adopt-connection.mjs")];
      const running = start(context, activate.path(context), ["-l", place, ...shell]);
      await running.err(/Listening on/u);
      await dial(context, place === path ? { path } : { port });
      const problem = /^ERR_CANNOT_ADOPT: Cannot adopt descriptor 3: expected a connection, got/u;
      await expectLines(running, ["asked", problem]);
    }
  });

  it("refuses what is no socket, and leaves it open", async (context) => {
    const shell = `exec "$@" 3< /dev/null`;
    const command = ["-c", shell, "sh", process.execPath, fixture("adopt-connection.mjs")];
    const running = start(context, "/bin/sh", command);
    const problem = "Cannot adopt descriptor 3: expected a stream socket, got something else";
    await expectLines(running, ["asked", `ERR_CANNOT_ADOPT: ${problem}`, "3 was open"]);
  });

  const ways: readonly [string, readonly string[]][] = [
    ["cancelled", ["CancelledError"]],
    ["stopped", ["ConnectionLost"]],
    ["unstartable", ["TypeError"]],
    ["refused", ["start", "stop", "NoProtocol"]],
    ["throwing", ["start", "stop", "TypeError"]],
    ["broken", ["start", "stop", "TypeError"]],
  ];
  for (const [way, lines] of ways) {
    it(`${way}: closed, and the factory stopped if it was started`, async (context) => {
      const path = join(folderFor(context), "a.sock");
      const running = await accepting(context, path, "adopt-in-vain.mjs", way);
      const socket = await dial(context, { path });
      socket.resume();
      await once(socket, "end");
      await expectLines(running, lines);
    });
  }
});

describe.concurrent("listenUNIX() and the umask", () => {
  const cases: readonly [string, string, string, string][] = [
    ["nothing", "000", "600", "755"],
    ["nothing", "000", "620", "775"],
    ["the group", "002", "600", "755"],
    ["what the mode keeps out", "022", "600", "755"],
    ["more than the mode", "077", "666", "700"],
    ["nothing", "000", "666", "777"],
  ];
  for (const [kept, umask, mode, before] of cases) {
    it(`umask ${umask} keeps out ${kept}: mode ${mode} is not exceeded`, async (context) => {
      const path = join(folderFor(context), "a.sock");
      const running = start(context, process.execPath, [fixture("umask.mjs"), path, umask, mode]);
      const lines = [`before ${before}`, `after ${mode}`, "there false"];
      await expectLines(running, [...lines, `umask ${umask.replace(/^0+(?=\d)/u, "")}`]);
    });
  }

  it("a thread cannot change the umask: it is refused where that allows more", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const running = start(context, process.execPath, [fixture("umask.mjs"), path, "0", "600", "1"]);
    const problem = /^Cannot listen on .*: mode 0o600 cannot be set in a thread .* the umask 0o0 /u;
    await expectLines(running, [problem, "there false", "the thread is over"]);
  });

  it("a thread listens where the umask keeps out as much", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const running = start(context, process.execPath, [
      fixture("umask.mjs"),
      path,
      "77",
      "600",
      "1",
    ]);
    await expectLines(running, ["before 700", "after 600", "there false"]);
  });
});
