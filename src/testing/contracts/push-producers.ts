/**
 * Contracts between a transport and a push producer.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { ConnectionDone, ProducerAlreadyRegisteredError } from "../../internet/errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { Faucet, Source } from "./sources.ts";
import type { Contracts } from "./trial.ts";

/** Bytes waiting above which a push producer is paused. */
const THRESHOLD = 65_536;

/** By name. */
export const pushContracts: Contracts = {
  "it is paused above 64 KiB, not at it, from inside write()": async (trial) => {
    const { client } = await trial.pair();
    const source = new Source();
    client.transport.registerProducer(source, true);
    client.write(Buffer.alloc(THRESHOLD));
    expectEqual(source.asked, [], "asked at the threshold");
    client.write("x");
    expectEqual(source.asked, ["pause"], "asked above it");
  },

  "it is paused once, however much it writes on": async (trial) => {
    const { client } = await trial.pair();
    const source = new Source();
    client.transport.registerProducer(source, true);
    for (let at = 0; at < 5; at += 1) client.write(Buffer.alloc(THRESHOLD));
    expectEqual(source.asked, ["pause"]);
  },

  "it is resumed when the buffer is empty, never from inside write()": async (trial) => {
    const { client } = await trial.pair();
    let held: number | undefined;
    let inside = false;
    const source = new Source({
      resume: () => {
        held = client.transport.bufferedBytes;
        assert(!inside, "Expected it not to be resumed from inside write");
      },
    });
    client.transport.registerProducer(source, true);
    inside = true;
    client.write(Buffer.alloc(2 * THRESHOLD));
    inside = false;
    await trial.settle(() => source.asked.length === 2);
    expectEqual(source.asked, ["pause", "resume"]);
    expectEqual(held, 0, "bytes held when resumed");
  },

  "it is not resumed while the peer does not read": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source();
    server.pause();
    await trial.stall(client);
    client.transport.registerProducer(source, true);
    expectEqual(source.asked, ["pause"], "asked at registration above the threshold");
    await trial.passes();
    expectEqual(source.asked, ["pause"]);
    server.resume();
    await trial.settle(() => source.count("resume") === 1);
    expectEqual(client.transport.bufferedBytes, 0, "bytes held");
  },

  "it is not resumed while more waits, whoever wrote that": async (trial) => {
    const { client, server } = await trial.pair();
    const held: number[] = [];
    server.pause();
    await trial.stall(client);
    const source = new Source({ resume: () => held.push(client.transport.bufferedBytes) });
    client.transport.registerProducer(source, true);
    void client.transport.drained().addCallback(() => client.write(Buffer.alloc(20 << 20)));
    server.resume();
    await trial.settle(() => held.length > 0);
    expectEqual(held, [0], "bytes held when resumed");
  },

  "one that comes in the place of a paused one is not resumed for it": async (trial) => {
    const { client, server } = await trial.pair();
    const [first, second] = [new Source(), new Source()];
    client.transport.registerProducer(first, true);
    client.write(Buffer.alloc(THRESHOLD + 1));
    void client.transport.drained().addCallback(() => {
      client.transport.unregisterProducer();
      client.transport.registerProducer(second, true);
    });
    await trial.settle(() => server.bytes === THRESHOLD + 1);
    await trial.passes();
    expectEqual([...first.asked, ...second.asked], ["pause"]);
  },

  "it is not resumed when it was not paused": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source();
    client.transport.registerProducer(source, true);
    client.write("little");
    await trial.settle(() => server.text === "little");
    await trial.passes();
    expectEqual(source.asked, []);
  },

  "pause and resume alternate through 10 MB, and memory is bounded": async (trial) => {
    const { client, server } = await trial.pair();
    const total = 10_000_000;
    const faucet = new Faucet(client.transport, total);
    faucet.open();
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.bytes, total);
    assert(faucet.most <= THRESHOLD + 16_384, `Expected a bound, held ${String(faucet.most)}`);
    const unordered = faucet.asked.findIndex((one, at) => one !== (at % 2 ? "resume" : "pause"));
    expectEqual(unordered, -1, "the first out of turn");
    expectReason(client.reason, ConnectionDone);
  },

  "a producer that never stops does not keep other connections waiting": async (trial) => {
    const { client } = await trial.pair();
    const other = await trial.pair({ server: { data: (one, data) => one.write(data) } });
    new Faucet(client.transport).open();
    other.client.write("me too");
    await trial.settle(() => other.client.text === "me too");
    client.abort();
    await trial.settle(() => client.reason !== undefined);
  },

  "a second producer is refused; after unregisterProducer() it is welcome": async (trial) => {
    const { client } = await trial.pair();
    const [first, second] = [new Source(), new Source()];
    client.transport.registerProducer(first, true);
    expectThrown(
      () => client.transport.registerProducer(second, true),
      ProducerAlreadyRegisteredError,
    );
    expectThrown(
      () => client.transport.registerProducer(second, false),
      ProducerAlreadyRegisteredError,
    );
    expectEqual([first.asked.length, second.asked.length], [0, 0]);
    client.transport.unregisterProducer();
    client.transport.registerProducer(second, true);
    client.write(Buffer.alloc(THRESHOLD + 1));
    expectEqual([first.asked.length, second.asked.length], [0, 1]);
  },

  "one that is unregistered while paused is not resumed": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source();
    client.transport.registerProducer(source, true);
    client.write(Buffer.alloc(THRESHOLD + 1));
    client.transport.unregisterProducer();
    await trial.settle(() => server.bytes === THRESHOLD + 1);
    await trial.passes();
    expectEqual(source.asked, ["pause"]);
  },

  "unregisterProducer() without one does nothing": async (trial) => {
    const { client, server } = await trial.pair();
    client.transport.unregisterProducer();
    client.write("x");
    await trial.settle(() => server.text === "x");
  },

  "registerProducer() after the end: stopProducing() at once": async (trial) => {
    const { client, server } = await trial.pair();
    client.lose();
    const closing = new Source();
    client.transport.registerProducer(closing, true);
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    const late = new Source();
    client.transport.registerProducer(late, true);
    expectEqual([...closing.asked, ...late.asked], ["stop", "stop"]);
  },

  "registerProducer() after loseWriteConnection(): stopProducing() at once": async (trial) => {
    const { client } = await trial.pair({ server: trial.halfCloseWitness() });
    client.loseWrite();
    const source = new Source();
    client.transport.registerProducer(source, true);
    expectEqual(source.asked, ["stop"]);
  },

  "the end of the connection stops it, before connectionLost(), once": async (trial) => {
    const source = new Source();
    let before: boolean | undefined;
    const { client, server } = await trial.pair({
      client: {
        lost: () => {
          before = source.count("stop") === 1;
        },
      },
    });
    client.transport.registerProducer(source, true);
    server.abort();
    await trial.settle(() => client.reason !== undefined);
    await trial.passes();
    expectEqual(source.asked, ["stop"]);
    expectEqual(before, true, "stopped before connectionLost");
  },

  "the peer's end stops it": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source();
    server.transport.registerProducer(source, true);
    client.lose();
    await trial.settle(() => server.reason !== undefined);
    expectEqual(source.asked, ["stop"]);
    expectReason(server.reason, ConnectionDone);
  },

  "a paused one is not resumed after the end": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source();
    server.pause();
    await trial.stall(client);
    client.transport.registerProducer(source, true);
    client.abort();
    await trial.settle(() => client.reason !== undefined);
    await trial.passes();
    expectEqual(source.asked, ["pause", "stop"]);
  },

  "unregisterProducer() from inside pauseProducing()": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source({ pause: () => client.transport.unregisterProducer() });
    client.transport.registerProducer(source, true);
    client.write(Buffer.alloc(THRESHOLD + 1));
    client.write(Buffer.alloc(THRESHOLD + 1));
    client.lose();
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.bytes, 2 * THRESHOLD + 2);
    expectEqual(source.asked, ["pause"]);
  },

  "loseConnection() from inside resumeProducing() waits for unregisterProducer()": async (
    trial,
  ) => {
    const { client, server } = await trial.pair();
    const source = new Source({ resume: () => client.lose() });
    client.transport.registerProducer(source, true);
    client.write(Buffer.alloc(THRESHOLD + 1));
    await trial.settle(() => source.count("resume") === 1);
    await trial.passes();
    expectEqual(client.reason, undefined, "the reason while registered");
    client.transport.unregisterProducer();
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.bytes, THRESHOLD + 1);
  },

  "two transports may be each other's producer: a proxy holds little": async (trial) => {
    // client -> proxy -> sink, where the sink reads late: the proxy must not swallow it all.
    const sinkPair = await trial.pair({ server: { made: (one) => one.pause() } });
    const out = sinkPair.client;
    const proxy = await trial.pair({
      server: { data: (_one, data) => out.write(data) },
    });
    out.transport.registerProducer(proxy.server.transport, true);
    let most = 0;
    for (let at = 0; at < 30; at += 1) {
      proxy.client.write(Buffer.alloc(1 << 20, "x"));
      await trial.passes(3);
      most = Math.max(most, out.transport.bufferedBytes);
    }
    assert(most <= THRESHOLD + (1 << 17), `Expected a bound, held ${String(most)}`);
    sinkPair.server.resume();
    await trial.settle(() => sinkPair.server.bytes === 30 << 20);
  },
};
