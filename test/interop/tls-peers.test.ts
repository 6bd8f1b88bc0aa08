/**
 * TLS with programs that others wrote: openssl, curl, socat.
 *
 * @module
 */
import { statSync } from "node:fs";
import { afterAll, assert, beforeAll, describe, it, type TestContext } from "vitest";
import {
  type CertificateOptionsContent,
  CertificateOptions,
} from "../../src/internet/tls/certificate-options.ts";
import { SNIMap } from "../../src/internet/tls/sni-map.ts";
import type { TLSHooks } from "../../src/testing/contracts/tls-witness.ts";
import { type Running, start } from "./fixtures/lines/running.ts";
import { SmallMailServer } from "./fixtures/tls/small-mail.ts";
import {
  arrived,
  endOf,
  TLSFiles,
  type TLSPort,
  TLSStage,
  until,
} from "./fixtures/tls/tls-stage.ts";
import { peer } from "./peers.ts";

const openssl = peer("openssl", "openssl");
const curl = peer("curl", "curl");
const socat = peer("socat", "socat");

let files: TLSFiles;
beforeAll(async () => {
  files = await TLSFiles.make();
});
afterAll(() => files.remove());

const ECHO: TLSHooks = { data: (one, data) => one.write(data) };

function serverOptions(content: Partial<CertificateOptionsContent> = {}): CertificateOptions {
  const { own } = files;
  return new CertificateOptions({ privateKey: own, certificate: own.certificate, ...content });
}

/** `openssl s_client`, which verifies, and wants `localhost`. */
function sClient(context: TestContext, port: number, ...more: readonly string[]): Running {
  const name = more.includes("-servername") ? [] : ["-servername", "localhost"];
  const verify = ["-CAfile", files.path("roots.pem"), "-verify_return_error"];
  const where = ["-connect", `127.0.0.1:${String(port)}`];
  return start(context, openssl.path(context), ["s_client", ...where, ...name, ...verify, ...more]);
}

/** `openssl s_server`, which sends each line back reversed, and where it listens. */
async function sServer(
  context: TestContext,
  ...more: readonly string[]
): Promise<{ readonly server: Running; readonly port: number }> {
  const keys = ["-cert", files.path("own.pem"), "-key", files.path("own.pem")];
  const args = ["s_server", "-accept", "127.0.0.1:0", "-naccept", "4", ...keys, ...more];
  const server = start(context, openssl.path(context), args);
  const [, port = ""] = await server.out(/^ACCEPT \S*:(\d+)$/mu);
  return { server, port: Number(port) };
}

describe("openssl s_client", () => {
  it("verifies our name, agrees on a protocol, talks, and ends with Q", async (context) => {
    const stage = new TLSStage(context);
    const map = new SNIMap(
      { names: { localhost: files.own, "other.example": files.other } },
      { acceptableProtocols: ["h2", "http/1.1"] },
    );
    const port = await stage.listen(map, ECHO);
    for (const [at, name] of ["localhost", "other.example"].entries()) {
      const names = ["-servername", name, "-verify_hostname", name];
      const client = sClient(context, port.number, ...names, "-alpn", "http/1.1,h2");
      await client.out(/^ALPN protocol: h2$/mu);
      await client.out(/Verification: OK/u);
      client.send("hello\n");
      await client.out(/^hello$/mu);
      client.send("Q\n");
      const server = await arrived(port, at);
      assert.equal(await endOf(server), "ERR_CONNECTION_DONE");
      assert.deepEqual([server.session.serverName, server.text], [name, "hello\n"]);
      assert.equal((await client.exit()).code, 0);
    }
  });

  for (const [flag, version] of [
    ["-tls1_2", "TLSv1.2"],
    ["-tls1_3", "TLSv1.3"],
  ] as const) {
    it(`${flag}: we close first`, async (context) => {
      const stage = new TLSStage(context);
      const port = await stage.listen(serverOptions(), {
        data: (one) => {
          one.write("goodbye\n");
          one.lose();
        },
      });
      const client = sClient(context, port.number, flag);
      client.send("hello\n");
      await client.out(/^goodbye$/mu);
      await client.out(/^closed$/mu); // "read:errno=0" would be an end without close_notify.
      const server = await arrived(port);
      assert.equal(await endOf(server), "ERR_CONNECTION_DONE");
      assert.equal(server.session.version, version);
      assert.equal((await client.exit()).code, 0);
    });

    it(`${flag}: killed in the middle, it is ConnectionLost`, async (context) => {
      const stage = new TLSStage(context);
      const port = await stage.listen(serverOptions());
      const client = sClient(context, port.number, flag);
      client.send("half a wo\n");
      const server = await arrived(port);
      await until(() => server.text === "half a wo\n");
      client.signal("SIGKILL");
      assert.equal(await endOf(server), "ERR_CONNECTION_LOST");
    });
  }

  it("-tls1_1 is refused", async (context) => {
    const stage = new TLSStage(context);
    const port = await stage.listen(serverOptions());
    const client = sClient(context, port.number, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
    assert.equal(await endOf(await arrived(port)), "ERR_CONNECTION_TLS_HANDSHAKE");
    await client.err(/alert protocol version/u);
  });

  it("a session is taken up again if we want that, in both versions", async (context) => {
    for (const enableSessions of [true, false]) {
      const stage = new TLSStage(context);
      const port = await stage.listen(serverOptions({ enableSessions }), ECHO);
      for (const [at, flag] of ["-tls1_2", "-tls1_3"].entries()) {
        const file = files.path(`session-${flag}-${String(enableSessions)}`);
        const first = sClient(context, port.number, flag, "-sess_out", file);
        first.send("hello\n");
        await first.out(/^hello$/mu);
        first.send("Q\n");
        await first.exit();
        assert.isAbove(statSync(file).size, 0);
        const second = sClient(context, port.number, flag, "-sess_in", file);
        await second.out(enableSessions ? /^Reused, TLSv1\.\d/mu : /^New, TLSv1\.\d/mu);
        second.send("hello\n");
        await second.out(/^hello$/mu);
        second.send("Q\n");
        const server = await arrived(port, 2 * at + 1);
        assert.equal(await endOf(server), "ERR_CONNECTION_DONE");
        assert.equal(server.session.resumed, enableSessions);
      }
    }
  });

  it("a client's certificate: asked for, shown, or missing", async (context) => {
    const stage = new TLSStage(context);
    const port = await stage.listen(serverOptions({ trustRoot: files.other }), ECHO);
    const shown = ["-cert", files.path("other.pem"), "-key", files.path("other.pem")];
    const good = sClient(context, port.number, ...shown);
    good.send("hello\n");
    await good.out(/^hello$/mu);
    const server = await arrived(port);
    assert.deepEqual(server.session.peerCertificate?.raw, files.other.raw);
    const none = sClient(context, port.number);
    await none.err(/alert certificate required/u);
    assert.equal(await endOf(await arrived(port, 1)), "ERR_CONNECTION_TLS_HANDSHAKE");
    const wrong = ["-cert", files.path("own.pem"), "-key", files.path("own.pem")];
    sClient(context, port.number, ...wrong);
    assert.equal(await endOf(await arrived(port, 2)), "ERR_CONNECTION_TLS_VERIFICATION");
  });

  it("renegotiation (TLS 1.2) is not honoured, not even once", async (context) => {
    const stage = new TLSStage(context);
    const port = await stage.listen(serverOptions(), ECHO);
    const client = sClient(context, port.number, "-tls1_2");
    client.send("hello\n");
    await client.out(/^hello$/mu);
    client.send("R\n");
    await client.err(/no renegotiation/u);
    const server = await arrived(port);
    await endOf(server);
    assert.equal(server.handshakes, 1);
  });

  it("new keys (TLS 1.3) are taken, in both directions", async (context) => {
    const stage = new TLSStage(context);
    const port = await stage.listen(serverOptions(), ECHO);
    const client = sClient(context, port.number, "-tls1_3");
    client.send("one\n");
    await client.out(/^one$/mu);
    client.send("k\n");
    await client.err(/^KEYUPDATE$/mu);
    client.send("two\n");
    await client.out(/^two$/mu);
    client.send("K\n");
    await client.err(/^KEYUPDATE\nKEYUPDATE$/mu);
    client.send("three\n");
    await client.out(/^three$/mu);
    client.send("Q\n");
    assert.equal(await endOf(await arrived(port)), "ERR_CONNECTION_DONE");
  });
});

describe("openssl s_server", () => {
  for (const [flag, version] of [
    ["-tls1_2", "TLSv1.2"],
    ["-tls1_3", "TLSv1.3"],
  ] as const) {
    it(`${flag}: verified, talked to, and left`, async (context) => {
      const { port } = await sServer(context, flag, "-rev", "-alpn", "http/1.1,h2");
      const stage = new TLSStage(context);
      const client = stage.dial(port, files.clientOptions({ acceptableProtocols: ["h2"] }), {
        made: (one) => one.write("hello\n"),
      });
      await until(() => client.text === "olleh\n");
      assert.deepEqual(
        [client.session.version, client.session.negotiatedProtocol],
        [version, "h2"],
      );
      client.lose();
      assert.equal(await endOf(client), "ERR_CONNECTION_DONE");
    });

    it(`${flag}: it closes first, with its answer`, async (context) => {
      const { port } = await sServer(context, flag, "-www");
      const client = new TLSStage(context).dial(port, files.clientOptions(), {
        made: (one) => one.write("GET / HTTP/1.0\r\n\r\n"),
      });
      assert.equal(await endOf(client), "ERR_CONNECTION_DONE");
      assert.match(client.text, /^HTTP\/1\.0 200 ok\r\n[^]*<\/pre><\/BODY><\/HTML>\s*$/iu);
    });

    it(`${flag}: its Q closes the socket without close_notify`, async (context) => {
      const { server, port } = await sServer(context, flag);
      const client = new TLSStage(context).dial(port, files.clientOptions());
      await until(() => client.handshakes === 1);
      server.send("hello\n");
      await until(() => client.text === "hello\n");
      server.send("Q\n");
      assert.equal(await endOf(client), "ERR_CONNECTION_LOST");
    });

    it(`${flag}: killed in the middle, it is ConnectionLost`, async (context) => {
      const { server, port } = await sServer(context, flag, "-rev");
      const client = new TLSStage(context).dial(port, files.clientOptions(), {
        made: (one) => one.write("hello\n"),
      });
      await until(() => client.text === "olleh\n");
      server.signal("SIGKILL");
      assert.equal(await endOf(client), "ERR_CONNECTION_LOST");
    });
  }

  it("a certificate for another name is refused", async (context) => {
    const { port } = await sServer(context, "-rev");
    const stage = new TLSStage(context);
    const client = stage.dial(port, files.clientOptions({}, "other.example"), {
      made: (one) => one.write("a secret\n"),
    });
    assert.equal(await endOf(client), "ERR_CONNECTION_TLS_VERIFICATION");
    assert.equal(client.bytes, 0);
  });

  it("it wants a certificate of ours", async (context) => {
    const roots = files.path("roots.pem");
    const { port } = await sServer(
      context,
      "-rev",
      "-Verify",
      "1",
      "-CAfile",
      roots,
      "-verify_return_error",
    );
    const stage = new TLSStage(context);
    const hello: TLSHooks = { made: (one) => one.write("hello\n") };
    const shown = files.clientOptions({ clientCertificate: files.other });
    const good = stage.dial(port, shown, hello);
    await until(() => good.text === "olleh\n");
    good.lose();
    const bad = stage.dial(port, files.clientOptions(), hello);
    assert.match(await endOf(bad), /^ERR_CONNECTION_TLS/u);
    assert.equal(bad.bytes, 0);
  });

  it("a session of ours is taken up again", async (context) => {
    const { port } = await sServer(context, "-rev");
    const stage = new TLSStage(context);
    const options = files.clientOptions({ extraCertificateOptions: { enableSessions: true } });
    for (const resumed of [false, true]) {
      const client = stage.dial(port, options, { made: (one) => one.write("hello\n") });
      await until(() => client.text === "olleh\n");
      assert.equal(client.session.resumed, resumed);
      assert.deepEqual(client.session.peerCertificate?.raw, files.own.raw);
      client.lose();
      await endOf(client);
    }
  });

  it("a server that speaks an old version only is refused", async (context) => {
    const { port } = await sServer(context, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
    const client = new TLSStage(context).dial(port, files.clientOptions());
    assert.equal(await endOf(client), "ERR_CONNECTION_TLS_HANDSHAKE");
  });
});

describe("openssl s_client -starttls smtp", () => {
  it("begins TLS on a live connection", async (context) => {
    const stage = new TLSStage(context);
    const server = new SmallMailServer(serverOptions());
    const port = stage.reactor.listenTCP(
      0,
      stage.factory(() => server),
      {
        interface: "127.0.0.1",
      },
    );
    const flags = ["-starttls", "smtp", "-crlf", "-name", "client.example"];
    const client = sClient(context, await stage.numberOf(port), ...flags);
    await client.err(/^250 STARTTLS$/mu);
    client.send("NOOP\n");
    await client.out(/^250 NOOP$/mu);
    client.send("quit\n");
    await client.out(/^221 goodbye$/mu);
    await client.out(/^closed$/mu);
    const done = "ERR_CONNECTION_DONE";
    const diary = ["EHLO client.example", "STARTTLS", "TLS", "NOOP", "quit", done];
    await until(() => server.diary.length === diary.length);
    assert.deepEqual(server.diary, diary);
  });
});

describe("curl", () => {
  const ANSWER = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
  const CURL = ["--silent", "--show-error", "--verbose", "--max-time", "10"];

  async function ask(
    context: TestContext,
    hooks: TLSHooks,
    ...more: readonly string[]
  ): Promise<{ readonly running: Running; readonly port: TLSPort }> {
    const stage = new TLSStage(context);
    const acceptableProtocols = ["h2c", "http/1.1"];
    const port = await stage.listen(serverOptions({ acceptableProtocols }), hooks);
    const args = [...CURL, "--cacert", files.path("roots.pem"), ...more];
    const where = `https://localhost:${String(port.number)}/`;
    return { running: start(context, curl.path(context), [...args, where]), port };
  }

  it("agrees on a protocol, verifies us, and gets a body up to the end", async (context) => {
    const body = "x".repeat(300_000);
    const { running, port } = await ask(context, {
      data: (one) => {
        one.write(ANSWER);
        one.write(body);
        one.lose();
      },
    });
    assert.equal((await running.exit()).code, 0);
    assert.equal(running.stdout, body);
    assert.match(running.stderr, /ALPN: server accepted http\/1\.1/u);
    const server = await arrived(port);
    assert.equal(await endOf(server), "ERR_CONNECTION_DONE");
    assert.equal(server.session.negotiatedProtocol, "http/1.1");
  });

  it("sees that a body was cut off", async (context) => {
    const { running, port } = await ask(context, {
      data: (one) => {
        one.write(`${ANSWER}half a bo`);
        void one.transport.drained().addCallback(() => one.abort());
      },
    });
    assert.equal((await running.exit()).code, 56); // CURLE_RECV_ERROR
    assert.equal(await endOf(await arrived(port)), "ERR_CONNECTION_ABORTED");
  });

  it("without our certificate among its own it does not trust us", async (context) => {
    const { running, port } = await ask(context, {}, "--cacert", files.path("other.pem"));
    assert.equal((await running.exit()).code, 60); // CURLE_PEER_FAILED_VERIFICATION
    const server = await arrived(port);
    assert.match(await endOf(server), /^ERR_CONNECTION_(?:LOST|TLS_HANDSHAKE)$/u);
    assert.equal(server.handshakes, 0);
  });
});

describe("socat", () => {
  const trust = (): string => `cafile=${files.path("roots.pem")},verify=1`;

  it("OPENSSL: it ends first", async (context) => {
    const stage = new TLSStage(context);
    const port = await stage.listen(serverOptions(), ECHO);
    const address = `OPENSSL:127.0.0.1:${String(port.number)},${trust()},commonname=localhost`;
    const client = start(context, socat.path(context), ["-t5", "-", address]);
    client.send("hello\n");
    assert.equal(await client.line(), "hello");
    client.end();
    assert.equal(await endOf(await arrived(port)), "ERR_CONNECTION_DONE");
    assert.equal((await client.exit()).code, 0);
  });

  it("OPENSSL: we end first", async (context) => {
    const stage = new TLSStage(context);
    const port = await stage.listen(serverOptions(), {
      data: (one, data) => {
        one.write(data);
        one.lose();
      },
    });
    const address = `OPENSSL:127.0.0.1:${String(port.number)},${trust()},commonname=localhost`;
    const client = start(context, socat.path(context), ["-", address]);
    client.send("hello\n");
    assert.equal(await client.line(), "hello");
    assert.equal((await client.exit()).code, 0);
    assert.equal(await endOf(await arrived(port)), "ERR_CONNECTION_DONE");
  });

  it("OPENSSL-LISTEN: it sends all back, and we end first", async (context) => {
    const keys = `cert=${files.path("own.pem")},verify=0,bind=127.0.0.1`;
    const args = ["-d", "-d", `OPENSSL-LISTEN:0,${keys}`, "PIPE"];
    const server = start(context, socat.path(context), args);
    const [, port] = await server.err(/listening on AF=2 127\.0\.0\.1:(\d+)/u);
    const client = new TLSStage(context).dial(Number(port), files.clientOptions(), {
      made: (one) => one.write("x".repeat(300_000)),
    });
    await until(() => client.bytes === 300_000);
    client.lose();
    assert.equal(await endOf(client), "ERR_CONNECTION_DONE");
    assert.equal((await server.exit()).code, 0);
  });

  it("OPENSSL-LISTEN: it ends first", async (context) => {
    const keys = `cert=${files.path("own.pem")},verify=0,bind=127.0.0.1`;
    const args = ["-d", "-d", `OPENSSL-LISTEN:0,${keys}`, "SYSTEM:echo goodbye"];
    const server = start(context, socat.path(context), args);
    const [, port] = await server.err(/listening on AF=2 127\.0\.0\.1:(\d+)/u);
    const client = new TLSStage(context).dial(Number(port), files.clientOptions());
    assert.equal(await endOf(client), "ERR_CONNECTION_DONE");
    assert.equal(client.text, "goodbye\n");
  });
});
