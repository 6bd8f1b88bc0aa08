/**
 * TLS with Python's Twisted on the other side: over TCP, inside of a UNIX socket, and begun on a
 * live connection; as server and as client; and whoever ends first.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, assert, beforeAll, describe, it, type TestContext } from "vitest";
import { CertificateOptions } from "../../src/internet/tls/certificate-options.ts";
import { TLSMemoryBIOFactory } from "../../src/internet/tls/memory-bio.ts";
import type { TLSHooks, TLSWitness } from "../../src/testing/contracts/tls-witness.ts";
import { type Running, start } from "./fixtures/lines/running.ts";
import { SmallMailClient, SmallMailServer } from "./fixtures/tls/small-mail.ts";
import { arrived, endOf, TLSFiles, TLSStage, until } from "./fixtures/tls/tls-stage.ts";
import { pythonPeer } from "./peers.ts";

const twisted = pythonPeer("twisted", "python3-twisted");
const openssl = pythonPeer("OpenSSL", "python3-openssl");
const identity = pythonPeer("service_identity", "python3-service-identity");
const SCRIPT = fileURLToPath(new URL("fixtures/tls/twisted_tls.py", import.meta.url));

let files: TLSFiles;
let sockets = 0;
beforeAll(async () => {
  files = await TLSFiles.make();
});
afterAll(() => files.remove());

const acceptableProtocols = ["line"];

function serverOptions(): CertificateOptions {
  const { own } = files;
  return new CertificateOptions({
    privateKey: own,
    certificate: own.certificate,
    acceptableProtocols,
  });
}

function twistedTLS(context: TestContext, ...args: readonly string[]): Running {
  openssl.path(context);
  identity.path(context);
  const [side = "", how = "", ...rest] = args;
  const all = [SCRIPT, side, how, dirname(files.path("own.pem")), ...rest];
  return start(context, twisted.path(context), all);
}

/** Twisted listens: where? */
async function listening(context: TestContext, how: string): Promise<[Running, string]> {
  const server = twistedTLS(context, "server", how, newSocket());
  const [, where = ""] = await server.out(/^listening (\S+)$/mu);
  return [server, where];
}

/** A path where a UNIX socket can be. */
function newSocket(): string {
  sockets += 1;
  return files.path(`${String(sockets)}.sock`);
}

/** What the server of ours does. */
const ECHO: TLSHooks = {
  data: (one, data) => {
    one.write(data);
    if (data.toString() === "bye\r\n") one.lose();
  },
};

/** Over TCP, or inside of a UNIX socket; `where` a Twisted client can connect to, and who comes. */
type Listen = (stage: TLSStage) => Promise<{ where: string; come: () => Promise<TLSWitness> }>;
/** A client of ours, connected to `where`. */
type Dial = (stage: TLSStage, where: string, hooks: TLSHooks) => TLSWitness;

const WAYS: readonly (readonly [how: string, listen: Listen, dial: Dial])[] = [
  [
    "tcp",
    async (stage) => {
      const port = await stage.listen(serverOptions(), ECHO);
      return { where: String(port.number), come: () => arrived(port) };
    },
    (stage, where, hooks) =>
      stage.dial(Number(where), files.clientOptions({ acceptableProtocols }), hooks),
  ],
  [
    "unix",
    async (stage) => {
      const where = newSocket();
      const server = stage.witness(ECHO);
      const how = { reactor: stage.reactor, options: serverOptions() };
      const secured = new TLSMemoryBIOFactory(
        stage.factory(() => server),
        how,
      );
      await stage.reactor.listenUNIX(where, secured).listening;
      return { where, come: () => Promise.resolve(server) };
    },
    (stage, where, hooks) => {
      const client = stage.witness(hooks);
      const options = files.clientOptions({ acceptableProtocols });
      const how = { reactor: stage.reactor, options };
      const factory = stage.clientFactory(() => client);
      stage.reactor.connectUNIX(where, new TLSMemoryBIOFactory(factory, how));
      return client;
    },
  ],
];

for (const [how, listen, dial] of WAYS) {
  describe(`Twisted's client over ${how}`, () => {
    for (const [end, ours, theirs] of [
      ["close", "ERR_CONNECTION_DONE", "ConnectionDone"],
      ["bye", "ERR_CONNECTION_DONE", "ConnectionDone"],
      ["abort", "ERR_CONNECTION_LOST", "ConnectionLost"],
    ] as const) {
      it(`${end}: we see ${ours}, it sees ${theirs}`, async (context) => {
        const { where, come } = await listen(new TLSStage(context));
        const client = twistedTLS(context, "client", how, where, end);
        assert.equal(await client.line(), "secure line");
        assert.equal(await client.line(), "line hello");
        if (end === "bye") assert.equal(await client.line(), "line bye");
        assert.equal(await client.line(), `lost ${theirs}`);
        const server = await come();
        assert.equal(await endOf(server), ours);
        assert.equal(server.text, end === "bye" ? "hello\r\nbye\r\n" : "hello\r\n");
        assert.equal(server.session.negotiatedProtocol, "line");
        assert.equal(server.session.serverName, "localhost");
      });
    }
  });

  describe(`Twisted's server over ${how}`, () => {
    /** What we do when we have our hello back. */
    const ENDS: Readonly<Record<string, (client: TLSWitness) => void>> = {
      close: (client) => client.lose(),
      bye: (client) => client.write("bye\r\n"),
      abort: (client) => client.abort(),
    };

    for (const [end, ours, theirs] of [
      ["close", "ERR_CONNECTION_DONE", "ConnectionDone"],
      ["bye", "ERR_CONNECTION_DONE", "ConnectionDone"],
      ["abort", "ERR_CONNECTION_ABORTED", "ConnectionLost"],
    ] as const) {
      it(`${end}: we see ${ours}, it sees ${theirs}`, async (context) => {
        const [server, where] = await listening(context, how);
        const client = dial(new TLSStage(context), where, {
          made: (one) => one.write("hello\r\n"),
        });
        await until(() => client.text === "hello\r\n");
        ENDS[end]?.(client);
        assert.equal(await endOf(client), ours);
        assert.equal(client.session.negotiatedProtocol, "line");
        await server.out(new RegExp(`^lost ${theirs}$`, "mu"));
      });
    }
  });
}

describe("STARTTLS with Twisted", () => {
  it("its client, our server", async (context) => {
    const stage = new TLSStage(context);
    const server = new SmallMailServer(serverOptions());
    const port = stage.reactor.listenTCP(
      0,
      stage.factory(() => server),
      { interface: "127.0.0.1" },
    );
    const where = String(await stage.numberOf(port));
    const client = twistedTLS(context, "client", "starttls", where);
    await client.out(/^secure unknown\nline 250 hello\nlost ConnectionDone$/mu);
    const diary = ["EHLO localhost", "STARTTLS", "TLS", "hello", "ERR_CONNECTION_DONE"];
    await until(() => server.diary.length === diary.length);
    assert.deepEqual(server.diary, diary);
  });

  it("its server, our client", async (context) => {
    const [server, where] = await listening(context, "starttls");
    const stage = new TLSStage(context);
    const client = new SmallMailClient(files.clientOptions({ acceptableProtocols }));
    const factory = stage.clientFactory(() => client);
    stage.reactor.connectTCP("127.0.0.1", Number(where), factory);
    await server.out(/^line STARTTLS\nsecure unknown\nline NOOP\nline QUIT$/mu);
    const greeting = ["220 localhost ESMTP", "250-localhost", "250 STARTTLS", "220 go ahead"];
    await until(() => client.diary.length === 7);
    assert.deepEqual(client.diary, [...greeting, "TLS", "NOOP", "QUIT"]);
    client.transport.loseConnection();
    await server.out(/^lost ConnectionDone$/mu);
    await until(() => client.diary.at(-1) === "ERR_CONNECTION_DONE");
  });
});
