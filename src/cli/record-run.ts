/**
 * `sennit run --record`: every connection of the program to a file of its own.
 *
 * @module
 */
import { join } from "node:path";
import { quote } from "../core/text.ts";
import { UsageError } from "../application/errors.ts";
import type { ServiceReactor } from "../application/service-module.ts";
import { Logger } from "../logger/logger.ts";
import { recordReactor } from "../recorder/record-reactor.ts";
import { recordTo } from "../recorder/record-to.ts";

const log = new Logger({ namespace: "sennit.recorder" });

/** The first file; the next ones have a number. */
const FILE = "connection.jsonl";

/**
 * Record what the reactor connects from now on.
 *
 * @returns Ends it, when the program is over: what waits for the disk is written.
 * @throws {UsageError} The folder cannot be made or read.
 */
export function recordRun(directory: string, reactor: ServiceReactor): () => Promise<void> {
  const recorder = recorderFor(directory, reactor);
  const end = recordReactor(reactor, recorder);
  // A program that crashes is what recordings are for.
  const crashed = (): void => recorder.closeNow();
  process.once("exit", crashed);
  log.info("Connections are recorded in {directory}, with all that is said on them", { directory });
  return async () => {
    end();
    process.removeListener("exit", crashed);
    await recorder.close();
    if (recorder.lostEvents === 0) return;
    log.warn("{count} events of connections are not in their recordings", {
      count: recorder.lostEvents,
    });
  };
}

function recorderFor(directory: string, reactor: ServiceReactor): ReturnType<typeof recordTo> {
  try {
    return recordTo(join(directory, FILE), { reactor });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot use --record ${quote(directory)}: ${why}`, { cause: error });
  }
}
