/**
 * All mutants: for each topic of the suite a table.
 *
 * @module
 */
import type { MutantsByTopic } from "./mutant.ts";
import { abortingMutants } from "./tables/aborting.ts";
import { attemptMutants } from "./tables/attempts.ts";
import { boundMutants } from "./tables/bounds.ts";
import { closingMutants } from "./tables/closing.ts";
import { connectByNameMutants } from "./tables/connect-by-name.ts";
import { connectorMutants } from "./tables/connectors.ts";
import { datagramPeerMutants } from "./tables/datagram-peers.ts";
import { datagramPortLifeMutants } from "./tables/datagram-ports-life.ts";
import { datagramPortMutants } from "./tables/datagram-ports.ts";
import { datagramBoundMutants } from "./tables/datagrams-bounds.ts";
import { datagramMutants } from "./tables/datagrams.ts";
import { delayedCallMutants } from "./tables/delayed-calls.ts";
import { factoryMutants } from "./tables/factories.ts";
import { failureMutants } from "./tables/failures.ts";
import { fileMutants } from "./tables/files.ts";
import { halfClosingMutants } from "./tables/half-closing.ts";
import { lifeMutants } from "./tables/life.ts";
import { multicastMutants } from "./tables/multicast.ts";
import { nameMutants } from "./tables/names.ts";
import { portConnectionMutants } from "./tables/port-connections.ts";
import { portMutants } from "./tables/ports.ts";
import { processConnectionMutants } from "./tables/process-connections.ts";
import { processOutputMutants } from "./tables/process-output.ts";
import { processPipeMutants } from "./tables/process-pipes.ts";
import { processSignalMutants } from "./tables/process-signals.ts";
import { processMutants } from "./tables/processes.ts";
import { pullProducerMutants } from "./tables/pull-producers.ts";
import { pushProducerMutants } from "./tables/push-producers.ts";
import { readingMutants } from "./tables/reading.ts";
import { runMutants } from "./tables/run.ts";
import { stopMutants } from "./tables/stop.ts";
import { streamMutants } from "./tables/streams.ts";
import { brokenStreamMutants } from "./tables/streams-that-break.ts";
import { startTLSPeerMutants } from "./tables/starttls-peers.ts";
import { startTLSMutants } from "./tables/starttls.ts";
import { tlsMutants } from "./tables/tls.ts";
import { tlsEndMutants } from "./tables/tls-ends.ts";
import { tlsLayerMutants } from "./tables/tls-layers.ts";
import { tlsNameMutants } from "./tables/tls-names.ts";
import { threadMutants } from "./tables/threads.ts";
import { timeMutants } from "./tables/time.ts";
import { triggerMutants } from "./tables/triggers.ts";
import { unixFileMutants } from "./tables/unix-files.ts";
import { unixMutants } from "./tables/unix.ts";
import { writingMutants } from "./tables/writing.ts";

/** By the name of the topic. */
export const MUTANTS: MutantsByTopic = {
  time: timeMutants,
  "delayed calls": delayedCallMutants,
  "calls from threads": threadMutants,
  triggers: triggerMutants,
  run: runMutants,
  stop: stopMutants,
  factories: factoryMutants,
  ports: portMutants,
  "the connections of a port": portConnectionMutants,
  connectors: connectorMutants,
  "attempts to connect": attemptMutants,
  names: nameMutants,
  "connecting by name": connectByNameMutants,
  "the life of a connection": lifeMutants,
  writing: writingMutants,
  reading: readingMutants,
  closing: closingMutants,
  "half-closing": halfClosingMutants,
  aborting: abortingMutants,
  "failures stay inside": failureMutants,
  "push producers": pushProducerMutants,
  "pull producers": pullProducerMutants,
  bounds: boundMutants,
  "UNIX sockets": unixMutants,
  "the files of UNIX sockets": unixFileMutants,
  TLS: tlsMutants,
  "names and certificates in TLS": tlsNameMutants,
  "the ends of TLS": tlsEndMutants,
  "starting TLS": [...startTLSMutants, ...startTLSPeerMutants],
  "TLS inside of other transports": tlsLayerMutants,
  processes: processMutants,
  "the pipes of processes": processPipeMutants,
  "signals for processes": processSignalMutants,
  "the output of processes": processOutputMutants,
  "connections to processes": processConnectionMutants,
  "streams as transports": streamMutants,
  "streams that break": brokenStreamMutants,
  datagrams: [...datagramMutants, ...datagramBoundMutants],
  "ports for datagrams": [...datagramPortMutants, ...datagramPortLifeMutants],
  "peers of datagrams": datagramPeerMutants,
  multicast: multicastMutants,
  files: fileMutants,
};
