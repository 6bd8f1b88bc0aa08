/**
 * The scripts in examples/, each of which is the twin of a sample in one of the seeds: started as
 * their README says, and talked to.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, describe, it, type TestContext } from "vitest";
import { type Running, start } from "./fixtures/lines/running.ts";
import { closedPort, connectTo, listenFor } from "./fixtures/lines/socket-peer.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLES = join(ROOT, "examples");

const TELL_WHEN_STOPPABLE = new URL("fixtures/lines/tell-when-stoppable.mjs", import.meta.url);

function twin(context: TestContext, name: string, argument?: number): Running {
  const script = ["--import", "./examples/strip-types.mjs", `examples/${name}.ts`];
  const args = argument === undefined ? script : [...script, String(argument)];
  return start(context, process.execPath, args, { cwd: ROOT });
}

/** A twin that has said all it says before the reactor runs, or says nothing; it runs now. */
async function quietTwin(context: TestContext, name: string): Promise<Running> {
  const imports = ["./examples/strip-types.mjs", TELL_WHEN_STOPPABLE.href];
  const args = [...imports.flatMap((one) => ["--import", one]), `examples/${name}.ts`];
  const running = start(context, process.execPath, args, { cwd: ROOT });
  await running.err(/^SIGTERM is caught$/mu);
  return running;
}

/** A twin that listens, and where. */
async function server(
  context: TestContext,
  name: string,
): Promise<{ readonly running: Running; readonly port: number }> {
  const running = twin(context, name, 0);
  const [, port = ""] = await running.out(/^Listening on 0\.0\.0\.0:(\d+)$/mu);
  await running.line();
  return { running, port: Number(port) };
}

/** It ends in good order when it is asked to, and has not complained. */
async function expectStop(running: Running, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  running.signal(signal);
  assert.deepEqual(await running.exit(), { code: 0, signal: null });
  assert.equal(running.stderr.replace("SIGTERM is caught\n", ""), "");
}

async function expectLines(running: Running, lines: readonly (string | RegExp)[]): Promise<void> {
  for (const line of lines) {
    if (typeof line === "string") assert.equal(await running.line(), line);
    else assert.match(await running.line(), line);
  }
}

describe("twins", () => {
  it("each tells its seed in the first line, and stands in the README under it", async () => {
    const readme = await readFile(join(EXAMPLES, "README.md"), "utf8");
    const files = await readdir(EXAMPLES);
    for (const file of files.filter((name) => name.endsWith(".ts"))) {
      const source = await readFile(join(EXAMPLES, file), "utf8");
      const [, seed = "", sample = ""] = /^\/\/ Seed (00\d), samples? (\d+)/u.exec(source) ?? [];
      const [, section = ""] = readme.split(`### Seed ${seed}: `);
      const row = section
        .split("\n### ")[0]
        ?.split("\n")
        .find((line) => line.startsWith(`| ${sample} |`));
      assert.include(row, `(${file})`, file);
    }
  });
});

describe.concurrent("twins: time", () => {
  it("print-event prints its event", async (context) => {
    const running = twin(context, "print-event", 0.05);
    await expectLines(running, ["Received event: Five seconds elapsed"]);
    await expectStop(running);
  });

  it("delayed-print prints", async (context) => {
    const running = twin(context, "delayed-print", 0.05);
    await expectLines(running, ["Delayed print"]);
    await expectStop(running);
  });

  it("print-time prints the time, again and again", async (context) => {
    const running = twin(context, "print-time", 0.02);
    const time = /^Current time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u;
    await expectLines(running, [time, time, time]);
    await expectStop(running);
  });
});

describe.concurrent("twins: the reactor", () => {
  it("reactor-run runs until Ctrl+C", async (context) => {
    const running = await quietTwin(context, "reactor-run");
    await expectStop(running, "SIGINT");
    assert.equal(running.stdout, "");
  });

  it("when-running prints when the reactor runs", async (context) => {
    const running = twin(context, "when-running");
    await expectLines(running, ["Handling event: Started event loop"]);
    await expectStop(running, "SIGINT");
  });

  it("start-and-stop ends by itself", async (context) => {
    const running = twin(context, "start-and-stop", 0.05);
    await expectLines(running, ["Event received: Started event loop"]);
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
  });

  it("reactor-name prints a name", async (context) => {
    const running = twin(context, "reactor-name");
    await expectLines(running, ["NodeReactor"]);
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
  });
});

describe.concurrent("twins: Deferreds", () => {
  it("deferred-callbacks prints the result", async (context) => {
    const running = twin(context, "deferred-callbacks", 0.05);
    await expectLines(running, ["Operation completed successfully: Operation Result"]);
    await expectStop(running);
  });

  it("fetch-data prints what it fetched", async (context) => {
    const running = twin(context, "fetch-data", 0.05);
    await expectLines(running, ["Data received: Hello World", "Hello World"]);
    await expectStop(running);
  });

  it("handle-error prints the traceback", async (context) => {
    const running = await quietTwin(context, "handle-error");
    await expectLines(running, ["An error occurred: Error: An error occurred"]);
    await running.out(/examples\/handle-error\.ts:\d+:\d+/u);
    await expectStop(running);
  });

  it("custom-error tells its own error from others", async (context) => {
    const running = await quietTwin(context, "custom-error");
    await expectLines(running, ["A custom error occurred: A custom error occurred"]);
    await expectLines(running, ["An unknown error occurred: RangeError: Another one"]);
    await expectStop(running);
  });
});

describe.concurrent("twins: servers", () => {
  it("echo-server sends back what it gets", async (context) => {
    const { running, port } = await server(context, "echo-server");
    const client = await connectTo(context, port);
    client.send("hello");
    await client.got(/^hello$/u);
    client.end();
    assert.equal(await client.closed(), "ended");
    await expectStop(running);
  });

  it("echo-server-printing prints who comes and goes", async (context) => {
    const { running, port } = await server(context, "echo-server-printing");
    const client = await connectTo(context, port);
    client.send("hello");
    await client.got(/^hello$/u);
    client.end();
    await expectLines(running, ["Client connected", "Client disconnected"]);
    await expectStop(running);
  });

  it("hello-line-server introduces itself and sends lines back", async (context) => {
    const { running, port } = await server(context, "hello-line-server");
    const client = await connectTo(context, port);
    client.send("one\r\ntw");
    await client.got(/^Hello, I am an echo server\.\r\none\r\n$/u);
    client.send("o\r\n");
    await client.got(/\r\ntwo\r\n$/u);
    await expectStop(running);
    await client.closed();
  });

  it("line-echo-server prints lines and sends them back", async (context) => {
    const { running, port } = await server(context, "line-echo-server");
    const client = await connectTo(context, port);
    client.send("one\r\ntwo\r\n");
    await client.got(/^one\r\ntwo\r\n$/u);
    await expectLines(running, [/^Client connected: 127\.0\.0\.1:\d+$/u]);
    await expectLines(running, ["Received: one", "Received: two"]);
    await expectStop(running);
  });

  it("binary-echo-server sends back as many bytes as it was told", async (context) => {
    const { running, port } = await server(context, "binary-echo-server");
    const client = await connectTo(context, port);
    client.send("5\r\na\r\nb");
    client.send("\n3\r\nxyznoise\r\n2\r\n\r\n");
    await client.got(/^5\r\na\r\nb\n3\r\nxyz2\r\n\r\n$/u);
    await expectStop(running);
  });

  it("connection-server prints who connects and disconnects", async (context) => {
    const { running, port } = await server(context, "connection-server");
    const client = await connectTo(context, port);
    await expectLines(running, [/^Client connected: 127\.0\.0\.1:\d+$/u]);
    client.reset();
    await expectLines(running, [/^Client disconnected: Connection was lost: .*ECONNRESET/u]);
    await expectStop(running);
  });

  it("connect-and-lose closes each connection at once", async (context) => {
    const { running, port } = await server(context, "connect-and-lose");
    const client = await connectTo(context, port);
    assert.equal(await client.closed(), "ended");
    assert.equal(client.received, "");
    await expectLines(running, ["Connected to client"]);
    await expectStop(running);
  });
});

describe.concurrent("twins: clients", () => {
  it("connection-logger tells when it is connected and when not", async (context) => {
    const { port, first } = await listenFor(context);
    const running = twin(context, "connection-logger", port);
    const peer = await first;
    await expectLines(running, ["Connected to server"]);
    peer.end();
    await expectLines(running, ["Disconnected from server"]);
    await expectStop(running);
  });

  it("echo-endpoint connects and sends back what it gets", async (context) => {
    const { port, first } = await listenFor(context);
    const running = twin(context, "echo-endpoint", port);
    const peer = await first;
    peer.send("hello");
    await peer.got(/^hello$/u);
    await expectLines(running, [`Connected to 127.0.0.1:${String(port)}`]);
    await expectStop(running);
  });

  it("echo-protocol tells what it gets, and sends it back", async (context) => {
    const { port, first } = await listenFor(context);
    const running = twin(context, "echo-protocol", port);
    const peer = await first;
    await expectLines(running, ["Connection established"]);
    peer.send("hello");
    await peer.got(/^hello$/u);
    peer.end();
    await expectLines(running, ["Received data: hello", "Connection lost"]);
    await expectStop(running);
  });

  it("line-echo-client sends each line back", async (context) => {
    const { port, first } = await listenFor(context);
    const running = twin(context, "line-echo-client", port);
    const peer = await first;
    peer.send("one\r\ntwo\r\nthr");
    await peer.got(/^one\r\ntwo\r\n$/u);
    peer.end();
    await expectLines(running, ["Client connected", "Client disconnected"]);
    await expectStop(running);
  });

  it("line-echo-client tells when nobody listens", async (context) => {
    const running = twin(context, "line-echo-client", await closedPort());
    await expectLines(running, [/^\[Failure ConnectionRefusedError: /u]);
    await expectStop(running);
  });
});
