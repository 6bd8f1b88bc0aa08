/**
 * Contracts of the pipes of a process: writing, reading, closing, and which descriptors there are.
 *
 * @module
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConnectionDone, ConnectionTimedOut, SendBufferFullError } from "../../internet/errors.ts";
import type { IProcessTransport } from "../../internet/interfaces-process.ts";
import { expectEqual, expectReason, expectThrown } from "./expect.ts";
import { inFolder } from "./process-presence.ts";
import { how, processContract, type ProcessTrial } from "./process-trial.ts";
import { Source } from "./sources.ts";
import type { Contracts } from "./trial.ts";

const MIB = 1 << 20;

/** Write to one that does not read until bytes are left here. */
async function stall(trial: ProcessTrial, process: IProcessTransport): Promise<void> {
  do {
    process.write(Buffer.alloc(MIB, "stalled "));
    await trial.trial.passes(4);
  } while (process.bufferedBytes <= MIB);
}

/** By name. */
export const processPipeContracts: Contracts = {
  "write() right after spawnProcess() arrives": processContract(async (trial) => {
    const { witness, process } = trial.run("cat");
    witness.request("write", () => process.write("at once, "));
    process.writeSequence(["and ", Buffer.from("later")]);
    process.closeStdin();
    await trial.settle(() => witness.end !== undefined);
    expectEqual(witness.text(), "at once, and later");
  }),

  "10 MB go through a process and come back": processContract(async (trial) => {
    const { witness, process } = trial.run("cat");
    const data = Buffer.alloc(10_000_000, "0123456789abcdef!");
    process.write(data);
    process.closeStdin();
    await trial.settle(() => witness.end !== undefined);
    expectEqual(witness.text() === data.toString(), true, "the same bytes");
    expectEqual([process.bufferedBytes, process.droppedBytes], [0, 0]);
  }),

  "what is neither bytes nor text is a TypeError": processContract(async (trial) => {
    const { process } = trial.run("cat");
    for (const bad of [undefined, null, 7, {}]) {
      const write: unknown = Reflect.get(process, "write");
      if (typeof write !== "function") throw new TypeError("no write()");
      expectThrown(() => Reflect.apply(write, process, [bad]), TypeError);
    }
    await trial.trial.passes(1);
  }),

  "write() after closeStdin() is dropped and counted": processContract(async (trial) => {
    const { witness, process } = trial.run("cat");
    process.write("sent");
    process.closeStdin();
    process.write("late");
    await trial.settle(() => witness.end !== undefined);
    process.write("after");
    expectEqual(witness.text(), "sent");
    expectEqual(process.droppedBytes, 9);
  }),

  "closeStdin() lets a slow reader have all": processContract(async (trial) => {
    const { witness, process } = trial.run("read go <&3; exec wc -c", {
      childFDs: { 0: "w", 1: "r", 3: "w" },
      closeTimeout: 0.05,
    });
    process.write(Buffer.alloc(3 * MIB));
    process.closeStdin();
    await trial.wait();
    expectEqual(witness.lost.size, 0);
    process.writeToChild(3, "go\n");
    await trial.settle(() => witness.end !== undefined);
    expectEqual(witness.text().trim(), String(3 * MIB));
  }),

  "loseConnection() waits closeTimeout seconds for a reader that does not": processContract(
    async (trial) => {
      const { witness, process } = trial.run("exec sleep 60", { closeTimeout: 0.05 });
      await stall(trial, process);
      process.loseConnection();
      await trial.settle(() => witness.lost.size === 3);
      expectReason(witness.lost.get(0), ConnectionTimedOut);
      expectEqual(witness.exit, undefined);
    },
  ),

  "the child's close of its input is heard of without writing": processContract(async (trial) => {
    const { witness, process } = trial.run("exec 0<&-; echo closed; read x <&3; echo $x", {
      childFDs: { 0: "w", 1: "r", 3: "w" },
    });
    await trial.settle(() => witness.lost.has(0));
    expectReason(witness.lost.get(0), ConnectionDone);
    process.write("nobody");
    expectEqual(process.droppedBytes, 6);
    process.writeToChild(3, "alive\n");
    await trial.settle(() => witness.end !== undefined);
    expectEqual([witness.text(), how(witness.end)], ["closed\nalive\n", "ProcessDone"]);
  }),

  "an exit in the middle of what is written is the end of the input, no more": processContract(
    async (trial) => {
      const { witness, process } = trial.run("head -c 10; exit 7");
      process.write(Buffer.alloc(10 * MIB, "x"));
      await trial.settle(() => witness.end !== undefined);
      expectEqual(how(witness.end), "exit 7");
      expectEqual(witness.text(), "x".repeat(10));
      expectEqual(witness.lost.has(0), true, "the input lost");
      expectEqual(process.droppedBytes > 0, true, "bytes dropped");
    },
  ),

  "a streaming producer is paused, resumed, and stopped at the end": processContract(
    async (trial) => {
      const { witness, process } = trial.run("read go <&3; exec cat >/dev/null", {
        childFDs: { 0: "w", 1: "r", 3: "w" },
      });
      const source = new Source();
      process.registerProducer(source, true);
      process.write(Buffer.alloc(3 * MIB));
      expectEqual(source.asked, ["pause"]);
      process.writeToChild(3, "go\n");
      await trial.settle(() => source.count("resume") === 1);
      expectEqual(process.bufferedBytes, 0);
      process.signalProcess("KILL");
      await trial.settle(() => witness.exit !== undefined);
      process.write("x");
      await trial.settle(() => source.count("stop") === 1);
      expectEqual(source.asked, ["pause", "resume", "stop"]);
    },
  ),

  "a pull producer is asked as long as there is room": processContract(async (trial) => {
    const { witness, process } = trial.run("exec wc -c");
    let asked = 0;
    process.registerProducer(
      {
        resumeProducing: () => {
          asked += 1;
          process.write(Buffer.alloc(100_000));
          if (asked < 20) return;
          process.unregisterProducer();
          process.closeStdin();
        },
        stopProducing: () => {},
      },
      false,
    );
    await trial.settle(() => witness.end !== undefined);
    expectEqual(witness.text().trim(), "2000000");
  }),

  "registerProducer() after the end of the input: stopProducing() at once": processContract(
    async (trial) => {
      const { witness, process } = trial.run("exit 0");
      await trial.settle(() => witness.end !== undefined);
      const source = new Source();
      process.registerProducer(source, true);
      expectEqual(source.asked, ["stop"]);
    },
  ),

  "drained() fires when all is taken, fails when the input is lost": processContract(
    async (trial) => {
      const { process } = trial.run("cat >/dev/null");
      process.write(Buffer.alloc(MIB));
      await trial.trial.fired(process.drained());
      expectEqual(process.bufferedBytes, 0);
      const { process: other, witness } = trial.run("exec sleep 60");
      await stall(trial, other);
      const drained = other.drained();
      other.signalProcess("KILL");
      expectEqual((await trial.trial.outcome(drained)) === witness.lost.get(0), true, "the reason");
    },
  ),

  "maxBufferedBytes closes the input, and says why": processContract(async (trial) => {
    const { witness, process } = trial.run("exec sleep 60", { maxBufferedBytes: 1000 });
    process.write(Buffer.alloc(4 * MIB));
    await trial.trial.passes();
    expectEqual(witness.lost.size, 0, "pipes lost by one large write");
    process.write("beyond");
    await trial.settle(() => witness.lost.has(0));
    expectReason(witness.lost.get(0), SendBufferFullError);
    expectEqual([process.bufferedBytes, witness.exit], [0, undefined]);
  }),

  "pauseChildFD() holds back one descriptor, and the child": processContract(async (trial) => {
    const script = "echo out; echo err >&2; yes | head -c 4000000; echo end >&2";
    const { witness, process } = trial.run(script);
    process.pauseChildFD(1);
    await trial.settle(() => witness.text(2) === "err\n");
    await trial.wait();
    expectEqual([witness.text(1), witness.text(2)], ["", "err\n"]);
    process.resumeChildFD(1);
    await trial.settle(() => witness.end !== undefined);
    expectEqual([witness.text(1).length, witness.text(2)], [4_000_004, "err\nend\n"]);
  }),

  "what is paused when the process exits waits, with its end": processContract(async (trial) => {
    const { witness, process } = trial.run("echo out; echo err >&2");
    process.pauseProducing();
    await trial.settle(() => witness.exit !== undefined);
    await trial.wait();
    expectEqual([witness.bytes, witness.end], [0, undefined]);
    process.resumeProducing();
    await trial.settle(() => witness.end !== undefined);
    expectEqual([witness.text(1), witness.text(2)], ["out\n", "err\n"]);
  }),

  "no data after pauseProducing() from inside childDataReceived()": processContract(
    async (trial) => {
      let pieces = 0;
      const { witness, process } = trial.run("yes | head -c 1000000", {}, (what) => {
        if (what !== "data 1") return;
        pieces += 1;
        process.pauseChildFD(1);
      });
      await trial.settle(() => witness.bytes > 0);
      await trial.wait();
      expectEqual(pieces, 1, "pieces received");
      witness.onTold = undefined;
      process.resumeChildFD(1);
      await trial.settle(() => witness.end !== undefined);
      expectEqual(witness.bytes, 1_000_000);
    },
  ),

  "closeStdout() ends one that writes on": processContract(async (trial) => {
    const { witness, process } = trial.run("exec yes");
    await trial.settle(() => witness.bytes > 0);
    witness.request("closeStdout", () => process.closeStdout());
    await trial.settle(() => witness.exit !== undefined);
    expectEqual(how(witness.exit) === "ProcessDone", false, "ended in good order");
    expectReason(witness.lost.get(1), ConnectionDone);
    process.closeStdout();
  }),

  "any descriptors, in both directions": processContract(async (trial) => {
    const { witness, process } = trial.run("cat <&3 >&4; cat <&5 >&9", {
      childFDs: { 3: "w", 4: "r", 5: "w", 9: "r" },
    });
    process.writeToChild(5, "five");
    process.writeToChild(3, "three");
    process.closeChildFD(3);
    process.closeChildFD(5);
    await trial.settle(() => witness.end !== undefined);
    expectEqual([witness.text(4), witness.text(9)], ["three", "five"]);
    const lost = [...witness.lost.keys()].toSorted((a, b) => a - b);
    expectEqual(lost, [3, 4, 5, 9]);
  }),

  "a descriptor of ours is the child's as well": processContract(async (trial) => {
    await inFolder(async (folder) => {
      const path = join(folder, "ours");
      const fd = openSync(path, "w");
      try {
        const childFDs = { 1: "r", 2: fd, 7: fd } as const;
        const { witness, process } = trial.run("echo out; echo 2 >&2; echo 7 >&7", { childFDs });
        await trial.settle(() => witness.end !== undefined);
        expectEqual([witness.text(), readFileSync(path, "utf8")], ["out\n", "2\n7\n"]);
        expectThrown(() => process.writeToChild(2, "x"), RangeError);
      } finally {
        closeSync(fd);
      }
    });
  }),

  "what is not in childFDs is closed, or nothing": processContract(async (trial) => {
    const { witness } = trial.run("cat; echo 2>/dev/null >&3 || echo 3 is closed; echo x >&2", {
      childFDs: { 1: "r" },
    });
    await trial.settle(() => witness.end !== undefined);
    expectEqual(witness.text(1), "3 is closed\n");
  }),

  "writeToChild() to what is not ours to write is a RangeError": processContract(async (trial) => {
    const { process } = trial.run("cat");
    for (const fd of [1, 2, 3, -1]) {
      expectThrown(() => process.writeToChild(fd, "x"), RangeError);
      expectThrown(() => process.drained(fd), RangeError);
    }
    process.closeChildFD(3);
    await trial.trial.passes(1);
  }),
};
