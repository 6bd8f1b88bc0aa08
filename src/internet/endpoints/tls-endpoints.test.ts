import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, assert, beforeAll, describe, it } from "vitest";
import { PLATFORMS } from "../../../test/fixtures/platforms.ts";
import { Deferred } from "../../defer/deferred.ts";
import type { Failure } from "../../defer/failure.ts";
import { NodeReactor } from "../../reactors/node/node-reactor.ts";
import { MemoryReactor } from "../../reactors/memory/memory-reactor.ts";
import { IPv4Address } from "../addresses.ts";
import { ConnectionDone, UnsupportedError } from "../errors.ts";
import { Factory } from "../factory.ts";
import type {
  IListeningPort,
  IStreamClientEndpoint,
  IStreamServerEndpoint,
} from "../interfaces-factory.ts";
import { type ITLSClientOptions, providesTLS, type TLSSession } from "../interfaces-tls.ts";
import { Protocol } from "../protocol.ts";
import { VerificationError } from "../tls/errors.ts";
import { optionsForClientTLS } from "../tls/client-options.ts";
import type { PrivateCertificate } from "../tls/private-certificate.ts";
import { selfSignedCertificate } from "../tls/self-signed.ts";
import { trustRootFromCertificates } from "../tls/trust-root.ts";
import { clientFromString, serverFromString } from "./from-string.ts";
import { SNIDirectoryServerEndpoint } from "./sni-directory-endpoint.ts";
import { quoteStringArgument } from "./string-description.ts";
import { TCP4ClientEndpoint } from "./tcp-client.ts";
import { TCP4ServerEndpoint } from "./tcp-server.ts";
import {
  SSL4ClientEndpoint,
  SSL4ServerEndpoint,
  TLSHostnameEndpoint,
  wrapClientTLS,
  wrapServerTLS,
} from "./tls-endpoints.ts";

let folder = "";
let certificate: PrivateCertificate;
let other: PrivateCertificate;
const pem = (): string => join(folder, "server.pem");
const roots = (): string => join(folder, "roots.pem");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sennit-tls-"));
  certificate = await selfSignedCertificate({ names: ["localhost", "127.0.0.1"] });
  other = await selfSignedCertificate({ names: ["other.example"] });
  writeFileSync(pem(), certificate.dumpPEM());
  writeFileSync(roots(), certificate.certificate.dumpPEM());
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Answers what it is sent, and ends. */
class Server extends Protocol {
  override dataReceived(data: Buffer): void {
    this.transport.write(data);
    this.transport.loseConnection();
  }
}

/** Says hello when it may trust the peer. */
class Client extends Protocol {
  readonly ended = new Deferred<void>();
  reason: Error | undefined;
  session: TLSSession | undefined;
  text = "";

  handshakeCompleted(): void {
    const { transport } = this;
    if (providesTLS(transport)) this.session = transport.tlsSession;
    this.transport.write("hello");
  }

  override dataReceived(data: Buffer): void {
    this.text += data.toString();
  }

  override connectionLost(reason: Failure): void {
    this.reason = reason.value;
    this.ended.callback();
  }
}

function numberOf(port: IListeningPort): number {
  const address = port.getHost();
  assert.instanceOf(address, IPv4Address);
  return address.port;
}

/** Connect, and wait for the end. */
async function talk(endpoint: IStreamClientEndpoint): Promise<Client> {
  const client = await endpoint.connect(Factory.forProtocol(Client));
  await client.ended;
  return client;
}

function trusting(content: object = {}): ITLSClientOptions {
  const trustRoot = trustRootFromCertificates([certificate]);
  return optionsForClientTLS("localhost", { trustRoot, ...content });
}

/** Listen, talk, and close. */
async function exchange(
  listening: IStreamServerEndpoint,
  connecting: (port: number) => IStreamClientEndpoint,
): Promise<Client> {
  const port = await listening.listen(Factory.forProtocol(Server));
  const client = await talk(connecting(numberOf(port)));
  await port.stopListening();
  return client;
}

function assertGreeted(client: Client): void {
  assert.strictEqual(client.text, "hello");
  assert.instanceOf(client.reason, ConnectionDone);
  assert.strictEqual(client.session?.version, "TLSv1.3");
}

const LOOPBACK = { interface: "127.0.0.1" };

for (const { name, play } of PLATFORMS) {
  describe(`endpoints of TLS [${name}]`, () => {
    it("SSL4ServerEndpoint and SSL4ClientEndpoint talk, and verify", () =>
      play(async (reactor) => {
        const listening = new SSL4ServerEndpoint(reactor, 0, certificate.options(), LOOPBACK);
        const client = await exchange(
          listening,
          (port) => new SSL4ClientEndpoint(reactor, "127.0.0.1", port, trusting()),
        );
        assertGreeted(client);
        assert.strictEqual(client.session?.serverName, "localhost");
      }));

    it("a certificate for another name is refused", () =>
      play(async (reactor) => {
        const listening = new SSL4ServerEndpoint(reactor, 0, other.options(), LOOPBACK);
        const trustRoot = trustRootFromCertificates([other]);
        const client = await exchange(
          listening,
          (port) => new SSL4ClientEndpoint(reactor, "127.0.0.1", port, trusting({ trustRoot })),
        );
        assert.instanceOf(client.reason, VerificationError);
        assert.strictEqual(client.text, "");
        assert.isUndefined(client.session, "told that the handshake was done");
      }));

    it("TLSHostnameEndpoint tries the addresses of a name", () =>
      play(async (reactor) => {
        const listening = new SSL4ServerEndpoint(reactor, 0, certificate.options(), LOOPBACK);
        const client = await exchange(
          listening,
          (port) => new TLSHostnameEndpoint(reactor, "localhost", port, trusting()),
        );
        assertGreeted(client);
      }));

    it("wrapClientTLS() and wrapServerTLS() speak it inside of a connection", () =>
      play(async (reactor) => {
        const inner = new TCP4ServerEndpoint(reactor, 0, LOOPBACK);
        const listening = wrapServerTLS(reactor, certificate.options(), inner);
        const client = await exchange(listening, (port) =>
          wrapClientTLS(reactor, trusting(), new TCP4ClientEndpoint(reactor, "127.0.0.1", port)),
        );
        assertGreeted(client);
      }));

    it("TLS inside of TLS", () =>
      play(async (reactor) => {
        const inner = new SSL4ServerEndpoint(reactor, 0, certificate.options(), LOOPBACK);
        const listening = wrapServerTLS(reactor, other.options(), inner);
        const trustRoot = trustRootFromCertificates([other]);
        const within = optionsForClientTLS("other.example", { trustRoot });
        const client = await exchange(listening, (port) =>
          wrapClientTLS(
            reactor,
            within,
            new SSL4ClientEndpoint(reactor, "127.0.0.1", port, trusting()),
          ),
        );
        assertGreeted(client);
        assert.strictEqual(client.session?.serverName, "other.example");
      }));
  });

  describe(`ssl: and tls: [${name}]`, () => {
    it("a server's file and a client's roots", () =>
      play(async (reactor) => {
        for (const prefix of ["ssl", "tls"]) {
          const keys = `privateKey=${quoteStringArgument(pem())}`;
          const text = `${prefix}:0:${keys}:interface=127.0.0.1:protocols=h2,http/1.1`;
          const trust = `${prefix === "ssl" ? "caCertsDir" : "trustRoots"}=${roots()}`;
          const client = await exchange(serverFromString(reactor, text), (port) =>
            clientFromString(
              reactor,
              `${prefix}:localhost:${String(port)}:${trust}:protocols=http/1.1`,
            ),
          );
          assertGreeted(client);
          assert.strictEqual(client.session?.negotiatedProtocol, "http/1.1");
        }
      }));

    it("a client of ssl: verifies as well, the platform's roots unless told otherwise", () =>
      play(async (reactor) => {
        const text = `ssl:0:privateKey=${pem()}:interface=127.0.0.1`;
        const client = await exchange(serverFromString(reactor, text), (port) =>
          clientFromString(reactor, `ssl:127.0.0.1:${String(port)}`),
        );
        assert.instanceOf(client.reason, VerificationError);
      }));

    it("a server that has trustRoots lets in clients with a certificate of theirs", () =>
      play(async (reactor) => {
        const text = `tls:0:privateKey=${pem()}:interface=127.0.0.1:trustRoots=${roots()}`;
        const endpoint = serverFromString(reactor, text);
        const dial = (more: string) => (port: number) =>
          clientFromString(reactor, `tls:localhost:${String(port)}:trustRoots=${roots()}${more}`);
        assertGreeted(await exchange(endpoint, dial(`:certificate=${pem()}`)));
        const refused = await exchange(endpoint, dial(""));
        assert.strictEqual(refused.text, "");
        assert.notInstanceOf(refused.reason, ConnectionDone);
      }));

    it("tls:certificates= serves a certificate for each name, and reads them again", () =>
      play(async (reactor) => {
        const directory = mkdtempSync(join(folder, "names-"));
        writeFileSync(join(directory, "localhost.pem"), certificate.dumpPEM());
        const text = `tls:0:certificates=${directory}:interface=127.0.0.1`;
        const endpoint = serverFromString(reactor, text);
        assert.instanceOf(endpoint, SNIDirectoryServerEndpoint);
        const port = await endpoint.listen(Factory.forProtocol(Server));
        const trustRoot = trustRootFromCertificates([certificate, other]);
        const ask = (name: string): Promise<Client> => {
          const options = optionsForClientTLS(name, { trustRoot });
          return talk(new SSL4ClientEndpoint(reactor, "127.0.0.1", numberOf(port), options));
        };
        assertGreeted(await ask("localhost"));
        assert.strictEqual((await ask("other.example")).text, "", "a name that is not there");
        writeFileSync(join(directory, "other.example.pem"), other.dumpPEM());
        await endpoint.reload();
        assertGreeted(await ask("other.example"));
        assertGreeted(await ask("localhost"));
        await port.stopListening();
      }));

    it("tls:endpoint= wraps what that description connects", () =>
      play(async (reactor) => {
        const inner = new TCP4ServerEndpoint(reactor, 0, LOOPBACK);
        const listening = wrapServerTLS(reactor, certificate.options(), inner);
        const client = await exchange(listening, (port) => {
          const below = quoteStringArgument(`tcp:127.0.0.1:${String(port)}`);
          const text = `tls:localhost:443:trustRoots=${roots()}:endpoint=${below}`;
          return clientFromString(reactor, text);
        });
        assertGreeted(client);
      }));
  });
}

describe("ssl: and tls:", () => {
  it.each([
    [`ssl:0:privateKey=/nowhere/at-all.pem`, /cannot use "\/nowhere\/at-all.pem"/u],
    [`tls:0:certificates=/x:privateKey=/y`, /privateKey and certificates/u],
    [`tls:0:sslmethod=SSLv3`, /unknown keyword "sslmethod"/u],
  ])("%s is refused", (text, expected) => {
    assert.throws(() => serverFromString(new NodeReactor(), text), expected);
  });

  it.each([
    [`tls:localhost:1:trustRoots=/nowhere.pem`, /cannot use "\/nowhere.pem" as trustRoots/u],
    [`tls:exa mple:1`, /hostname|name/u],
    [`ssl:localhost`, /port is missing/u],
  ])("%s is refused", (text, expected) => {
    assert.throws(() => clientFromString(new NodeReactor(), text), expected);
  });

  it("a reactor without TLS is refused", () => {
    const reactor = new MemoryReactor();
    assert.throws(() => clientFromString(reactor, "tls:localhost:1"), UnsupportedError);
  });
});
