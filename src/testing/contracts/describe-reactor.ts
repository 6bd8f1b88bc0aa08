/**
 * The contracts of reactors and their transports, as a suite that any reactor can be tried with.
 *
 * Each contract is one test with a reactor of its own. A capability that the reactor does not
 * provide skips its contracts, with the reason printed. Besides its own claim, each contract also
 * fails when an error is logged that it did not expect, when a failure is left unhandled, and when
 * a protocol is called out of order.
 *
 * @module
 */
import { AssertionError } from "../../core/assert.ts";
import { openLedger } from "../../defer/unhandled.ts";
import { Logger } from "../../logger/logger.ts";
import { abortContracts } from "./abort.ts";
import { attemptContracts } from "./attempts.ts";
import { boundContracts } from "./bounds.ts";
import { closeContracts } from "./close.ts";
import { connectByNameContracts } from "./connect-by-name.ts";
import { connectorContracts } from "./connectors.ts";
import { datagramPeerContracts } from "./datagram-peers.ts";
import { datagramPortContracts } from "./datagram-ports.ts";
import { datagramContracts } from "./datagrams.ts";
import { delayedCallContracts } from "./delayed-calls.ts";
import { factoryContracts } from "./factories.ts";
import { failureContracts } from "./failures.ts";
import { fileContracts } from "./files.ts";
import { halfCloseContracts } from "./half-close.ts";
import type { MakeHarness, TestRunner } from "./harness.ts";
import { lifeContracts } from "./life.ts";
import { multicastContracts } from "./multicast.ts";
import { nameContracts } from "./names.ts";
import { portConnectionContracts } from "./port-connections.ts";
import { portContracts } from "./ports.ts";
import { processConnectionContracts } from "./process-connections.ts";
import { processOutputContracts } from "./process-output.ts";
import { processPipeContracts } from "./process-pipes.ts";
import { processSignalContracts } from "./process-signals.ts";
import { processContracts } from "./processes.ts";
import { pullContracts } from "./pull-producers.ts";
import { pushContracts } from "./push-producers.ts";
import { readingContracts } from "./reading.ts";
import { runContracts } from "./run.ts";
import { startTLSContracts } from "./starttls.ts";
import { stopContracts } from "./stop.ts";
import { streamFaultContracts } from "./stream-faults.ts";
import { streamContracts } from "./streams.ts";
import { threadContracts } from "./threads.ts";
import { timeContracts } from "./time.ts";
import { type Contract, type Contracts, DoesNotApply, Trial } from "./trial.ts";
import { tlsEndContracts } from "./tls-ends.ts";
import { tlsLayerContracts } from "./tls-layers.ts";
import { tlsNameContracts } from "./tls-names.ts";
import { tlsContracts } from "./tls.ts";
import { triggerContracts } from "./triggers.ts";
import { unixFileContracts } from "./unix-files.ts";
import { unixContracts } from "./unix.ts";
import { writingContracts } from "./writing.ts";

const log = new Logger({ namespace: "sennit.testing" });

const TOPICS: Readonly<Record<string, Contracts>> = {
  time: timeContracts,
  "delayed calls": delayedCallContracts,
  "calls from threads": threadContracts,
  triggers: triggerContracts,
  run: runContracts,
  stop: stopContracts,
  factories: factoryContracts,
  ports: portContracts,
  "the connections of a port": portConnectionContracts,
  connectors: connectorContracts,
  "attempts to connect": attemptContracts,
  names: nameContracts,
  "connecting by name": connectByNameContracts,
  "the life of a connection": lifeContracts,
  writing: writingContracts,
  reading: readingContracts,
  closing: closeContracts,
  "half-closing": halfCloseContracts,
  aborting: abortContracts,
  "failures stay inside": failureContracts,
  "push producers": pushContracts,
  "pull producers": pullContracts,
  bounds: boundContracts,
  TLS: tlsContracts,
  "names and certificates in TLS": tlsNameContracts,
  "the ends of TLS": tlsEndContracts,
  "starting TLS": startTLSContracts,
  "TLS inside of other transports": tlsLayerContracts,
  "UNIX sockets": unixContracts,
  "the files of UNIX sockets": unixFileContracts,
  processes: processContracts,
  "the pipes of processes": processPipeContracts,
  "signals for processes": processSignalContracts,
  "the output of processes": processOutputContracts,
  "connections to processes": processConnectionContracts,
  "streams as transports": streamContracts,
  "streams that break": streamFaultContracts,
  datagrams: datagramContracts,
  "ports for datagrams": datagramPortContracts,
  "peers of datagrams": datagramPeerContracts,
  multicast: multicastContracts,
  files: fileContracts,
};

/**
 * Define the suite in a test file.
 *
 * @param name Stands above the tests: the kind of reactor, and what it runs on.
 *
 * @example
 * ```ts
 * import { describeReactor, MemoryReactor } from "sennit/testing";
 *
 * describeReactor(
 *   "MemoryReactor",
 *   () => {
 *     const reactor = new MemoryReactor();
 *     return {
 *       reactor,
 *       async settle(until) {
 *         for (let passes = 0; !until() && passes < 1000; passes += 1) {
 *           reactor.advance(0.1);
 *           await Promise.resolve();
 *         }
 *         if (!until()) throw new Error(`Waited in vain for ${String(until)}`);
 *       },
 *       async dispose() {
 *         const disposed = reactor[Symbol.asyncDispose]();
 *         reactor.flush();
 *         await disposed;
 *       },
 *     };
 *   },
 *   { describe: (_name, body) => body(), it: () => undefined }, // { describe, it } of your runner
 * );
 * ```
 */
export function describeReactor(name: string, make: MakeHarness, runner: TestRunner): void {
  runner.describe(name, () => {
    for (const [topic, contracts] of Object.entries(TOPICS)) {
      runner.describe(topic, () => {
        for (const [title, contract] of Object.entries(contracts)) {
          runner.it(title, (context) => tryContract(make, { title, contract }, context));
        }
      });
    }
  });
}

interface Tried {
  readonly title: string;
  readonly contract: Contract;
}

async function tryContract(make: MakeHarness, tried: Tried, context: unknown): Promise<void> {
  using ledger = openLedger();
  const harness = await make();
  const trial = new Trial(harness);
  const thrown: unknown[] = [];
  try {
    const exempt = harness.exempt?.get(tried.title);
    if (exempt !== undefined) throw new DoesNotApply(exempt);
    await tried.contract(trial);
  } catch (error) {
    thrown.push(error);
  }
  await harness.dispose();
  const complaint = trial.end();
  const [unhandled] = ledger.flush();
  if (thrown[0] instanceof DoesNotApply) skip(context, thrown[0].message);
  else if (thrown.length > 0) throw thrown[0];
  else if (complaint !== undefined) throw new AssertionError(complaint);
  else if (unhandled !== undefined) {
    throw new AssertionError(`A failure was left unhandled: ${unhandled.getTraceback()}`);
  }
}

function skip(context: unknown, reason: string): void {
  const way: unknown = isObject(context) ? Reflect.get(context, "skip") : undefined;
  if (typeof way === "function") Reflect.apply(way, context, [reason]);
  else log.warn("Skipped: {reason}", { reason });
}

/** Vitest's context is a function. */
function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
