/**
 * Contracts between a transport and a pull producer.
 *
 * @module
 */
import { ConnectionDone, ProducerAlreadyRegisteredError } from "../../internet/errors.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { Source } from "./sources.ts";
import type { Contracts } from "./trial.ts";

/** By name. */
export const pullContracts: Contracts = {
  "it is asked at registration, before that returns": async (trial) => {
    const { client } = await trial.pair();
    const source = new Source();
    client.transport.registerProducer(source, false);
    expectEqual(source.asked, ["resume"]);
  },

  "it is asked once for each time that the buffer is empty": async (trial) => {
    const { client, server } = await trial.pair();
    let chunks = 0;
    const source = new Source({
      resume: () => {
        chunks += 1;
        client.write(`${String(chunks)} `);
        if (chunks < 10) return;
        client.transport.unregisterProducer();
        client.lose();
      },
    });
    client.transport.registerProducer(source, false);
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.text, "1 2 3 4 5 6 7 8 9 10 ");
    expectEqual(source.count("resume"), 10);
    expectReason(client.reason, ConnectionDone);
  },

  "it is never asked to pause, whatever it writes": async (trial) => {
    const { client } = await trial.pair();
    const source = new Source({ resume: () => client.write(Buffer.alloc(200_000)) });
    client.transport.registerProducer(source, false);
    await trial.settle(() => source.count("resume") === 5);
    expectEqual(source.count("pause"), 0);
    client.transport.unregisterProducer();
  },

  "it is not asked while the peer does not read": async (trial) => {
    const { client, server } = await trial.pair();
    server.pause();
    await trial.stall(client);
    const source = new Source();
    client.transport.registerProducer(source, false);
    await trial.passes();
    expectEqual(source.asked, ["resume"], "asked while stalled");
    server.resume();
    await trial.settle(() => source.count("resume") === 2);
    await trial.passes();
    expectEqual(source.asked, ["resume", "resume"]);
  },

  "it is not asked again until it has written": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source();
    client.transport.registerProducer(source, false);
    await trial.passes();
    expectEqual(source.asked, ["resume"]);
    client.write("at last");
    await trial.settle(() => source.count("resume") === 2 && server.bytes === 7);
    expectEqual(server.text, "at last");
  },

  "one ask is one ask, also when the chunk is written in pieces": async (trial) => {
    const { client, server } = await trial.pair();
    let asks = 0;
    const source = new Source({
      resume: () => {
        asks += 1;
        if (asks <= 3) for (const letter of "abc") client.write(letter);
      },
    });
    client.transport.registerProducer(source, false);
    await trial.settle(() => server.bytes === 9);
    await trial.passes();
    expectEqual(asks, 4);
  },

  "it is not asked from inside write()": async (trial) => {
    const { client } = await trial.pair();
    let inside = false;
    let reentered = false;
    const source = new Source({
      resume: () => {
        if (inside) reentered = true;
        inside = true;
        client.write(Buffer.alloc(100_000));
        inside = false;
      },
    });
    client.transport.registerProducer(source, false);
    await trial.settle(() => source.count("resume") === 4);
    expectEqual(reentered, false);
    client.transport.unregisterProducer();
  },

  "one that never stops does not keep other connections waiting": async (trial) => {
    const { client } = await trial.pair();
    const other = await trial.pair({ server: { data: (one, data) => one.write(data) } });
    const source = new Source({ resume: () => client.write(Buffer.alloc(1000)) });
    client.transport.registerProducer(source, false);
    other.client.write("me too");
    await trial.settle(() => other.client.text === "me too");
    client.abort();
    await trial.settle(() => client.reason !== undefined);
    expectEqual(source.asked.at(-1), "stop");
  },

  "a second producer is refused, and not asked": async (trial) => {
    const { client } = await trial.pair();
    client.transport.registerProducer(new Source(), false);
    const second = new Source();
    expectThrown(
      () => client.transport.registerProducer(second, false),
      ProducerAlreadyRegisteredError,
    );
    expectEqual(second.asked, []);
  },

  "loseConnection() waits until it has no more": async (trial) => {
    const { client, server } = await trial.pair();
    let chunks = 0;
    const source = new Source({
      resume: () => {
        chunks += 1;
        client.write("chunk ");
        if (chunks === 3) client.transport.unregisterProducer();
      },
    });
    client.transport.registerProducer(source, false);
    client.lose();
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.text, "chunk chunk chunk ");
  },

  "registerProducer() after the end: stopProducing() at once, and no ask": async (trial) => {
    const { client, server } = await trial.pair();
    client.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    const source = new Source();
    client.transport.registerProducer(source, false);
    expectEqual(source.asked, ["stop"]);
  },

  "unregisterProducer() from inside the ask at registration": async (trial) => {
    const { client, server } = await trial.pair();
    const source = new Source({
      resume: () => {
        client.write("all there is");
        client.transport.unregisterProducer();
      },
    });
    client.transport.registerProducer(source, false);
    client.lose();
    await trial.settle(() => server.reason !== undefined);
    expectEqual(server.text, "all there is");
    expectEqual(source.asked, ["resume"]);
  },

  "the next producer after unregisterProducer() is asked by itself": async (trial) => {
    const { client, server } = await trial.pair();
    const first = new Source({
      resume: () => {
        client.write("1");
        client.transport.unregisterProducer();
        client.transport.registerProducer(second, false);
      },
    });
    const second = new Source({
      resume: () => {
        client.write("2");
        if (second.count("resume") === 3) client.transport.unregisterProducer();
      },
    });
    client.transport.registerProducer(first, false);
    await trial.settle(() => server.bytes === 4);
    await trial.passes();
    expectEqual([server.text, first.count("resume")], ["1222", 1]);
  },
};
