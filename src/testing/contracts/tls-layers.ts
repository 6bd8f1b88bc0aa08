/**
 * Contracts of `layerTLS`, as `TLSMemoryBIOFactory` uses it: TLS inside of whatever the connections
 * of the suite run over.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import {
  ConnectionAborted,
  ConnectionDone,
  ConnectionLost,
  ConnectionTimedOut,
} from "../../internet/errors.ts";
import type {
  ITLSClientOptions,
  ITLSServerOptions,
  TLSLayer,
  TLSLimits,
} from "../../internet/interfaces-tls.ts";
import { TLSHandshakeError, VerificationError } from "../../internet/tls/errors.ts";
import { TLSMemoryBIOFactory } from "../../internet/tls/memory-bio.ts";
import { TLSVersion } from "../../internet/tls/tls-version.ts";
import { expectEqual, expectReason } from "./expect.ts";
import type { Place } from "./network.ts";
import { type TLSPair, TLSScene } from "./tls-scene.ts";
import { TLSHalfCloseWitness, type TLSHooks, type TLSWitness } from "./tls-witness.ts";
import type { Contracts, Trial } from "./trial.ts";
import type { Witness } from "./witness.ts";
import { WitnessClientFactory, WitnessFactory } from "./witness-factories.ts";

const MANY = 10_000_000;
const OLD_ONLY = { lowerMaximumSecurityTo: TLSVersion.TLSv1_2 };
const NEW_ONLY = { raiseMinimumTo: TLSVersion.TLSv1_3 };
const NO_SIGNALS = { installSignalHandlers: false };

/** How {@link layered} connects. */
interface Wanted {
  readonly server?: TLSHooks | TLSWitness;
  readonly client?: TLSHooks | TLSWitness;
  readonly serverOptions?: ITLSServerOptions;
  readonly clientOptions?: ITLSClientOptions;
}

/** Listen for what speaks TLS in its connections. @returns Where. */
async function listenLayered(
  { trial, reactor }: TLSScene,
  build: () => TLSWitness,
  options: ITLSServerOptions | ITLSClientOptions,
  limits: TLSLimits = {},
): Promise<Place> {
  const how = { reactor, options, limits };
  const port = trial.network.listen(new TLSMemoryBIOFactory(new WitnessFactory(build), how), {});
  await trial.fired(port.listening);
  return trial.network.placeOf(port);
}

/** TLS on both ends of a connection; `connectionMade` has been called. */
async function layered(scene: TLSScene, wanted: Wanted = {}): Promise<TLSPair> {
  const { trial, reactor } = scene;
  const { serverOptions = scene.serverOptions(), clientOptions = scene.clientOptions() } = wanted;
  const [server, client] = [scene.witness(wanted.server), scene.witness(wanted.client)];
  const place = await listenLayered(scene, () => server, serverOptions);
  const how = { reactor, options: clientOptions };
  const factory = new TLSMemoryBIOFactory(new WitnessClientFactory(() => client), how);
  trial.network.connect(place, factory, {});
  await trial.settle(() => server.made && client.made);
  return { server, client };
}

/** One end speaks TLS in its connection, the other end is that connection. */
async function halfLayered(
  trial: Trial,
  role: "server" | "client",
  limits: TLSLimits = {},
): Promise<{ readonly secure: TLSWitness; readonly plain: Witness }> {
  const scene = await TLSScene.set(trial);
  const secure = scene.witness();
  const options = role === "server" ? scene.serverOptions() : scene.clientOptions();
  const place = await listenLayered(scene, () => secure, options, limits);
  const plain = trial.dial(place).client;
  await trial.settle(() => secure.made && plain.made);
  return { secure, plain };
}

/** By name. */
export const tlsLayerContracts: Contracts = {
  "both ends talk, and end in good order": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await layered(scene, { client: { made: (one) => one.write("hello") } });
    const { server, client } = pair;
    await trial.settle(() => server.text === "hello");
    server.write("and goodbye");
    server.lose();
    await scene.ended(pair);
    const life = ["connectionMade", "handshakeCompleted", "dataReceived", "connectionLost"];
    expectEqual(server.calls, life);
    expectEqual(client.calls, life);
    expectEqual(client.text, "and goodbye");
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
    expectEqual([server.session.version, server.session.serverName], ["TLSv1.3", "localhost"]);
  },

  "10 MB in both directions, to readers that pause": async (trial) => {
    const scene = await TLSScene.set(trial);
    const nap = (one: Witness): void => {
      one.pause();
      trial.reactor.callLater(0, () => one.resume());
    };
    const { server, client } = await layered(scene, {
      server: { data: nap },
      client: { data: nap },
    });
    server.write(Buffer.alloc(MANY));
    client.write(Buffer.alloc(MANY));
    await trial.settle(() => server.bytes === MANY && client.bytes === MANY);
  },

  "halves end as they do below": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await layered(scene, {
      server: new TLSHalfCloseWitness(),
      client: new TLSHalfCloseWitness(),
    });
    const { server, client } = pair;
    client.write("question");
    client.loseWrite();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    server.write(Buffer.alloc(300_000));
    server.loseWrite();
    await scene.ended(pair);
    expectEqual([server.text, client.bytes], ["question", 300_000]);
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
  },

  "TLS inside of TLS inside of TLS": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { server, client } = await layered(scene);
    for (const layer of [1, 2]) {
      server.tls.startTLS(scene.serverOptions());
      client.tls.startTLS(scene.clientOptions());
      await trial.settle(() => server.handshakes >= layer && client.handshakes >= layer);
    }
    client.write("wrapped up well");
    await trial.settle(() => server.text === "wrapped up well");
    client.lose();
    await scene.ended({ server, client });
    expectReason(server.reason, ConnectionDone);
  },

  "no agreement: TLSHandshakeError for both": async (trial) => {
    const scene = await TLSScene.set(trial);
    for (const [ofServer, ofClient] of [
      [OLD_ONLY, NEW_ONLY],
      [NEW_ONLY, OLD_ONLY],
    ]) {
      const pair = await layered(scene, {
        serverOptions: scene.serverOptions(ofServer),
        clientOptions: scene.clientOptions({ extraCertificateOptions: ofClient ?? {} }),
      });
      await scene.ended(pair);
      expectReason(pair.server.reason, TLSHandshakeError);
      expectReason(pair.client.reason, TLSHandshakeError);
    }
  },

  "who the peer is, is verified": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await layered(scene, {
      serverOptions: scene.showing(scene.certificates.other),
      client: { made: (one) => one.write("a secret") },
    });
    await scene.ended(pair);
    expectReason(pair.client.reason, VerificationError);
    assert(pair.server.reason?.value instanceof ConnectionLost, "Expected a ConnectionLost");
    expectEqual(pair.server.bytes, 0);
  },

  "abortConnection() aborts what is below": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await layered(scene);
    await trial.settle(() => pair.server.handshakes === 1 && pair.client.handshakes === 1);
    pair.client.abort();
    await scene.ended(pair);
    expectReason(pair.client.reason, ConnectionAborted);
    expectReason(pair.server.reason, ConnectionLost);
  },

  "an exception in handshakeCompleted() ends that connection": async (trial) => {
    const scene = await TLSScene.set(trial);
    const boom = new Error("boom");
    const handshake = (): void => {
      throw boom;
    };
    const pair = await layered(scene, { server: { handshake } });
    await scene.ended(pair);
    trial.expectLogged(boom);
    expectEqual(pair.server.reason?.value, boom);
  },

  // -- Peers

  "a peer that says nothing is dropped at handshakeTimeout": async (trial) => {
    for (const role of ["server", "client"] as const) {
      const { secure, plain } = await halfLayered(trial, role, { handshakeTimeout: 0.05 });
      await trial.settle(() => secure.reason !== undefined && plain.reason !== undefined);
      expectEqual(expectReason(secure.reason, ConnectionTimedOut).phase, "handshake");
    }
  },

  "a peer that speaks no TLS: TLSHandshakeError": async (trial) => {
    for (const role of ["server", "client"] as const) {
      const { secure, plain } = await halfLayered(trial, role);
      plain.write("GET / HTTP/1.1\r\n\r\n");
      await trial.settle(() => secure.reason !== undefined && plain.reason !== undefined);
      expectReason(secure.reason, TLSHandshakeError);
      expectEqual(secure.bytes, 0);
    }
  },

  "a peer that ends in the handshake: ConnectionLost": async (trial) => {
    for (const role of ["server", "client"] as const) {
      const { secure, plain } = await halfLayered(trial, role);
      plain.lose();
      await trial.settle(() => secure.reason !== undefined && plain.reason !== undefined);
      expectReason(secure.reason, ConnectionLost);
    }
  },

  "what is below ends without close_notify: ConnectionLost": async (trial) => {
    const scene = await TLSScene.set(trial);
    const [server, client] = [scene.witness(), scene.witness()];
    const options = scene.serverOptions();
    const place = await listenLayered(scene, () => server, options);
    const layers: TLSLayer[] = [];
    const below = trial.witness({
      made: (one) => {
        const layer = scene.reactor.layerTLS(one.transport, scene.clientOptions());
        layers.push(layer);
        layer.begin(client);
      },
      data: (_, data) => layers[0]?.dataReceived(data),
      lost: (_, reason) => layers[0]?.connectionLost(reason),
    });
    trial.dial(place, { client: below });
    await trial.settle(() => server.handshakes === 1 && client.handshakes === 1);
    client.write("half a wo");
    await trial.settle(() => server.text === "half a wo");
    below.lose();
    await scene.ended({ server, client });
    expectReason(server.reason, ConnectionLost);
    expectReason(client.reason, ConnectionLost);
  },

  "a reactor that stops drops the layers": async (trial) => {
    const scene = await TLSScene.set(trial);
    const over = trial.reactor.run(NO_SIGNALS);
    const pair = await layered(scene);
    trial.reactor.stop();
    await trial.fired(over);
    assert(pair.server.reason?.value instanceof ConnectionLost, "Expected a ConnectionLost");
    assert(pair.client.reason?.value instanceof ConnectionLost, "Expected a ConnectionLost");
  },

  "thirty layers made and lost leave nothing behind": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { reactor } = scene;
    const options = scene.serverOptions();
    const factory = new WitnessFactory(() => scene.witness({ data: (one) => one.lose() }));
    const { network } = trial;
    const port = network.listen(new TLSMemoryBIOFactory(factory, { reactor, options }), {});
    await trial.fired(port.listening);
    const clients = Array.from({ length: 30 }, () => {
      const client = scene.witness({ made: (one) => one.write("bye") });
      const how = { reactor, options: scene.clientOptions() };
      const clientFactory = new TLSMemoryBIOFactory(new WitnessClientFactory(() => client), how);
      network.connect(network.placeOf(port), clientFactory, {});
      return client;
    });
    await trial.settle(() => clients.every((one) => one.reason !== undefined));
    for (const { reason } of clients) expectReason(reason, ConnectionDone);
    await trial.settle(() => port.connections.size === 0);
    await trial.settle(() => reactor.getDelayedCalls().length === 0);
  },
};
