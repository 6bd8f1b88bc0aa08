/**
 * Contracts of `startTLS`, on whatever the connections of the suite run over.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionAborted, ConnectionDone } from "../../internet/errors.ts";
import type { ITLSClientOptions, ITLSServerOptions } from "../../internet/interfaces-tls.ts";
import { TLSNotPossibleError } from "../../internet/tls/errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { Faucet, Source } from "./sources.ts";
import { ended, isDone, plain, secure } from "./starttls-ends.ts";
import { startTLSPeerContracts } from "./starttls-peers.ts";
import { KeepingLines } from "./starttls-lines.ts";
import { TLSScene } from "./tls-scene.ts";
import { TLSHalfCloseWitness, type TLSWitness } from "./tls-witness.ts";
import type { Contracts } from "./trial.ts";

const MANY = 10_000_000;

/** By name. */
export const startTLSContracts: Contracts = {
  "startTLS() on a live connection: what follows is private, and told": async (trial) => {
    const ends = await plain(trial);
    const { server, client } = ends;
    client.write("in the clear");
    await trial.settle(() => server.text === "in the clear");
    await secure(trial, ends);
    client.write(", and not");
    server.write("understood");
    await trial.settle(() => server.text.length === 21 && client.text === "understood");
    for (const one of [server, client]) {
      expectEqual([one.tls.secure, one.session.serverName], [true, "localhost"]);
      expectEqual(one.calls[0], "connectionMade");
    }
    expectEqual(isDone(ends, 1), true, "one handshake each");
    assert(client.session.peerCertificate !== undefined, "Expected a certificate");
    client.lose();
    await ended(trial, ends);
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
  },

  "who listens may be the client of TLS": async (trial) => {
    const { scene, server, client } = await plain(trial);
    server.tls.startTLS(scene.clientOptions());
    client.tls.startTLS(scene.serverOptions());
    server.write("who are you?");
    await trial.settle(() => client.text === "who are you?");
    assert(server.session.peerCertificate !== undefined, "Expected a certificate");
    expectEqual(client.session.peerCertificate, undefined);
  },

  "startTLS() from inside connectionMade()": async (trial) => {
    const scene = await TLSScene.set(trial);
    const server = scene.witness({
      made: () => server.tls.startTLS(scene.serverOptions()),
      data: (one, data) => one.write(data),
    });
    const client = scene.witness({
      made: (one) => {
        client.tls.startTLS(scene.clientOptions());
        one.write("hello");
      },
    });
    await trial.pair({ server, client });
    await trial.settle(() => client.text === "hello");
    expectEqual(client.calls, ["connectionMade", "handshakeCompleted", "dataReceived"]);
  },

  "what was written before goes out first and plain, what is written after waits": async (
    trial,
  ) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    client.write("one, ");
    client.write("two, ");
    client.tls.startTLS(scene.clientOptions());
    client.write("three, ");
    await trial.settle(() => server.text.startsWith("one, two, \x16"));
    await trial.passes();
    client.write("four");
    expectEqual(client.transport.bufferedBytes, 11, "bytes that wait");
    expectEqual(server.text.includes("three"), false);
    client.abort();
    await ended(trial, ends);
    const kept = new KeepingLines((one, text) => {
      if (text === "one") one.tls.startTLS(scene.serverOptions());
    });
    const again = await plain(trial, kept);
    again.client.write("one\n");
    again.client.tls.startTLS(scene.clientOptions());
    again.client.write("two\n");
    await trial.settle(() => kept.lines.length === 2);
    expectEqual(isDone(again, 1), true, "one handshake each");
    expectEqual(kept.lines, ["one", "two"]);
  },

  "10 MB of plain text that wait go out first, and then TLS begins": async (trial) => {
    const ends = await plain(trial, {}, {});
    const { scene, server, client } = ends;
    client.pause();
    await trial.stall(server, MANY);
    const written = server.transport.bufferedBytes;
    assert(written >= MANY, "Expected bytes to wait");
    server.write("END\n");
    server.tls.startTLS(scene.serverOptions());
    server.write("private");
    client.resume();
    await trial.settle(() => client.last(4) === "END\n");
    client.tls.startTLS(scene.clientOptions());
    await trial.settle(() => client.last(7) === "private");
    expectEqual(isDone(ends, 1), true, "one handshake each");
  },

  "10 MB in both directions after it": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    const bytes = Buffer.alloc(MANY, "ten million bytes, ");
    server.tls.startTLS(scene.serverOptions());
    client.tls.startTLS(scene.clientOptions());
    server.write(bytes);
    client.write(bytes);
    await trial.settle(() => server.bytes === MANY && client.bytes === MANY);
    assert(Buffer.concat(server.pieces).equals(bytes), "Expected the server to get what was sent");
    assert(Buffer.concat(client.pieces).equals(bytes), "Expected the client to get what was sent");
  },

  // -- Pauses and producers

  "a pause stays: the handshake is done, and nothing is received": async (trial) => {
    const ends = await plain(trial);
    const { server, client } = ends;
    server.pause();
    await secure(trial, ends);
    client.write("wait for it");
    await trial.passes();
    expectEqual(server.bytes, 0);
    server.resume();
    await trial.settle(() => server.text === "wait for it");
  },

  "pauseProducing() and resumeProducing() while TLS begins": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    server.tls.startTLS(scene.serverOptions());
    server.pause();
    server.resume();
    server.pause();
    client.tls.startTLS(scene.clientOptions());
    client.write("x");
    await trial.settle(() => isDone(ends, 1));
    await trial.passes();
    expectEqual(server.bytes, 0);
    server.resume();
    await trial.settle(() => server.text === "x");
  },

  "a producer stays, and goes on": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    const source = new Source();
    server.transport.registerProducer(source, true);
    server.write(Buffer.alloc(500_000));
    expectEqual(source.asked, ["pause"]);
    await trial.settle(() => client.bytes === 500_000);
    server.tls.startTLS(scene.serverOptions());
    server.write(Buffer.alloc(500_000));
    const paused = source.count("pause");
    await trial.passes();
    expectEqual(source.count("pause"), paused);
    client.tls.startTLS(scene.clientOptions());
    await trial.settle(() => client.bytes === 1_000_000 && source.asked.at(-1) === "resume");
    server.transport.unregisterProducer();
  },

  "a producer that writes through it all": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    server.tls.startTLS(scene.serverOptions());
    client.tls.startTLS(scene.clientOptions());
    const faucet = new Faucet(server.transport, MANY);
    server.transport.registerProducer(faucet, true);
    faucet.resumeProducing();
    await ended(trial, ends);
    expectEqual(client.bytes, MANY);
    expectReason(client.reason, ConnectionDone);
  },

  // -- Again, and when it is too late

  "startTLS() twice is TLS inside of TLS": async (trial) => {
    const ends = await plain(trial);
    const { server, client } = ends;
    await secure(trial, ends);
    client.write("outer, ");
    await trial.settle(() => server.text === "outer, ");
    await secure(trial, ends, 2);
    client.write("inner");
    server.write(Buffer.alloc(1_000_000));
    await trial.settle(() => server.text === "outer, inner" && client.bytes === 1_000_000);
    client.lose();
    await ended(trial, ends);
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
  },

  "startTLS() from inside handshakeCompleted()": async (trial) => {
    const scene = await TLSScene.set(trial);
    let wanted = false;
    const again = (one: TLSWitness, options: ITLSServerOptions | ITLSClientOptions): void => {
      if (!wanted) return;
      if (one.session.serverName === "localhost") one.tls.startTLS(options);
      else one.write("deep inside");
    };
    const inner = scene.clientOptions({}, "127.0.0.1");
    const ends = await plain(
      trial,
      { handshake: (one) => again(one, scene.serverOptions()) },
      { handshake: (one) => again(one, inner) },
    );
    wanted = true;
    ends.server.tls.startTLS(scene.serverOptions());
    ends.client.tls.startTLS(scene.clientOptions());
    await trial.settle(() => ends.client.bytes > 0 && ends.server.bytes > 0);
    expectEqual([ends.server.text, ends.client.text], ["deep inside", "deep inside"]);
    expectEqual(isDone(ends, 2), true, "two handshakes each");
  },

  "startTLS() on a connection that is closing, ended, or starting it: TLSNotPossibleError": async (
    trial,
  ) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    const refused = (one: TLSWitness): void => {
      expectThrown(() => one.tls.startTLS(scene.serverOptions()), TLSNotPossibleError);
    };
    client.pause();
    await trial.stall(server);
    server.tls.startTLS(scene.serverOptions());
    refused(server); // Its plain text is not out yet.
    client.lose();
    refused(client);
    server.abort();
    refused(server);
    await ended(trial, ends);
    refused(client);
    refused(server);
  },

  "loseConnection() right after it closes when TLS has begun": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    server.tls.startTLS(scene.serverOptions());
    client.tls.startTLS(scene.clientOptions());
    client.write("the end");
    client.lose();
    await ended(trial, ends);
    expectEqual(server.text, "the end");
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
  },

  "abortConnection() right after it": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    server.tls.startTLS(scene.serverOptions());
    client.tls.startTLS(scene.clientOptions());
    client.abort();
    await ended(trial, ends);
    expectReason(client.reason, ConnectionAborted);
    expectEqual(isDone(ends, 0), true, "no handshake of ours");
  },

  "halves end as they did": async (trial) => {
    const ends = await plain(trial, new TLSHalfCloseWitness(), new TLSHalfCloseWitness());
    const { server, client } = ends;
    await secure(trial, ends);
    client.write("question");
    client.loseWrite();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    server.write("answer");
    server.loseWrite();
    await ended(trial, ends);
    expectEqual([server.text, client.text], ["question", "answer"]);
    expectReason(server.reason, ConnectionDone);
    expectReason(client.reason, ConnectionDone);
  },

  ...startTLSPeerContracts,
};
