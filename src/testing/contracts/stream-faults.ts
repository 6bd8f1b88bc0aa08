/**
 * Contracts of `IReactorStreams` for streams that break, lie, or are none.
 *
 * @module
 */
import { PassThrough, Readable, Writable } from "node:stream";
import { assert } from "../../core/assert.ts";
import {
  ConnectionDone,
  ConnectionLost,
  ConnectionTimedOut,
  SendBufferFullError,
} from "../../internet/errors.ts";
import { IReactorStreams, UnsuitableStreamError } from "../../internet/interfaces-streams.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { StreamEnd } from "./stream-pair.ts";
import { collect, connectWitness } from "./streams.ts";
import type { Contracts, Trial } from "./trial.ts";
import type { Witness } from "./witness.ts";

/** Takes what it is written, and nobody sees it. */
function sink(): Writable {
  return new Writable({
    autoDestroy: false,
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
}

function refused(trial: Trial, stream: Parameters<IReactorStreams["connectStream"]>[0]): void {
  const reactor = trial.needs(IReactorStreams);
  const witness = trial.witness();
  expectThrown(() => reactor.connectStream(stream, witness), UnsuitableStreamError);
  expectEqual(witness.calls, []);
}

async function lost(trial: Trial, witness: Witness, cause: Error): Promise<void> {
  await trial.settle(() => witness.reason !== undefined);
  expectEqual(expectReason(witness.reason, ConnectionLost).cause, cause);
}

/** By name. */
export const streamFaultContracts: Contracts = {
  "an error of the stream is ConnectionLost, with the error as its cause": async (trial) => {
    const [near] = StreamEnd.pair();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    const boom = new Error("boom");
    near.destroy(boom);
    await lost(trial, witness, boom);
    near.emit("error", new Error("one more, for nobody"));
  },

  "an error is noticed while paused": async (trial) => {
    const [near] = StreamEnd.pair();
    const witness = trial.witness({ made: (one) => one.pause() });
    trial.needs(IReactorStreams).connectStream(near, witness);
    const boom = new Error("boom");
    near.destroy(boom);
    await lost(trial, witness, boom);
  },

  "a close without an end before it is ConnectionLost": async (trial) => {
    const [near] = StreamEnd.pair();
    const witness = trial.halfCloseWitness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    near.destroy();
    await trial.settle(() => witness.reason !== undefined);
    expectReason(witness.reason, ConnectionLost);
    expectEqual(witness.calls, ["connectionMade", "connectionLost"]);
  },

  "a close after the end alone is the end of a protocol with halves": async (trial) => {
    const [near, far] = StreamEnd.pair();
    const witness = trial.halfCloseWitness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    far.end("bye");
    await trial.settle(() => witness.calls.includes("readConnectionLost"));
    near.destroy();
    await trial.settle(() => witness.reason !== undefined);
    expectReason(witness.reason, ConnectionLost);
  },

  "a write that fails is ConnectionLost": async (trial) => {
    const boom = new Error("no room");
    const writable = new Writable({
      write: (_chunk, _encoding, done) => {
        done(boom);
      },
    });
    const readable = new PassThrough();
    const witness = trial.witness({ made: (one) => one.write("x") });
    trial.needs(IReactorStreams).connectStream({ readable, writable }, witness);
    await lost(trial, witness, boom);
    expectEqual(readable.destroyed, true, "the other half destroyed");
  },

  "a write that throws ends this connection alone": async (trial) => {
    const boom = new Error("boom");
    const writable = new Writable({
      write: () => {
        throw boom;
      },
    });
    const bad = trial.witness({ made: (one) => one.write("x") });
    const good = trial.witness({ made: (one) => one.write("y") });
    const readable = new PassThrough();
    trial.needs(IReactorStreams).connectStream({ readable, writable }, bad);
    const back = collect(connectWitness(trial, good));
    await lost(trial, bad, boom);
    await trial.settle(() => back.text === "y");
    good.abort();
    await trial.settle(() => good.reason !== undefined);
  },

  "a read that throws is ConnectionLost": async (trial) => {
    const boom = new Error("boom");
    const readable = new Readable({
      read: () => {
        throw boom;
      },
    });
    const writable = sink();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream({ readable, writable }, witness);
    await lost(trial, witness, boom);
    expectEqual(writable.destroyed, true, "the other half destroyed");
  },

  "an error of one half destroys the other": async (trial) => {
    const readable = new PassThrough();
    const writable = sink();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream({ readable, writable }, witness);
    const boom = new Error("boom");
    readable.destroy(boom);
    await lost(trial, witness, boom);
    expectEqual(writable.destroyed, true, "the other half destroyed");
  },

  "an error of the writing half while nothing is written is ConnectionLost": async (trial) => {
    const readable = new PassThrough();
    const writable = sink();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream({ readable, writable }, witness);
    const boom = new Error("boom");
    writable.destroy(boom);
    await lost(trial, witness, boom);
    expectEqual(readable.destroyed, true, "the other half destroyed");
  },

  "both halves are gone, one without our doing: the end for a protocol with halves": async (
    trial,
  ) => {
    const readable = new PassThrough();
    const writable = sink();
    const witness = trial.halfCloseWitness();
    trial.needs(IReactorStreams).connectStream({ readable, writable }, witness);
    readable.end();
    await trial.settle(() => witness.calls.includes("readConnectionLost"));
    writable.destroy();
    await trial.settle(() => witness.reason !== undefined);
    expectReason(witness.reason, ConnectionLost);
  },

  "aborting destroys both halves of a pair": async (trial) => {
    const readable = new PassThrough();
    const writable = sink();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream({ readable, writable }, witness);
    witness.abort();
    expectEqual([readable.destroyed, writable.destroyed], [true, true]);
    await trial.settle(() => witness.reason !== undefined);
  },

  "a write that is still held back is not taken for sent": async (trial) => {
    const held: (() => void)[] = [];
    let writes = 0;
    const writable = new Writable({
      write: (_chunk, _encoding, done) => {
        writes += 1;
        if (writes === 1) done();
        else held.push(done);
      },
    });
    const witness = trial.witness();
    const halves = { readable: new PassThrough(), writable };
    trial.needs(IReactorStreams).connectStream(halves, witness);
    witness.write(Buffer.alloc(200_000)); // Goes out in two steps.
    await trial.settle(() => held.length === 1);
    await trial.passes();
    expectEqual(witness.transport.bufferedBytes > 0, true, "bytes wait");
    held[0]?.();
    await trial.settle(() => witness.transport.bufferedBytes === 0);
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
  },

  "when the writing half is gone, what is left to read is read": async (trial) => {
    const readable = new PassThrough();
    const writable = sink();
    const witness = trial.witness({ made: (one) => one.pause() });
    trial.needs(IReactorStreams).connectStream({ readable, writable }, witness);
    readable.end("the last output of a child");
    writable.destroy();
    await trial.settle(() => writable.closed);
    await trial.passes();
    expectEqual(witness.calls, ["connectionMade"], "calls while paused");
    witness.resume();
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(witness.text, "the last output of a child");
    expectReason(witness.reason, ConnectionDone);
  },

  "writing to a half that is gone is ConnectionLost": async (trial) => {
    const writable = sink();
    const witness = trial.witness();
    const readable = new PassThrough();
    trial.needs(IReactorStreams).connectStream({ readable, writable }, witness);
    writable.destroy();
    await trial.settle(() => writable.closed);
    await trial.passes();
    expectEqual(witness.reason, undefined);
    witness.write("anybody?");
    await trial.settle(() => witness.reason !== undefined);
    expectReason(witness.reason, ConnectionLost);
  },

  "an encoding set meanwhile is ConnectionLost": async (trial) => {
    const [near, far] = StreamEnd.pair();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    near.setEncoding("utf8");
    far.write("text");
    await trial.settle(() => witness.reason !== undefined);
    const reason = expectReason(witness.reason, ConnectionLost);
    expectEqual(reason.cause instanceof UnsuitableStreamError, true);
    expectEqual(witness.text, "");
  },

  "streams of objects are refused": (trial) => {
    refused(trial, new PassThrough({ objectMode: true }));
    refused(trial, { readable: Readable.from(["one", "two"]), writable: sink() });
    const writable = new Writable({ objectMode: true });
    refused(trial, { readable: new PassThrough(), writable });
  },

  "streams of text are refused": (trial) => {
    refused(trial, new PassThrough({ encoding: "utf8" }));
    refused(trial, { readable: new PassThrough().setEncoding("latin1"), writable: sink() });
  },

  "streams that are over are refused": (trial) => {
    refused(trial, new PassThrough().destroy());
    refused(trial, new PassThrough().end());
    refused(trial, { readable: new PassThrough().destroy(), writable: sink() });
    refused(trial, { readable: new PassThrough(), writable: sink().destroy() });
  },

  "a limit that is none is refused": (trial) => {
    const reactor = trial.needs(IReactorStreams);
    const connect = (): unknown =>
      reactor.connectStream(new PassThrough(), trial.witness(), { closeTimeout: -1 });
    expectThrown(connect, RangeError);
  },

  "a stream that always has more does not keep timers waiting": async (trial) => {
    const readable = new Readable({
      read() {
        this.push("again and ");
      },
    });
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream({ readable, writable: sink() }, witness);
    let pieces: number | undefined;
    trial.reactor.callLater(0, () => {
      pieces = witness.pieces.length;
    });
    await trial.settle(() => pieces !== undefined);
    assert(Number(pieces) < 10_000, `Expected its turn soon, not after ${String(pieces)} pieces`);
    await trial.settle(() => witness.bytes > 1 << 20);
    witness.lose();
    await trial.settle(() => witness.reason !== undefined);
    expectReason(witness.reason, ConnectionDone);
    readable.destroy();
  },

  "two that answer each other without end do not keep timers waiting": async (trial) => {
    const [one, two] = StreamEnd.pair();
    const answer = (witness: Witness, data: Buffer): void => witness.write(data);
    const client = trial.witness({ made: (witness) => witness.write("."), data: answer });
    const server = trial.witness({ data: answer });
    trial.needs(IReactorStreams).connectStream(two, server);
    trial.needs(IReactorStreams).connectStream(one, client);
    await trial.passes();
    const { length } = client.pieces;
    assert(length < 10_000, `Expected its turn soon, not after ${String(length)} pieces`);
    client.lose();
    await trial.settle(() => client.reason !== undefined && server.reason !== undefined);
  },

  "a stream that takes nothing is dropped when it is closed": async (trial) => {
    const [near] = StreamEnd.pair();
    near.stalled = true;
    const witness = trial.witness();
    const reactor = trial.needs(IReactorStreams);
    reactor.connectStream(near, witness, { closeTimeout: 0.05 });
    witness.write("never taken");
    witness.lose();
    await trial.settle(() => witness.reason !== undefined);
    expectReason(witness.reason, ConnectionTimedOut);
    expectEqual(near.destroyed, true);
  },

  "a stream that takes nothing does not eat the memory": async (trial) => {
    const [near] = StreamEnd.pair();
    near.stalled = true;
    const witness = trial.witness();
    const limits = { maxBufferedBytes: 100_000 };
    trial.needs(IReactorStreams).connectStream(near, witness, limits);
    for (let at = 0; at < 20; at += 1) witness.write(Buffer.alloc(10_000));
    await trial.settle(() => witness.reason !== undefined);
    expectReason(witness.reason, SendBufferFullError);
  },

  "an exception in connectionMade() ends the connection and the stream": async (trial) => {
    const [near] = StreamEnd.pair();
    const boom = new Error("boom");
    const witness = trial.witness({
      made: () => {
        throw boom;
      },
    });
    trial.needs(IReactorStreams).connectStream(near, witness);
    await trial.settle(() => witness.reason !== undefined);
    trial.expectLogged(boom);
    expectEqual([witness.reason?.value, near.destroyed], [boom, true]);
  },

  "a stream that cannot even be destroyed is contained": async (trial) => {
    const boom = new Error("boom");
    const [near] = StreamEnd.pair();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    near.destroy = () => {
      throw boom;
    };
    witness.abort();
    await trial.settle(() => witness.reason !== undefined);
    trial.expectLogged(boom);
  },

  "a reactor that stops drops the connection, with ConnectionLost": async (trial) => {
    const [near] = StreamEnd.pair();
    const witness = trial.witness();
    trial.needs(IReactorStreams).connectStream(near, witness);
    const over = trial.reactor.run({ installSignalHandlers: false });
    trial.reactor.callWhenRunning(() => trial.reactor.stop());
    await trial.fired(over);
    expectReason(witness.reason, ConnectionLost);
    expectEqual(near.destroyed, true);
  },
};
