/**
 * The PROXY protocol with those who invented it: HAProxy in front of us, in both versions, and
 * behind what we encode. And curl, which can say who it is.
 *
 * @module
 */
import { join } from "node:path";
import { encodeProxyHeader, type ProxyHeader } from "sennit/internet";
import { assert, describe, it, type TestContext } from "vitest";
import {
  certificateFor,
  dial,
  startHAProxy,
  temporaryFolder,
} from "./fixtures/haproxy/running-haproxy.ts";
import { type ToldServer, toldServer } from "./fixtures/haproxy/told-server.ts";
import { start } from "./fixtures/lines/running.ts";
import { closedPort } from "./fixtures/lines/socket-peer.ts";
import { peer } from "./peers.ts";

const curl = peer("curl", "curl");
const haproxy = peer("haproxy", "haproxy");
const openssl = peer("openssl", "openssl");

/** HAProxy before a server of ours. */
async function behindHAProxy(
  context: TestContext,
  bind: string,
  server: string,
  more: readonly string[] = [],
): Promise<ToldServer> {
  const command = haproxy.path(context);
  const told = await toldServer(context);
  startHAProxy(context, command, { bind, place: told.place, server, more });
  return told;
}

const places: readonly [string, string, (port: number) => string][] = [
  ["IPv4", "127.0.0.1", (port) => `127.0.0.1:${String(port)}`],
  ["IPv6", "::1", (port) => `[::1]:${String(port)}`],
];
const versions: readonly [string, ProxyHeader["version"]][] = [
  ["send-proxy", 1],
  ["send-proxy-v2", 2],
];

describe("HAProxy in front of us", () => {
  for (const [option, version] of versions) {
    for (const [family, host, place] of places) {
      it(`tells its clients over ${family} with ${option}`, async (context) => {
        const port = await closedPort();
        const told = await behindHAProxy(context, `${host}:${String(port)}`, option);
        const { client, address } = await dial(context, { host, port });
        client.send("hello\n");
        const { header, ...ends } = await told.next();
        assert.deepEqual(ends, { peer: address, host: place(port) });
        assert.equal(header.version, version);
        await client.got(/^hello\n$/u);
        client.end();
        assert.equal(await client.closed(), "ended");
      });
    }

    it(`has nothing to tell of clients over UNIX with ${option}`, async (context) => {
      const path = join(temporaryFolder(context), "front");
      const told = await behindHAProxy(context, `unix@${path}`, option);
      const { client } = await dial(context, { path });
      client.send("hello\n");
      const { header, peer, host } = await told.next();
      await client.got(/^hello\n$/u);
      // UNKNOWN, and LOCAL though it is not: the socket's own addresses count.
      assert.deepEqual(header, { version, command: version === 1 ? "PROXY" : "LOCAL" });
      assert.match(peer, /^127\.0\.0\.1:\d+$/u);
      assert.equal(host, told.place);
    });
  }

  it("finds us at a UNIX socket, too", async (context) => {
    const command = haproxy.path(context);
    const path = join(temporaryFolder(context), "ours");
    const told = await toldServer(context, String.raw`unix:${path}:trusted=unix\:`);
    const port = await closedPort();
    const bind = `127.0.0.1:${String(port)}`;
    startHAProxy(context, command, { bind, place: `unix@${told.place}`, server: "send-proxy" });
    const { client, address } = await dial(context, { host: "127.0.0.1", port });
    client.send("hello\n");
    const { peer, host } = await told.next();
    assert.deepEqual([peer, host], [address, bind]);
    await client.got(/^hello\n$/u);
  });

  it("tells of TLS and of the client's certificate, with a checksum", async (context) => {
    haproxy.path(context); // Or skip before there is anything to do.
    const ssl = openssl.path(context);
    const folder = temporaryFolder(context);
    const front = certificateFor(ssl, folder, "front.example");
    const client = certificateFor(ssl, folder, "client.example");
    const port = await closedPort();
    const bind = `127.0.0.1:${String(port)} ssl crt ${front} ca-file ${client} verify required`;
    const options = "ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,crc32c,unique-id";
    const told = await behindHAProxy(
      context,
      `${bind} alpn lines`,
      `send-proxy-v2 proxy-v2-options ${options}`,
      ["unique-id-format id-%ci"],
    );
    await dial(context, { host: "127.0.0.1", port }); // It listens.
    const s_client = ["s_client", "-quiet", "-connect", `127.0.0.1:${String(port)}`];
    const name = ["-servername", "app.example", "-alpn", "lines", "-tls1_3"];
    const running = start(context, ssl, [...s_client, ...name, "-cert", client]);
    running.send("hello\n");
    assert.equal(await running.line(), "hello");
    const { header } = await told.next();
    const { ssl: secured, route, ...rest } = header;
    assert.equal(route?.family, "INET");
    assert.deepEqual(rest, {
      version: 2,
      command: "PROXY",
      alpn: Buffer.from("lines"),
      authority: "app.example",
      uniqueID: Buffer.from("id-127.0.0.1"),
      checksum: true,
    });
    const { cipher, ...certificate } = secured ?? assert.fail("nothing was said of TLS");
    assert.match(cipher ?? "", /^TLS_/u);
    assert.deepEqual(certificate, {
      secure: true,
      certificateOnConnection: true,
      certificateInSession: true,
      verify: 0,
      version: "TLSv1.3",
      commonName: "client.example",
      signatureAlgorithm: "ecdsa-with-SHA256",
      keyAlgorithm: "EC256",
    });
  });

  for (const [option, version] of versions) {
    it(`looks after our health with ${option}`, async (context) => {
      const command = haproxy.path(context);
      const told = await toldServer(context);
      const server = `check check-send-proxy ${option}`;
      const bind = `unix@${join(temporaryFolder(context), "front")}`;
      // A check that only connects resets the connection at once, and what it has said may be lost
      // with it; this one waits for our answer.
      const talk = ["option tcp-check", "tcp-check send hello", "tcp-check expect string hello"];
      const more = ["timeout check 10s", ...talk];
      startHAProxy(context, command, { bind, place: told.place, server, more });
      const { header, peer, host } = await told.next();
      assert.equal(header.command, version === 1 ? "PROXY" : "LOCAL");
      assert.match(peer, /^127\.0\.0\.1:\d+$/u);
      assert.equal(host, told.place);
    });
  }
});

describe("what we encode", () => {
  const route = {
    family: "INET6",
    transport: "STREAM",
    source: { host: "2001:db8::7", port: 56_324 },
    destination: { host: "2001:db8::1", port: 443 },
  } as const;
  const headers: readonly ProxyHeader[] = [
    { version: 1, command: "PROXY", route },
    { version: 2, command: "PROXY", route, authority: "app.example", checksum: true },
  ];
  for (const header of headers) {
    it(`is read by HAProxy, version ${String(header.version)}`, async (context) => {
      const port = await closedPort();
      const bind = `127.0.0.1:${String(port)} accept-proxy`;
      const told = await behindHAProxy(context, bind, "send-proxy-v2 proxy-v2-options authority");
      const { client } = await dial(context, { host: "127.0.0.1", port });
      client.send(Buffer.concat([encodeProxyHeader(header), Buffer.from("hello\n")]));
      await client.got(/^hello\n$/u);
      const { authority } = header;
      const name = authority === undefined ? {} : { authority };
      const heard: ProxyHeader = { version: 2, command: "PROXY", route, ...name };
      assert.deepEqual((await told.next()).header, heard);
    });
  }

  it("is refused by HAProxy when its checksum is wrong", async (context) => {
    const port = await closedPort();
    const bind = `127.0.0.1:${String(port)} accept-proxy`;
    await behindHAProxy(context, bind, "send-proxy-v2");
    const { client } = await dial(context, { host: "127.0.0.1", port });
    const bytes = encodeProxyHeader({ version: 2, command: "PROXY", route, checksum: true });
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    client.send(bytes);
    await client.closed();
    assert.equal(client.received, "");
  });
});

describe("without a proxy", () => {
  it("curl says who it is, and what it sends follows", async (context) => {
    const command = curl.path(context);
    const told = await toldServer(context);
    const url = `http://${told.place}/hello`;
    // What it says comes back, which is no answer: as one of HTTP 0.9 it is taken.
    const options = ["--silent", "--no-buffer", "--http0.9", "--haproxy-protocol"];
    const running = start(context, command, [...options, url]);
    assert.equal(await running.line(), "GET /hello HTTP/1.1");
    const { header, peer, host } = await told.next();
    assert.equal(header.version, 1);
    assert.match(peer, /^127\.0\.0\.1:\d+$/u);
    assert.equal(host, told.place);
  });

  it("who says nothing of it is reset at the first byte", async (context) => {
    const told = await toldServer(context);
    const { client } = await dial(context, {
      host: "127.0.0.1",
      port: Number(told.place.split(":")[1]),
    });
    client.send("GET / HTTP/1.1\r\n");
    assert.equal(await client.closed(), "broken");
  });
});
