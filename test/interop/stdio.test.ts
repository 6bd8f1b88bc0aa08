/**
 * Standard input and output as a connection: real pipes, files, sockets and terminals.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, describe, it, type TestContext } from "vitest";
import { type Running, start } from "./fixtures/lines/running.ts";
import { peer, pythonPeer } from "./peers.ts";

const PROGRAM = new URL("fixtures/streams/stdio.mjs", import.meta.url).pathname;
const DESCRIPTORS = new URL("fixtures/streams/descriptors.py", import.meta.url).pathname;
const MIB = 1 << 20;

const script = peer("script", "util-linux");
/** Any Python will do; this package brings one, and the other tests want it too. */
const python = pythonPeer("pty", "python3-twisted");

/** A line for the shell; `$P` is the program. */
function shell(context: TestContext, line: string): Running {
  const env = { ...process.env, P: `${process.execPath} --expose-gc ${PROGRAM}` };
  return start(context, "sh", ["-c", line], { env });
}

/** Run it to its end. @returns What it printed, and what the program told. */
async function run(context: TestContext, line: string): Promise<readonly [string, string[]]> {
  const running = shell(context, line);
  assert.deepEqual(await running.exit(), { code: 0, signal: null }, running.stderr);
  const told = running.stderr.split("\n").map((one) => one.trim());
  return [running.stdout, told.filter((one) => one !== "")];
}

/** A folder of the test's own. */
function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "sennit-stdio-"));
  context.onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const GOOD_END = ["made stdio", "input ended", "output ended", "lost ERR_CONNECTION_DONE"];

describe("standard I/O on pipes", () => {
  it("carries bytes, half-closes, and ends with the process", async (context) => {
    const [out, told] = await run(context, "printf 'one\\ntwo\\n' | $P echo | cat");
    assert.equal(out, "one\ntwo\nbye\n");
    assert.deepEqual(told, GOOD_END);
  });

  it("a protocol without halves ends with the input, after its last words", async (context) => {
    const [out, told] = await run(context, "head -c 3000000 /dev/zero | $P plain | wc -c");
    assert.equal(out.trim(), "3000000");
    assert.deepEqual(told, ["made stdio", "lost ERR_CONNECTION_DONE"]);
  });

  it("a consumer that is gone is ConnectionLost, and no crash", async (context) => {
    const [out, told] = await run(context, "$P faucet < /dev/null | head -1");
    assert.equal(out, "y\n");
    assert.include(told, "lost ERR_CONNECTION_LOST EPIPE");
  });

  it("a consumer hears of the end while the program lives on", async (context) => {
    const running = shell(context, "$P quiet | (cat; echo consumer sees the end)");
    assert.equal(await running.line(), "all there is");
    assert.equal(await running.line(), "consumer sees the end");
    running.send("quit\n");
    await running.err(/^heard quit$/mu);
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
    assert.match(running.stderr, /^lost ERR_CONNECTION_DONE/mu);
  });

  it("a producer hears of our hanging up while the process lives on", async (context) => {
    const line = "(yes; echo $? >&2) | $P once live | (cat; echo consumer sees the end)";
    const running = shell(context, line);
    const [, pid] = await running.err(/^lives on as (\d+)$/mu);
    context.onTestFinished(() => void process.kill(Number(pid)));
    await running.out(/^consumer sees the end$/mu);
    await running.err(/^141$/mu); // SIGPIPE
    assert.match(running.stderr, /^lost ERR_CONNECTION_DONE/mu);
  });

  it("makes a producer wait: a flood does not fill the memory", async (context) => {
    const [, told] = await run(context, "head -c 300000000 /dev/zero | $P count > /dev/null");
    const [, count, grown] = /counted (\d+) grown by (\d+)/u.exec(told.join("\n")) ?? [];
    assert.equal(Number(count), 300_000_000);
    assert.isBelow(Number(grown), 64 * MIB);
  });

  it("a stalled consumer does not hold up the process", async (context) => {
    const running = shell(
      context,
      "$P faucet < /dev/null | (read line; read line; cat > /dev/null)",
    );
    await running.err(/^paused$/mu);
    await running.err(/^tick$/mu);
  });
});

describe("standard I/O on files and devices", () => {
  it("files", async (context) => {
    const path = folder(context);
    const bytes = Buffer.alloc(3 * MIB, "from a file ");
    writeFileSync(join(path, "in"), bytes);
    const line = `cd ${path}; echo before > out; $P echo < in >> out; echo after >> out`;
    const [, told] = await run(context, line);
    assert.equal(
      readFileSync(join(path, "out"), "utf8"),
      `before\n${bytes.toString()}bye\nafter\n`,
    );
    assert.deepEqual(told, GOOD_END);
  });

  it("a file takes last words, after the connection", async (context) => {
    const out = join(folder(context), "out");
    await run(context, `echo first words | $P once > ${out}`);
    assert.equal(readFileSync(out, "utf8"), "first last words\n");
  });

  it("/dev/null", async (context) => {
    const [, told] = await run(context, "$P echo < /dev/null > /dev/null");
    assert.deepEqual(told, GOOD_END);
  });

  it("an input that is closed has ended", async (context) => {
    const [out, told] = await run(context, "$P echo <&- | cat");
    assert.equal(out, "bye\n");
    assert.deepEqual(told, GOOD_END);
  });

  it("an output that is closed takes everything", async (context) => {
    const [, told] = await run(context, "echo hello | $P echo >&-");
    assert.deepEqual(told, GOOD_END);
  });

  it("a full disk is ConnectionLost, with the system's error", async (context) => {
    const [, told] = await run(context, "echo hello | $P echo > /dev/full");
    assert.include(told, "lost ERR_CONNECTION_LOST ENOSPC");
  });

  it("a folder is ConnectionLost, with the system's error", async (context) => {
    const [, told] = await run(context, "$P echo < / | cat");
    assert.include(told, "lost ERR_CONNECTION_LOST EISDIR");
  });

  it("other descriptors than 0 and 1", async (context) => {
    const path = folder(context);
    writeFileSync(join(path, "in"), "by other ways\n");
    const both = "$P descriptors 5 4 5< in 4> out";
    const line = `cd ${path}; ${both}; echo x | $P descriptors 0 3 3>&1 | cat`;
    const [out, told] = await run(context, line);
    assert.equal(readFileSync(join(path, "out"), "utf8"), "by other ways\nbye\n");
    assert.equal(out, "x\nbye\n");
    assert.deepEqual(told, [...GOOD_END, ...GOOD_END]);
  });
});

describe("standard I/O on a socket", () => {
  it("of a parent on Node", async (context) => {
    const program = start(context, process.execPath, [PROGRAM, "echo"]);
    program.send("hello\n");
    assert.equal(await program.line(), "hello");
    program.end();
    assert.equal(await program.line(), "bye");
    assert.deepEqual(await program.exit(), { code: 0, signal: null });
  });

  it("the same one for both, as from inetd", async (context) => {
    const args = [DESCRIPTORS, "socket", process.execPath, PROGRAM, "echo"];
    const running = start(context, python.path(context), args);
    await running.exit();
    assert.equal(running.stdout, "hello\nbye\nend\nexit 0\n");
  });
});

describe("standard I/O at a terminal", () => {
  it("carries lines, and takes last words", async (context) => {
    const line = `${process.execPath} ${PROGRAM} once`;
    const args = ["-qec", line, "/dev/null"];
    const running = start(context, script.path(context), args);
    await running.out(/made stdio/u);
    running.send("first\n");
    await running.out(/last words/u);
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
    // The terminal's echo, and ours.
    assert.match(running.stdout, /first\r\n(?:.*\r\n)*?first\r\n/u);
  });

  it("one that stands still does not hold up the process", async (context) => {
    const args = [DESCRIPTORS, "stalled", process.execPath, PROGRAM, "faucet"];
    const running = start(context, python.path(context), args);
    await running.exit();
    assert.match(running.stdout, /paused\ntick\nread\nexit/u);
  });
});

describe("standard I/O", () => {
  it("is opened once, and what cannot be opened is refused", async (context) => {
    const [, told] = await run(context, "$P refusals < /dev/null | cat");
    assert.deepEqual(told, [
      "refused RangeError",
      "refused RangeError",
      "refused ERR_STDIO EBADF",
      "made stdio",
      "refused ERR_STDIO_TAKEN",
      "lost ERR_CONNECTION_ABORTED",
      "refused ERR_STDIO_TAKEN",
    ]);
  });

  it("is refused while somebody reads process.stdin", async (context) => {
    const [, told] = await run(context, "(echo x; sleep 1) | $P inUse | cat");
    assert.deepEqual(told, ["refused ERR_STDIO EEXIST"]);
  });

  it("is a place to listen: stdio:", async (context) => {
    const [out, told] = await run(context, "printf 'one\\ntwo\\n' | $P string | cat");
    assert.equal(out, "ONE\nTWO\n");
    assert.deepEqual(told, [
      "listens on stdio 1 stdio:",
      "empty",
      "ERR_CANNOT_LISTEN ERR_STDIO_TAKEN",
    ]);
  });

  it("is closed when the factory has no protocol for it", async (context) => {
    const [, told] = await run(context, "(yes; echo $? >&2) | $P nobody | cat");
    assert.deepEqual(told.toSorted(), ["141", "connections 0"]);
  });

  it("is closed when its reactor stops", async (context) => {
    const running = shell(context, "$P stopped | cat");
    await running.err(/^stopped$/mu);
    assert.deepEqual(await running.exit(), { code: 0, signal: null });
    assert.match(running.stderr, /^lost ERR_CONNECTION_LOST/mu);
  });
});
