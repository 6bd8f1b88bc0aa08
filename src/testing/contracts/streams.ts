/**
 * Contracts of `IReactorStreams`: Node streams as transports.
 *
 * @module
 */
import { assert } from "../../core/assert.ts";
import { IPv4Address } from "../../internet/addresses.ts";
import { ConnectionAborted, ConnectionDone } from "../../internet/errors.ts";
import { type ConnectStreamOptions, IReactorStreams } from "../../internet/interfaces-streams.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { Faucet } from "./sources.ts";
import { StreamEnd } from "./stream-pair.ts";
import type { Contracts, Trial } from "./trial.ts";
import type { Witness } from "./witness.ts";

/** A witness on one end of a pair of streams. @returns The other end. */
export function connectWitness(
  trial: Trial,
  witness: Witness,
  options?: ConnectStreamOptions,
): StreamEnd {
  const [near, far] = StreamEnd.pair();
  trial.needs(IReactorStreams).connectStream(near, witness, options);
  return far;
}

/** Keep what comes out of a stream. */
export function collect(stream: StreamEnd): { readonly text: string; readonly ended: boolean } {
  const pieces: Buffer[] = [];
  let ended = false;
  stream.on("data", (data: Buffer) => pieces.push(data));
  stream.on("end", () => {
    ended = true;
  });
  return {
    get text() {
      return Buffer.concat(pieces).toString();
    },
    get ended() {
      return ended;
    },
  };
}

/** By name. */
export const streamContracts: Contracts = {
  "connectionMade() has been called when connectStream() returns": (trial) => {
    const witness = trial.witness();
    const [near] = StreamEnd.pair();
    const transport = trial.needs(IReactorStreams).connectStream(near, witness);
    expectEqual(witness.calls, ["connectionMade"]);
    expectEqual(witness.transport, transport);
    expectEqual(transport.connected, true);
    transport.abortConnection();
  },

  "the addresses are those that it is given": (trial) => {
    const witness = trial.witness();
    const peer = new IPv4Address("TCP", "192.0.2.1", 25);
    connectWitness(trial, witness, { peer, host: "the tunnel" });
    const { transport } = witness;
    expectEqual(transport.getPeer(), peer);
    expectEqual(transport.getHost().toString(), "the tunnel");
    transport.abortConnection();
  },

  "bytes go both ways, however they are cut": async (trial) => {
    const witness = trial.witness({ data: (one, data) => one.write(data) });
    const far = connectWitness(trial, witness);
    const back = collect(far);
    const text = "any cuts give the same bytes";
    for (const letter of text) far.write(letter);
    await trial.settle(() => back.text === text);
    expectEqual(witness.text, text);
    witness.lose();
    await trial.settle(() => witness.reason !== undefined);
  },

  "nothing is sent from inside write(), and nothing read in connectStream()": async (trial) => {
    const witness = trial.witness({ made: (one) => one.write("first words") });
    const [near, far] = StreamEnd.pair();
    far.write("early");
    trial.needs(IReactorStreams).connectStream(near, witness);
    expectEqual([witness.text, far.readableLength], ["", 0]);
    const { text } = { text: collect(far) };
    await trial.settle(() => witness.text === "early" && text.text === "first words");
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
  },

  "what a stream shares with others stays theirs, and what came stays ours": async (trial) => {
    const witness = trial.witness({ data: (_one, data) => data.fill("!") });
    const far = connectWitness(trial, witness);
    const shared = Buffer.from("shared");
    far.write(shared);
    await trial.settle(() => witness.bytes === 6);
    expectEqual(shared.toString(), "shared", "the writer's own bytes");
    shared.fill("?");
    expectEqual(witness.text, "!!!!!!", "what was received");
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
  },

  "when a write is with the stream, its bytes may be used again": async (trial) => {
    const witness = trial.witness();
    const far = connectWitness(trial, witness);
    const bytes = Buffer.from("once");
    witness.write(bytes);
    await trial.fired(witness.transport.drained());
    bytes.fill("?");
    const back = collect(far);
    await trial.settle(() => back.text.length === 4);
    expectEqual(back.text, "once");
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
  },

  "dataReceived() is not re-entered by a stream that pushes at once": async (trial) => {
    // A witness counts a callback from inside another as a violation.
    const pushed: string[] = [];
    const [near] = StreamEnd.pair();
    const witness = trial.witness({
      data: () => {
        if (pushed.length === 3) return;
        pushed.push("x");
        near.push("x");
        near.emit("readable");
      },
    });
    trial.needs(IReactorStreams).connectStream(near, witness);
    near.push("x");
    await trial.settle(() => witness.bytes === 4);
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
  },

  "a paused protocol makes the stream wait, and loses nothing": async (trial) => {
    const witness = trial.witness({ made: (one) => one.pause() });
    const far = connectWitness(trial, witness);
    const bytes = 4 << 20;
    for (let at = 0; at < bytes; at += 1 << 16) far.write(Buffer.alloc(1 << 16, "x"));
    await trial.passes();
    expectEqual(witness.bytes, 0, "bytes while paused");
    assert(far.writableLength > bytes - (1 << 18), "Expected the writer to hold most of it");
    witness.resume();
    await trial.settle(() => witness.bytes === bytes);
    expectEqual(far.writableLength, 0);
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
  },

  "no data while paused, also in the middle; then all of it, in order": async (trial) => {
    const [near] = StreamEnd.pair();
    const witness = trial.witness({
      data: (one) => {
        one.pause();
        if (one.bytes === 1) near.push("2");
      },
    });
    trial.needs(IReactorStreams).connectStream(near, witness);
    near.push("1");
    await trial.settle(() => witness.bytes > 0);
    near.push("3");
    await trial.passes();
    expectEqual(witness.text, "1", "what came while paused");
    witness.resume();
    expectEqual(witness.text, "1", "what came from inside resumeProducing()");
    await trial.settle(() => witness.bytes > 1);
    expectEqual(witness.text, "123");
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
  },

  "the stream's end is not noticed while paused, and no byte before it lost": async (trial) => {
    const witness = trial.witness({ made: (one) => one.pause() });
    const far = connectWitness(trial, witness);
    far.end("last words");
    await trial.passes();
    expectEqual(witness.calls, ["connectionMade"], "calls while paused");
    witness.resume();
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(witness.text, "last words");
    expectReason(witness.reason, ConnectionDone);
  },

  "pausing at the last bytes puts off the end": async (trial) => {
    const witness = trial.witness({ data: (one) => one.pause() });
    const far = connectWitness(trial, witness);
    far.end("last words");
    await trial.settle(() => witness.text === "last words");
    await trial.passes();
    expectEqual(witness.reason, undefined, "the reason while paused");
    witness.resume();
    await trial.settle(() => witness.reason !== undefined);
  },

  "a stream that takes nothing pauses the producer; one that takes again resumes it": async (
    trial,
  ) => {
    const witness = trial.witness();
    const far = connectWitness(trial, witness);
    const faucet = new Faucet(witness.transport, 8 << 20);
    faucet.open();
    await trial.settle(() => faucet.isPaused);
    await trial.passes();
    assert(witness.transport.bufferedBytes > 0, "Expected bytes to wait for the stream");
    assert(faucet.most < 1 << 18, `Expected few bytes to wait, found ${String(faucet.most)}`);
    let bytes = 0;
    far.on("data", (data: Buffer) => {
      bytes += data.length;
    });
    await trial.settle(() => witness.reason !== undefined);
    await trial.settle(() => bytes === 8 << 20);
    expectReason(witness.reason, ConnectionDone);
  },

  "drained() waits for the callback of a write": async (trial) => {
    const [near, far] = StreamEnd.pair();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    near.stalled = true;
    witness.write("slowly");
    let drained = false;
    void witness.transport.drained().addCallback(() => {
      drained = true;
    });
    await trial.passes();
    expectEqual([drained, witness.transport.bufferedBytes], [false, 6]);
    near.stalled = false;
    await trial.settle(() => drained);
    const back = collect(far);
    await trial.settle(() => back.text === "slowly");
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
  },

  "a protocol without halves closes at the end, after its last words": async (trial) => {
    const [near, far] = StreamEnd.pair({ allowHalfOpen: false });
    const witness = trial.witness({ data: (one) => one.write(Buffer.alloc(1 << 20, "x")) });
    trial.needs(IReactorStreams).connectStream(near, witness);
    far.allowHalfOpen = true;
    far.end("?");
    await trial.settle(() => witness.bytes === 1);
    const back = collect(far);
    await trial.settle(() => witness.reason !== undefined && back.ended);
    expectReason(witness.reason, ConnectionDone);
    expectEqual(back.text.length, 1 << 20);
  },

  "the end is readConnectionLost() for a protocol with halves, which may go on": async (trial) => {
    const witness = trial.halfCloseWitness();
    const far = connectWitness(trial, witness);
    const back = collect(far);
    far.end("question");
    await trial.settle(() => witness.calls.includes("readConnectionLost"));
    await trial.passes();
    expectEqual(witness.reason, undefined);
    witness.write("answer");
    await trial.settle(() => back.text === "answer");
    witness.loseWrite();
    await trial.settle(() => witness.reason !== undefined && back.ended);
    expectReason(witness.reason, ConnectionDone);
  },

  "loseWriteConnection() ends the stream, and reading goes on": async (trial) => {
    const witness = trial.halfCloseWitness();
    const far = connectWitness(trial, witness);
    const back = collect(far);
    witness.write("question");
    witness.loseWrite();
    await trial.settle(() => back.ended);
    expectEqual(back.text, "question");
    await trial.settle(() => witness.calls.includes("writeConnectionLost"));
    far.end("answer");
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(witness.text, "answer");
    expectReason(witness.reason, ConnectionDone);
  },

  "loseConnection() flushes, then ends the stream; nothing more is received": async (trial) => {
    const witness = trial.witness();
    const far = connectWitness(trial, witness);
    witness.write(Buffer.alloc(1 << 20, "x"));
    witness.lose();
    far.write(Buffer.alloc(1 << 20, "too late"));
    await trial.passes();
    expectEqual(witness.reason, undefined, "the reason while bytes wait");
    const back = collect(far);
    await trial.settle(() => witness.reason !== undefined && back.ended);
    expectEqual([back.text.length, witness.bytes], [1 << 20, 0]);
    expectReason(witness.reason, ConnectionDone);
    far.end();
    await trial.settle(() => far.writableFinished);
    expectEqual(far.errored, null, "what the peer was told, whose bytes nobody wanted");
  },

  "abortConnection() destroys the stream": async (trial) => {
    const [near] = StreamEnd.pair();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    witness.write("never sent");
    witness.abort();
    expectEqual(near.destroyed, true);
    await trial.settle(() => witness.reason !== undefined);
    expectReason(witness.reason, ConnectionAborted);
    expectEqual(witness.transport.droppedBytes, 10);
  },

  "two protocols over one pair of streams": async (trial) => {
    const [one, two] = StreamEnd.pair();
    const client = trial.halfCloseWitness();
    const server = trial.halfCloseWitness({ data: (witness, data) => witness.write(data) });
    const reactor = trial.needs(IReactorStreams);
    reactor.connectStream(one, client);
    reactor.connectStream(two, server);
    client.write(Buffer.alloc(1 << 20, "echo "));
    await trial.settle(() => client.bytes === 1 << 20);
    client.loseWrite();
    await trial.settle(() => server.calls.includes("readConnectionLost"));
    server.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
    expectReason(client.reason, ConnectionDone);
    expectReason(server.reason, ConnectionDone);
  },

  "a stream that has ended already ends the connection, in a later turn": async (trial) => {
    const [near, far] = StreamEnd.pair();
    far.end();
    near.resume();
    await trial.settle(() => near.readableEnded);
    const witness = trial.halfCloseWitness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    expectEqual(witness.calls, ["connectionMade"]);
    await trial.settle(() => witness.calls.includes("readConnectionLost"));
    witness.lose();
    await trial.settle(() => witness.reason !== undefined);
  },
};
