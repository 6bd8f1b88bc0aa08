/**
 * Contracts of `startTLS`, on whatever the connections of the suite run over.
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
import type { IUnprocessedBytes } from "../../internet/interfaces-tls.ts";
import {
  TLSHandshakeError,
  TLSNotPossibleError,
  VerificationError,
} from "../../internet/tls/errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { Faucet, Source } from "./sources.ts";
import { TLSScene } from "./tls-scene.ts";
import { TLSHalfCloseWitness, type TLSHooks, TLSWitness } from "./tls-witness.ts";
import type { Contracts, Trial } from "./trial.ts";
import type { Witness } from "./witness.ts";

const MANY = 10_000_000;
const NO_SIGNALS = { installSignalHandlers: false };

/** Both ends of a connection that is not secure yet, or not with this TLS. */
interface Ends {
  readonly scene: TLSScene;
  readonly server: TLSWitness;
  readonly client: TLSWitness;
}

async function plain(
  trial: Trial,
  server: TLSHooks | TLSWitness = {},
  client: TLSHooks | TLSWitness = {},
): Promise<Ends> {
  const scene = await TLSScene.set(trial);
  const ends = { server: scene.witness(server), client: scene.witness(client) };
  await trial.pair(ends);
  return { scene, ...ends };
}

/** Both begin; wait until it is done. */
async function secure(trial: Trial, { scene, server, client }: Ends, times = 1): Promise<void> {
  server.tls.startTLS(scene.serverOptions());
  client.tls.startTLS(scene.clientOptions());
  await trial.settle(() => server.handshakes === times && client.handshakes === times);
}

async function ended(trial: Trial, { server, client }: Ends): Promise<void> {
  await trial.settle(() => server.reason !== undefined && client.reason !== undefined);
}

/** Reads lines, as long as nobody asks for what is left. */
class Lines extends TLSWitness {
  readonly lines: string[] = [];
  #rest = "";

  constructor(line: (lines: Lines, text: string) => void, hooks: TLSHooks = {}) {
    super({
      ...hooks,
      data: (one, data) => {
        if (one instanceof Lines) one.#read(data, line);
      },
    });
  }

  #read(data: Buffer, line: (lines: Lines, text: string) => void): void {
    this.#rest += data.toString("latin1");
    for (let at = this.#rest.indexOf("\n"); at >= 0; at = this.#rest.indexOf("\n")) {
      const text = this.#rest.slice(0, at);
      this.#rest = this.#rest.slice(at + 1);
      this.lines.push(text);
      line(this, text);
    }
  }

  protected take(): Buffer {
    const rest = Buffer.from(this.#rest, "latin1");
    this.#rest = "";
    return rest;
  }
}

/** The same, and it says what is left: as a `LineReceiver`. */
class KeepingLines extends Lines implements IUnprocessedBytes {
  clearLineBuffer(): Uint8Array {
    return this.take();
  }
}

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
      expectEqual(one.handshakes, 1);
    }
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
    await trial.settle(() => server.text === "one, two, ");
    await trial.passes();
    client.write("four");
    expectEqual(client.transport.bufferedBytes, 11, "bytes that wait");
    expectEqual(server.text.startsWith("one, two, "), true);
    expectEqual(server.text.includes("three"), false);
    client.abort();
    await ended(trial, ends);
    const kept = new KeepingLines((one) => one.tls.startTLS(scene.serverOptions()));
    const again = await plain(trial, kept);
    again.client.write("one\n");
    again.client.tls.startTLS(scene.clientOptions());
    again.client.write("two\n");
    await trial.settle(() => kept.handshakes === 1 && kept.lines.length === 2);
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
    await trial.settle(() => client.pieces.at(-1)?.toString().endsWith("END\n") === true);
    client.tls.startTLS(scene.clientOptions());
    await trial.settle(() => client.pieces.at(-1)?.toString() === "private");
    expectEqual([server.handshakes, client.handshakes], [1, 1]);
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
    const { client } = await plain(trial, server);
    server.pause();
    client.write("STARTTLS\n");
    client.tls.startTLS(scene.clientOptions());
    client.write("MAIL\n");
    await trial.passes();
    server.resume();
    await trial.settle(() => server.lines.length === 2);
    expectEqual(server.lines, ["STARTTLS", "MAIL"]);
    expectEqual(server.handshakes, 1);
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
    await trial.settle(() => server.handshakes === 1);
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
    const again = (one: TLSWitness, options: Parameters<TLSWitness["tls"]["startTLS"]>[0]): void => {
      if (one.handshakes === 1) one.tls.startTLS(options);
    };
    const scene = await TLSScene.set(trial);
    const ends = await plain(
      trial,
      { handshake: (one) => again(one, scene.serverOptions()) },
      { handshake: (one) => again(one, scene.clientOptions()) },
    );
    await secure(trial, ends, 2);
    ends.server.write("deep inside");
    await trial.settle(() => ends.client.text === "deep inside");
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
    expectEqual([server.handshakes, client.handshakes], [0, 0]);
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
    const server = scene.witness();
    const client = scene.witness();
    const relay = await scene.plainRelay(server, client);
    const ends = { scene, server, client };
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
