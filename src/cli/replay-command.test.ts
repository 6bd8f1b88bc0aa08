/**
 * `sennit replay` without a process: its command line, the tests it writes, and a server in memory.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, assert, describe, it } from "vitest";
import { Factory } from "../internet/factory.ts";
import { LineReceiver } from "../protocols/line-receiver.ts";
import { MemoryReactor } from "../reactors/memory/memory-reactor.ts";
import { runCommandLine } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "sennit-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER =
  '{"sennit-recording":1,"role":"server","date":"2001-09-09T01:46:40.000Z","place":"tcp:7",' +
  '"protocol":"Gree*/ter","host":"IPv4 127.0.0.1:7","peer":"IPv4 127.0.0.1:50000","tls":"none"}';
const CLOSED = '{"t":3,"type":"closed","reason":"ConnectionDone","message":"","failed":false}';

function file(name: string, ...lines: readonly string[]): string {
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  return name;
}

const GOOD = file(
  "good.jsonl",
  HEADER,
  '{"t":0,"type":"out","text":"Welcome\\r\\n"}',
  '{"t":1,"type":"in","text":"Ada\\r\\nGrace\\r\\n"}',
  '{"t":1,"type":"out","text":"Hello, Ada!\\r\\nHello, Grace!\\r\\n"}',
  '{"t":2,"type":"in","text":"Mary\\r\\n"}',
  '{"t":2,"type":"out","text":"Hello, Mary!\\r\\n"}',
  CLOSED,
);

interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the reactor until the command is done. */
async function replay(args: readonly string[], reactor = new MemoryReactor()): Promise<Outcome> {
  let out = "";
  let error = "";
  const done: number[] = [];
  const running = runCommandLine(["replay", ...args], {
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    isTerminal: false,
    directory: folder,
    reactor,
  }).then((ending) => {
    done.push(ending.status);
  });
  while (done.length === 0) {
    // What comes from the disk comes in its own time: nothing is waited for until it has.
    reactor.advance(reactor.getDelayedCalls().length > 0 ? 0.01 : 0);
    await nextTurn();
  }
  await running;
  return { status: done[0] ?? -1, out, error };
}

class Greeter extends LineReceiver {
  greeting = "Hello";
  override connectionMade(): void {
    this.sendLine("Welcome");
  }
  override lineReceived(line: Buffer): void {
    this.sendLine(`${this.greeting}, ${line.toString()}!`);
  }
}

class OtherGreeter extends Greeter {
  override greeting = "Hi";
}

function serving(kind: new () => Greeter): MemoryReactor {
  const reactor = new MemoryReactor();
  reactor.listenTCP(7, Factory.forProtocol(kind));
  return reactor;
}

describe("sennit replay", () => {
  it("--help tells of each option and exit status, in lines that fit", async () => {
    const { status, out } = await replay(["--help"]);
    assert.equal(status, 0);
    const words = ["--to", "--diff", "--speed", "--as-test", "--runner", "--ignore", "65", "69"];
    for (const word of words) assert.include(out, word);
    for (const line of out.split("\n")) assert.isAtMost(line.length, 80, line);
  });

  const wrong: readonly (readonly [readonly string[], string])[] = [
    [[], "Expected a recording; see sennit replay --help"],
    [["a", "b", "--to", "tcp:x:7"], 'Cannot replay "b" too: expected one recording'],
    [["a"], "Expected one of --to and --as-test; see sennit replay --help"],
    [
      ["a", "--to", "tcp:x:7", "--as-test", "b"],
      "Expected one of --to and --as-test; see sennit replay --help",
    ],
    [["a", "--as-test", "b", "--diff"], "Cannot use --diff without --to"],
    [["a", "--to", "tcp:x:7", "--runner", "node"], "Cannot use --runner without --as-test"],
    [
      ["a", "--to", "tcp:x:7", "--speed", "slow"],
      'Cannot use --speed "slow": expected real or fast',
    ],
    [
      ["a", "--as-test", "b", "--runner", "jest"],
      'Cannot use --runner "jest": expected vitest or node',
    ],
    [
      ["a", "--to", "tcp:x:7", "--patience", "0"],
      'Cannot use --patience "0": expected seconds, more than 0',
    ],
    [
      ["a", "--to", "tcp:x:7", "--ignore", "("],
      'Cannot use --ignore "(": expected a regular expression',
    ],
    [["a", "--to", "tcp:x:7", "--walk"], "Unknown option '--walk'; see sennit replay --help"],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(" ")}`, async () => {
      const error = `sennit: ${message}\n`;
      assert.deepEqual(await replay(args), { status: 64, out: "", error });
    });
  }

  it("refuses an endpoint that is none", async () => {
    const { status, error } = await replay([GOOD, "--to", "nowhere"]);
    assert.equal(status, 64);
    assert.match(error, /^sennit: Cannot read endpoint description "nowhere"/u);
  });

  it("tells a file that is not there from one that is no recording", async () => {
    const none = await replay(["none.jsonl", "--to", "tcp:x:7"]);
    assert.equal(none.status, 66);
    assert.match(none.error, /^sennit: ENOENT.*none\.jsonl'\n$/u);
    const text = await replay([file("text.txt", "hello"), "--to", "tcp:x:7"]);
    assert.deepEqual(text, {
      status: 65,
      out: "",
      error: 'sennit: Cannot read line 1 of a recording: expected JSON, got "hello"\n',
    });
    const dropped = '{"t":0,"type":"dropped","events":3,"bytesIn":1,"bytesOut":1}';
    const ring = await replay([file("ring.jsonl", HEADER, dropped), "--to", "tcp:x:7"]);
    assert.equal(ring.status, 65);
    assert.include(ring.error, "its first 3 events were not kept");
    const startTLS = '{"t":0,"type":"start-tls","unread":0}';
    const tls = await replay([file("tls.jsonl", HEADER, startTLS), "--to", "tcp:x:7"]);
    assert.equal(tls.status, 65);
    assert.include(tls.error, "TLS on the way");
  });
});

describe("sennit replay --to", () => {
  it("ends with 0 where the server says what it said", async () => {
    const outcome = await replay([GOOD, "--to", "tcp:127.0.0.1:7", "--diff"], serving(Greeter));
    assert.deepEqual(outcome, {
      status: 0,
      out: "The answers are the same: 51 bytes\n",
      error: "",
    });
  });

  it("ends with 1 where it does not, and shows what with --diff", async () => {
    const to = ["--patience", "1", "--to", "tcp:127.0.0.1:7"];
    const { status, out } = await replay([...to, GOOD], serving(OtherGreeter));
    assert.deepEqual([status, out], [1, "The answers are different at byte 10\n"]);
    const diff = await replay([...to, GOOD, "--diff"], serving(OtherGreeter));
    assert.equal(diff.status, 1);
    assert.match(diff.out, /^Different at byte 10, line 4 of the recording, after 1 s:$/mu);
    assert.match(diff.out, /^ {2}expected {2}"ello, Ada!\\r\\nHello, Grace!/mu);
    assert.match(diff.out, /^ {2}got {7}"i, Ada!\\r\\nHi, Grace!/mu);
  });

  it("--ignore leaves out what is different each time", async () => {
    const args = [GOOD, "--to", "tcp:127.0.0.1:7", "--patience", "1", "--ignore", "^H\\w+"];
    assert.equal((await replay(args, serving(OtherGreeter))).status, 0);
  });

  it("--speed real takes the time that the recording took, fast does not", async () => {
    const taken = async (speed: string): Promise<number> => {
      const reactor = serving(Greeter);
      await replay([GOOD, "--to", "tcp:127.0.0.1:7", "--speed", speed], reactor);
      return reactor.seconds();
    };
    const [real, fast] = [await taken("real"), await taken("fast")];
    assert.isTrue(real > 3 && real < 3.5, `${String(real)} s`);
    assert.isBelow(fast, 0.5);
  });

  it("ends with 69 where there is no server", async () => {
    const reactor = new MemoryReactor();
    const outcome = await replay([GOOD, "--to", "tcp:127.0.0.1:7:timeout=1"], reactor);
    assert.equal(outcome.status, 69);
    assert.match(outcome.error, /^sennit: [^\n]+\n$/u);
  });

  it("plays the client that was recorded, too, and waits for a server that ends it", async () => {
    const client = file(
      "client.jsonl",
      HEADER.replace('"server"', '"client"'),
      '{"t":0,"type":"in","text":"Welcome\\r\\n"}',
      '{"t":1,"type":"out","text":"Ada\\r\\n"}',
      '{"t":1,"type":"in","text":"Hello, Ada!\\r\\n"}',
      CLOSED,
    );
    class Leaving extends Greeter {
      override lineReceived(line: Buffer): void {
        super.lineReceived(line);
        this.transport.loseConnection();
      }
    }
    const outcome = await replay([client, "--to", "tcp:127.0.0.1:7"], serving(Leaving));
    assert.equal(outcome.status, 0, outcome.out);
  });
});

describe("sennit replay --as-test", () => {
  it("writes a test, and the recording beside it", async () => {
    const out = join(folder, "new.test.ts");
    const args = [GOOD, "--as-test", out, "--factory", "./greeter.ts#greeters", "--ignore", "a/b"];
    // Another folder than that of the recording.
    const elsewhere = mkdtempSync(join(tmpdir(), "sennit-replay-"));
    const test = join(elsewhere, "new.test.ts");
    const { status, out: said } = await replay(args.map((arg) => (arg === out ? test : arg)));
    const copy = join(elsewhere, "new.recording.jsonl");
    assert.deepEqual([status, said], [0, `Written: ${test}\nWritten: ${copy}\n`]);
    assert.equal(readFileSync(copy, "utf8"), readFileSync(join(folder, GOOD), "utf8"));
    const source = readFileSync(test, "utf8");
    assert.include(source, 'import { it } from "vitest";');
    assert.match(source, /import \{ greeters as factory \} from "\.\.\/[^"]+\/greeter\.ts";/u);
    assert.include(source, 'new URL("./new.recording.jsonl", import.meta.url)');
    assert.include(source, "ignore: [/a\\/b/mu]");
    assert.include(source, "Gree* /ter said to IPv4 127.0.0.1:50000 on 2001-09-09");
    rmSync(elsewhere, { recursive: true });
  });

  it("takes a module's default export, a package's, or leaves a place to fill in", async () => {
    const written = async (name: string, ...more: readonly string[]): Promise<string> => {
      const { status } = await replay([GOOD, "--as-test", name, "--runner", "node", ...more]);
      assert.equal(status, 0);
      return readFileSync(join(folder, name), "utf8");
    };
    const path = await written("a.test.ts", "--factory", "./greeter.ts");
    assert.include(path, 'import factory from "./greeter.ts";');
    assert.include(path, 'import { it } from "node:test";');
    assert.include(path, 'new URL("./good.jsonl", import.meta.url)');
    const named = await written("b.test.ts", "--factory", "greeter#make");
    assert.include(named, 'import { make as factory } from "greeter";');
    assert.include(await written("c.test.ts"), "Return the factory of the protocol under test");
  });

  it("overwrites nothing", async () => {
    const out = file("mine.test.ts", "mine");
    const { status, error } = await replay([GOOD, "--as-test", out]);
    assert.equal(status, 64);
    assert.match(error, /^sennit: Cannot write "[^"]*mine\.test\.ts": EEXIST/u);
    assert.equal(readFileSync(join(folder, out), "utf8"), "mine\n");
    assert.isFalse(existsSync(join(folder, "mine.recording.jsonl")));
  });
});
