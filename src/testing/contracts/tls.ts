/**
 * Contracts of `IReactorSSL`: the handshake, what is agreed on in it, and bytes.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionAborted, ConnectionDone } from "../../internet/errors.ts";
import type { TLSSession } from "../../internet/interfaces-tls.ts";
import { AcceptableCiphers } from "../../internet/tls/acceptable-ciphers.ts";
import { TLSHandshakeError } from "../../internet/tls/errors.ts";
import { TLSVersion } from "../../internet/tls/tls-version.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { TLSScene } from "./tls-scene.ts";
import type { TLSWitness } from "./tls-witness.ts";
import type { Contracts, Trial } from "./trial.ts";
import { WitnessFactory } from "./witness-factories.ts";

const OLD_ONLY = { lowerMaximumSecurityTo: TLSVersion.TLSv1_2 };
const NEW_ONLY = { raiseMinimumTo: TLSVersion.TLSv1_3 };
const SESSIONS = { enableSessions: true };
const MANY = 10_000_000;

/** Each side loses, with a reason that says it is the handshake. */
async function disagreed(scene: TLSScene, pair: Parameters<TLSScene["ended"]>[0]): Promise<void> {
  await scene.ended(pair);
  expectReason(pair.server.reason, TLSHandshakeError);
  expectReason(pair.client.reason, TLSHandshakeError);
  expectEqual([pair.server.handshakes, pair.client.handshakes], [0, 0], "handshakes");
}

/** What ALPN leads to: the server's answer, and the client's. */
async function negotiated(
  trial: Trial,
  ofServer: readonly string[],
  ofClient: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const scene = await TLSScene.set(trial);
  const { server, client } = await scene.secured({
    serverOptions: scene.serverOptions({ acceptableProtocols: ofServer }),
    clientOptions: scene.clientOptions({ acceptableProtocols: ofClient }),
  });
  expectEqual(server.tls.negotiatedProtocol, server.session.negotiatedProtocol);
  return [server.session.negotiatedProtocol, client.session.negotiatedProtocol];
}

/** Two connections of the same options, in turn. @returns The second one's sessions. */
async function twice(
  trial: Trial,
  ofServer: object,
  ofClient: object,
): Promise<readonly TLSSession[]> {
  const scene = await TLSScene.set(trial);
  const servers: TLSWitness[] = [];
  const port = await scene.listen(() => {
    const server = scene.witness({ data: (one, data) => one.write(data) });
    servers.push(server);
    return server;
  }, scene.serverOptions(ofServer));
  const options = scene.clientOptions({ extraCertificateOptions: ofClient });
  const clients: TLSWitness[] = [];
  for (let at = 0; at < 2; at += 1) {
    const client = scene.dial(port, { made: (one) => one.write("hello") }, options);
    await trial.settle(() => client.text === "hello");
    client.lose();
    await trial.settle(() => client.reason !== undefined && servers[at]?.reason !== undefined);
    clients.push(client);
  }
  return [servers[1], clients[1]].flatMap((one) => (one === undefined ? [] : [one.session]));
}

/** By name. */
export const tlsContracts: Contracts = {
  "connectionMade() comes before the handshake, and what is written then waits for it": async (
    trial,
  ) => {
    const scene = await TLSScene.set(trial);
    const early: unknown[] = [];
    const made = (one: TLSWitness): void => {
      early.push(one.tls.secure, one.tls.tlsSession, one.tls.getPeerCertificate());
    };
    const server = scene.witness({ made: () => made(server) });
    const client = scene.witness({ made: () => made(client) });
    const say = scene.witness({ made: (one) => one.write("written at once") });
    const heard = scene.witness();
    await scene.secured({ server, client });
    expectEqual(early, [true, undefined, undefined, true, undefined, undefined]);
    await scene.secured({ server: heard, client: say });
    await trial.settle(() => heard.text === "written at once");
    expectEqual(heard.calls, ["connectionMade", "handshakeCompleted", "dataReceived"]);
  },

  "handshakeCompleted() comes once, before the first byte": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.pair({
      server: { made: (one) => one.write("from the server") },
      client: { made: (one) => one.write("from the client") },
    });
    const { server, client } = pair;
    await trial.settle(() => server.bytes === 15 && client.bytes === 15);
    client.lose();
    await scene.ended(pair);
    const life = ["connectionMade", "handshakeCompleted", "dataReceived", "connectionLost"];
    expectEqual(server.calls, life);
    expectEqual(client.calls, life);
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
  },

  "what is written before, in and after handshakeCompleted() keeps its order": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { server, client } = await scene.secured({
      client: { made: (one) => one.write("one, "), handshake: (one) => one.write("two, ") },
    });
    client.write("three");
    await trial.settle(() => server.text === "one, two, three");
  },

  "what waits for the handshake is counted, and drained() waits with it": async (trial) => {
    const scene = await TLSScene.set(trial);
    const silent = trial.witness();
    const port = await scene.listenPlain(() => silent);
    const client = scene.dial(port, { made: (one) => one.write("12345") });
    await trial.settle(() => silent.bytes > 0);
    const drained = client.transport.drained();
    await trial.passes();
    expectEqual([client.transport.bufferedBytes, drained.called], [5, false]);
    client.abort();
    await trial.settle(() => client.reason !== undefined);
    expectEqual(await trial.outcome(drained), client.reason);
    expectReason(client.reason, ConnectionAborted);
  },

  "the session says what was agreed on": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { server, client } = await scene.secured();
    for (const { session } of [server, client]) {
      const { version, serverName, resumed, negotiatedProtocol } = session;
      expectEqual([version, serverName], ["TLSv1.3", "localhost"]);
      expectEqual([resumed, negotiatedProtocol], [false, undefined]);
      assert(session.cipher.startsWith("TLS_"), `Expected IANA's name, found ${session.cipher}`);
    }
    const shown = client.session.peerCertificate?.raw.toString("hex");
    expectEqual(shown, scene.certificates.own.raw.toString("hex"), "the certificate");
    expectEqual(client.tls.getPeerCertificate()?.raw.toString("hex"), shown);
    expectEqual(server.session.hostCertificate?.raw.toString("hex"), shown);
    expectEqual(server.session.peerCertificate, undefined);
    expectEqual(client.session.hostCertificate, undefined);
  },

  "the session is known after the end": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.secured();
    pair.client.abort();
    await scene.ended(pair);
    expectEqual([pair.server.session.version, pair.client.session.version], ["TLSv1.3", "TLSv1.3"]);
    assert(pair.client.session.peerCertificate !== undefined, "Expected a certificate");
  },

  // -- Application protocols (RFC 7301)

  "of the protocols of both, the server's first is taken": async (trial) => {
    const chosen = await negotiated(trial, ["h2", "http/1.1", "x"], ["x", "http/1.1", "y"]);
    expectEqual(chosen, ["http/1.1", "http/1.1"]);
  },

  "no protocol in common: TLSHandshakeError for both": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.pair({
      serverOptions: scene.serverOptions({ acceptableProtocols: ["h2"] }),
      clientOptions: scene.clientOptions({ acceptableProtocols: ["http/1.1"] }),
    });
    await disagreed(scene, pair);
  },

  "a client that offers no protocol gets none": async (trial) => {
    expectEqual(await negotiated(trial, ["h2"], []), [undefined, undefined]);
  },

  "a server that has no protocols takes none": async (trial) => {
    expectEqual(await negotiated(trial, [], ["h2"]), [undefined, undefined]);
  },

  // -- Versions and ciphers

  "the newest version of both is taken": async (trial) => {
    const scene = await TLSScene.set(trial);
    for (const [ofServer, ofClient, newest] of [
      [{}, {}, "TLSv1.3"],
      [OLD_ONLY, {}, "TLSv1.2"],
      [{}, OLD_ONLY, "TLSv1.2"],
      [NEW_ONLY, {}, "TLSv1.3"],
      [{}, NEW_ONLY, "TLSv1.3"],
    ] as const) {
      const { server, client } = await scene.secured({
        serverOptions: scene.serverOptions(ofServer),
        clientOptions: scene.clientOptions({ extraCertificateOptions: ofClient }),
      });
      expectEqual([server.session.version, client.session.version], [newest, newest]);
      client.write("and it works");
      await trial.settle(() => server.text === "and it works");
    }
  },

  "a server that knows TLS 1.2, a client that wants 1.3: TLSHandshakeError for both": async (
    trial,
  ) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.pair({
      serverOptions: scene.serverOptions(OLD_ONLY),
      clientOptions: scene.clientOptions({ extraCertificateOptions: NEW_ONLY }),
    });
    await disagreed(scene, pair);
  },

  "a server that wants TLS 1.3, a client that knows 1.2: TLSHandshakeError for both": async (
    trial,
  ) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.pair({
      serverOptions: scene.serverOptions(NEW_ONLY),
      clientOptions: scene.clientOptions({ extraCertificateOptions: OLD_ONLY }),
    });
    await disagreed(scene, pair);
  },

  "no cipher in common: TLSHandshakeError for both": async (trial) => {
    const scene = await TLSScene.set(trial);
    const ciphers = (name: string): object => ({
      ...OLD_ONLY,
      acceptableCiphers: AcceptableCiphers.fromOpenSSLCipherString(name),
    });
    const pair = await scene.pair({
      serverOptions: scene.serverOptions(ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")),
      clientOptions: scene.clientOptions({
        extraCertificateOptions: ciphers("ECDHE-ECDSA-AES256-GCM-SHA384"),
      }),
    });
    await disagreed(scene, pair);
  },

  // -- Sessions (RFC 8446 §2.2, RFC 5077)

  "a session is resumed where both want that": async (trial) => {
    for (const version of [{}, OLD_ONLY]) {
      const sessions = await twice(trial, { ...SESSIONS, ...version }, SESSIONS);
      expectEqual(
        sessions.map((one) => one.resumed),
        [true, true],
      );
      assert(sessions[1]?.peerCertificate !== undefined, "Expected the server's certificate");
    }
  },

  "no session is resumed where one does not want that": async (trial) => {
    for (const version of [{}, OLD_ONLY]) {
      for (const [ofServer, ofClient] of [
        [{}, {}],
        [{}, SESSIONS],
        [SESSIONS, {}],
      ] as const) {
        const sessions = await twice(trial, { ...ofServer, ...version }, ofClient);
        expectEqual(
          sessions.map((one) => one.resumed),
          [false, false],
        );
      }
    }
  },

  "a session is nothing to a server with other options": async (trial) => {
    const scene = await TLSScene.set(trial);
    const clientOptions = scene.clientOptions({ extraCertificateOptions: SESSIONS });
    for (let at = 0; at < 2; at += 1) {
      const serverOptions = scene.serverOptions(SESSIONS);
      const pair = await scene.secured({ serverOptions, clientOptions });
      pair.server.write("with it come tickets");
      await trial.settle(() => pair.client.bytes > 0);
      expectEqual(pair.client.session.resumed, false);
    }
  },

  // -- Bytes

  "10 MB in both directions at once arrive whole": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { server, client } = await scene.pair();
    const bytes = Buffer.alloc(MANY);
    for (let at = 0; at < bytes.length; at += 1000) bytes.writeUInt32LE(at, at);
    server.write(bytes);
    client.write(bytes);
    await trial.settle(() => server.bytes === MANY && client.bytes === MANY);
    assert(Buffer.concat(server.pieces).equals(bytes), "Expected the server to get what was sent");
    assert(Buffer.concat(client.pieces).equals(bytes), "Expected the client to get what was sent");
  },

  "single bytes in turns of their own arrive in order": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { server, client } = await scene.secured();
    const text = "each in a record of its own";
    for (const letter of text) {
      client.write(letter);
      await trial.passes(2);
    }
    await trial.settle(() => server.text === text);
  },

  "what is written may be changed after the turn": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { server, client } = await scene.secured();
    const bytes = Buffer.alloc(100_000, "a");
    client.write(bytes);
    await trial.fired(client.transport.drained());
    bytes.fill("b");
    await trial.settle(() => server.bytes === bytes.length);
    assert(!server.text.includes("b"), "Expected what was written, found what came later");
  },

  "thirty connections at once are each its own": async (trial) => {
    const scene = await TLSScene.set(trial);
    const server = (): TLSWitness => scene.witness({ data: (one, data) => one.write(data) });
    const port = await scene.listen(server, scene.serverOptions());
    const clients = Array.from({ length: 30 }, (_, at) =>
      scene.dial(port, { made: (one) => one.write(`client ${String(at)}`) }),
    );
    await trial.settle(() => clients.every((one, at) => one.text === `client ${String(at)}`));
  },

  "limits and options that are none are refused": async (trial) => {
    const scene = await TLSScene.set(trial);
    const factory = new WitnessFactory(() => undefined);
    const options = scene.serverOptions();
    const lower = (await scene.secured()).server;
    for (const limits of [
      { handshakeTimeout: -1 },
      { closeTimeout: -1 },
      { maxBufferedBytes: NaN },
    ]) {
      expectThrown(() => scene.reactor.listenSSL(0, factory, options, limits), RangeError);
      expectThrown(() => scene.reactor.layerTLS(lower.transport, options, limits), RangeError);
    }
    expectThrown(() => lower.tls.startTLS(options, { handshakeTimeout: NaN }), RangeError);
    expectEqual(factory.asked, [], "what the factory was asked");
  },
};
