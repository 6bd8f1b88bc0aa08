/**
 * Contracts of `IReactorSSL`: how connections end, and peers that break them.
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
import { TLSError, TLSHandshakeError } from "../../internet/tls/errors.ts";
import { TLSVersion } from "../../internet/tls/tls-version.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { TLSScene } from "./tls-scene.ts";
import { TLSHalfCloseWitness, type TLSHooks, TLSWitness } from "./tls-witness.ts";
import type { Contracts, Trial } from "./trial.ts";
import type { Witness } from "./witness.ts";

const VERSIONS = [{}, { lowerMaximumSecurityTo: TLSVersion.TLSv1_2 }];
/** Seconds. */
const SOON = { handshakeTimeout: 0.05 };
const NO_SIGNALS = { installSignalHandlers: false };
const ECHO: TLSHooks = { data: (one, data) => one.write(data) };

/** A plain peer says this to a server of TLS. @returns The server's reason. */
async function said(trial: Trial, bytes: Uint8Array | string): Promise<unknown> {
  const scene = await TLSScene.set(trial);
  const servers: TLSWitness[] = [];
  const port = await scene.listen(() => {
    const server = scene.witness(ECHO);
    servers.push(server);
    return server;
  });
  const good = scene.dial(port, { handshake: (one) => one.write("one") });
  await trial.settle(() => good.text === "one");
  const plain = scene.dialPlain(port, { made: (one) => one.write(bytes) });
  await trial.settle(() => plain.reason !== undefined);
  const server = servers[1];
  assert(server !== undefined, "Expected the server to have been asked");
  await trial.settle(() => server.reason !== undefined);
  expectEqual([server.handshakes, server.bytes], [0, 0]);
  good.write(" two");
  await trial.settle(() => good.text === "one two");
  const next = scene.dial(port, { handshake: (one) => one.write("three") });
  await trial.settle(() => next.text === "three");
  return server.reason;
}

/** Data, and then the end that none of both has made. */
async function cutOff(trial: Trial, end: () => TLSWitness): Promise<void> {
  for (const version of VERSIONS) {
    const scene = await TLSScene.set(trial);
    const [server, client] = [end(), end()];
    const serverOptions = scene.serverOptions(version);
    const pair = await scene.relayed({ server, client, serverOptions });
    server.write("of 100 bytes the first few");
    client.write("half a wo");
    await trial.settle(() => server.text === "half a wo" && client.bytes === 26);
    pair.relay.end();
    await scene.ended(pair);
    expectReason(server.reason, ConnectionLost);
    expectReason(client.reason, ConnectionLost);
    for (const one of [server, client]) {
      const life = ["connectionMade", "handshakeCompleted", "dataReceived", "connectionLost"];
      expectEqual(one.calls, life);
    }
  }
}

/** By name. */
export const tlsEndContracts: Contracts = {
  // -- In good order (RFC 8446 §6.1)

  "whoever closes first: ConnectionDone for both, and everything before it arrives": async (
    trial,
  ) => {
    for (const version of VERSIONS) {
      for (const first of ["server", "client"] as const) {
        const scene = await TLSScene.set(trial);
        const pair = await scene.secured({ serverOptions: scene.serverOptions(version) });
        const other = first === "server" ? pair.client : pair.server;
        pair[first].write(Buffer.alloc(300_000));
        pair[first].lose();
        await scene.ended(pair);
        expectEqual(other.bytes, 300_000);
        expectReason(pair.server.reason, ConnectionDone);
        expectReason(pair.client.reason, ConnectionDone);
      }
    }
  },

  "both closing at once is ConnectionDone for both": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.secured();
    pair.server.lose();
    pair.client.lose();
    await scene.ended(pair);
    expectReason(pair.server.reason, ConnectionDone);
    expectReason(pair.client.reason, ConnectionDone);
  },

  "half a close: the other half goes on, either way": async (trial) => {
    for (const version of VERSIONS) {
      for (const first of ["server", "client"] as const) {
        const scene = await TLSScene.set(trial);
        const pair = await scene.secured({
          server: new TLSHalfCloseWitness(),
          client: new TLSHalfCloseWitness(),
          serverOptions: scene.serverOptions(version),
        });
        const [one, other] = [pair[first], first === "server" ? pair.client : pair.server];
        one.write("question");
        one.loseWrite();
        await trial.settle(() => other.calls.includes("readConnectionLost"));
        expectEqual([other.text, other.reason], ["question", undefined]);
        other.write(Buffer.alloc(300_000));
        await trial.settle(() => one.bytes === 300_000);
        other.loseWrite();
        await scene.ended(pair);
        expectReason(pair.server.reason, ConnectionDone);
        expectReason(pair.client.reason, ConnectionDone);
      }
    }
  },

  "who closes need not wait for the peer's close_notify": async (trial) => {
    const scene = await TLSScene.set(trial);
    const { client, relay, server } = await scene.relayed();
    relay.hold();
    client.write("into the void");
    client.lose();
    await trial.settle(() => client.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    server.abort();
  },

  "closing before the handshake is done waits for it, and for what was written": async (trial) => {
    for (const first of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const made = (one: Witness): void => {
        one.write("hello and goodbye");
        one.lose();
      };
      const pair = await scene.pair({ [first]: { made } });
      await scene.ended(pair);
      const other = first === "server" ? pair.client : pair.server;
      expectEqual(other.text, "hello and goodbye");
      expectReason(pair.server.reason, ConnectionDone);
      expectReason(pair.client.reason, ConnectionDone);
    }
  },

  "closing in connectionMade() with nothing to say is an end as well": async (trial) => {
    for (const first of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const pair = await scene.pair({ [first]: { made: (one: Witness) => one.lose() } });
      await scene.ended(pair);
      expectReason(pair.server.reason, ConnectionDone);
      expectReason(pair.client.reason, ConnectionDone);
    }
  },

  "half a close in connectionMade() waits for the handshake as well": async (trial) => {
    for (const first of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const early = new TLSHalfCloseWitness({ made: (one) => one.loseWrite() });
      const pair = await scene.pair({
        server: new TLSHalfCloseWitness(),
        client: new TLSHalfCloseWitness(),
        [first]: early,
      });
      const other = first === "server" ? pair.client : pair.server;
      await trial.settle(() => other.calls.includes("readConnectionLost"));
      expectEqual([pair.server.handshakes, pair.client.handshakes], [1, 1]);
      other.write("still heard");
      await trial.settle(() => early.text === "still heard");
    }
  },

  "loseConnection() from inside handshakeCompleted()": async (trial) => {
    for (const first of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const handshake = (one: TLSWitness): void => {
        one.write("bye");
        one.lose();
      };
      const pair = await scene.pair({ [first]: { handshake } });
      await scene.ended(pair);
      expectEqual((first === "server" ? pair.client : pair.server).text, "bye");
      expectReason(pair.server.reason, ConnectionDone);
      expectReason(pair.client.reason, ConnectionDone);
    }
  },

  // -- Cut off

  "an end without close_notify is ConnectionLost, and what came before it is delivered": (trial) =>
    cutOff(trial, () => new TLSWitness()),

  "the same for protocols that live with one half": (trial) =>
    cutOff(trial, () => new TLSHalfCloseWitness()),

  "while reading is paused, an end without close_notify is nobody's business": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.relayed();
    const { server, client, relay } = pair;
    server.pause();
    client.write("unread");
    await trial.passes();
    relay.end();
    await trial.settle(() => client.reason !== undefined);
    await trial.passes();
    expectEqual([server.reason, server.bytes], [undefined, 0]);
    server.resume();
    await scene.ended(pair);
    expectEqual(server.text, "unread");
    expectReason(server.reason, ConnectionLost);
  },

  "a reset is ConnectionLost for both": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.relayed();
    pair.relay.reset();
    await scene.ended(pair);
    expectReason(pair.server.reason, ConnectionLost);
    expectReason(pair.client.reason, ConnectionLost);
  },

  "bytes that are not the peer's: TLSError, and nothing of them is delivered": async (trial) => {
    const application = Buffer.concat([Buffer.from([23, 3, 3, 0, 40]), Buffer.alloc(40, "x")]);
    for (const junk of ["HTTP/1.1 200 OK\r\n\r\n", application]) {
      const scene = await TLSScene.set(trial);
      const pair = await scene.relayed();
      pair.client.write("mine");
      await trial.settle(() => pair.server.text === "mine");
      pair.relay.inject(junk);
      await scene.ended(pair);
      expectEqual([pair.server.text, pair.client.text], ["mine", ""]);
      expectReason(pair.server.reason, TLSError);
      expectReason(pair.client.reason, TLSError);
    }
  },

  // -- Aborting

  "abortConnection() before the handshake": async (trial) => {
    for (const first of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const abort: TLSHooks = { made: (one) => one.abort() };
      const server = scene.witness(first === "server" ? abort : {});
      const client = scene.dial(await scene.listen(() => server), first === "client" ? abort : {});
      const [one, other] = first === "server" ? [server, client] : [client, server];
      await trial.settle(() => one.reason !== undefined);
      expectReason(one.reason, ConnectionAborted);
      // A server may not even see such a connection come.
      await trial.settle(() => other.reason !== undefined || !other.made);
      expectEqual([server.handshakes, client.handshakes], [0, 0]);
    }
  },

  "abortConnection() in the middle of the handshake": async (trial) => {
    const scene = await TLSScene.set(trial);
    const silent = trial.witness();
    const client = scene.dial(await scene.listenPlain(() => silent));
    await trial.settle(() => silent.bytes > 0);
    client.abort();
    await trial.settle(() => silent.reason !== undefined && client.reason !== undefined);
    expectReason(client.reason, ConnectionAborted);
  },

  "abortConnection() from inside handshakeCompleted()": async (trial) => {
    for (const first of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const pair = await scene.pair({ [first]: { handshake: (one: Witness) => one.abort() } });
      await scene.ended(pair);
      expectReason(pair[first].reason, ConnectionAborted);
      const other = first === "server" ? pair.client : pair.server;
      expectReason(other.reason, ConnectionLost);
    }
  },

  "abortConnection() after the handshake is ConnectionLost for the peer": async (trial) => {
    for (const first of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const pair = await scene.secured();
      pair[first].write("never mind");
      pair[first].abort();
      await scene.ended(pair);
      expectReason(pair[first].reason, ConnectionAborted);
      const other = first === "server" ? pair.client : pair.server;
      expectReason(other.reason, ConnectionLost);
    }
  },

  // -- Peers that speak no TLS, or nothing

  "a client that never begins is dropped at handshakeTimeout": async (trial) => {
    const scene = await TLSScene.set(trial);
    const server = scene.witness({ made: (one) => one.write("waits") });
    const port = await scene.listen(() => server, scene.serverOptions(), SOON);
    const plain = scene.dialPlain(port);
    await trial.settle(() => server.reason !== undefined && plain.reason !== undefined);
    const { phase, seconds } = expectReason(server.reason, ConnectionTimedOut);
    expectEqual([phase, seconds], ["handshake", 0.05]);
    expectEqual(plain.bytes, 0);
  },

  "a client that sends one byte of it now and then is dropped at handshakeTimeout": async (
    trial,
  ) => {
    const scene = await TLSScene.set(trial);
    const server = scene.witness();
    const port = await scene.listen(() => server, scene.serverOptions(), SOON);
    const record = [22, 3, 1, 2, 0, ...Array.from({ length: 512 }, () => 1)];
    const drip = (one: Witness): void => {
      one.write(Buffer.from(record.splice(0, 1)));
      if (one.reason === undefined) trial.reactor.callLater(0.005, () => drip(one));
    };
    const plain = scene.dialPlain(port, { made: drip });
    await trial.settle(() => server.reason !== undefined && plain.reason !== undefined);
    expectReason(server.reason, ConnectionTimedOut);
  },

  "a server that never answers is dropped at handshakeTimeout": async (trial) => {
    const scene = await TLSScene.set(trial);
    const silent = trial.witness();
    const port = await scene.listenPlain(() => silent);
    const client = scene.dial(port, {}, scene.clientOptions(), SOON);
    await trial.settle(() => client.reason !== undefined && silent.reason !== undefined);
    expectEqual(expectReason(client.reason, ConnectionTimedOut).phase, "handshake");
  },

  "handshakeTimeout is nothing to a connection whose handshake is done": async (trial) => {
    const scene = await TLSScene.set(trial);
    const pair = await scene.secured({ limits: { handshakeTimeout: 0.2 } });
    const before = trial.reactor.seconds();
    await trial.settle(() => trial.reactor.seconds() > before + 0.3);
    pair.client.write("still here");
    await trial.settle(() => pair.server.text === "still here");
  },

  "garbage instead of a ClientHello: TLSHandshakeError, and others go on": async (trial) => {
    for (const garbage of [
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      Buffer.alloc(100_000, 0xff),
      Buffer.alloc(20_000),
      Buffer.from([22, 3, 1, 0xff, 0xff, ...Buffer.alloc(100)]),
      Buffer.from([0x80, 0x2e, 0x01, 0x00, 0x02, ...Buffer.alloc(60)]),
    ]) {
      expectReason(await said(trial, garbage), TLSHandshakeError);
    }
  },

  "a server that speaks no TLS: TLSHandshakeError for the client": async (trial) => {
    const scene = await TLSScene.set(trial);
    const plain = trial.witness({ made: (one) => one.write("220 mail.example ESMTP\r\n") });
    const client = scene.dial(await scene.listenPlain(() => plain));
    await trial.settle(() => client.reason !== undefined && plain.reason !== undefined);
    expectReason(client.reason, TLSHandshakeError);
    expectEqual(client.bytes, 0);
  },

  "a peer that ends in the handshake: ConnectionLost, which says so": async (trial) => {
    const scene = await TLSScene.set(trial);
    const plain = trial.witness({ data: (one) => one.lose() });
    const client = scene.dial(await scene.listenPlain(() => plain));
    const server = scene.witness();
    scene.dialPlain(await scene.listen(() => server), { made: (one) => one.lose() });
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    for (const { reason } of [client, server]) {
      const { message } = expectReason(reason, ConnectionLost);
      assert(message.includes("handshake"), `Expected the handshake in: ${message}`);
    }
  },

  "a peer that resets in the handshake: ConnectionLost": async (trial) => {
    const scene = await TLSScene.set(trial);
    const plain = trial.witness({ data: (one) => one.abort() });
    const client = scene.dial(await scene.listenPlain(() => plain));
    const server = scene.witness();
    const port = await scene.listen(() => server);
    scene.dialPlain(port, {
      made: (one) => {
        one.write(Buffer.from([22, 3, 1]));
        trial.reactor.callLater(0.01, () => one.abort());
      },
    });
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionLost);
    expectReason(server.reason, ConnectionLost);
  },

  // -- What goes wrong here

  "an exception in handshakeCompleted() is logged, and ends that connection alone": async (
    trial,
  ) => {
    for (const first of ["server", "client"] as const) {
      const scene = await TLSScene.set(trial);
      const good = await scene.secured();
      const boom = new Error("boom");
      const handshake = (): void => {
        throw boom;
      };
      const pair = await scene.pair({
        [first]: { handshake },
        [first === "server" ? "client" : "server"]: { made: (one: Witness) => one.write("x") },
      });
      await scene.ended(pair);
      trial.expectLogged(boom);
      expectEqual(pair[first].reason?.value, boom);
      expectEqual(pair[first].bytes, 0);
      good.client.write("go on");
      await trial.settle(() => good.server.text === "go on");
    }
  },

  "a reactor that stops in the middle of a handshake drops it": async (trial) => {
    const scene = await TLSScene.set(trial);
    const silent = trial.witness();
    const port = await scene.listenPlain(() => silent);
    const server = scene.witness();
    const secure = await scene.listen(() => server);
    const over = trial.reactor.run(NO_SIGNALS);
    const client = scene.dial(port);
    scene.dialPlain(secure);
    await trial.settle(() => silent.bytes > 0 && server.made);
    trial.reactor.stop();
    await trial.fired(over);
    expectReason(client.reason, ConnectionLost);
    expectReason(server.reason, ConnectionLost);
    expectEqual(trial.reactor.getDelayedCalls().length, 0, "calls left");
  },

  "when all has ended, no call is left": async (trial) => {
    const scene = await TLSScene.set(trial);
    const done = await scene.secured();
    done.client.lose();
    const aborted = await scene.secured();
    aborted.client.abort();
    const refused = await scene.pair({ clientOptions: scene.clientOptions({}, "no.example") });
    const dead = await scene.pair({ server: { handshake: (one) => one.abort() } });
    for (const pair of [done, aborted, refused, dead]) await scene.ended(pair);
    await trial.settle(() => trial.reactor.getDelayedCalls().length === 0);
  },
};
