/**
 * Contracts of `IReactorSSL`: who the server is, by which name, and which client comes in.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionDone, ConnectionLost } from "../../internet/errors.ts";
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSSettings,
} from "../../internet/interfaces-tls.ts";
import {
  type ClientTLSContent,
  insecureOptionsForClientTLS,
} from "../../internet/tls/client-options.ts";
import { DistinguishedName } from "../../internet/tls/distinguished-name.ts";
import { TLSError, TLSHandshakeError, VerificationError } from "../../internet/tls/errors.ts";
import { KeyPair } from "../../internet/tls/key-pair.ts";
import { PrivateCertificate } from "../../internet/tls/private-certificate.ts";
import { SNIMap } from "../../internet/tls/sni-map.ts";
import { TLSVersion } from "../../internet/tls/tls-version.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { type TLSPair, TLSScene } from "./tls-scene.ts";
import type { TLSHooks, TLSWitness } from "./tls-witness.ts";
import type { Contracts, Trial } from "./trial.ts";

const OLD_ONLY = { lowerMaximumSecurityTo: TLSVersion.TLSv1_2 };
const VERSIONS = [{}, OLD_ONLY];
const SESSIONS = { enableSessions: true };

/** Each end says something at once, which the other may not get before it knows who that is. */
const TALKING: TLSHooks = { made: (one) => one.write("a secret") };

/** The client finds out that it is not whom it wanted. */
async function refusedByClient(
  trial: Trial,
  shown: (scene: TLSScene) => ITLSServerOptions,
  wanted: (scene: TLSScene) => ITLSClientOptions,
): Promise<VerificationError> {
  const scene = await TLSScene.set(trial);
  const pair = await scene.pair({
    server: TALKING,
    client: TALKING,
    serverOptions: shown(scene),
    clientOptions: wanted(scene),
  });
  await scene.ended(pair);
  const { server, client } = pair;
  expectEqual([client.handshakes, client.bytes, server.bytes], [0, 0, 0], "what it led to");
  assert(server.reason?.value instanceof ConnectionLost, "Expected the server to lose it");
  expectEqual(client.tls.tlsSession, undefined);
  return expectReason(client.reason, VerificationError);
}

/** The server finds out that it does not want this client. */
async function refusedByServer(
  trial: Trial,
  policy: object,
  content: (scene: TLSScene) => ClientTLSContent,
): Promise<Error[]> {
  const reasons: Error[] = [];
  for (const version of VERSIONS) {
    const scene = await TLSScene.set(trial);
    const pair = await scene.pair({
      server: TALKING,
      client: TALKING,
      serverOptions: scene.serverOptions({
        trustRoot: scene.certificates.other,
        ...policy,
        ...version,
      }),
      clientOptions: scene.clientOptions(content(scene)),
    });
    await scene.ended(pair);
    const { server, client } = pair;
    expectEqual([server.handshakes, server.bytes, client.bytes], [0, 0, 0], "what it led to");
    // With TLS 1.3 a client is done before the server has seen its certificate.
    assert(client.reason?.value instanceof ConnectionLost, "Expected the client to lose it");
    if (server.reason !== undefined) reasons.push(server.reason.value);
  }
  expectEqual(reasons.length, VERSIONS.length);
  return reasons;
}

function hex(certificate: { readonly raw: Buffer } | undefined): string | undefined {
  return certificate?.raw.toString("hex");
}

/** A server that is asked by different clients. */
class NamedServer {
  readonly #scene: TLSScene;
  readonly #port: number;
  readonly servers: TLSWitness[] = [];

  private constructor(scene: TLSScene, port: number) {
    this.#scene = scene;
    this.#port = port;
  }

  static async listen(scene: TLSScene, options: ITLSServerOptions): Promise<NamedServer> {
    const build = (): TLSWitness => {
      const server = scene.witness({ data: (one, data) => one.write(data) });
      named.servers.push(server);
      return server;
    };
    const named: NamedServer = new NamedServer(scene, await scene.listen(build, options));
    return named;
  }

  /** Connect; the handshake is done, or failed. */
  async ask(options: ITLSClientOptions): Promise<TLSPair> {
    const { trial } = this.#scene;
    const before = this.servers.length;
    const client = this.#scene.dial(this.#port, {}, options);
    await trial.settle(() => client.handshakes === 1 || client.reason !== undefined);
    const server = this.servers[before];
    assert(server !== undefined, "Expected the server to have been asked");
    await trial.settle(() => server.handshakes === 1 || server.reason !== undefined);
    return { client, server };
  }
}

/** Options that name one server after the other, and take the same session to both. */
function turncoat(first: ITLSClientOptions): ITLSClientOptions & { hostname: string } {
  const { hostname, settings } = first;
  return { role: "client", verifyHostname: false, hostname, settings };
}

/** By name. */
export const tlsNameContracts: Contracts = {
  // -- Is it the server that was wanted? (RFC 9525)

  "a certificate for another name is refused, and nothing is said to whoever shows it": async (
    trial,
  ) => {
    for (const version of VERSIONS) {
      const error = await refusedByClient(
        trial,
        (scene) => scene.showing(scene.certificates.other),
        (scene) => scene.clientOptions({ extraCertificateOptions: version }),
      );
      expectEqual(error.why, "ERR_TLS_CERT_ALTNAME_INVALID");
    }
  },

  "addresses are verified as names are, and not sent as names": async (trial) => {
    const scene = await TLSScene.set(trial);
    const clientOptions = scene.clientOptions({}, "127.0.0.1");
    const { server, client } = await scene.secured({ clientOptions });
    expectEqual([server.session.serverName, client.session.serverName], ["", ""]);
    const error = await refusedByClient(
      trial,
      (scene) => scene.serverOptions(),
      (scene) => scene.clientOptions({}, "127.0.0.2"),
    );
    expectEqual(error.why, "ERR_TLS_CERT_ALTNAME_INVALID");
  },

  "a common name is no name": async (trial) => {
    const key = await KeyPair.generate();
    const named = await key.selfSignedCert(1, new DistinguishedName({ commonName: "localhost" }));
    const error = await refusedByClient(
      trial,
      (scene) => scene.showing(named),
      (scene) => scene.clientOptions({ trustRoot: named }),
    );
    expectEqual(error.why, "ERR_TLS_CERT_ALTNAME_INVALID");
  },

  "a certificate that nobody trusted has signed is refused": async (trial) => {
    for (const version of VERSIONS) {
      const error = await refusedByClient(
        trial,
        (scene) => scene.serverOptions(version),
        (scene) => scene.clientOptions({ trustRoot: scene.certificates.other }),
      );
      expectEqual(error.why, "DEPTH_ZERO_SELF_SIGNED_CERT");
    }
  },

  "a certificate that is out of date is refused": async (trial) => {
    const error = await refusedByClient(
      trial,
      (scene) => scene.showing(scene.certificates.expired),
      (scene) => scene.clientOptions(),
    );
    expectEqual(error.why, "CERT_HAS_EXPIRED");
  },

  "a chain up to a trusted authority is accepted, without the one in between it is not": async (
    trial,
  ) => {
    const scene = await TLSScene.set(trial);
    const [rootKey, middleKey, leafKey] = [
      await KeyPair.generate(),
      await KeyPair.generate(),
      await KeyPair.generate(),
    ];
    const name = (commonName: string): DistinguishedName => new DistinguishedName({ commonName });
    const authority = { authority: true };
    const root = await rootKey.selfSignedCert(1, name("root"), authority);
    const request = await middleKey.requestObject(name("middle"));
    const middle = await root.signRequestObject(request, 2, authority);
    const names = { names: ["localhost"] };
    const leaf = await new PrivateCertificate(middle, middleKey).signRequestObject(
      await leafKey.requestObject(name("leaf")),
      3,
      names,
    );
    const shown = new PrivateCertificate(leaf, leafKey, [middle]);
    const clientOptions = scene.clientOptions({ trustRoot: root });
    await scene.secured({ serverOptions: shown.options(), clientOptions });
    const alone = await scene.pair({
      serverOptions: new PrivateCertificate(leaf, leafKey).options(),
      clientOptions,
    });
    await scene.ended(alone);
    expectReason(alone.client.reason, VerificationError);
  },

  "who asks for no verification gets none, and it says insecure": async (trial) => {
    const scene = await TLSScene.set(trial);
    for (const shown of [scene.certificates.other, scene.certificates.expired]) {
      const { client } = await scene.secured({
        serverOptions: scene.showing(shown),
        clientOptions: insecureOptionsForClientTLS("localhost"),
      });
      expectEqual(hex(client.session.peerCertificate), hex(shown));
    }
  },

  "a server that was refused is refused again, whatever sessions there are": async (trial) => {
    const scene = await TLSScene.set(trial);
    for (const version of VERSIONS) {
      const { privateKey, certificate } = scene.certificates.other;
      const content = { privateKey: { privateKey }, certificate, ...SESSIONS, ...version };
      const named = await NamedServer.listen(scene, scene.serverOptions(content));
      const options = scene.clientOptions({ extraCertificateOptions: SESSIONS });
      for (let at = 0; at < 3; at += 1) {
        const pair = await named.ask(options);
        await scene.ended(pair);
        expectReason(pair.client.reason, VerificationError);
        expectEqual(pair.client.handshakes, 0);
      }
    }
  },

  // -- Names of servers (RFC 6066 §3)

  "each name has its certificate, and is told": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { own, other } = scene.certificates;
    const map = new SNIMap({ names: { localhost: own, "*.example": other } });
    const named = await NamedServer.listen(scene, map);
    for (const [name, shown] of [
      ["localhost", own],
      ["other.example", other],
    ] as const) {
      const { client, server } = await named.ask(scene.clientOptions({}, name));
      expectEqual(hex(client.session.peerCertificate), hex(shown), name);
      expectEqual(hex(server.session.hostCertificate), hex(shown), name);
      expectEqual(server.session.serverName, name);
    }
  },

  "a name that is not served is refused: TLSHandshakeError here, a loss there": async (trial) => {
    const scene = await TLSScene.set(trial);
    const map = new SNIMap({ names: { "other.example": scene.certificates.other } });
    const named = await NamedServer.listen(scene, map);
    const pair = await named.ask(scene.clientOptions());
    await scene.ended(pair);
    const error = expectReason(pair.server.reason, TLSHandshakeError);
    assert(error.message.includes("localhost"), `Expected the name in: ${error.message}`);
    assert(pair.client.reason?.value instanceof ConnectionLost, "Expected a ConnectionLost");
    const next = await named.ask(scene.clientOptions({}, "other.example"));
    expectEqual(next.client.handshakes, 1, "handshakes of another client");
  },

  "a default serves names that are not there, and clients without one": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { own, other } = scene.certificates;
    const map = new SNIMap({ names: { "other.example": other }, default: own });
    const named = await NamedServer.listen(scene, map);
    for (const name of ["localhost", "127.0.0.1"]) {
      const { client } = await named.ask(scene.clientOptions({}, name));
      expectEqual(hex(client.session.peerCertificate), hex(own), name);
    }
  },

  "nothing served at all: clients without a name are refused": async (trial) => {
    const scene = await TLSScene.set(trial);
    const named = await NamedServer.listen(scene, new SNIMap());
    const pair = await named.ask(scene.clientOptions({}, "127.0.0.1"));
    await scene.ended(pair);
    expectReason(pair.server.reason, TLSHandshakeError);
  },

  "names may come and go: new connections see it, old ones do not": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { own, other } = scene.certificates;
    const map = new SNIMap({ names: { localhost: own } });
    const named = await NamedServer.listen(scene, map);
    const old = await named.ask(scene.clientOptions());
    map.reload({ names: { "other.example": other } });
    const fresh = await named.ask(scene.clientOptions({}, "other.example"));
    expectEqual(hex(fresh.client.session.peerCertificate), hex(other));
    const late = await named.ask(scene.clientOptions());
    await scene.ended(late);
    expectReason(late.server.reason, TLSHandshakeError);
    old.client.write("still here");
    await trial.settle(() => old.client.text === "still here");
  },

  "settingsFor() that throws is logged, and ends that connection alone": async (trial) => {
    const scene = await TLSScene.set(trial);
    const settings = scene.serverOptions({ acceptableProtocols: ["h2"] }).settingsFor("");
    const boom = new Error("boom");
    const throwing = new Set<string>();
    const named = await NamedServer.listen(scene, {
      role: "server",
      settingsFor(name) {
        if (throwing.has(name)) throw boom;
        return settings;
      },
    });
    const clientOptions = scene.clientOptions({ acceptableProtocols: ["h2"] });
    const old = await named.ask(clientOptions);
    throwing.add("localhost");
    const pair = await named.ask(clientOptions);
    await scene.ended(pair);
    trial.expectLogged(boom);
    expectEqual(expectReason(pair.server.reason, TLSHandshakeError).cause, boom);
    throwing.clear();
    expectEqual((await named.ask(clientOptions)).server.handshakes, 1);
    old.client.write("not my business");
    await trial.settle(() => old.client.text === "not my business");
  },

  "settings whose keys do not fit are logged, and end that connection alone": async (trial) => {
    const scene = await TLSScene.set(trial);
    const settings = scene.serverOptions().settingsFor("");
    const { privateKey } = scene.showing(scene.certificates.other).settingsFor("");
    const wrong = { ...settings, ...(privateKey !== undefined && { privateKey }) };
    const named = await NamedServer.listen(scene, {
      role: "server",
      settingsFor: (name) => (name === "other.example" ? wrong : settings),
    });
    const pair = await named.ask(scene.clientOptions({}, "other.example"));
    await scene.ended(pair);
    const { cause } = expectReason(pair.server.reason, TLSHandshakeError);
    assert(cause instanceof Error, "Expected a cause");
    trial.expectLogged(cause);
    expectEqual((await named.ask(scene.clientOptions())).server.handshakes, 1);
  },

  // -- Certificates of clients

  "a client's certificate is asked for, verified and told": async (trial) => {
    for (const version of VERSIONS) {
      const scene = await TLSScene.set(trial);
      const { other } = scene.certificates;
      const { server, client } = await scene.secured({
        serverOptions: scene.serverOptions({ trustRoot: other, ...version }),
        clientOptions: scene.clientOptions({ clientCertificate: other }),
      });
      expectEqual(hex(server.session.peerCertificate), hex(other));
      expectEqual(hex(client.session.hostCertificate), hex(other));
    }
  },

  "a client without the certificate that is required is refused": async (trial) => {
    for (const reason of await refusedByServer(trial, {}, () => ({}))) {
      assert(reason instanceof TLSHandshakeError, `Expected TLSHandshakeError, found ${reason}`);
    }
  },

  "a client whose certificate nobody trusted has signed is refused, required or not": async (
    trial,
  ) => {
    for (const requireCertificate of [true, false]) {
      const reasons = await refusedByServer(trial, { requireCertificate }, (scene) => ({
        clientCertificate: scene.certificates.own,
      }));
      for (const reason of reasons) {
        assert(reason instanceof VerificationError, `Expected VerificationError, found ${reason}`);
        expectEqual(reason.why, "DEPTH_ZERO_SELF_SIGNED_CERT");
      }
    }
  },

  "where a certificate is wanted and not required, clients without one come in": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { other } = scene.certificates;
    const content = { trustRoot: other, requireCertificate: false };
    const serverOptions = scene.serverOptions(content);
    const without = await scene.secured({ serverOptions });
    expectEqual(without.server.session.peerCertificate, undefined);
    const clientOptions = scene.clientOptions({ clientCertificate: other });
    const having = await scene.secured({ serverOptions, clientOptions });
    expectEqual(hex(having.server.session.peerCertificate), hex(other));
  },

  "a client that shows a certificate where none is asked for comes in": async (trial) => {
    const scene = await TLSScene.set(trial);
    const clientCertificate = scene.certificates.other;
    const pair = await scene.secured({ clientOptions: scene.clientOptions({ clientCertificate }) });
    expectEqual(pair.server.session.peerCertificate, undefined);
    pair.client.lose();
    await scene.ended(pair);
    expectReason(pair.server.reason, ConnectionDone);
  },

  "a client that was refused is told by an alert": async (trial) => {
    // Where it is cut, the reset that answers the rest of what the client says may overtake it.
    trial.needsWholeReads();
    const scene = await TLSScene.set(trial);
    const pair = await scene.pair({
      serverOptions: scene.serverOptions({ trustRoot: scene.certificates.other, ...OLD_ONLY }),
    });
    await scene.ended(pair);
    assert(pair.client.reason?.value instanceof TLSError, "Expected a TLSError");
  },

  "a resumed session is no proof where other certificates are wanted": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { own, other } = scene.certificates;
    const lenient = scene.serverOptions({ ...SESSIONS, trustRoot: other }).settingsFor("");
    const strict = scene.serverOptions({ ...SESSIONS, trustRoot: own }).settingsFor("");
    const settingsFor = (name: string): TLSSettings =>
      name === "strict.example" ? strict : lenient;
    const named = await NamedServer.listen(scene, { role: "server", settingsFor });
    const options = turncoat(
      scene.clientOptions({ clientCertificate: other, extraCertificateOptions: SESSIONS }),
    );
    const first = await named.ask(options);
    first.client.write("tickets, please");
    await trial.settle(() => first.client.bytes > 0);
    expectEqual((await named.ask(options)).server.session.resumed, true);
    options.hostname = "strict.example";
    const { server } = await named.ask(options);
    await trial.settle(() => server.reason !== undefined);
    expectEqual([server.handshakes, server.bytes], [0, 0]);
    assert(server.reason?.value instanceof TLSHandshakeError, "Expected a TLSHandshakeError");
  },
};
