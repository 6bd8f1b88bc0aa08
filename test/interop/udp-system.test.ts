/**
 * Ports for datagrams when the system has no room: a queue that is full, no descriptors, a number
 * that is taken; and thousands of datagrams in one turn.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { DatagramProtocol } from "sennit/internet";
import { captureLogs } from "sennit/logger";
import { NodeReactor } from "sennit/reactors";
import { assert, describe, it, type TestContext } from "vitest";
import { type Running, start } from "./fixtures/lines/running.ts";
import { DatagramPeer } from "./fixtures/udp/datagram-peer.ts";
import { peer } from "./peers.ts";

const prlimit = peer("prlimit", "util-linux");
const strace = peer("strace", "strace");

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/udp/${name}`, import.meta.url));
}

/** The program whose calls to send fail so: the first two of each kind, or all of them. */
function startStalled(context: TestContext, when: "1..2" | "1+", end: string): Running {
  const calls = "sendmsg,sendmmsg";
  const injection = `inject=${calls}:error=EAGAIN:when=${when}`;
  const trace = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", injection];
  const args = [...trace, process.execPath, fixture("stalled.mjs"), end];
  return start(context, strace.path(context), args);
}

describe("a system that takes no datagrams for a while", () => {
  it("holds as many as may wait, in order; drops and counts the others", async (context) => {
    const child = startStalled(context, "1..2", "flush");
    const stalled = { bufferedBytes: 50 * 612, droppedDatagrams: 450, failedDatagrams: 0 };
    assert.deepEqual(JSON.parse(await child.line()), stalled);
    const first50 = Array.from({ length: 50 }, (_, number) => number);
    assert.deepEqual(JSON.parse(await child.line()), first50);
    const flushed = { bufferedBytes: 0, droppedDatagrams: 450, failedDatagrams: 0 };
    assert.deepEqual(JSON.parse(await child.line()), flushed);
    assert.deepEqual(await child.exit(), { code: 0, signal: null });
    assert.match(child.stderr, /^warn: .*datagrams are dropped.*\n$/u);
  });

  it("a port that is closed meanwhile drops and counts what waits", async (context) => {
    const child = startStalled(context, "1+", "close");
    const { droppedDatagrams } = JSON.parse(await child.line());
    assert.equal(droppedDatagrams, 450);
    const closed = { bufferedBytes: 0, droppedDatagrams: 500, failedDatagrams: 0 };
    assert.deepEqual(JSON.parse(await child.line()), closed);
    assert.deepEqual(await child.exit(), { code: 0, signal: null });
    assert.match(child.stderr, /^warn: .*datagrams are dropped.*\n$/u);
  });
});

describe("binding", () => {
  it("with 64 descriptors: CannotListenError, and there is room again", async (context) => {
    const few = { SENNIT_NOFILE: "64", SENNIT_PRLIMIT: prlimit.path(context) };
    const env = { ...process.env, ...few };
    const child = start(context, process.execPath, [fixture("bind-many.mjs"), "100"], { env });
    const counts: Record<string, number> = JSON.parse(await child.line());
    assert.hasAllKeys(counts, ["bound", "ERR_CANNOT_LISTEN EMFILE"]);
    assert.isAtLeast(counts["bound"] ?? 0, 16);
    assert.equal(await child.line(), "bound");
    assert.deepEqual(await child.exit(), { code: 0, signal: null });
    assert.equal(child.stderr, "");
  });

  it("a number that is taken ends the process where nobody looks", async (context) => {
    const child = start(context, process.execPath, [fixture("taken.mjs"), "unobserved"]);
    assert.equal((await child.exit()).code, 1);
    assert.match(
      child.stderr,
      /CannotListenError: Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/u,
    );
    assert.equal(child.stdout, "");
  });

  it("and does not where somebody does", async (context) => {
    const child = start(context, process.execPath, [fixture("taken.mjs"), "observed"]);
    assert.equal(await child.line(), "CannotListenError");
    assert.equal(await child.line(), "alive");
    assert.deepEqual(await child.exit(), { code: 0, signal: null });
    assert.equal(child.stderr, "");
  });
});

describe("thousands of datagrams in one turn", () => {
  const COUNT = 20_000;

  async function listen(context: TestContext, protocol: DatagramProtocol, host: string) {
    const reactor = new NodeReactor();
    context.onTestFinished(() => reactor[Symbol.asyncDispose]());
    return reactor.listenUDP(0, protocol, { interface: host }).listening;
  }

  it("are handed over, none dropped, and the port goes on", async (context) => {
    const receiver = new DatagramPeer();
    const { port: number } = (await listen(context, receiver, "127.0.0.1")).getHost();
    const port = await listen(context, new DatagramProtocol(), "127.0.0.1");
    const to = { host: "127.0.0.1", port: number };
    for (let each = 0; each < COUNT; each += 1) port.write("x", to);
    assert.deepEqual([port.bufferedBytes, port.droppedDatagrams, port.failedDatagrams], [0, 0, 0]);
    assert.equal(await receiver.next(), "datagram x");
  });

  const broadcast = { host: "127.255.255.255", port: 9 };

  /** Write as many that fail; then one more, alone. @returns How many failures were seen each. */
  async function failures(context: TestContext): Promise<readonly number[]> {
    const ours = new DatagramPeer();
    const port = await listen(context, ours, "127.0.0.1");
    for (let each = 0; each < COUNT; each += 1) port.write("x", broadcast);
    port.write("y", port.getHost());
    assert.equal(await ours.next(), "datagram y");
    const { failedDatagrams } = port;
    port.write("x", broadcast);
    port.write("z", port.getHost());
    assert.equal(await ours.next(), "datagram z");
    return [failedDatagrams, port.failedDatagrams - failedDatagrams];
  }

  it("that fail: all are counted, one is told", async (context) => {
    using logs = captureLogs();
    assert.deepEqual(await failures(context), [COUNT, 1]);
    assert.lengthOf(
      logs.flush(({ log_level }) => log_level === "warn"),
      1,
    );
  });

  it("that fail, where handles are not as we know them: a thousand are", async (context) => {
    using logs = captureLogs();
    const { get } = Reflect;
    context.onTestFinished(() => {
      Object.defineProperty(Reflect, "get", { value: get });
    });
    const value = (target: object, key: PropertyKey): unknown =>
      key === "send" ? undefined : get(target, key);
    Object.defineProperty(Reflect, "get", { value });
    assert.deepEqual(await failures(context), [1024, 1]);
    assert.lengthOf(
      logs.flush(({ log_level }) => log_level === "warn"),
      1,
    );
  });
});
