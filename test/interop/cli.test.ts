/**
 * The program `sennit`, as it is built, in processes of its own: signals, exit statuses, streams.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, assert, beforeAll, describe, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = join(ROOT, "dist/cli/main.js");
const FIXTURES = join(ROOT, "test/interop/fixtures/cli");

/** One run of the program. */
class Run {
  readonly child: ChildProcessWithoutNullStreams;
  out = "";
  error = "";
  #changed: () => void = () => {};

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], { cwd: FIXTURES });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
      this.#changed();
    });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.error += text;
    });
    this.child.on("close", () => this.#changed());
  }

  /** Fires when the output has what `pattern` says; fails when the program ends before. */
  async saying(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out);
      if (match !== null) return match;
      assert.isNull(this.child.exitCode, `ended without saying ${String(pattern)}: ${this.error}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** How it ended: by a signal, or with a status. */
  async end(): Promise<NodeJS.Signals | number | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    if (!child.stdout.closed || !child.stderr.closed) await once(child, "close");
    return child.signalCode ?? child.exitCode;
  }

  /** The texts of the log, when it is JSON. */
  texts(): readonly unknown[] {
    return this.records().map((record) => record["log_text"]);
  }

  records(): readonly Record<string, unknown>[] {
    assert.match(this.out, /\n$/u);
    return this.out
      .slice(0, -1)
      .split("\n")
      .map((line) => {
        const record: unknown = JSON.parse(line);
        if (typeof record !== "object" || record === null) throw new Error(`Not a record: ${line}`);
        return Object.fromEntries(Object.entries(record));
      });
  }
}

const runs: Run[] = [];
let temporary = "";

function sennit(...args: readonly string[]): Run {
  const run = new Run(args);
  runs.push(run);
  return run;
}

/** Run to the end: the status, and what was said. */
async function ended(...args: readonly string[]) {
  const run = sennit(...args);
  const status = await run.end();
  return { status, error: run.error, out: run.out, run };
}

/** A module in a folder of the test's own. */
function moduleOf(name: string, source: string): string {
  const file = join(temporary, name);
  writeFileSync(file, source);
  return file;
}

/** A port that is taken, for as long as `f` runs. */
async function withTakenPort(f: (port: string) => Promise<void>): Promise<void> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  try {
    await f(String(portOf(address)));
  } finally {
    server.close();
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("Expected a TCP address");
  return address.port;
}

/** Exactly one line on the error stream, and no stack. */
function assertOneLine(error: string, pattern: RegExp): void {
  assert.match(error, pattern);
  assert.match(error, /^sennit: [^\n]+\n$/u);
}

beforeAll(() => {
  assert.isTrue(existsSync(PROGRAM), "dist/ is not there: npm run build makes it");
  temporary = mkdtempSync(join(tmpdir(), "sennit-"));
});

afterEach(() => {
  for (const { child } of runs.splice(0)) child.kill("SIGKILL");
});

afterAll(() => rmSync(temporary, { recursive: true }));

describe("sennit run, told to stop", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "%s: stops in good order, and ends by it",
    async (signal) => {
      const run = sennit("run", "--log-format", "text", "echo.ts");
      await run.saying(/\[sennit\.port#info\] Factory listens on 127\.0\.0\.1:\d+\n/u);
      await run.saying(/echo has started\n/u);
      run.child.kill(signal);
      assert.strictEqual(await run.end(), signal);
      assert.match(run.out, new RegExp(`Received ${signal}, stopping\n.*Stopping echo\n`, "u"));
      assert.match(run.out, /127\.0\.0\.1:\d+ closed\n/u);
      assert.match(run.out, /echo has stopped\n$/u);
      assert.strictEqual(run.error, "");
    },
  );

  it("closes the connections it has", async () => {
    const run = sennit("run", "echo.ts");
    const [, port] = await run.saying(/listens on 127\.0\.0\.1:(\d+)"/u);
    await run.saying(/echo has started/u);
    const peer = connect(Number(port), "127.0.0.1").setEncoding("utf8");
    peer.write("hello");
    const [text]: unknown[] = await once(peer, "data");
    assert.strictEqual(text, "hello");
    run.child.kill("SIGTERM");
    await once(peer, "end");
    peer.destroy();
    assert.strictEqual(await run.end(), "SIGTERM");
    assert.include(run.texts(), "echo has stopped");
  });

  it("leaves a service behind that does not stop", async () => {
    const run = sennit("run", "--stop-timeout", "0.1", "hangs.ts");
    await run.saying(/Hangs has started/u);
    run.child.kill("SIGTERM");
    assert.strictEqual(await run.end(), "SIGTERM");
    assert.include(run.texts(), "Service Hangs did not stop within 0.1 seconds: left behind");
  });

  it("ends at once by a second SIGINT", async () => {
    const run = sennit("run", "--stop-timeout", "3600", "hangs.ts");
    await run.saying(/Hangs has started/u);
    run.child.kill("SIGINT");
    await run.saying(/Stopping Hangs/u);
    run.child.kill("SIGINT");
    assert.strictEqual(await run.end(), "SIGINT");
    assert.include(run.texts(), "Received SIGINT while stopping: ending at once");
  });

  it("goes on when nobody reads its log", async () => {
    const run = sennit("run", "echo.ts");
    const [, port] = await run.saying(/listens on 127\.0\.0\.1:(\d+)"/u);
    await run.saying(/echo has started/u);
    run.child.stdout.destroy();
    const peer = connect(Number(port), "127.0.0.1").setEncoding("utf8");
    peer.write("still there?");
    const [text]: unknown[] = await once(peer, "data");
    assert.strictEqual(text, "still there?");
    run.child.kill("SIGTERM");
    await once(peer, "end");
    peer.destroy();
    assert.strictEqual(await run.end(), "SIGTERM");
    assert.strictEqual(run.error, "");
  });
});

describe("sennit run, left alone", () => {
  it("hands arguments over, and ends with 0 when the module stops the reactor", async () => {
    const { status, error, run } = await ended(
      "run",
      "arguments.js",
      "--log-level",
      "x",
      "--",
      "-y",
    );
    assert.strictEqual(error, "");
    assert.strictEqual(status, 0);
    const given = run.records().find((record) => record["log_namespace"] === "arguments");
    assert.deepEqual(given?.["args"], ["--log-level", "x", "--", "-y"]);
    assert.strictEqual(given?.["sameReactor"], true, "the module sees this copy of the package");
  });

  it("runs CommonJS", async () => {
    const { status, run } = await ended("run", "common.cjs");
    assert.strictEqual(status, 0);
    assert.include(run.texts(), "Common has stopped");
  });

  it("loses nothing of its log at the end", async () => {
    const { status, run } = await ended("run", "chatty.ts", "3000");
    assert.strictEqual(status, 0);
    const lines = run.records().filter((record) => record["log_namespace"] === "chatty");
    assert.deepEqual(
      lines.map((record) => record["line"]),
      Array.from({ length: 3000 }, (_, line) => line),
    );
  });

  it("--log-level holds back what is below it", async () => {
    const { status, out } = await ended("run", "--log-level", "warn", "chatty.ts", "10");
    assert.strictEqual(status, 0);
    assert.strictEqual(out, "");
  });
});

describe("sennit run, with what cannot work", () => {
  it("a taken port: 69, and one line", async () => {
    await withTakenPort(async (port) => {
      const place = `tcp:${port}:interface=127.0.0.1`;
      const { status, error } = await ended("run", "echo.ts", place);
      assert.strictEqual(status, 69);
      assertOneLine(
        error,
        new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`, "u"),
      );
    });
  });

  it("a taken port that nobody looked at: the same", async () => {
    await withTakenPort(async (port) => {
      const { status, error } = await ended("run", "fails.ts", "port", port);
      assert.strictEqual(status, 69);
      assertOneLine(error, /Cannot listen on any:\d+: .*EADDRINUSE/u);
    });
  });

  it("--debug adds the stack", async () => {
    await withTakenPort(async (port) => {
      const place = `tcp:${port}:interface=127.0.0.1`;
      const { status, error } = await ended("run", "--debug", "echo.ts", place);
      assert.strictEqual(status, 69);
      assert.match(error, /^sennit: Cannot listen on [^\n]+\nCannotListenError: [^]*\n {4}at /u);
    });
  });

  it("a missing module: 66", async () => {
    const { status, error, out } = await ended("run", "lost.ts");
    assert.strictEqual(status, 66);
    assertOneLine(error, /Cannot find module "lost\.ts": no such file/u);
    assert.strictEqual(out, "");
  });

  it.each([
    [
      "while loading",
      /Cannot load "fails\.ts": TypeError: no luck at all \(\/.*fails\.ts:\d+:\d+\)/u,
    ],
    ["no service", /expected the function it exports to return a service, got another object/u],
    ["never made", /Nothing is left to wait for/u],
  ])("a bad module (%s): 78", async (how, message) => {
    const { status, error } = await ended("run", "fails.ts", how);
    assert.strictEqual(status, 78);
    assertOneLine(error, message);
  });

  it("a module that needs more than its types removed: 78", async () => {
    const file = moduleOf("colour.ts", "export const x = 1;\nenum Colour { Red }\n");
    const { status, error } = await ended("run", file);
    assert.strictEqual(status, 78);
    assertOneLine(error, /enum is not supported/u);
  });

  it("a module that is no JavaScript: 78", async () => {
    const { status, error } = await ended("run", moduleOf("broken.mjs", "\nconst x = = 1;\n"));
    assert.strictEqual(status, 78);
    assertOneLine(error, /Cannot load ".*broken\.mjs": SyntaxError: Unexpected token '='/u);
  });

  it("a module that imports what is not there: 78, and not 66", async () => {
    const { status, error } = await ended("run", moduleOf("lacks.mjs", 'import "./lost.mjs";\n'));
    assert.strictEqual(status, 78);
    assertOneLine(error, /Cannot find module '.*lost\.mjs' imported from/u);
  });

  it("a module without a service: 78", async () => {
    const { status, error } = await ended("run", moduleOf("empty.mjs", "export {};\n"));
    assert.strictEqual(status, 78);
    assertOneLine(error, /expected its default export.*got neither/u);
  });

  it("arguments that the module refuses: 64", async () => {
    const { status, error } = await ended("run", "fails.ts", "usage");
    assert.strictEqual(status, 64);
    assertOneLine(error, /^sennit: Expected a way to fail\n$/u);
  });

  it("a start that fails: 70, one line, and the stack in the log", async () => {
    const { status, error, run } = await ended("run", "fails.ts", "start");
    assert.strictEqual(status, 70);
    assertOneLine(error, /Cannot start "fails\.ts": TypeError: no luck/u);
    const record = run.records().find((one) => one["log_level"] === "critical");
    assert.strictEqual(record?.["log_text"], "Fails cannot start");
  });

  it("an exception that nobody catches: 70, and its stack", async () => {
    const { status, error } = await ended("run", "fails.ts", "uncaught");
    assert.strictEqual(status, 70);
    assert.match(error, /^sennit: nobody looks\nTypeError: nobody looks\n {4}at /u);
  });
});

describe("sennit", () => {
  it("--version, --help, and nothing at all", async () => {
    const version = await ended("--version");
    assert.deepEqual([version.status, version.error], [0, ""]);
    assert.match(version.out, /^sennit \d+\.\d+\.\d+/u);
    const help = await ended("run", "--help");
    assert.strictEqual(help.status, 0);
    assert.match(help.out, /^Usage: sennit run/u);
    const nothing = await ended();
    assert.deepEqual([nothing.status, nothing.out], [64, ""]);
    assert.match(nothing.error, /^Usage: sennit </u);
  });
});
