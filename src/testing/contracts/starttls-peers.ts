/**
 * Contracts of `startTLS` about peers: what they glue to the command, and what they do instead.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionLost, ConnectionTimedOut } from "../../internet/errors.ts";
import { TLSHandshakeError, VerificationError } from "../../internet/tls/errors.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { KeepingLines } from "./starttls-lines.ts";
import { ended, isDone, plain, secure } from "./starttls-ends.ts";
import { TLSScene } from "./tls-scene.ts";
import type { Contracts } from "./trial.ts";

const NO_SIGNALS = { installSignalHandlers: false };

/** By name. */
export const startTLSPeerContracts: Contracts = {
  // -- What is glued to the command

  "plain text glued behind the command is never processed, nor kept for later": async (trial) => {
    const scene = await TLSScene.set(trial);
    const server = new KeepingLines((one) => one.tls.startTLS(scene.serverOptions()));
    const ends = await plain(trial, server);
    ends.client.write("STARTTLS\nRCPT TO:<victim@example>\n");
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, TLSHandshakeError);
    expectEqual(server.lines, ["STARTTLS"]);
    ends.client.abort();
  },

  "nor is what is glued behind the server's answer": async (trial) => {
    const scene = await TLSScene.set(trial);
    const client = new KeepingLines((one) => one.tls.startTLS(scene.clientOptions()));
    const ends = await plain(trial, {}, client);
    ends.server.write("220 go ahead\n250 AUTH PLAIN\n");
    await trial.settle(() => client.reason !== undefined);
    expectReason(client.reason, TLSHandshakeError);
    expectEqual(client.lines, ["220 go ahead"]);
    ends.server.abort();
  },

  "what comes behind it in pieces of its own is not processed either": async (trial) => {
    for (const role of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const options = role === "server" ? scene.serverOptions() : scene.clientOptions();
      const forgetful = scene.witness({ data: () => forgetful.tls.startTLS(options) });
      const { server: peer } = await plain(trial, {}, forgetful);
      forgetful.pause();
      peer.write("STARTTLS\n");
      peer.write(Buffer.alloc(1_000_000, "RCPT TO:<victim@example>\n"));
      await trial.passes();
      forgetful.resume();
      await trial.settle(() => forgetful.reason !== undefined);
      expectEqual(forgetful.pieces.length, 1, "pieces");
      expectReason(forgetful.reason, TLSHandshakeError);
      peer.abort();
    }
  },

  "a handshake glued behind the command is the peer's first word": async (trial) => {
    const scene = await TLSScene.set(trial);
    const server = new KeepingLines((one, text) => {
      if (text === "STARTTLS") one.tls.startTLS(scene.serverOptions());
    });
    const ends = await plain(trial, server);
    const { client } = ends;
    server.pause();
    client.write("STARTTLS\n");
    client.tls.startTLS(scene.clientOptions());
    client.write("MAIL\n");
    await trial.passes();
    server.resume();
    await trial.settle(() => server.lines.length === 2);
    expectEqual(server.lines, ["STARTTLS", "MAIL"]);
    expectEqual(isDone(ends, 1), true, "one handshake each");
  },

  "nor is it when reading is resumed before TLS has begun": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    client.pause();
    await trial.stall(server);
    server.tls.startTLS(scene.serverOptions());
    server.pause();
    server.resume();
    client.write("RCPT TO:<victim@example>\n");
    await trial.passes();
    expectEqual(server.bytes, 0);
    client.resume();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, TLSHandshakeError);
    expectEqual(server.bytes, 0);
    client.abort();
  },

  // -- Peers

  "a peer that is not who it should be: VerificationError": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    server.tls.startTLS(scene.showing(scene.certificates.other));
    client.tls.startTLS(scene.clientOptions());
    server.write("a secret");
    client.write("a secret");
    await ended(trial, ends);
    expectReason(client.reason, VerificationError);
    expectEqual([server.bytes, client.bytes], [0, 0]);
  },

  "a peer that never answers is dropped at handshakeTimeout": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    client.tls.startTLS(scene.clientOptions(), { handshakeTimeout: 0.05 });
    await ended(trial, ends);
    expectEqual(expectReason(client.reason, ConnectionTimedOut).phase, "handshake");
    assert(server.bytes > 0, "Expected to see the handshake begin");
  },

  "a peer that ends right behind the command: ConnectionLost": async (trial) => {
    const scene = await TLSScene.set(trial);
    const server = new KeepingLines((one) => one.tls.startTLS(scene.serverOptions()));
    const { client } = await plain(trial, server);
    server.pause();
    client.write("STARTTLS\n");
    client.lose();
    await trial.settle(() => client.reason !== undefined);
    await trial.passes();
    server.resume();
    await trial.settle(() => server.reason !== undefined);
    expectReason(server.reason, ConnectionLost);
  },

  "an end without close_notify is ConnectionLost": async (trial) => {
    const scene = await TLSScene.set(trial);
    const [server, client] = [scene.witness(), scene.witness()];
    const relay = await scene.plainRelay(server, client);
    const ends = { scene, server, client, below: 0 };
    await secure(trial, ends);
    client.write("half a wo");
    await trial.settle(() => server.text === "half a wo");
    relay.end();
    await ended(trial, ends);
    expectReason(server.reason, ConnectionLost);
    expectReason(client.reason, ConnectionLost);
  },

  "a reactor that stops while TLS begins drops the connection": async (trial) => {
    const ends = await plain(trial);
    const { scene, server, client } = ends;
    const over = trial.reactor.run(NO_SIGNALS);
    server.tls.startTLS(scene.serverOptions());
    await trial.passes();
    client.tls.startTLS(scene.clientOptions());
    trial.reactor.callWhenRunning(() => trial.reactor.stop());
    await trial.fired(over);
    assert(server.reason?.value instanceof ConnectionLost, "Expected a ConnectionLost");
    assert(client.reason?.value instanceof ConnectionLost, "Expected a ConnectionLost");
  },
};
