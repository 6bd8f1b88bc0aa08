/**
 * Child processes of the Node reactor on terminals of their own.
 *
 * @module
 */
import { assert, describe, it } from "vitest";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { starter, stateOf } from "./fixtures/processes/started.ts";

const MIB = 1 << 20;
const LONG = "exec sleep 60";

function onTerminal(script: string): { readonly args: readonly string[]; readonly usePTY: true } {
  return { args: ["sh", "-c", script], usePTY: true };
}

describe("a terminal", () => {
  it("is one: tty, its size, its name", async (context) => {
    const started = starter(context)("/bin/sh", {
      args: [
        "sh",
        "-c",
        "tty; stty size; echo $TERM; test -t 0 && test -t 1 && test -t 2 && echo 3",
      ],
      usePTY: { columns: 132, rows: 43, name: "vt220" },
    });
    assert.equal(await started.end(), "ProcessDone");
    assert.match(started.output, /^\/dev\/\S+\r\n43 132\r\nvt220\r\n3\r\n$/u);
    const { told, violations } = started.witness;
    assert.deepEqual(told.toSorted(), ["ended", "exited", "lost 1", "made"]);
    assert.deepEqual([violations, started.process.isTerminal], [[], true]);
  });

  it("merges the outputs, in order", async (context) => {
    const script = "stty -opost; echo 1; echo 2 >&2; echo 3; echo 4 >&2";
    const started = starter(context)("/bin/sh", onTerminal(script));
    assert.equal(await started.end(), "ProcessDone");
    assert.equal(started.witness.text(1), "1\n2\n3\n4\n");
  });

  it("has another size when it is told so, and its program hears of that", async (context) => {
    const script = "trap 'stty size; exit 5' WINCH; echo ready; while :; do read x; done";
    const started = starter(context)("/bin/sh", onTerminal(script));
    await started.out(/ready/u);
    started.process.setWindowSize(40, 10);
    assert.equal(await started.end(), "exit 5");
    assert.include(started.output, "10 40\r\n");
  });

  it("takes what is typed: a line, Ctrl-C, the end", async (context) => {
    const spawn = starter(context);
    const cat = spawn("/bin/cat", { usePTY: true });
    cat.process.write("line\n");
    await cat.out(/line\r\nline\r\n/u); // Its echo, and cat's.
    cat.process.closeStdin(); // Nothing: there is no half of a terminal.
    cat.process.write("\x04");
    assert.equal(await cat.end(), "ProcessDone");
    const sleep = spawn("/bin/sh", onTerminal(`echo ready; ${LONG}`));
    await sleep.out(/ready/u);
    sleep.process.write("\x03");
    assert.equal(await sleep.end(), "SIGINT");
  });

  it("loseConnection() hangs up", async (context) => {
    const started = starter(context)("/bin/sh", onTerminal(`echo ready; ${LONG}`));
    await started.out(/ready/u);
    started.process.loseConnection();
    assert.equal(await started.end(), "SIGHUP");
    assert.isUndefined(stateOf(started.pid));
  });

  it("leads a group: signalGroup() and terminate() reach all of it", async (context) => {
    const spawn = starter(context);
    const script = "trap '' HUP; sh -c 'echo ready; exec sleep 60' & wait";
    const started = spawn("/bin/sh", { ...onTerminal(script), killTimeout: 0.1 });
    await started.out(/ready/u);
    started.process.signalGroup("KILL");
    assert.equal(await started.end(), "SIGKILL");
    const other = spawn("/bin/sh", {
      ...onTerminal(`trap '' TERM; echo ready; ${LONG}`),
      killTimeout: 0.1,
    });
    await other.out(/ready/u);
    await other.process.terminate();
    assert.equal(await other.end(), "SIGKILL");
  });

  it("exit codes and signals", async (context) => {
    const spawn = starter(context);
    assert.equal(await spawn("/bin/sh", onTerminal("exit 42")).end(), "exit 42");
    assert.equal(await spawn("/bin/sh", onTerminal("ulimit -c 0; kill -SEGV $$")).end(), "SIGSEGV");
    // A signal without a name: as a shell tells it.
    assert.equal(await spawn("/bin/sh", onTerminal("kill -40 $$")).end(), "exit 168");
  });

  it("environment, working directory, user", async (context) => {
    const spawn = starter(context);
    const env = spawn("/usr/bin/env", { usePTY: true, env: { A: "b" }, path: "/" });
    await env.end();
    assert.deepEqual(env.output.trim().split("\r\n").toSorted(), ["A=b", "PWD=/", "TERM=xterm"]);
    if (process.getuid?.() !== 0) return;
    const nobody = spawn("/usr/bin/id", {
      args: ["id", "-u"],
      usePTY: true,
      uid: 65_534,
      gid: 65_534,
    });
    await nobody.end();
    assert.equal(nobody.output, "65534\r\n");
  });

  it("a program or folder that is missing is a SpawnError", async (context) => {
    const spawn = starter(context);
    for (const [executable, path, env, code] of [
      ["/no/such/program", undefined, undefined, "ENOENT"],
      ["nosuchprogram", undefined, undefined, "ENOENT"],
      ["sh", undefined, { PATH: "/no/such/folder" }, "ENOENT"],
      ["/etc/passwd", undefined, undefined, "EACCES"],
      ["/etc", undefined, undefined, "EACCES"],
      ["/bin/sh", "/no/such/folder", undefined, "ENOENT"],
      ["/bin/sh", "/bin/sh", undefined, "ENOTDIR"],
    ] as const) {
      const started = spawn(executable, { usePTY: true, env, ...(path !== undefined && { path }) });
      assert.equal(await started.end(), "SpawnError");
      assert.equal(Reflect.get(started.witness.end?.value ?? {}, "systemCode"), code, executable);
    }
    const relative = spawn("./sh", { ...onTerminal("exit 6"), path: "/bin" });
    assert.equal(await relative.end(), "exit 6");
  });
});

describe("terminals that stand still", () => {
  it("a program that does not read holds up nothing but its own input", async (context) => {
    const spawn = starter(context);
    const script = `stty raw -echo; echo ready; ${LONG}`;
    const started = spawn("/bin/sh", onTerminal(script));
    await started.out(/ready/u);
    started.process.write(Buffer.alloc(999_999, "x"));
    const other = spawn("/bin/sh", { args: ["sh", "-c", "exit 7"] });
    assert.equal(await other.end(), "exit 7");
    assert.isAbove(started.process.bufferedBytes, 900_000);
    started.process.signalProcess("KILL");
    assert.equal(await started.end(), "SIGKILL");
    assert.isAbove(started.process.droppedBytes, 800_000);
  });

  it("1 MiB goes in and comes back, however slowly it is read", async (context) => {
    const started = starter(context)("/bin/sh", onTerminal("stty raw -echo; echo ready; exec cat"));
    await started.out(/ready/u);
    const ready = started.witness.bytes;
    const data = Buffer.alloc(MIB, "0123456789abcdef");
    started.process.write(data);
    await started.process.drained();
    await started.until("all", () => started.witness.bytes >= MIB + ready);
    assert.equal(started.witness.text(1).slice(-MIB), data.toString());
    await started.process.terminate();
    assert.equal(await started.end(), "SIGTERM");
  });

  it("what is not read when it exits is not lost", async (context) => {
    const spawn = starter(context);
    const started = spawn("/bin/sh", onTerminal("stty -opost; seq 500; exit 3"));
    started.process.pauseProducing();
    assert.equal(await started.exit(), "exit 3");
    // Longer than the package itself would have kept it.
    await spawn("/bin/sleep", { args: ["sleep", "0.4"] }).end();
    assert.deepEqual([started.witness.bytes, started.witness.end], [0, undefined]);
    started.process.resumeProducing();
    assert.equal(await started.end(), "exit 3");
    const lines = Array.from({ length: 500 }, (_, at) => `${String(at + 1)}\n`);
    assert.equal(started.output, lines.join(""));
  });

  it("a flood is held back while it is paused", async (context) => {
    const spawn = starter(context);
    const started = spawn("/bin/sh", onTerminal("stty -opost; head -c 5000000 /dev/zero"));
    started.process.pauseProducing();
    const other = spawn("/bin/sh", { args: ["sh", "-c", "exit 0"] });
    await other.end();
    assert.deepEqual([started.witness.bytes, started.witness.exit], [0, undefined]);
    started.process.resumeProducing();
    assert.equal(await started.end(), "ProcessDone");
    assert.equal(started.witness.bytes, 5_000_000);
  });

  it("its exit is the end of the terminal, whoever else has it", async (context) => {
    const script = "trap '' HUP; (echo $$; exec cat) & read x; exit 4";
    const started = starter(context)("/bin/sh", onTerminal(script));
    await started.out(/^\d+/mu);
    started.process.write("\n");
    assert.equal(await started.end(), "exit 4");
  });

  it("a program that closes it before it exits is not hung up on", async (context) => {
    const spawn = starter(context);
    const script = "echo ready; exec 0<&- 1>&- 2>&-; sleep 0.1; exit 5";
    const started = spawn("/bin/sh", onTerminal(script));
    assert.equal(await started.end(), "exit 5");
  });

  it("a hundred leave nothing behind", async (context) => {
    const spawn = starter(context);
    for (let round = 0; round < 10; round += 1) {
      const all = Array.from({ length: 10 }, () => spawn("/bin/sh", onTerminal("echo hello")));
      for (const started of all) {
        assert.equal(await started.end(), "ProcessDone");
        assert.equal(started.output, "hello\r\n");
        assert.deepEqual(started.witness.violations, []);
        assert.isUndefined(stateOf(started.pid));
      }
    }
  });
});

it("the reactor's stop hangs up", async () => {
  const reactor = new NodeReactor();
  const over = reactor.run({ installSignalHandlers: false });
  let pid = 0;
  reactor.spawnProcess(
    {
      makeConnection: (process) => {
        pid = process.pid ?? 0;
      },
      childDataReceived: () => {
        if (reactor.running && !reactor.stopping) reactor.stop();
      },
      childConnectionLost: () => undefined,
      processExited: () => undefined,
      processEnded: () => undefined,
    },
    "/bin/sh",
    { ...onTerminal(`echo ready; ${LONG}`), endAtStop: true },
  );
  await over;
  assert.isUndefined(stateOf(pid));
});
