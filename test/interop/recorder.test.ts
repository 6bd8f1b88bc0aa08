/**
 * The flight recorder on real connections: curl and a web server, TLS, `sennit run --record` and a
 * crash; what was recorded is replayed, in memory and to a live server.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, beforeAll, describe, it, type TestContext } from "vitest";
import { IPv4Address } from "../../src/internet/addresses.ts";
import { clientFromString } from "../../src/internet/endpoints/from-string.ts";
import { connectProtocol } from "../../src/internet/endpoints/connect-protocol.ts";
import { ClientFactory, Factory } from "../../src/internet/factory.ts";
import type { IListeningPort, IProtocolFactory } from "../../src/internet/interfaces-factory.ts";
import type { IReactorTime } from "../../src/internet/interfaces-reactor.ts";
import { Protocol } from "../../src/internet/protocol.ts";
import { CertificateOptions } from "../../src/internet/tls/certificate-options.ts";
import { optionsForClientTLS } from "../../src/internet/tls/client-options.ts";
import { TLSMemoryBIOFactory } from "../../src/internet/tls/memory-bio.ts";
import { selfSignedCertificate } from "../../src/internet/tls/self-signed.ts";
import { trustRootFromCertificates } from "../../src/internet/tls/trust-root.ts";
import { LineReceiver } from "../../src/protocols/line-receiver.ts";
import { NodeReactor } from "../../src/reactors/node/node-reactor.ts";
import { MemoryRecordings } from "../../src/recorder/memory-recordings.ts";
import { readRecordingFile } from "../../src/recorder/read-recording-file.ts";
import { recordFactory } from "../../src/recorder/record-factory.ts";
import { recordReactor } from "../../src/recorder/record-reactor.ts";
import { recordTo } from "../../src/recorder/record-to.ts";
import { Recorder } from "../../src/recorder/recorder.ts";
import { replayAgainst } from "../../src/recorder/replay-against.ts";
import { bytesOf } from "../../src/recorder/wire/recorded-event.ts";
import { compareWithRecording } from "../../src/recorder/wire/recording-difference.ts";
import { replayRecording } from "../../src/testing/replay/replay-recording.ts";
import { HTTP_PROTOCOLS, Site } from "../../src/web/server/site.ts";
import { json, text } from "../../src/web/server/answer.ts";
import { start } from "./fixtures/lines/running.ts";
import { peer } from "./peers.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = join(ROOT, "dist/cli/main.js");
const curl = peer("curl", "curl");

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sennit-recorder-"));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/**
 * Says what it is asked for, and how much it was given. Its answers have no `Date`: a second may
 * end between a recorded time and the real one.
 */
function siteFor(reactor: IReactorTime): Site {
  const site = new Site(
    async (request) => {
      if (request.method === "GET") return text(`You asked for ${request.uri}\n`);
      let bytes = 0;
      for await (const chunk of request.content) bytes += chunk.length;
      return json({ bytes });
    },
    { reactor: timeOf(reactor) },
  );
  site.noisy = false;
  return site;
}

function timeOf(reactor: IReactorTime): IReactorTime {
  return {
    seconds: () => reactor.seconds(),
    callLater: (delay, f, ...args) => reactor.callLater(delay, f, ...args),
    getDelayedCalls: () => reactor.getDelayedCalls(),
  };
}

async function listening(context: TestContext, port: IListeningPort): Promise<number> {
  context.onTestFinished(async () => {
    await port.stopListening();
    for (const one of port.connections) one.abortConnection();
    await port.whenEmpty();
  });
  await port.listening;
  const address = port.getHost();
  return address instanceof IPv4Address ? address.port : assert.fail("no IPv4");
}

const LOCAL = { interface: "127.0.0.1" };

async function run(context: TestContext, ...args: readonly string[]): Promise<string> {
  const words = ["--silent", "--show-error", "--max-time", "20", ...args];
  const running = start(context, curl.path(context), words, { encoding: "latin1" });
  const { code } = await running.exit();
  assert.equal(code, 0, running.stderr);
  return running.stdout;
}

describe("curl and a web server, recorded", () => {
  for (const version of ["--http1.1", "--http2-prior-knowledge"]) {
    it(`${version}: says the same when it is replayed, and live`, async (context) => {
      const folder = folderOf(context);
      const reactor = new NodeReactor();
      const recorder = recordTo(join(folder, "web.jsonl"), { reactor });
      const factory = recordFactory(siteFor(reactor), recorder, { place: "tcp:8080" });
      const port = await listening(context, reactor.listenTCP(0, factory, LOCAL));
      const url = `http://127.0.0.1:${String(port)}`;
      const post = ["--data", "x".repeat(300), `${url}/b`];
      const get = version === "--http1.1" ? [`${url}/a`, "--next"] : [];
      const said = await run(context, version, ...get, ...post);
      if (get.length > 0) assert.include(said, "You asked for /a");
      assert.include(said, '{"bytes":300}');
      await recorder.close();

      const [name, ...others] = readdirSync(folder);
      assert.deepEqual([name, others], ["web.jsonl", []]);
      const file = join(folder, "web.jsonl");
      const recording = await readRecordingFile(file);
      assert.isAtLeast(bytesOf(recording, "in").length, 300);
      // HTTP/2 answers what has come, its order of frames is that of the chunks.
      const cuts = version === "--http1.1" ? "all" : "recorded";
      const replayed = await replayRecording(file, siteFor, { cuts });
      assert.equal(replayed.report, "");

      // A day later, to a server that listens. Of HTTP/2 the frames may come in another order.
      const second = reactor.listenTCP(0, siteFor(reactor), LOCAL);
      const place = `tcp:127.0.0.1:${String(await listening(context, second))}`;
      const endpoint = clientFromString(reactor, place);
      const answers = await replayAgainst(recording, endpoint, { reactor });
      if (version === "--http1.1") {
        assert.isUndefined(compareWithRecording(recording, "out", answers));
      } else assert.isAtLeast(answers.length, 100);
    });
  }

  it("over TLS, what is recorded is what the server saw, with its session", async (context) => {
    const reactor = new NodeReactor();
    const store = new MemoryRecordings();
    const end = recordReactor(reactor, new Recorder({ reactor, store }));
    const certificate = await selfSignedCertificate({ names: ["localhost"] });
    const options = new CertificateOptions({
      privateKey: certificate,
      certificate: certificate.certificate,
      acceptableProtocols: HTTP_PROTOCOLS,
    });
    const port = reactor.listenSSL(0, siteFor(reactor), options, LOCAL);
    const url = `https://localhost:${String(await listening(context, port))}/secret`;
    const said = await run(context, "--insecure", "--ipv4", url);
    assert.equal(said, "You asked for /secret\n");
    await port.stopListening();
    await port.whenEmpty();
    end();
    const [recording] = store.recordings;
    assert.exists(recording);
    assert.equal(recording.header.tls, "begun");
    const handshake = recording.events.find((event) => event.type === "handshake");
    assert.equal(handshake?.type === "handshake" && handshake.session.negotiatedProtocol, "h2");
    // HTTP/2, because the replay has that session, too.
    const replayed = await replayRecording(recording, siteFor);
    assert.equal(replayed.report, "");
  });
});

class Echo extends LineReceiver {
  override lineReceived(line: Buffer): void {
    this.sendLine(line);
  }
}

class Asking extends LineReceiver {
  heard: (line: string) => void = () => {};
  override connectionMade(): void {
    this.sendLine("hello");
  }
  override lineReceived(line: Buffer): void {
    this.heard(line.toString());
  }
}

it("TLS on top of a recorded connection is recorded in plain text", async (context) => {
  const reactor = new NodeReactor();
  const store = new MemoryRecordings();
  context.onTestFinished(recordReactor(reactor, new Recorder({ reactor, store })));
  const certificate = await selfSignedCertificate({ names: ["localhost"] });
  const secured = (factory: IProtocolFactory, isServer: boolean) =>
    new TLSMemoryBIOFactory(factory, {
      reactor,
      options: isServer
        ? certificate.options()
        : optionsForClientTLS("localhost", {
            trustRoot: trustRootFromCertificates([certificate]),
          }),
    });
  const server = secured(Factory.forProtocol(Echo), true);
  const port = await listening(context, reactor.listenTCP(0, server, LOCAL));
  const heard = await new Promise<string>((resolve) => {
    const factory = ClientFactory.building(() => {
      const asking = new Asking();
      asking.heard = (line) => {
        asking.transport.loseConnection();
        resolve(line);
      };
      return asking;
    });
    reactor.connectTCP("127.0.0.1", port, secured(factory, false));
  });
  assert.equal(heard, "hello");
  const plain = store.recordings.filter(({ events }) => events[0]?.type !== "stopped");
  const below = store.recordings.filter(({ events }) => events[0]?.type === "stopped");
  assert.deepEqual(plain.map(({ header }) => header.role).toSorted(), ["client", "server"]);
  for (const recording of plain) assert.include(bytesOf(recording, "out").toString(), "hello\r\n");
  assert.deepEqual(
    below.map(({ events }) => events.length),
    [1, 1],
    "nothing of what TLS makes of it",
  );
});

describe("the program sennit", () => {
  beforeAll(() => assert.isTrue(existsSync(PROGRAM), "dist/ is not there: npm run build makes it"));

  const MODULE = `
    import { Factory } from "sennit/internet";
    import { LineReceiver } from "sennit/protocols";
    import { reactor } from "sennit/reactor"; // Its own, and not the one it is handed.
    import { Service } from "sennit/service";

    class Shouting extends LineReceiver {
      lineReceived(line) {
        if (line.toString() === "crash") setTimeout(() => { throw new Error("as told"); });
        else this.sendLine(line.toString().toUpperCase());
      }
    }
    export function shouting() {
      return Factory.forProtocol(Shouting);
    }
    class Shouts extends Service {
      startService() {
        super.startService();
        return reactor.listenTCP(0, shouting(), { interface: "127.0.0.1" }).listening
          .addCallback((port) => console.log("port " + port.getHost().port));
      }
    }
    export default new Shouts();
  `;

  /** A module that finds this package, in a folder of the test's own inside of it. */
  function moduleIn(context: TestContext): string {
    const folder = mkdtempSync(join(ROOT, "build", "recorder-"));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "shouts.mjs"), MODULE);
    return folder;
  }

  async function talk(port: string, line: string): Promise<string> {
    const reactor = new NodeReactor();
    const endpoint = clientFromString(reactor, `tcp:127.0.0.1:${port}`);
    return new Promise((resolve, reject) => {
      class Talking extends LineReceiver {
        override connectionMade(): void {
          this.sendLine(line);
        }
        override lineReceived(answer: Buffer): void {
          this.transport.loseConnection();
          resolve(answer.toString());
        }
        override connectionLost(): void {
          resolve("lost");
        }
      }
      void connectProtocol(endpoint, new Talking()).addErrback((failure) => reject(failure.value));
    });
  }

  async function exitOf(args: readonly string[], cwd: string) {
    return new Promise<{ readonly code: unknown; readonly out: string }>((resolve) => {
      execFile(process.execPath, args, { cwd }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, out: stdout + stderr });
      });
    });
  }

  it("run --record writes what replay compares, and makes a test of", async (context) => {
    const cwd = moduleIn(context);
    const args = [PROGRAM, "run", "--record", "flight", "shouts.mjs"];
    const server = start(context, process.execPath, args, { cwd });
    const [, port = ""] = await server.out(/port (\d+)/u);
    assert.equal(await talk(port, "hello"), "HELLO");
    const recording = join("flight", "connection.jsonl");
    const to = ["--to", `tcp:127.0.0.1:${port}`, "--diff"];
    const live = await exitOf([PROGRAM, "replay", recording, ...to], cwd);
    assert.deepEqual(live, { code: 0, out: "The answers are the same: 7 bytes\n" });

    assert.equal(await talk(port, "crash"), "lost");
    assert.equal((await server.exit()).code, 70);
    const names = readdirSync(join(cwd, "flight")).toSorted();
    assert.deepEqual(names, ["connection-2.jsonl", "connection-3.jsonl", "connection.jsonl"]);
    const last = await readRecordingFile(join(cwd, "flight", "connection-3.jsonl"));
    assert.equal(bytesOf(last, "in").toString(), "crash\r\n");
    assert.equal(last.events.at(-1)?.type, "stopped");

    const test = ["--as-test", "shouts.test.mjs", "--runner", "node"];
    const factory = ["--factory", "./shouts.mjs#shouting"];
    const written = await exitOf([PROGRAM, "replay", recording, ...test, ...factory], cwd);
    assert.equal(written.code, 0, written.out);
    const tested = await exitOf(["--test", "shouts.test.mjs"], cwd);
    assert.equal(tested.code, 0, tested.out);
    // And it fails where the program says something else.
    writeFileSync(join(cwd, "shouts.mjs"), MODULE.replace("toUpperCase", "toLowerCase"));
    const broken = await exitOf(["--test", "shouts.test.mjs"], cwd);
    assert.equal(broken.code, 1);
    assert.match(broken.out, /Different at byte 0, line 3 of the recording/u);
  });

  it("run --record refuses a place that cannot be", async (context) => {
    const cwd = moduleIn(context);
    const args = [PROGRAM, "run", "--record", "shouts.mjs/flight", "shouts.mjs"];
    const { code, out } = await exitOf(args, cwd);
    assert.equal(code, 64);
    assert.match(out, /^sennit: Cannot use --record "[^"]+": ENOTDIR/mu);
  });
});

it("a plain protocol costs nothing that is left open", async (context) => {
  const reactor = new NodeReactor();
  const recorder = recordTo(join(folderOf(context), "a.jsonl"), { reactor });
  const factory = recordFactory(Factory.forProtocol(Protocol), recorder);
  const port = await listening(context, reactor.listenTCP(0, factory, LOCAL));
  const client = await connectProtocol(
    clientFromString(reactor, `tcp:127.0.0.1:${String(port)}`),
    new Protocol(),
  );
  client.transport.write("bye");
  await client.transport.drained();
  client.transport.loseConnection();
  await recorder.close();
  assert.isEmpty(reactor.getDelayedCalls());
});
