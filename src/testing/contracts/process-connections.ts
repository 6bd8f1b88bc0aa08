/**
 * Contracts of `connectProcess`: a protocol speaks with a program. What a transport owes in general
 * is tried elsewhere.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import {
  ConnectingCancelledError,
  ConnectionAborted,
  ConnectionDone,
  ConnectionLost,
  NoProtocol,
} from "../../internet/errors.ts";
import { ProcessEndpoint } from "../../internet/endpoints/process-endpoint.ts";
import { type ConnectProcessOptions, IReactorProcess } from "../../internet/interfaces-process.ts";
import { ProcessTerminated, SpawnError } from "../../internet/process-errors.ts";
import { expectEqual, expectReason } from "./expect.ts";
import { expectGone, inFolder, isThere, TELL_PID } from "./process-presence.ts";
import type { Contracts, Trial } from "./trial.ts";
import type { Witness } from "./witness.ts";
import { type ClientHooks, WitnessClientFactory } from "./witness-factories.ts";

const NO_SIGNALS = { installSignalHandlers: false };

interface Spoken {
  readonly witness: Witness;
  readonly factory: WitnessClientFactory;
}

/** Begin to speak with a script of the shell. */
function speak(
  trial: Trial,
  script: string,
  options: ConnectProcessOptions = {},
  { witness = trial.witness(), hooks = {} }: { witness?: Witness; hooks?: ClientHooks } = {},
): Spoken {
  const factory = new WitnessClientFactory(() => witness, hooks);
  const args = ["sh", "-c", script];
  trial.needs(IReactorProcess).connectProcess(trial.shell, factory, { ...options, args });
  return { witness, factory };
}

/** The number that a script has written, as soon as it has. */
async function pidFrom(trial: Trial, witness: Witness): Promise<number> {
  await trial.settle(() => witness.text.includes("\n"));
  const pid = Number.parseInt(witness.text, 10);
  if (!(pid > 1)) throw new AssertionError(`Expected a number, found ${witness.text}`);
  return pid;
}

/** By name. */
export const processConnectionContracts: Contracts = {
  "a protocol speaks with a program; its end in good order is ConnectionDone": async (trial) => {
    const { witness, factory } = speak(trial, "read line; echo got $line");
    expectEqual(witness.made, false, "made from inside connectProcess");
    await trial.settle(() => witness.made);
    witness.write("this\n");
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(witness.text, "got this\n");
    expectReason(witness.reason, ConnectionDone);
    await trial.settle(() => factory.asked.at(-1) === "stop");
    expectEqual(factory.asked, ["start", "connecting", "build", "made", "lost", "stop"]);
  },

  "an exit with another code is ProcessTerminated, after all that it wrote": async (trial) => {
    const script = "echo $$; read x; echo the rest; exit 6";
    const { witness, factory } = speak(trial, script);
    const pid = await pidFrom(trial, witness);
    witness.pause();
    witness.write("go on\n");
    await trial.settle(() => !isThere(pid));
    await trial.passes();
    expectEqual(witness.reason, undefined);
    witness.resume();
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(expectReason(witness.reason, ProcessTerminated).exitCode, 6);
    expectEqual(witness.text, `${String(pid)}\nthe rest\n`);
    await trial.settle(() => factory.reasons.length === 1);
    expectEqual(factory.reasons[0], witness.reason);
  },

  "a signal that ends it is ProcessTerminated": async (trial) => {
    const { witness } = speak(trial, "echo half; kill -KILL $$");
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(expectReason(witness.reason, ProcessTerminated).signal, "SIGKILL");
    expectEqual(witness.text, "half\n");
  },

  "the exit counts, also when the output ended before": async (trial) => {
    const { witness } = speak(trial, "echo out; exec 1>&-; cat; exit 4");
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(expectReason(witness.reason, ProcessTerminated).exitCode, 4);
  },

  "one that ends its output and stays is terminated after closeTimeout": async (trial) => {
    for (const [script, unread] of [
      ["trap 'kill $!; exit 9' TERM; exec 1>&-; read x; sleep 60 & wait", 0],
      ["trap 'kill $!; exit 9' TERM; exec 1>&-; sleep 60 & wait", 4 << 20],
    ] as const) {
      const witness = trial.witness({ made: (self) => self.write(Buffer.alloc(unread)) });
      speak(trial, script, { closeTimeout: 0.05 }, { witness });
      await trial.settle(() => witness.reason !== undefined);
      expectEqual(expectReason(witness.reason, ProcessTerminated).exitCode, 9);
    }
  },

  "loseWriteConnection() closes its input, and the exit is told": async (trial) => {
    const script = "cat; echo end; exit 5";
    for (const witness of [trial.witness(), trial.halfCloseWitness()]) {
      speak(trial, script, {}, { witness });
      await trial.settle(() => witness.made);
      witness.write("in ");
      witness.loseWrite();
      await trial.settle(() => witness.reason !== undefined);
      expectEqual(witness.text, "in end\n");
      expectEqual(expectReason(witness.reason, ProcessTerminated).exitCode, 5);
    }
  },

  "the end of its output is readConnectionLost(), and one may go on writing": async (trial) => {
    const witness = trial.halfCloseWitness();
    speak(trial, "echo out; exec 1>&-; read x; exit $x", {}, { witness });
    await trial.settle(() => witness.calls.includes("readConnectionLost"));
    await trial.passes();
    expectEqual(witness.reason, undefined);
    witness.write("8\n");
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(expectReason(witness.reason, ProcessTerminated).exitCode, 8);
  },

  "loseConnection() is ConnectionDone; a program that stays is terminated": async (trial) => {
    const script = "trap '' PIPE; echo $$; read x; exec sleep 60";
    for (const witness of [trial.witness(), trial.halfCloseWitness()]) {
      speak(trial, script, { closeTimeout: 0.05 }, { witness });
      const pid = await pidFrom(trial, witness);
      witness.write("last words");
      witness.lose();
      await trial.settle(() => witness.reason !== undefined);
      expectReason(witness.reason, ConnectionDone);
      await trial.settle(() => !isThere(pid));
    }
  },

  "abortConnection() kills it": async (trial) => {
    const { witness } = speak(trial, "trap '' TERM HUP PIPE; echo $$; exec sleep 60");
    const pid = await pidFrom(trial, witness);
    witness.abort();
    await trial.settle(() => witness.reason !== undefined && !isThere(pid));
    expectReason(witness.reason, ConnectionAborted);
  },

  "an exception of the protocol kills it, and is the reason": async (trial) => {
    const boom = new Error("boom");
    let pid = 0;
    const witness = trial.witness({
      data: ({ text }) => {
        pid = Number.parseInt(text, 10);
        throw boom;
      },
    });
    speak(trial, "trap '' TERM; echo $$; exec sleep 60", {}, { witness });
    await trial.settle(() => witness.reason !== undefined && !isThere(pid));
    expectEqual(witness.reason?.value, boom);
    trial.expectLogged(boom);
  },

  "an input that it closes is dropped into, and the output goes on": async (trial) => {
    const { witness } = speak(trial, "exec 0<&-; echo one; sleep 0.1; echo two");
    await trial.settle(() => witness.text.startsWith("one\n"));
    await trial.passes();
    witness.write("for nobody");
    await trial.settle(() => witness.reason !== undefined);
    expectEqual(witness.text, "one\ntwo\n");
    expectReason(witness.reason, ConnectionDone);
    expectEqual(witness.transport.droppedBytes, 10);
  },

  "standard error: logged, dropped, or merged": async (trial) => {
    const script = "echo out; echo complaint >&2";
    for (const [standardError, lines, logged] of [
      ["log", ["", "out"], 1],
      ["drop", ["", "out"], 0],
      ["merge", ["", "complaint", "out"], 0],
    ] as const) {
      const { witness } = speak(trial, script, { standardError });
      await trial.settle(() => witness.reason !== undefined);
      expectEqual(witness.text.split("\n").toSorted(), lines);
      const warnings = trial.loggedWarnings();
      expectEqual(warnings.length, logged, `warnings for ${standardError}`);
      expectEqual(warnings[0]?.["text"], logged === 1 ? "complaint" : undefined);
    }
  },

  "a program that is not there: clientConnectionFailed, with SpawnError": async (trial) => {
    const factory = new WitnessClientFactory(() => trial.witness());
    trial.needs(IReactorProcess).connectProcess(`${trial.shell}/not/there`, factory);
    await trial.settle(() => factory.asked.at(-1) === "stop");
    expectEqual(factory.asked, ["start", "connecting", "failed", "stop"]);
    expectReason(factory.reasons[0], SpawnError);
  },

  "a program for which there is no protocol is ended": async (trial) => {
    await inFolder(async (path) => {
      const factory = new WitnessClientFactory(() => undefined);
      const options = { args: ["sh", "-c", `${TELL_PID}; exec sleep 60`], path };
      trial.needs(IReactorProcess).connectProcess(trial.shell, factory, options);
      await trial.settle(() => factory.asked.at(-1) === "stop");
      expectReason(factory.reasons[0], NoProtocol);
      await expectGone(trial, path);
    });
  },

  "connect() from inside clientConnectionLost() starts it again": async (trial) => {
    let lives = 0;
    const hooks: ClientHooks = {
      lost: (connector) => {
        lives += 1;
        if (lives < 3) connector.connect();
      },
    };
    const factory = new WitnessClientFactory(() => trial.witness(), hooks);
    const options = { args: ["sh", "-c", "exit 0"] };
    trial.needs(IReactorProcess).connectProcess(trial.shell, factory, options);
    await trial.settle(() => factory.asked.at(-1) === "stop");
    expectEqual([lives, factory.count("made"), factory.count("start")], [3, 3, 1]);
  },

  "the reactor stops: ConnectionLost, and the program is ended": async (trial) => {
    const over = trial.needs(IReactorProcess).run(NO_SIGNALS);
    const script = "trap '' TERM PIPE; echo $$; exec sleep 60";
    const { witness } = speak(trial, script, { killTimeout: 0.05 });
    const pid = await pidFrom(trial, witness);
    trial.reactor.stop();
    await trial.settle(() => over.called);
    expectReason(witness.reason, ConnectionLost);
    expectEqual(isThere(pid), false, "the program is there");
  },

  "ProcessEndpoint: connect() fires with the protocol; cancelled it ends the program": async (
    trial,
  ) => {
    const reactor = trial.needs(IReactorProcess);
    const endpoint = new ProcessEndpoint(reactor, trial.shell, { args: ["sh", "-c", "cat"] });
    const witness = trial.witness();
    const connected = await trial.fired(endpoint.connect(new WitnessClientFactory(() => witness)));
    expectEqual(connected, witness);
    witness.write("echo");
    await trial.settle(() => witness.text === "echo");
    witness.lose();
    await trial.settle(() => witness.reason !== undefined);
    await inFolder(async (path) => {
      const other = new ProcessEndpoint(reactor, trial.shell, {
        args: ["sh", "-c", `${TELL_PID}; exec sleep 60`],
        path,
      });
      const attempt = other.connect(new WitnessClientFactory(() => trial.witness()));
      attempt.cancel();
      expectReason(await trial.outcome(attempt), ConnectingCancelledError);
      await expectGone(trial, path);
    });
  },
};
