/**
 * UNIX sockets with programs that others wrote on the other side: socat, and Python's Twisted, with
 * the same descriptions of endpoints and the same locks; with systemd, which opens sockets for us;
 * and with file systems that are full, or may not be written.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import {
  CannotListenError,
  clientFromString,
  Factory,
  serverFromString,
  SocketLockedError,
  UNIXAddress,
} from "sennit/internet";
import { NodeReactor } from "sennit/reactors";
import { assert, describe, it, type TestContext } from "vitest";
import { EchoPeer, HalfClosingLinePeer, LinePeer } from "./fixtures/lines/line-peer.ts";
import { type Running, start } from "./fixtures/lines/running.ts";
import { closedPort } from "./fixtures/lines/socket-peer.ts";
import { fixture, folderFor } from "./fixtures/unix/places.ts";
import { peer, pythonPeer } from "./peers.ts";

const socat = peer("socat", "socat");
const twisted = pythonPeer("twisted", "python3-twisted");
const activate = peer("systemd-socket-activate", "systemd");
const mount = peer("mount", "mount");
const umount = peer("umount", "mount");

const NOBODY = 65_534;

function reactorFor(context: TestContext): NodeReactor {
  const reactor = new NodeReactor();
  context.onTestFinished(() => reactor[Symbol.asyncDispose]());
  return reactor;
}

/** As long as abstract names can be: Node 20 makes a shorter one that long. */
function abstractName(context: TestContext): string {
  return folderFor(context).padEnd(107, "~");
}

/** An echo server of ours, and the first connection to it. */
async function echoServer(context: TestContext, description: string): Promise<EchoPeer> {
  const first = new EchoPeer();
  const endpoint = serverFromString(reactorFor(context), description);
  await endpoint.listen(Factory.building(() => first));
  return first;
}

async function connected<P extends LinePeer>(
  context: TestContext,
  description: string,
  ours: P,
): Promise<P> {
  const endpoint = clientFromString(reactorFor(context), description);
  await endpoint.connect(Factory.building(() => ours));
  assert.equal(await ours.next(), "made");
  return ours;
}

/** Why nobody can listen there. */
async function refusal(context: TestContext, description: string): Promise<CannotListenError> {
  const endpoint = serverFromString(reactorFor(context), description);
  const failure = await endpoint.listen(Factory.building(() => undefined)).addCallbacks(
    () => undefined,
    ({ value }) => value,
  );
  assert.instanceOf(failure, CannotListenError);
  return failure;
}

async function expectEvents(ours: LinePeer, events: readonly string[]): Promise<void> {
  for (const event of events) assert.equal(await ours.next(), event);
}

async function expectLines(theirs: Running, lines: readonly string[]): Promise<void> {
  for (const line of lines) assert.equal(await theirs.line(), line);
}

/** Our own server as a process of its own. */
async function served(context: TestContext, description: string): Promise<Running> {
  const server = start(context, process.execPath, [fixture("serve.mjs"), description]);
  assert.match(await server.line(), /^listening on /u);
  return server;
}

describe.concurrent("socat", () => {
  it("speaks with our server, half-close and all", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const ours = new HalfClosingLinePeer();
    const endpoint = serverFromString(reactorFor(context), `unix:${path}`);
    await endpoint.listen(Factory.building(() => ours));
    const client = start(context, socat.path(context), ["-t9", "-", `UNIX-CONNECT:${path}`]);
    client.send("one\r\ntwo\r\n");
    client.end();
    await expectEvents(ours, ["made", "line one", "line two", "read-lost"]);
    ours.sendLine("that was all");
    ours.transport.loseConnection();
    assert.equal(await client.line(), "that was all");
    assert.deepEqual(await client.exit(), { code: 0, signal: null });
  });

  it("serves our client", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const server = start(context, socat.path(context), ["-d", "-d", `UNIX-LISTEN:${path}`, "PIPE"]);
    await server.err(/listening on/u);
    const ours = await connected(context, `unix:${path}`, new LinePeer());
    assert.deepEqual(ours.transport.getPeer(), new UNIXAddress(path));
    ours.sendLine("there and back");
    await expectEvents(ours, ["line there and back"]);
    ours.transport.loseConnection();
    await expectEvents(ours, ["lost ConnectionDone"]);
    assert.deepEqual(await server.exit(), { code: 0, signal: null });
  });

  it("finds our abstract name", async (context) => {
    const name = abstractName(context);
    const first = await echoServer(context, `unix:\0${name}`);
    const client = start(context, socat.path(context), ["-", `ABSTRACT-CONNECT:${name}`]);
    await expectLines(client, ["hello"]);
    client.send("abstract\r\n");
    await expectEvents(first, ["made", "line abstract"]);
    await expectLines(client, ["abstract"]);
  });

  it("has an abstract name that we find", async (context) => {
    const name = abstractName(context);
    const args = ["-d", "-d", `ABSTRACT-LISTEN:${name}`, "PIPE"];
    const server = start(context, socat.path(context), args);
    await server.err(/listening on/u);
    const ours = await connected(context, `unix:\0${name}`, new LinePeer());
    ours.sendLine("abstract");
    await expectEvents(ours, ["line abstract"]);
  });

  it.runIf(process.getuid?.() === 0)(
    "is kept out by the mode, as another user",
    async (context) => {
      const command = socat.path(context);
      const folder = folderFor(context);
      chmodSync(folder, 0o755);
      for (const [mode, outcome] of [
        ["600", /Permission denied/u],
        ["666", undefined],
      ] as const) {
        const path = join(folder, mode);
        await echoServer(context, `unix:${path}:mode=${mode}`);
        const client = start(context, command, ["-", `UNIX-CONNECT:${path}`], { uid: NOBODY });
        if (outcome === undefined) await expectLines(client, ["hello"]);
        else await client.err(outcome);
      }
    },
  );

  it("leaves a file when it is killed, and the file is in the way", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const server = start(context, socat.path(context), ["-d", "-d", `UNIX-LISTEN:${path}`, "PIPE"]);
    await server.err(/listening on/u);
    await server.kill();
    for (const lockfile of [0, 1]) {
      const error = await refusal(context, `unix:${path}:lockfile=${String(lockfile)}`);
      assert.include(error.message, `Cannot listen on ${path}: `);
      assert.include(String(error.cause), "EADDRINUSE");
    }
    assert.isTrue(lstatSync(path).isSocket());
    assert.isFalse(existsSync(`${path}.lock`));
  });
});

describe.concurrent("Python's Twisted", () => {
  const script = fixture("twisted_unix.py");

  it("serves our client, and shows it its lock", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const server = start(context, twisted.path(context), [script, "serve", `unix:${path}`]);
    await expectLines(server, ["listening"]);
    assert.equal(readlinkSync(`${path}.lock`), String(server.pid));
    const ours = await connected(context, `unix:${path}:lockfile=1`, new LinePeer());
    ours.sendLine("hello");
    await expectLines(server, ["made", "line hello"]);
    await expectEvents(ours, ["line hello"]);
    ours.transport.loseConnection();
    await expectLines(server, ["lost ConnectionDone"]);
  });

  it("connects to our server, and believes its lock", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const description = `unix:${path}:mode=660`;
    const first = await echoServer(context, description);
    assert.equal(statSync(path).mode & 0o777, 0o660);
    const python = twisted.path(context);
    const client = start(context, python, [script, "connect", `unix:path=${path}:lockfile=1`]);
    await expectLines(client, ["made", "line hello"]);
    client.send("from Twisted\n");
    await expectEvents(first, ["made", "line from Twisted"]);
    await expectLines(client, ["line from Twisted"]);
    first.transport.loseConnection();
    await expectLines(client, ["lost ConnectionDone"]);
  });

  it("makes the same of a description as we do", async (context) => {
    const python = twisted.path(context);
    const folder = folderFor(context);
    const descriptions = [":mode=600", ":lockfile=0", ":mode=660:backlog=5:lockfile=1", ""];
    for (const [at, rest] of descriptions.entries()) {
      const [ours, theirs] = [join(folder, `ours${String(at)}`), join(folder, `its${String(at)}`)];
      await echoServer(context, `unix:${ours}${rest}`);
      const server = start(context, python, [script, "serve", `unix:${theirs}${rest}`]);
      await expectLines(server, ["listening"]);
      assert.equal(statSync(ours).mode, statSync(theirs).mode, rest);
      const files = readdirSync(folder);
      const hasLock = (path: string): boolean => files.includes(`${basename(path)}.lock`);
      assert.equal(hasLock(ours), !rest.includes("lockfile=0"));
      assert.equal(hasLock(theirs), hasLock(ours), rest);
    }
  });

  it("has an abstract name that we find, and finds ours", async (context) => {
    const python = twisted.path(context);
    const names = [
      `${abstractName(context).slice(0, -1)}1`,
      `${abstractName(context).slice(0, -1)}2`,
    ];
    const [theirs = "", ours = ""] = names;
    const server = start(context, python, [script, "serve", `unix:@${theirs}:lockfile=0`]);
    await expectLines(server, ["listening"]);
    const client = await connected(context, `unix:\0${theirs}`, new LinePeer());
    client.sendLine("abstract");
    await expectEvents(client, ["line abstract"]);

    const first = await echoServer(context, `unix:\0${ours}`);
    const python2 = start(context, python, [script, "connect", `unix:@${ours}`]);
    await expectLines(python2, ["made", "line hello"]);
    await expectEvents(first, ["made"]);
  });

  it("holds a lock that we respect, until it is killed", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const server = start(context, twisted.path(context), [script, "serve", `unix:${path}`]);
    await expectLines(server, ["listening"]);
    const { cause, message } = await refusal(context, `unix:${path}`);
    assert.instanceOf(cause, SocketLockedError);
    assert.deepInclude(cause, { pid: server.pid, path: `${path}.lock` });
    assert.include(message, `held by process ${String(server.pid)}`);

    await server.kill();
    assert.equal(readlinkSync(`${path}.lock`), String(server.pid));
    assert.isTrue(lstatSync(path).isSocket());
    await echoServer(context, `unix:${path}`);
    assert.equal(readlinkSync(`${path}.lock`), String(process.pid));
    const client = start(context, twisted.path(context), [script, "connect", `unix:${path}`]);
    await expectLines(client, ["made", "line hello"]);
  });

  it("respects our lock, until we are killed", async (context) => {
    const python = twisted.path(context);
    const path = join(folderFor(context), "a.sock");
    const ours = await served(context, `unix:${path}`);
    const first = start(context, python, [script, "serve", `unix:${path}`]);
    await expectLines(first, ["refused CannotListenError"]);
    await ours.kill();
    assert.equal(readlinkSync(`${path}.lock`), String(ours.pid));
    const second = start(context, python, [script, "serve", `unix:${path}`]);
    await expectLines(second, ["listening"]);
    assert.equal(readlinkSync(`${path}.lock`), String(second.pid));
  });

  it("finds nothing of us when we were asked to end", async (context) => {
    const folder = folderFor(context);
    const ours = await served(context, `unix:${join(folder, "a.sock")}`);
    assert.deepEqual(readdirSync(folder).toSorted(), ["a.sock", "a.sock.lock"]);
    ours.signal("SIGTERM");
    assert.deepEqual(await ours.exit(), { code: 0, signal: null });
    assert.deepEqual(readdirSync(folder), []);
  });
});

describe.concurrent("systemd-socket-activate", () => {
  /** Our program, which is started for the first who connects. */
  async function activated(
    context: TestContext,
    listen: readonly string[],
    description: string,
  ): Promise<Running> {
    const sockets = listen.flatMap((one) => ["-l", one]);
    const command = [...sockets, "--fdname=web:api", process.execPath];
    const args = [...command, fixture("serve.mjs"), description];
    const running = start(context, activate.path(context), args);
    await running.err(/Listening on .* as 3/u);
    return running;
  }

  it("hands us a socket of AF_UNIX, whose file stays when we end", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const args = [path, join(folderFor(context), "b.sock")];
    const running = await activated(context, args, "systemd:domain=UNIX:index=0");
    const ours = await connected(context, `unix:${path}`, new LinePeer());
    await expectLines(running, [`listening on ${path}`, `made ${path} (unnamed UNIX socket)`]);
    ours.sendLine("hello");
    await expectEvents(ours, ["line hello"]);
    running.signal("SIGTERM");
    await expectLines(running, ["lost ConnectionLost", "over"]);
    assert.isTrue(lstatSync(path).isSocket());
  });

  it("hands us a socket of AF_INET, which we find by its name", async (context) => {
    const port = await closedPort();
    const [other, place] = [join(folderFor(context), "a.sock"), `127.0.0.1:${String(port)}`];
    const running = await activated(context, [other, place], "systemd:domain=INET:name=api");
    const ours = await connected(context, `tcp:${place}`, new LinePeer());
    await expectLines(running, [`listening on ${place}`]);
    assert.match(await running.line(), new RegExp(`^made ${place} 127\\.0\\.0\\.1:\\d+$`, "u"));
    ours.sendLine("hello");
    await expectEvents(ours, ["line hello"]);
    running.signal("SIGTERM");
    await expectLines(running, ["lost ConnectionLost", "over"]);
  });

  it("hands us a socket of AF_INET6 by number", async (context) => {
    const port = await closedPort();
    const running = await activated(context, [`[::1]:${String(port)}`], "fd:3:domain=INET6");
    await connected(context, String.raw`tcp6:\:\:1:${String(port)}`, new LinePeer());
    await expectLines(running, [`listening on [::1]:${String(port)}`]);
  });

  it("hands us a socket that is not of the domain that we were told", async (context) => {
    const path = join(folderFor(context), "a.sock");
    const running = await activated(context, [path], "systemd:domain=INET:index=0");
    start(context, socat.path(context), ["-", `UNIX-CONNECT:${path}`]);
    const refused = "expected a socket of domain INET, got UNIX";
    await expectLines(running, [
      `ERR_CANNOT_LISTEN: Cannot listen on descriptor 3: Cannot adopt descriptor 3: ${refused}`,
      "cause ERR_CANNOT_ADOPT",
    ]);
  });
});

describe.runIf(process.getuid?.() === 0)("a file system", () => {
  /** One of a megabyte, with few files. The test is skipped where none can be mounted. */
  function smallFileSystem(context: TestContext): string {
    const folder = join(folderFor(context), "small");
    mkdirSync(folder);
    const [command, back] = [mount.path(context), umount.path(context)];
    try {
      execFileSync(command, ["-t", "tmpfs", "-o", "size=1m,nr_inodes=16", "tmpfs", folder], {
        stdio: "pipe",
      });
    } catch (error) {
      return context.skip(`mounting is not allowed here: ${String(error)}`);
    }
    context.onTestFinished(() => void execFileSync(back, ["-l", folder]));
    return folder;
  }

  /** Make files until there is no room for one more. */
  function fill(folder: string): void {
    let at = 0;
    try {
      for (;;) {
        writeFileSync(join(folder, String(at)), "");
        at += 1;
      }
    } catch (error) {
      assert.include(String(error), "ENOSPC");
    }
    assert.isAbove(at, 0);
  }

  function codeOf({ cause }: CannotListenError): unknown {
    return cause instanceof Error && "code" in cause ? cause.code : cause;
  }

  it("that is full refuses a socket and a lock: ENOSPC, and nothing is left", async (context) => {
    const folder = smallFileSystem(context);
    fill(folder);
    const before = readdirSync(folder).length;
    for (const lockfile of [0, 1]) {
      const path = join(folder, "a.sock");
      const error = await refusal(context, `unix:${path}:lockfile=${String(lockfile)}`);
      assert.equal(codeOf(error), "ENOSPC");
      assert.deepInclude(error, { port: path });
    }
    assert.equal(readdirSync(folder).length, before);
  });

  it("that has room for a lock and for no socket keeps neither", async (context) => {
    const folder = smallFileSystem(context);
    fill(folder);
    execFileSync("rm", [join(folder, "0")]);
    const error = await refusal(context, `unix:${join(folder, "a.sock")}`);
    assert.equal(codeOf(error), "ENOSPC");
    assert.notInclude(readdirSync(folder).join(" "), "a.sock");
  });

  it("that may not be written refuses: EROFS", async (context) => {
    const folder = smallFileSystem(context);
    execFileSync(mount.path(context), ["-o", "remount,ro", folder]);
    for (const lockfile of [0, 1]) {
      const description = `unix:${join(folder, "a.sock")}:lockfile=${String(lockfile)}`;
      assert.equal(codeOf(await refusal(context, description)), "EROFS");
    }
  });

  it("that becomes read-only lets a port be stopped all the same", async (context) => {
    const folder = smallFileSystem(context);
    const endpoint = serverFromString(reactorFor(context), `unix:${join(folder, "a.sock")}`);
    const port = await endpoint.listen(Factory.building(() => undefined));
    execFileSync(mount.path(context), ["-o", "remount,ro", folder]);
    await port.stopListening();
    assert.deepEqual(readdirSync(folder).toSorted(), ["a.sock", "a.sock.lock"]);
  });
});
