/**
 * Child processes of the Node reactor that flood, hang, die and leave others behind.
 *
 * @module
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "vitest";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { getProcessOutputAndValue } from "../../src/internet/process-output.ts";
import { start } from "./fixtures/lines/running.ts";
import { starter, stateOf } from "./fixtures/processes/started.ts";
import { peer } from "./peers.ts";

const prlimit = peer("prlimit", "util-linux");
const setsid = peer("setsid", "util-linux");
const MIB = 1 << 20;
/** Long enough that nobody waits for it. */
const LONG = "exec sleep 60";

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/processes/${name}`, import.meta.url));
}

function sh(script: string): { readonly args: readonly string[] } {
  return { args: ["sh", "-c", script] };
}

describe("floods", () => {
  it("1 GiB from a program that is not read: it waits, and nothing is lost", async (context) => {
    const running = start(context, process.execPath, [fixture("flood.mjs")]);
    const [, grown] = await running.out(/^paused at 0 grown by (-?\d+)$/mu);
    assert.isBelow(Number(grown), 16 * MIB);
    const [, code, bytes, most] = await running.out(/^(\w+) (\d+) grown by (\d+)$/mu);
    assert.deepEqual([code, Number(bytes)], ["ERR_PROCESS_DONE", 2 ** 30]);
    assert.isBelow(Number(most), 256 * MIB); // Garbage, that nobody has collected yet.
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
  });

  it("256 MiB to a program that counts them", async (context) => {
    const total = String(256 * MIB);
    const running = start(context, process.execPath, [fixture("pour.mjs"), total, "wc -c"]);
    const [, count, grown] = await running.out(/^exit 0 said (\d+) grown by (\d+)$/mu);
    assert.equal(count, total);
    assert.isBelow(Number(grown), 64 * MIB);
  });

  it("1 GiB to a program that exits while it is written", async (context) => {
    const script = "head -c 100000 | wc -c; exit 5";
    const args = [fixture("pour.mjs"), String(1024 * MIB), script];
    const running = start(context, process.execPath, args);
    const [, count, grown] = await running.out(/^exit 5 said (\d+) grown by (\d+)$/mu);
    assert.equal(count, "100000");
    assert.isBelow(Number(grown), 64 * MIB);
    assert.include(running.stdout, "stopped");
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
    assert.equal(running.stderr, "");
  });

  it("1 GiB to a program that closes its input and goes on", async (context) => {
    const script = "head -c 10; exec 0<&-; echo; sleep 0.2; echo done";
    const args = [fixture("pour.mjs"), String(1024 * MIB), script];
    const running = start(context, process.execPath, args);
    await running.out(/^stopped$/mu);
    await running.out(/^done grown by \d+$/mu);
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
  });
});

describe("programs that do not end", () => {
  it("a kill deadline ends one that ignores TERM and never reads", async (context) => {
    const spawn = starter(context);
    const options = { ...sh(`trap '' TERM; echo; ${LONG}`), killTimeout: 0.1 };
    const { process: child, witness, pid, ...hung } = spawn("/bin/sh", options);
    void hung;
    child.write(Buffer.alloc(10 * MIB));
    await new Promise<void>((resolve) => {
      witness.onTold = (what) => {
        if (what === "data 1") void child.terminate();
        if (what === "ended") resolve();
      };
    });
    assert.isUndefined(stateOf(pid));
    assert.deepEqual(witness.violations, []);
  });

  it("getProcessOutputAndValue() with a timeout leaves nothing behind", async (context) => {
    await using reactor = new NodeReactor();
    context.onTestFinished(() => undefined);
    const args = ["-c", `trap '' TERM; ${LONG}`];
    const options = { args, timeout: 0.1, killTimeout: 0.1 };
    const failed = await getProcessOutputAndValue(reactor, "/bin/sh", options).then(
      () => "done",
      (error: unknown) => error,
    );
    assert.include(failed, { code: "ERR_PROCESS_TIMEOUT", seconds: 0.1 });
  });

  it("a daemon that holds the output delays processEnded(), and nothing else", async (context) => {
    const spawn = starter(context);
    const script = `${setsid.path(context)} sh -c 'echo $$; ${LONG}' & exit 3`;
    const started = spawn("/bin/sh", sh(script));
    const daemon = Number(await started.out(/^\d+$/mu));
    assert.equal(await started.exit(), "exit 3");
    assert.isUndefined(started.witness.end);
    process.kill(daemon, "SIGKILL");
    assert.equal(await started.end(), "exit 3");
    assert.deepEqual(started.witness.violations, []);
  });

  it("loseConnection() lets go of what a daemon holds", async (context) => {
    const spawn = starter(context);
    const script = `${setsid.path(context)} sh -c 'echo $$; ${LONG}' & exit 0`;
    const started = spawn("/bin/sh", sh(script));
    const daemon = Number(await started.out(/^\d+$/mu));
    await started.exit();
    started.process.loseConnection();
    assert.equal(await started.end(), "ProcessDone");
    process.kill(daemon, "SIGKILL");
  });

  it("signalGroup() ends grandchildren", async (context) => {
    const spawn = starter(context);
    const script = `sh -c 'sh -c "echo \\$\\$; ${LONG}" & wait' & wait`;
    const started = spawn("/bin/sh", { ...sh(script), processGroup: true });
    const grandchild = Number(await started.out(/^\d+$/mu));
    started.process.signalGroup("KILL");
    assert.equal(await started.end(), "SIGKILL");
    // Its own parent is gone; whoever takes it over reaps it. The leader's end may be told first.
    const isOver = (): boolean => [undefined, "Z"].includes(stateOf(grandchild));
    for (let turns = 0; !isOver() && turns < 1000; turns += 1) await nextTurn();
    assert.isTrue(isOver());
  });
});

it("one that is left when the reactor stops does not keep us alive", async (context) => {
  const running = start(context, process.execPath, [fixture("leave.mjs")]);
  const pid = Number(await running.line());
  context.onTestFinished(() => {
    process.kill(pid, "SIGKILL");
  });
  assert.equal(await running.line(), "ERR_CONNECTION_LOST");
  assert.deepEqual(await running.exit(), { code: 0, signal: null });
  assert.include(["S", "R"], stateOf(pid));
});

describe("what a program is given", () => {
  it("descriptors 3 to 9, in both directions", async (context) => {
    const spawn = starter(context);
    const started = spawn("/bin/sh", {
      ...sh("cat <&3 >&4 & cat <&5 >&6 & cat <&7 >&8 & wait; cat <&9"),
      childFDs: { 1: "r", 3: "w", 4: "r", 5: "w", 6: "r", 7: "w", 8: "r", 9: "w" },
    });
    for (const fd of [9, 7, 5, 3]) {
      started.process.writeToChild(fd, `to ${String(fd)}`);
      started.process.closeChildFD(fd);
    }
    assert.equal(await started.end(), "ProcessDone");
    assert.deepEqual(
      [1, 4, 6, 8].map((fd) => started.witness.text(fd)),
      ["to 9", "to 3", "to 5", "to 7"],
    );
  });

  it("descriptors of ours, and one that is not open", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "sennit-"));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const paths = ["a", "b"].map((name) => join(folder, name));
    const fds = paths.map((path) => openSync(path, "w"));
    const [a = -1, b = -1] = fds;
    const spawn = starter(context);
    const started = spawn("/bin/sh", {
      ...sh("echo first >&1; echo second >&2; echo third >&3"),
      childFDs: { 1: a, 2: b, 3: a },
    });
    assert.equal(await started.end(), "ProcessDone");
    for (const fd of fds) closeSync(fd);
    const texts = paths.map((path) => readFileSync(path, "utf8"));
    assert.deepEqual(texts, ["first\nthird\n", "second\n"]);
    const gone = spawn("/bin/sh", { ...sh("exit 0"), childFDs: { 1: 99_999 } });
    assert.equal(await gone.end(), "SpawnError");
    assert.equal(Reflect.get(gone.witness.end?.value ?? {}, "systemCode"), "EBADF");
  });

  it("only the descriptors that it should have", async (context) => {
    const spawn = starter(context);
    const ours = openSync("/dev/null", "r");
    const started = spawn("/bin/ls", { args: ["ls", "/proc/self/fd"] });
    await started.end();
    closeSync(ours);
    const theirs = started.output.trim().split("\n");
    assert.includeMembers(theirs, ["0", "1", "2"]);
    assert.notInclude(theirs, String(ours));
  });

  it("a user and a group", async (context) => {
    if (process.getuid?.() !== 0) context.skip("only root may run programs as others");
    const spawn = starter(context);
    const nobody = spawn("/bin/sh", { ...sh("id -u; id -g"), uid: 65_534, gid: 65_533 });
    assert.equal(await nobody.end(), "ProcessDone");
    assert.equal(nobody.output, "65534\n65533\n");
  });

  it("another user, to one who may not: SpawnError", async (context) => {
    if (process.getuid?.() !== 0) context.skip("only root can become somebody who may not");
    const script = `import("${new URL("../../dist/reactors/index.js", import.meta.url).href}")
      .then(({ NodeReactor }) => {
        process.setuid(65534);
        new NodeReactor().spawnProcess({
          makeConnection() {}, childDataReceived() {}, childConnectionLost() {},
          processExited(reason) { console.log(reason.value.code, reason.value.systemCode); },
          processEnded() { console.log("over"); },
        }, "/bin/true", { uid: 1 });
      });`;
    const running = start(context, process.execPath, ["-e", script]);
    assert.equal(await running.line(), "ERR_CONNECT_SPAWN EPERM");
    assert.equal(await running.line(), "over");
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
  });

  it("an empty environment", async (context) => {
    const spawn = starter(context);
    const started = spawn("/usr/bin/env", { env: {} });
    assert.deepEqual([await started.end(), started.output], ["ProcessDone", ""]);
  });

  it("args[0]", async (context) => {
    const spawn = starter(context);
    const started = spawn("/bin/cat", { args: ["another name", "/proc/self/cmdline"] });
    await started.end();
    assert.equal(started.output, "another name\0/proc/self/cmdline\0");
  });
});

describe("what is told of the end", () => {
  for (const signal of [
    "HUP",
    "INT",
    "QUIT",
    "ILL",
    "ABRT",
    "FPE",
    "KILL",
    "SEGV",
    "PIPE",
    "ALRM",
  ]) {
    it(`SIG${signal}`, async (context) => {
      const started = starter(context)("/bin/sh", sh(`ulimit -c 0; kill -${signal} $$`));
      assert.equal(await started.end(), `SIG${signal}`);
    });
  }

  it("no zombies, however they end", async (context) => {
    const spawn = starter(context);
    const scripts = ["exit 0", "exit 1", "kill -9 $$", "exec 0<&- 1>&- 2>&-; exit 0", "cat"];
    const all = Array.from({ length: 50 }, (_, at) => {
      const started = spawn("/bin/sh", sh(scripts[at % scripts.length] ?? ""));
      if (at % 2 === 0) started.process.loseConnection();
      else started.process.closeStdin();
      return started;
    });
    for (const started of all) await started.end();
    assert.deepEqual(
      all.map(({ pid }) => stateOf(pid)),
      all.map(() => undefined),
    );
    for (const { witness } of all) assert.deepEqual(witness.violations, []);
  });
});

it("without descriptors: SpawnError, and room again afterwards", async (context) => {
  const args = ["--nofile=256:256", process.execPath, fixture("few-descriptors.mjs")];
  const running = start(context, prlimit.path(context), args);
  assert.equal(await running.line(), "ERR_CONNECT_SPAWN EMFILE after some: true");
  assert.equal(await running.line(), "ERR_PROCESS_DONE");
  assert.equal(await running.line(), "again: true, open: true");
  assert.deepEqual(await running.exit(), { code: 0, signal: null });
  assert.equal(running.stderr, "");
});

describe("where Node's handles are not as we know them", () => {
  const { get } = Reflect;

  /** Finds nothing where a socket has its handle. */
  function getWithoutHandle(target: object, key: PropertyKey): unknown {
    return key === "_handle" ? undefined : get(target, key);
  }

  it("processes work as well", async (context) => {
    const spawn = starter(context);
    Object.defineProperty(Reflect, "get", { value: getWithoutHandle });
    let started: ReturnType<typeof spawn>;
    try {
      started = spawn("/bin/sh", sh("cat; echo err >&2; exit 4"));
    } finally {
      Object.defineProperty(Reflect, "get", { value: get });
    }
    started.process.write(Buffer.alloc(MIB, "x"));
    started.process.closeStdin();
    assert.equal(await started.end(), "exit 4");
    assert.deepEqual([started.witness.bytes, started.witness.text(2)], [MIB + 4, "err\n"]);
    assert.deepEqual(started.witness.violations, []);
  });
});
